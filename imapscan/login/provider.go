package login

import (
	"slices"
	"strings"
)

// Provider is how to reach a mail provider. All of them speak TLS from the first
// byte (RFC 8314 section 3).
type Provider struct {
	Name   string // of the preset
	Title  string // for people
	Host   string // of its IMAP server
	Port   int
	Auth   []string // what it takes, best first
	Hint   string   // what to do before the first login
	Source string   // the provider's own page
	Local  bool     // the user name is what stands before the @

	domains []string
	under   map[string]string // what stands before suffixes of domains, as words
}

const appPassword = "make an app password: "

// providers are in the order of their names. Source is the provider's page that
// names host and port, and Hint links its page about passwords. Beside these, hosts,
// ports, user names and domains were checked in November 2026 against Thunderbird's
// database (https://github.com/thunderbird/autoconfig, folder ispdb) and Delta Chat's
// (https://github.com/chatmail/provider-db); the domains of Yahoo that neither has
// are in lists of free mail domains, such as flanker's.
var providers = []Provider{
	{
		Name: "aol", Title: "AOL Mail", Host: "imap.aol.com", Port: 993, Auth: []string{Password},
		Hint:    appPassword + "https://help.aol.com/articles/create-and-manage-app-password",
		Source:  "https://help.aol.com/articles/how-do-i-use-other-email-applications-to-send-and-receive-my-aol-mail",
		domains: []string{"aim.com", "netscape.net", "netscape.com", "compuserve.com", "cs.com", "wmconnect.com"},
		under:   map[string]string{"aol": "com de es fr it se co.nz co.uk com.ar com.au com.br com.mx"},
	},
	{
		Name: "fastmail", Title: "Fastmail", Host: "imap.fastmail.com", Port: 993, Auth: []string{Password},
		Hint:    appPassword + "https://www.fastmail.help/hc/en-us/articles/360058752854",
		Source:  "https://www.fastmail.help/hc/en-us/articles/1500000278342",
		domains: []string{"sent.com", "messagingengine.com"},
		under:   map[string]string{"fastmail": "com cn de es fm fr im in jp mx net nl org se to tw uk us co.uk com.au"},
	},
	{
		Name: "gmail", Title: "Gmail", Host: "imap.gmail.com", Port: 993, Auth: []string{Password, OAuthBearer, XOAuth2},
		Hint:    "turn on 2-Step Verification and make an app password: https://support.google.com/accounts/answer/185833",
		Source:  "https://developers.google.com/workspace/gmail/imap/imap-smtp",
		domains: []string{"gmail.com", "googlemail.com"},
	},
	{
		Name: "gmx", Title: "GMX", Host: "imap.gmx.net", Port: 993, Auth: []string{Password},
		Hint:   "switch IMAP on in the settings, and with two-factor login make an application password: https://hilfe.gmx.net/pop-imap/einschalten.html",
		Source: "https://hilfe.gmx.net/pop-imap/imap/imap-serverdaten.html",
		under:  map[string]string{"gmx": "net de at ch eu biz org info"},
	},
	{
		Name: "gmx.com", Title: "GMX", Host: "imap.gmx.com", Port: 993, Auth: []string{Password},
		Hint:   "switch IMAP on in the settings: https://support.gmx.com/pop-imap/toggle.html",
		Source: "https://support.gmx.com/pop-imap/imap/server.html",
		under:  map[string]string{"gmx": "com ca cn es fr hk ie it li ph pt ru se sg tm tw us co.in co.uk com.br com.my com.tr"},
	},
	{
		// The user name is usually the name before the @, says Apple.
		Name: "icloud", Title: "iCloud Mail", Host: "imap.mail.me.com", Port: 993, Auth: []string{Password}, Local: true,
		Hint:    "make an app-specific password: https://support.apple.com/102654",
		Source:  "https://support.apple.com/102525",
		domains: []string{"icloud.com", "me.com", "mac.com"},
	},
	{
		Name: "mailbox.org", Title: "mailbox.org", Host: "imap.mailbox.org", Port: 993, Auth: []string{Password},
		Hint:    "with two-factor login make an app password: https://kb.mailbox.org/en/private/security-and-privacy/e-mail-password",
		Source:  "https://kb.mailbox.org/de/privat/e-mail/e-mail-konfiguration/",
		domains: []string{"mailbox.org"},
	},
	{
		Name: "outlook", Title: "Outlook.com and Microsoft 365", Host: "outlook.office365.com", Port: 993, Auth: []string{XOAuth2},
		Hint: "passwords do not log in any more: use the device flow with a client id of your own, or a token command; " +
			"at Outlook.com switch IMAP on in the settings (Mail, Forwarding and IMAP)",
		Source:  "https://support.microsoft.com/office/d088b986-291d-42b8-9564-9c414e2aa040",
		domains: []string{"msn.com", "windowslive.com", "livemail.tw"},
		under: map[string]string{
			"outlook": "com de fr es it at be cl cz dk hu ie in jp kr lv my ph pt sa sg sk co.id co.il co.th com.ar com.au com.br com.gr com.tr com.vn",
			"hotmail": "com be ca cl cz de dk es fi fr gr hu it lt lv my nl no ph rs se sg sk " +
				"co.id co.il co.in co.jp co.kr co.th co.uk co.za com.ar com.au com.br com.hk com.tr com.tw com.vn",
			"live": "com at be ca cl cn de dk fi fr hk ie in it jp nl no ru se co.jp co.kr co.uk co.za com.ar com.au com.mx com.my com.ph com.pt com.sg",
		},
	},
	{
		Name: "posteo", Title: "Posteo", Host: "posteo.de", Port: 993, Auth: []string{Password},
		Hint:   appPassword + "https://posteo.de/en/help/app-passwords",
		Source: "https://posteo.de/en/help/how-do-i-set-up-posteo-in-an-email-client-pop3-imap-and-smtp",
		under: map[string]string{
			"posteo": "de at be ca ch cl co com cr cz dk ee es eu fi gl gr hn hr hu ie in is it jp la li lt lu me mx my net nl no nz org pe pl pm pt ro " +
				"se sg si tn uk us co.uk com.br",
		},
	},
	{
		Name: "web.de", Title: "WEB.DE", Host: "imap.web.de", Port: 993, Auth: []string{Password}, Local: true,
		Hint:    "switch IMAP on in the settings, and with two-factor login make an application password: https://hilfe.web.de/pop-imap/einschalten.html",
		Source:  "https://hilfe.web.de/pop-imap/imap/imap-serverdaten.html",
		domains: []string{"web.de"},
	},
	{
		Name: "yahoo", Title: "Yahoo Mail", Host: "imap.mail.yahoo.com", Port: 993, Auth: []string{Password},
		Hint:    appPassword + "https://help.yahoo.com/kb/SLN15241.html",
		Source:  "https://help.yahoo.com/kb/SLN4075.html",
		domains: []string{"ymail.com", "myyahoo.com", "rocketmail.com"},
		// Not yahoo.co.jp, which is another company's.
		under: map[string]string{
			"yahoo": "com ca de es fr gr ie in it pl ro se co.id co.in co.nz co.th co.uk co.za com.ar com.au com.br com.hk com.mx com.my com.ph com.sg com.tw com.vn",
		},
	},
	{
		Name: "zoho", Title: "Zoho Mail", Host: "imap.zoho.com", Port: 993, Auth: []string{Password},
		Hint:    "switch IMAP access on in the settings, and with two-factor login make an application-specific password: https://www.zoho.com/mail/help/imap-access.html",
		Source:  "https://www.zoho.com/mail/help/imap-access.html",
		domains: []string{"zohomail.com", "zoho.com"},
	},
}

// Providers returns the presets, in the order of their names.
func Providers() []Provider { return append([]Provider(nil), providers...) }

// Preset returns the provider of that name, in any case.
func Preset(name string) (Provider, bool) {
	for _, p := range providers {
		if strings.EqualFold(p.Name, name) {
			return p, true
		}
	}
	return Provider{}, false
}

// Detect returns the provider that the domain of an address belongs to. It asks
// nobody: other domains are not known, whoever carries their mail.
func Detect(address string) (Provider, bool) {
	domain := strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
	if domain == strings.ToLower(address) {
		return Provider{}, false
	}
	label, suffix, _ := strings.Cut(domain, ".")
	for _, p := range providers {
		if slices.Contains(p.domains, domain) || slices.Contains(strings.Fields(p.under[label]), suffix) {
			return p, true
		}
	}
	return Provider{}, false
}

// At returns the provider whose IMAP server a host is.
func At(host string) (Provider, bool) {
	for _, p := range providers {
		if strings.EqualFold(p.Host, host) {
			return p, true
		}
	}
	return Provider{}, false
}

// UserName returns how the provider knows the owner of an address.
func (p *Provider) UserName(address string) string {
	if local, _, ok := strings.Cut(address, "@"); ok && p.Local {
		return local
	}
	return address
}
