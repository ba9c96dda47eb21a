package report

import (
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
// scheme and the host.
func mapTokens(url string, f func(string) string) string {
	i := strings.Index(url, ":") + 1
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
		b.WriteString(host)
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

// words redacts each word of a text.
func (x *redactor) words(s string) string {
	words := strings.Split(s, " ")
	for i, w := range words {
		words[i] = x.url(w)
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
	c.References = append([]detector.Reference(nil), r.References...)
	for i := range c.References {
		c.References[i].URL, c.References[i].Raw = x.url(c.References[i].URL), ""
	}
	c.Findings = append([]detector.Finding{}, r.Findings...)
	for i := range c.Findings {
		f := &c.Findings[i]
		f.URL, f.Target, f.Carries = x.url(f.URL), x.url(f.Target), nil
		f.Signals = append([]detector.Signal{}, f.Signals...)
		for k := range f.Signals {
			f.Signals[k].Detail = x.words(f.Signals[k].Detail)
		}
	}
	return &c
}
