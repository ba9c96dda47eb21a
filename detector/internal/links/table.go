package links

import (
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/weburl"
)

// wrappers are the shapes whose targets can be read. Where each was seen: the
// decoders that the vendors publish, the lists of ClearURLs and Brave (which
// parameter of which host), and links in public mailing list archives.
var wrappers = []wrapper{
	// Gateways that check links when they are followed.
	{hosts: []string{"safelinks.protection.outlook.com", "safelinks.protection.office365.us"}, target: parameter("url")},
	{hosts: []string{"urldefense.proofpoint.com", "urldefense.com"}, path: "/v1/", target: parameter("u")},
	{hosts: []string{"urldefense.proofpoint.com", "urldefense.com"}, path: "/v2/", target: proofpoint2},
	{hosts: []string{"urldefense.proofpoint.com", "urldefense.com", "urldefense.us"}, path: "/v3/", target: proofpoint3},
	{hosts: []string{"linkprotect.cudasvc.com"}, path: "/url", target: parameter("a")},
	{hosts: []string{"secure-web.cisco.com"}, target: afterSegment(1)},
	{hosts: []string{"protection.sophos.com"}, target: base64Parameter("u")},
	{hosts: []string{"protect2.fireeye.com", "protect.fireeye.com", "protect2.trellix.com"}, target: restParameter("u")},
	{hosts: []string{"clicktime.symantec.com"}, target: restParameter("u")},
	{hosts: []string{"trendmicro.com"}, path: "/wis/clicktime/v1/query", target: parameter("url")},
	{hosts: []string{"linklock.titanhq.com"}, path: "/analyse", target: parameter("url")},
	{hosts: []string{"url.avanan.click"}, path: "/v2/", target: between("___", "___")},

	// Sites that pass their visitors on.
	{match: isGoogle, path: "/url", target: parameter("url", "q")},
	{match: isGoogle, path: "/amp/s/", target: amp},
	{hosts: []string{"l.facebook.com", "lm.facebook.com", "l.messenger.com"}, path: "/l.php", target: parameter("u")},
	{hosts: []string{"l.instagram.com"}, target: parameter("u")},
	{hosts: []string{"www.linkedin.com", "linkedin.com"}, path: "/redir/redirect", target: parameter("url")},
	{hosts: []string{"www.linkedin.com", "linkedin.com"}, path: "/safety/go", target: parameter("url")},
	{hosts: []string{"www.youtube.com", "youtube.com", "m.youtube.com"}, path: "/redirect", target: parameter("q")},
	{hosts: []string{"slack-redir.net"}, path: "/link", target: parameter("url")},
	{hosts: []string{"out.reddit.com"}, target: parameter("url")},
	{hosts: []string{"vk.com"}, path: "/away.php", target: parameter("to")},
	{hosts: []string{"duckduckgo.com"}, path: "/l/", target: parameter("uddg")},
	{hosts: []string{"t.umblr.com"}, path: "/redirect", target: parameter("z")},
	{hosts: []string{"steamcommunity.com"}, path: "/linkfilter/", target: parameter("url", "u")},

	// Mail services that count clicks.
	{hosts: []string{"awstrack.me", "click.redditmail.com"}, path: "/L0/", target: afterSegment(1)},
	{path: "/CL0/", target: afterSegment(1)},
	{hosts: []string{"mandrillapp.com"}, path: "/track/click/", target: mandrill},
	{path: "/e/c/eyJ", target: jsonSegment(2, "href")},
	{hosts: []string{"t.dripemail2.com", "t.dripemail3.com"}, path: "/c/eyJ", target: jsonSegment(1, "url")},
	{path: "/c/4/eyJ", target: jsonSegment(2, "url", "u")},
	{match: isKit, target: kit},
	{hosts: []string{"pstmrk.it"}, target: postmark},
	{hosts: []string{"substack.com"}, path: "/redirect/2/", target: jsonSegment(2, "e")},
	{hosts: []string{"mjt.lu"}, path: "/lnk/", target: lastBase64},
	{path: "/lnk/", target: mailjet},
	{hosts: []string{"link.mail.mailchannels.net", "mailchannels.net"}, path: "/click/", target: inBlob},
	{path: "/c/eJ", target: mailgun},
}

// isGoogle reports whether host is Google's search, of any country:
// google.com, www.google.co.uk.
func isGoogle(host string) bool {
	if len(host) > 4 && host[:4] == "www." {
		host = host[4:]
	}
	if len(host) < len("google.de") || host[:7] != "google." {
		return false
	}
	switch rest := host[7:]; {
	case rest == "com", rest == "cat", len(rest) == 2:
		return true
	case len(rest) == 5 && rest[:3] == "co.", len(rest) == 6 && rest[:4] == "com.":
		return true
	}
	return false
}

// isKit reports whether host is one for the clicks of Kit, once ConvertKit:
// abc.click.convertkit-mail2.com, click.kit-mail3.com.
func isKit(host string) bool {
	site := weburl.Site(host)
	for _, prefix := range [...]string{"convertkit-mail", "kit-mail"} {
		if strings.HasPrefix(site, prefix) {
			return strings.TrimLeft(site[len(prefix):], "0123456789") == ".com"
		}
	}
	return false
}
