package filter

import (
	"strings"

	"golang.org/x/net/idna"
)

// parseFilter reads a network filter; reason says why it cannot be used.
func parseFilter(line string, n int) (f Filter, reason string) {
	f = Filter{Line: n, Text: line, Types: Resources}
	body := line
	if rest, ok := strings.CutPrefix(body, "@@"); ok {
		f.Exception, body = true, rest
	}
	pattern, opts, ok := cutOptions(body)
	if ok {
		if reason := f.parseOptions(opts); reason != "" {
			return f, reason
		}
	}
	if reason := f.parsePattern(pattern); reason != "" {
		return f, reason
	}
	if f.Pattern == "" && f.everything() {
		return f, "matches every request"
	}
	return f, ""
}

// everything reports whether no option narrows the filter.
func (f *Filter) everything() bool {
	return f.Types&Resources == Resources && f.Party == 0 && len(f.Domains) == 0 && len(f.Hosts) == 0 && !f.RemoveParam
}

// parsePattern reads a filter without "@@" and without its options.
func (f *Filter) parsePattern(p string) (reason string) {
	if len(p) > 2 && p[0] == '/' && p[len(p)-1] == '/' {
		return f.parseRegexp(p[1 : len(p)-1])
	}
	if strings.IndexByte(p, ' ') >= 0 || strings.IndexByte(p, '\t') >= 0 {
		return "space in the pattern"
	}
	if rest, ok := strings.CutPrefix(p, "||"); ok {
		f.Anchor, p = AnchorHostname, rest
	} else if rest, ok := strings.CutPrefix(p, "|"); ok {
		f.Anchor, p = AnchorStart, rest
	}
	if rest, ok := strings.CutSuffix(p, "|"); ok {
		f.Anchor, p = f.Anchor|AnchorEnd, rest
	}
	if strings.HasPrefix(p, "*") {
		f.Anchor &^= AnchorStart | AnchorHostname
		p = strings.TrimLeft(p, "*")
	}
	if strings.HasSuffix(p, "*") {
		f.Anchor &^= AnchorEnd
		p = strings.TrimRight(p, "*")
	}
	if strings.Contains(p, "**") {
		p = collapse(p)
	}
	if !isASCII(p) {
		var ok bool
		if p, ok = f.escape(p); !ok {
			return "not a host name"
		}
	}
	if !f.MatchCase {
		p = strings.ToLower(p)
	} else if f.Anchor&AnchorHostname != 0 {
		n := hostLen(p)
		p = strings.ToLower(p[:n]) + p[n:]
	}
	f.Pattern = p
	switch {
	case p == "":
		f.Anchor = 0
	case p == "^" && f.Anchor&^AnchorEnd == 0, isScheme(p) && f.everything():
		return "matches every request"
	case len(p) == 1 && f.Anchor&AnchorHostname == 0 && f.everything():
		return "pattern of one character"
	}
	return ""
}

// isScheme reports whether a pattern is all of what URLs start with.
func isScheme(p string) bool {
	switch p {
	case "http", "https", "http:", "https:", "http:/", "https:/", "http://", "https://", "http*://", "://", ":/", "//":
		return true
	}
	return false
}

// collapse makes one star of several in a row.
func collapse(p string) string {
	for strings.Contains(p, "**") {
		p = strings.ReplaceAll(p, "**", "*")
	}
	return p
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// escape writes a pattern as it stands in a serialised URL: the host in
// Punycode, the rest percent-encoded.
func (f *Filter) escape(p string) (string, bool) {
	host := ""
	if f.Anchor&AnchorHostname != 0 {
		n := strings.IndexAny(p, "/^*:?|")
		if n < 0 {
			n = len(p)
		}
		host, p = p[:n], p[n:]
		if !isASCII(host) {
			ascii, ok := hostName(host)
			if !ok {
				return "", false
			}
			host = ascii
		}
	}
	var b strings.Builder
	b.WriteString(host)
	for i := range len(p) {
		if c := p[i]; c < 0x80 {
			b.WriteByte(c)
		} else {
			const hex = "0123456789ABCDEF"
			b.WriteString("%" + hex[c>>4:c>>4+1] + hex[c&15:c&15+1])
		}
	}
	return b.String(), true
}

// hostName returns a host in lower case and in Punycode.
func hostName(s string) (string, bool) {
	if isASCII(s) {
		return strings.ToLower(s), true
	}
	host, err := idna.Lookup.ToASCII(s)
	return host, err == nil
}

// hostLen returns the length of the complete host name that a pattern anchored
// "||" starts with, or 0 when the host may go on after it.
//
//	example.com^       11
//	example.com/pixel  11
//	example.com         0: also example.com.evil.test
//	example.*/pixel     0
func hostLen(p string) int {
	i := 0
	if strings.HasPrefix(p, "[") {
		i = strings.IndexByte(p, ']') + 1
	}
	for i < len(p) && isHostByte(p[i]) {
		i++
	}
	if i == len(p) || p[i] == '*' || p[i] == '%' || i == 0 || i > 253 {
		return 0
	}
	return i
}
