package rules

import "strings"

// matchQuery reports whether query fulfils one requirement:
//
//	id           there is a parameter id, perhaps empty
//	x-*          there is one whose name starts with x-
//	l=open       there is one whose value matches the pattern
//	?{word:8-}   the whole query matches the pattern
func matchQuery(want, query string) bool {
	if pat, ok := strings.CutPrefix(want, "?"); ok {
		return matchGlob(pat, query, '&')
	}
	key, pat, valued := strings.Cut(want, "=")
	start, open := strings.CutSuffix(key, "*")
	for query != "" {
		var k, v string
		k, v, query = nextParameter(query)
		if (k == key || open && strings.HasPrefix(k, start)) && (!valued || matchGlob(pat, v, '&')) {
			return true
		}
	}
	return false
}

// nextParameter cuts the first parameter off query.
//
// QUIRK: templates that are escaped twice leave "amp;" before the key.
func nextParameter(query string) (key, value, rest string) {
	pair, rest, _ := strings.Cut(query, "&")
	key, value, _ = strings.Cut(pair, "=")
	return strings.TrimPrefix(key, "amp;"), value, rest
}

// Lookup returns the text of u at a place that [Rule.Recipient] names, as it
// stands in the URL: "query:e" is the first parameter e, "query" the whole
// query, "path:2" the second segment of the path, "path:-1" the last, "host:1"
// the first label. It returns "" where u has no such place.
func Lookup(u URL, at string) string {
	where, name, _ := strings.Cut(at, ":")
	switch where {
	case "query":
		return lookupQuery(u.Query, name)
	case "path":
		return field(strings.TrimPrefix(u.Path, "/"), name, '/')
	case "host":
		return field(u.Host, name, '.')
	}
	return ""
}

func lookupQuery(query, name string) string {
	if name == "" {
		return query
	}
	for query != "" {
		var k, v string
		if k, v, query = nextParameter(query); k == name {
			return v
		}
	}
	return ""
}

// field returns the field of s that number names, counting from 1, or from -1
// at the end.
func field(s, number string, sep byte) string {
	n, back := strings.CutPrefix(number, "-")
	for i := decimal(n); i > 1; i-- {
		var at int
		if back {
			at = strings.LastIndexByte(s, sep)
		} else {
			at = strings.IndexByte(s, sep)
		}
		switch {
		case at < 0:
			return ""
		case back:
			s = s[:at]
		default:
			s = s[at+1:]
		}
	}
	if back {
		return s[strings.LastIndexByte(s, sep)+1:]
	}
	if at := strings.IndexByte(s, sep); at >= 0 {
		return s[:at]
	}
	return s
}

// Scrubbed returns u without the parameters that [Rule.Scrub] names, and whether
// there was one. A URL that is signed stays as it is: its signature covers them.
func (r *Rule) Scrubbed(u string) (string, bool) {
	rest, fragment, hasFragment := strings.Cut(u, "#")
	base, query, _ := strings.Cut(rest, "?")
	var keep []string
	found := false
	for query != "" {
		pair, next, _ := strings.Cut(query, "&")
		key, _, _ := strings.Cut(pair, "=")
		query = next
		switch name := strings.ToLower(key); {
		case strings.Contains(name, "signature") || name == "sig" || name == "hmac" || strings.HasPrefix(name, "x-amz-"):
			return u, false
		case r.scrubs(key):
			found = true
		default:
			keep = append(keep, pair)
		}
	}
	if !found {
		return u, false
	}
	if len(keep) > 0 {
		base += "?" + strings.Join(keep, "&")
	}
	if hasFragment {
		base += "#" + fragment
	}
	return base, true
}

func (r *Rule) scrubs(key string) bool {
	for _, s := range r.Scrub {
		if start, open := strings.CutSuffix(s, "*"); key == s || open && strings.HasPrefix(key, start) {
			return true
		}
	}
	return false
}
