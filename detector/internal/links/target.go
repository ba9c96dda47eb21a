package links

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/pixelsweep/pixelsweep/detector/internal/token"
	"github.com/pixelsweep/pixelsweep/detector/internal/weburl"
)

// raw returns the value of the first parameter by one of the names, as it is
// written. Links that were escaped twice have "amp;" before it.
func raw(query string, names ...string) string {
	for _, want := range names {
		for rest := query; rest != ""; {
			var pair string
			pair, rest, _ = strings.Cut(rest, "&")
			name, value, _ := strings.Cut(pair, "=")
			if strings.TrimPrefix(name, "amp;") == want && value != "" {
				return value
			}
		}
	}
	return ""
}

// parameter reads the target from a parameter.
func parameter(names ...string) func(u *weburl.URL) string {
	return func(u *weburl.URL) string {
		return weburl.Unescape(strings.ReplaceAll(raw(u.Query, names...), "+", " "))
	}
}

// restParameter reads a target that is the last parameter and may hold
// unescaped ones of its own.
func restParameter(name string) func(u *weburl.URL) string {
	return func(u *weburl.URL) string {
		value := raw(u.Query, name)
		if hasScheme(value) {
			return u.Full[strings.Index(u.Full, name+"="+value)+len(name)+1:]
		}
		return weburl.Unescape(value)
	}
}

func base64Parameter(name string) func(u *weburl.URL) string {
	return func(u *weburl.URL) string { return string(unbase64(weburl.Unescape(raw(u.Query, name)))) }
}

// unbase64 decodes either alphabet, padded or not; nil for what is neither.
func unbase64(s string) []byte {
	s = base64Standard.Replace(strings.TrimRight(s, "="))
	b, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil || len(b) > token.MaxBytes {
		return nil
	}
	return b
}

var base64Standard = strings.NewReplacer("-", "+", "_", "/")

// segment returns the n-th segment of a path, from 0.
func segment(path string, n int) string {
	path = strings.TrimPrefix(path, "/")
	for ; n > 0; n-- {
		_, rest, ok := strings.Cut(path, "/")
		if !ok {
			return ""
		}
		path = rest
	}
	path, _, _ = strings.Cut(path, "/")
	return path
}

// afterSegment reads a target that is a segment of the path, percent-encoded.
func afterSegment(n int) func(u *weburl.URL) string {
	return func(u *weburl.URL) string { return weburl.Unescape(segment(u.Path, n)) }
}

// between reads a target that stands as it is between two marks.
func between(open, end string) func(u *weburl.URL) string {
	return func(u *weburl.URL) string {
		_, rest, ok := strings.Cut(u.Full, open)
		if i := strings.LastIndex(rest, end); ok && i > 0 {
			return rest[:i]
		}
		return ""
	}
}

// amp reads the target of Google's cache of pages, which has no scheme.
func amp(u *weburl.URL) string {
	rest := strings.TrimPrefix(u.Path, "/amp/s/")
	if host, _, _ := strings.Cut(rest, "/"); !strings.Contains(host, ".") {
		return ""
	}
	if u.Query != "" {
		rest += "?" + u.Query
	}
	return "https://" + rest
}

// proofpoint2 undoes version 2 of URL Defense, which writes "-" for "%" and "_"
// for "/".
func proofpoint2(u *weburl.URL) string {
	return weburl.Unescape(strings.NewReplacer("-", "%", "_", "/").Replace(raw(u.Query, "u")))
}

// proofpoint3 undoes version 3 of URL Defense: /v3/__URL__;B64!!…, where "*" in
// the URL stands for the next character of what B64 decodes to, and "**X" for as
// many as X says.
//
// QUIRK: software that normalises paths drops a slash of the URL's "https://".
func proofpoint3(u *weburl.URL) string {
	_, rest, ok := strings.Cut(u.Full, "/v3/__")
	i := strings.LastIndex(rest, "__;")
	if !ok || i < 0 {
		return ""
	}
	url, enc := rest[:i], rest[i+len("__;"):]
	enc, _, _ = strings.Cut(enc, "!")
	chars := unbase64(enc)
	if strings.Count(url, "*") == 0 {
		return url
	}
	if out, ok := fill(url, chars, false); ok {
		return out
	}
	// Some versions count characters and not bytes.
	out, _ := fill(url, chars, true)
	return out
}

const runLengths = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// fill puts chars where the stars of url stand; ok is false if their numbers differ.
func fill(url string, chars []byte, runes bool) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(url); i++ {
		if url[i] != '*' {
			b.WriteByte(url[i])
			continue
		}
		n := 1
		if i+2 < len(url) && url[i+1] == '*' {
			if at := strings.IndexByte(runLengths, url[i+2]); at >= 0 {
				n = at + 2
				i += 2
			}
		}
		for range n {
			size := 1
			if runes {
				_, size = utf8.DecodeRune(chars)
			}
			if size == 0 || len(chars) < size {
				return "", false
			}
			b.Write(chars[:size])
			chars = chars[size:]
		}
	}
	return b.String(), len(chars) == 0
}

// member returns the first of the named members of a JSON object that is a
// string.
func member(object []byte, names ...string) string {
	var members map[string]json.RawMessage
	if json.Unmarshal(object, &members) != nil {
		return ""
	}
	for _, name := range names {
		var s string
		if json.Unmarshal(members[name], &s) == nil && s != "" {
			return s
		}
	}
	return ""
}

// jsonSegment reads a target out of the JSON that a segment holds in base64;
// behind a dot stands a signature, before one the head of a JWT.
func jsonSegment(n int, names ...string) func(u *weburl.URL) string {
	return func(u *weburl.URL) string {
		for part := range strings.SplitSeq(segment(u.Path, n), ".") {
			if target := member(unbase64(weburl.Unescape(part)), names...); target != "" {
				return target
			}
		}
		return ""
	}
}

// mandrill reads /track/click/ACCOUNT/HOST?p=…, JSON with JSON in it.
func mandrill(u *weburl.URL) string {
	return member([]byte(member(unbase64(weburl.Unescape(raw(u.Query, "p"))), "p")), "url")
}

// lastBase64 reads a target that is the last segment of the path.
func lastBase64(u *weburl.URL) string {
	path := strings.TrimSuffix(u.Path, "/")
	return string(unbase64(weburl.Unescape(path[strings.LastIndexByte(path, '/')+1:])))
}

// kit reads /ID/ID/BASE64.
func kit(u *weburl.URL) string {
	if segment(u.Path, 2) == "" {
		return ""
	}
	return lastBase64(u)
}

// mailjet reads /lnk/TOKEN/NUMBER/HASH/BASE64 on the domain of a customer.
func mailjet(u *weburl.URL) string {
	if len(segment(u.Path, 1)) < 16 || segment(u.Path, 4) == "" {
		return ""
	}
	return lastBase64(u)
}

// postmark reads /3s/HOST%2FPATH/…, which leaves the scheme out: 3s and 3ts
// are https, 2s too.
func postmark(u *weburl.URL) string {
	switch segment(u.Path, 0) {
	case "2s", "3s", "3ts", "2ts", "4s", "4ts":
	default:
		return ""
	}
	target := weburl.Unescape(segment(u.Path, 1))
	if host, _, _ := strings.Cut(target, "/"); !strings.Contains(host, ".") {
		return ""
	}
	if hasScheme(target) {
		return target
	}
	return "https://" + target
}

// mailgun reads /c/eJ…, base64 of zlib of parameters of which l is the target in
// the versions that carry it.
func mailgun(u *weburl.URL) string {
	d := decoders.Get().(*token.Decoder)
	defer decoders.Put(d)
	defer d.Forget()
	for _, l := range d.Decode(u) {
		if !l.Text || l.Place.Part != token.Path {
			continue
		}
		if value := raw(string(l.Data), "l"); value != "" {
			return weburl.Unescape(value)
		}
	}
	return ""
}

var decoders = sync.Pool{New: func() any { return new(token.Decoder) }}

// inBlob reads a target that stands in a token among other bytes.
func inBlob(u *weburl.URL) string {
	for part := range strings.SplitSeq(u.Path+"/"+raw(u.Query, "t", "token"), "/") {
		b := unbase64(part)
		for _, scheme := range [...]string{"https://", "http://"} {
			if i := bytes.Index(b, []byte(scheme)); i >= 0 {
				b = b[i:]
				end := bytes.IndexFunc(b, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("\"<>|\\", r) })
				if end < 0 {
					end = len(b)
				}
				return string(b[:end])
			}
		}
	}
	return ""
}
