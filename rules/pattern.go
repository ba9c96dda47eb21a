package rules

import "strings"

// A pattern is text with runs in it. Text matches itself; a run matches the
// longest or nearest stretch that the text after it allows:
//
//	*             one or more characters, none of them the separator
//	**            any characters, also none
//	#             one or more digits
//	{class}       one or more characters of the class
//	{class:8}     eight of them; {class:8-} eight or more; {class:8-12}
//
// The separator is the slash in paths, the dot in hosts, the ampersand in
// queries. A run never gives back what it took, so matching takes one pass.

// run is a parsed run of a pattern.
type run struct {
	class    string
	min, max int // max < 0: no limit
}

const noLimit = -1

// matchGlob reports whether the whole of s matches pat.
func matchGlob(pat, s string, sep byte) bool {
	for {
		n := literalLen(pat)
		if len(s) < n || s[:n] != pat[:n] {
			return false
		}
		pat, s = pat[n:], s[n:]
		if pat == "" {
			return s == ""
		}
		var r run
		r, pat = nextRun(pat)
		n = r.length(pat, s)
		if n < 0 || !r.takes(s[:n], sep) {
			return false
		}
		s = s[n:]
	}
}

// literalLen returns the length of the text before the first run of pat.
func literalLen(pat string) int {
	for i := 0; i < len(pat); i++ {
		switch pat[i] {
		case '*', '#', '{':
			return i
		}
	}
	return len(pat)
}

// nextRun parses the run that pat starts with.
func nextRun(pat string) (r run, rest string) {
	switch {
	case strings.HasPrefix(pat, "**"):
		return run{"**", 0, noLimit}, pat[2:]
	case pat[0] != '{':
		return run{pat[:1], 1, noLimit}, pat[1:]
	}
	body, rest, _ := strings.Cut(pat[1:], "}")
	class, bounds, limited := strings.Cut(body, ":")
	if !limited {
		return run{class, 1, noLimit}, rest
	}
	low, high, ranged := strings.Cut(bounds, "-")
	r = run{class, decimal(low), decimal(low)}
	if ranged {
		r.max = noLimit
		if high != "" {
			r.max = decimal(high)
		}
	}
	return r, rest
}

func decimal(s string) (n int) {
	for i := 0; i < len(s); i++ {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// length returns how much of s the run takes when rest follows it in the
// pattern, or a negative number when the text after the run is not in s.
func (r run) length(rest, s string) int {
	n := literalLen(rest)
	text := rest[:n]
	switch {
	case n == len(rest):
		if !strings.HasSuffix(s, text) {
			return -1
		}
		return len(s) - n
	case len(s) < r.min:
		return -1
	}
	i := strings.Index(s[r.min:], text)
	if i < 0 {
		return -1
	}
	return r.min + i
}

// takes reports whether s is a stretch of the run's class and length.
func (r run) takes(s string, sep byte) bool {
	if len(s) < r.min || r.max >= 0 && len(s) > r.max {
		return false
	}
	switch r.class {
	case "**":
		return true
	case "*":
		return strings.IndexByte(s, sep) < 0
	}
	is := classes(r.class)
	if is == nil {
		return false
	}
	for i := 0; i < len(s); i++ {
		if !is(s[i]) {
			return false
		}
	}
	return true
}

// classes returns the members of a named class, nil if there is none.
func classes(name string) func(byte) bool {
	switch name {
	case "#", "dec":
		return isDigit
	case "hex":
		return isHex
	case "upper":
		return func(b byte) bool { return isDigit(b) || 'A' <= b && b <= 'Z' }
	case "alnum":
		return isAlnum
	case "word":
		return func(b byte) bool { return isAlnum(b) || b == '_' || b == '-' }
	case "b64": // base64 in both alphabets, padded, bare or percent-encoded
		return isBase64
	case "tok": // what services put between two slashes
		return func(b byte) bool {
			return isBase64(b) || b == '.' || b == '~' || b == '*' || b == ':' || b == ',' || b == '!' || b == '@'
		}
	}
	return nil
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

func isHex(b byte) bool {
	return isDigit(b) || 'a' <= b|0x20 && b|0x20 <= 'f'
}

func isAlnum(b byte) bool {
	return isDigit(b) || 'a' <= b|0x20 && b|0x20 <= 'z'
}

func isBase64(b byte) bool {
	switch b {
	case '_', '-', '+', '=', '%':
		return true
	}
	return isAlnum(b)
}

// matchHost reports whether host matches a host pattern:
//
//	example.com      the host and everything below it
//	*.example.com    everything below it
//	=example.com     the host alone
//	us#.example.com  runs within a label
//	link.**          every host whose first label is link
func matchHost(pat, host string) bool {
	if head, ok := strings.CutSuffix(pat, ".**"); ok {
		labels, rest := firstLabels(host, strings.Count(head, ".")+1)
		return rest != "" && matchGlob(head, labels, '.')
	}
	if exact, ok := strings.CutPrefix(pat, "="); ok {
		return matchGlob(exact, host, '.')
	}
	below, ok := strings.CutPrefix(pat, "*.")
	if ok {
		pat = below
	}
	tail, rest := lastLabels(host, strings.Count(pat, ".")+1)
	return (!ok || rest != "") && matchGlob(pat, tail, '.')
}

// lastLabels cuts the last n labels off host.
func lastLabels(host string, n int) (tail, rest string) {
	for i := len(host) - 1; i >= 0; i-- {
		if host[i] != '.' {
			continue
		}
		if n--; n == 0 {
			return host[i+1:], host[:i]
		}
	}
	return host, ""
}

// firstLabels cuts the first n labels off host.
func firstLabels(host string, n int) (head, rest string) {
	for i := 0; i < len(host); i++ {
		if host[i] != '.' {
			continue
		}
		if n--; n == 0 {
			return host[:i], host[i+1:]
		}
	}
	return host, ""
}
