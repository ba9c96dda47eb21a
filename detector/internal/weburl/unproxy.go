package weburl

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// A proxy is a service through which a mail reader loads the images of
// messages. Forwarded and saved messages name it instead of the real host.
type proxy struct {
	name   string
	domain string // the host itself, or what it is below
	prefix string // with which the path begins
	find   func(u URL) string
}

var proxies = []proxy{
	{"Gmail", "googleusercontent.com", "/proxy/", fragment},
	{"Gmail", "googleusercontent.com", "/meips/", fragment},
	{"Gmail", "ggpht.com", "/proxy/", fragment},
	{"Yahoo Mail", "yusercontent.com", "/mail", parameter},
	{"Outlook", "outlook.com", "/proxy", parameter},
	{"Outlook", "outlook.com", "/imageproxy", parameter},
	{"Outlook", "outlook.com", "/owa/proxy", parameter},
	{"Superhuman", "media.superhumanapp.com", "/images/_/", restOfPath},
	{"Yandex Mail", "resize.yandex.net", "/mailservice", parameter},
	{"Proton Mail", "mail.proton.me", "/api/core/v4/images", parameter},
	{"DuckDuckGo", "external-content.duckduckgo.com", "/iu/", parameter},
	{"GitHub camo", "camo.githubusercontent.com", "/", camo},
}

// maxProxies is how many proxies around one URL are taken off.
const maxProxies = 4

// Unproxy returns the URL that a webmail's image proxy stands for and the name
// of that proxy, or u and "". Of nested proxies it names the outermost.
func Unproxy(u URL) (URL, string) {
	name := ""
	for range maxProxies {
		p := proxyOf(u)
		if p == nil {
			break
		}
		inner, ok := Parse(p.find(u), nil)
		if !ok || !IsRemote(inner) {
			break
		}
		if u = inner; name == "" {
			name = p.name
		}
	}
	return u, name
}

// IsProxy reports whether a host is one of those that [Unproxy] knows.
func IsProxy(host string) bool {
	for i := range proxies {
		if below(host, proxies[i].domain) {
			return true
		}
	}
	return false
}

func proxyOf(u URL) *proxy {
	if len(u.Path) < 2 && u.Query == "" {
		return nil
	}
	for i := range proxies {
		if p := &proxies[i]; below(u.Host, p.domain) && strings.HasPrefix(u.Path, p.prefix) {
			return p
		}
	}
	return nil
}

// below reports whether host is domain or a name below it.
func below(host, domain string) bool {
	if !strings.HasSuffix(host, domain) {
		return false
	}
	n := len(host) - len(domain)
	return n == 0 || host[n-1] == '.'
}

func fragment(u URL) string { return u.Fragment }

// parameter returns the first query parameter by one of the names that proxies
// use for the real URL.
func parameter(u URL) string {
	for query := u.Query; query != ""; {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		name, value, _ := strings.Cut(pair, "=")
		switch strings.ToLower(name) {
		case "url", "u", "src", "originalurl":
			return Unescape(strings.ReplaceAll(value, "+", " "))
		}
	}
	return ""
}

// restOfPath returns the URL that stands in the path, encoded or as it is, with
// what follows it.
func restOfPath(u URL) string {
	i := strings.LastIndex(u.Path, "/_/")
	if i < 0 {
		return ""
	}
	rest := u.Path[i+len("/_/"):]
	if strings.Contains(rest, "://") || strings.Contains(rest, ":/") {
		return u.Full[strings.Index(u.Full, rest):]
	}
	return Unescape(rest)
}

// camo decodes /DIGEST/HEX and /DIGEST/BASE64, and reads /DIGEST?url=.
func camo(u URL) string {
	_, enc, _ := strings.Cut(u.Path[1:], "/")
	if enc == "" {
		return parameter(u)
	}
	if b, err := hex.DecodeString(enc); err == nil {
		return view(b)
	}
	if b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(enc, "=")); err == nil {
		return view(b)
	}
	return ""
}
