package report

import (
	"slices"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
)

// shortURL shortens the tokens of a URL that may identify the reader, for people.
func shortURL(url string) string { return mapTokens(url, shorten) }

// shorten keeps the beginning and the end of a token that is long, or an address.
func shorten(t string) string {
	longest := 9
	switch {
	case isAddress(t):
		return t[:1] + "…"
	case !strings.ContainsAny(t, "0123456789%"):
		longest = 31
	case strings.Contains(t, "."): // the name of a file
		longest = 14
	}
	if len(t) <= longest {
		return t
	}
	return strings.ToValidUTF8(t[:4], "") + "…" + strings.ToValidUTF8(t[len(t)-2:], "")
}

func isAddress(t string) bool {
	return strings.Contains(t, "@") || strings.Contains(t, "%40")
}

// mapTokens gives what stands between the delimiters of a URL to f, but for the
// scheme, and of the host only the labels that look like tokens.
func mapTokens(url string, f func(string) string) string {
	i := schemeEnd(url)
	scheme, rest := url[:i], url[i:]
	var b strings.Builder
	b.WriteString(scheme)
	switch {
	case scheme == "mailto:": // whose address it is is told, but not for which reader
		if i := strings.IndexAny(rest, "@?"); i >= 0 && rest[i] == '@' {
			b.WriteString(f(rest[:i]))
			rest = rest[i:]
			i = strings.IndexByte(rest+"?", '?')
			b.WriteString(rest[:i])
			rest = rest[i:]
		}
	case scheme == "data:":
		if head, _, found := strings.Cut(rest, ","); found && len(head) < 60 {
			return scheme + head + ",…"
		}
		return scheme + "…"
	case strings.HasPrefix(rest, "//"):
		host := rest[2:]
		rest = ""
		if i := strings.IndexAny(host, "/?#"); i >= 0 {
			host, rest = host[:i], host[i:]
		}
		b.WriteString("//")
		if i := strings.LastIndexByte(host, '@'); i >= 0 {
			b.WriteString("…")
			host = host[i:]
		}
		b.WriteString(mapLabels(host, f))
	}
	const delimiters = "/?#&=;,"
	for rest != "" {
		if strings.IndexByte(delimiters, rest[0]) >= 0 {
			b.WriteByte(rest[0])
			rest = rest[1:]
			continue
		}
		n := strings.IndexAny(rest, delimiters)
		if n < 0 {
			n = len(rest)
		}
		b.WriteString(f(rest[:n]))
		rest = rest[n:]
	}
	return b.String()
}

// schemeEnd is the length of the scheme of url with its colon, 0 without one.
func schemeEnd(url string) int {
	for i, c := range []byte(url) {
		switch {
		case c == ':' && i > 0:
			return i + 1
		case 'a' <= c|0x20 && c|0x20 <= 'z', i > 0 && ('0' <= c && c <= '9' || c == '+' || c == '-'):
		default:
			return 0
		}
	}
	return 0
}

// minLabel is the length from which a label of a host that has digits may tell
// readers apart: shorter ones name servers.
const minLabel = 16

// mapLabels gives the labels of a host that look like tokens to f.
func mapLabels(host string, f func(string) string) string {
	if len(host) < minLabel {
		return host
	}
	labels := strings.Split(host, ".")
	for i, l := range labels {
		if len(l) >= minLabel && strings.ContainsAny(l, "0123456789") {
			labels[i] = f(l)
		}
	}
	return strings.Join(labels, ".")
}

// A redactor removes what identifies the reader from a report for programs. It is
// stricter than what people see.
type redactor struct{ names []string } // of the reader

// token leaves two characters of what may be one reader's.
func (x *redactor) token(t string) string {
	for _, n := range x.names {
		if strings.EqualFold(t, n) {
			return "…"
		}
	}
	switch {
	case isAddress(t):
		return "…"
	case len(t) >= 20, len(t) >= 5 && strings.ContainsAny(t, "0123456789%"):
		return strings.ToValidUTF8(t[:2], "") + "…"
	}
	return t
}

func (x *redactor) url(u string) string { return mapTokens(u, x.token) }

// spelled names what tokens are made with: words with digits that tell nobody.
var spelled = map[string]bool{
	"base16": true, "base32": true, "base58": true, "base64": true, "sha1": true, "sha224": true, "sha256": true,
	"sha384": true, "sha512": true, "sha3-256": true, "sha3-512": true,
}

// isSize reports whether w is a width and a height, as signals write them.
func isSize(w string) bool {
	return strings.Contains(w, "×") && strings.Trim(w, "0123456789.?%×") == ""
}

// words redacts each word of a text but measures and those that we spell so.
func (x *redactor) words(s string) string {
	words := strings.Split(s, " ")
	for i, w := range words {
		if !spelled[w] && !isSize(w) {
			bare := strings.TrimRight(w, ":,;")
			words[i] = x.url(bare) + w[len(bare):]
		}
	}
	return strings.Join(words, " ")
}

// redacted is a copy of r without the tokens that identify the reader.
func redacted(r *detector.Report) *detector.Report {
	c := *r
	var x redactor
	if r.Message != nil {
		m := *r.Message
		for _, to := range m.To {
			if name, _, _ := strings.Cut(to, "@"); len(name) > 1 {
				x.names = append(x.names, name)
			}
		}
		m.To = nil
		if id, domain, found := strings.Cut(m.ID, "@"); found {
			m.ID = x.token(id) + "@" + domain
		} else {
			m.ID = x.token(id)
		}
		c.Message = &m
	}
	c.References = slices.Clone(r.References)
	for i := range c.References {
		ref := &c.References[i]
		ref.URL, ref.Raw, ref.Host = x.url(ref.URL), "", mapLabels(ref.Host, x.token)
	}
	c.Findings = append([]detector.Finding{}, r.Findings...)
	for i := range c.Findings {
		f := &c.Findings[i]
		f.URL, f.Target, f.Carries = x.url(f.URL), x.url(f.Target), nil
		f.Recipient.How = x.words(f.Recipient.How)
		f.Signals = append([]detector.Signal{}, f.Signals...)
		for k := range f.Signals {
			if s := &f.Signals[k]; s.Name != "hidden" { // of which reference.hidden tells too
				s.Detail = x.words(s.Detail)
			}
		}
	}
	return &c
}
