// Package payload reads the bodies of requests by which services' scripts
// report: forms, lines of forms (the batches of Google's Measurement Protocol),
// multipart forms, JSON, and what of these is packed in base64 or gzip.
//
//	en=purchase&epn.value=3                      en=purchase, epn.value=3
//	{"events":[{"type":"buy"},{"type":"end"}]}   events.type=buy, events.type=end
//	data=eyJldmVudCI6ImJ1eSJ9                    data.event=buy
//
// What a body is, its bytes say; media types are seldom true of beacons. Whatever
// comes in, the work is bounded. Nothing here performs I/O.
package payload

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Limits of what is read of one body.
const (
	MaxBytes  = 1 << 20 // as sent, and unpacked
	MaxFields = 4000
	maxName   = 256
	maxPacked = 4 // encodings inside each other
)

// Field is one value in a body, by the names that lead to it.
type Field struct {
	Name  string // of a form, or the keys of JSON joined by dots; positions are left out
	Value string
	Form  bool // a parameter of a form: Name is all of its name
}

// Read lists the fields of a body in their order. It returns false where a limit
// was hit, or JSON breaks off. A body that is none of these has no fields.
func Read(media string, data []byte) (fields []Field, whole bool) {
	r := &reader{whole: true}
	if len(data) > MaxBytes {
		data, r.whole = data[:MaxBytes], false
	}
	if kind, params, err := mime.ParseMediaType(media); err == nil && kind == "multipart/form-data" && params["boundary"] != "" {
		r.multipart(data, params["boundary"])
	} else {
		r.body(data)
	}
	return r.fields, r.whole
}

type reader struct {
	fields []Field
	whole  bool
	packed int
}

// body reads what has no media type that matters.
func (r *reader) body(data []byte) {
	if len(data) > 2 && data[0] == 0x1f && data[1] == 0x8b {
		data = r.inflate(data)
	}
	text := strings.TrimSpace(strings.TrimPrefix(string(data), "\ufeff"))
	switch {
	case !utf8.ValidString(text):
	case isJSON(text):
		r.json("", text)
	case r.base64("", text):
	default:
		for line := range strings.Lines(text) {
			r.form(strings.TrimSpace(line))
		}
	}
}

func (r *reader) inflate(data []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	plain, err := io.ReadAll(io.LimitReader(z, MaxBytes))
	r.whole = r.whole && err == nil && len(plain) < MaxBytes
	return plain
}

func (r *reader) add(name, value string, form bool) {
	if len(r.fields) >= MaxFields {
		r.whole = false
		return
	}
	if value == "" || len(name) > maxName {
		return
	}
	r.fields = append(r.fields, Field{name, value, form})
}

// form reads the parameters of a form.
func (r *reader) form(text string) {
	if !strings.Contains(text, "=") {
		return
	}
	for pair := range strings.SplitSeq(text, "&") {
		name, value, ok := strings.Cut(pair, "=")
		if name = unescape(name); ok && isName(name) {
			r.value(name, unescape(value), true)
		}
	}
}

func unescape(s string) string {
	if t, err := url.QueryUnescape(s); err == nil {
		return t
	}
	return s
}

// isName reports whether text can be the name of a parameter: prose has spaces.
func isName(s string) bool {
	return s != "" && len(s) <= maxName && utf8.ValidString(s) && !strings.ContainsAny(s, " \t\r\n<>{}\"")
}

// multipart reads the fields of a form that has parts (RFC 7578); files are left out.
func (r *reader) multipart(data []byte, boundary string) {
	parts := multipart.NewReader(bytes.NewReader(data), boundary)
	for {
		p, err := parts.NextRawPart()
		if err != nil {
			r.whole = r.whole && err == io.EOF
			return
		}
		name := p.FormName()
		if name == "" || p.FileName() != "" {
			continue
		}
		value, err := io.ReadAll(p)
		if err == nil && utf8.Valid(value) {
			r.value(name, string(value), true)
		}
		if len(r.fields) >= MaxFields {
			r.whole = false
			return
		}
	}
}

// value adds a value, or what is packed in it.
func (r *reader) value(name, text string, form bool) {
	switch {
	case r.packed < maxPacked && isJSON(text) && json.Valid([]byte(text)):
		r.packed++
		r.json(name, text)
		r.packed--
	case r.packed < maxPacked && r.base64(name, text):
	case r.packed < maxPacked && strings.HasPrefix(text, "?") && strings.Contains(text, "="):
		r.packed++
		r.form(text[1:]) // of the bulk that Matomo sends
		r.packed--
	default:
		r.add(name, text, form)
	}
}

// base64 reads JSON that is packed in base64, in either alphabet.
func (r *reader) base64(name, text string) bool {
	if !strings.HasPrefix(text, "ey") && !strings.HasPrefix(text, "W3") || len(text) < 8 {
		return false
	}
	text = strings.NewReplacer("-", "+", "_", "/", " ", "+").Replace(strings.TrimRight(text, "="))
	plain, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil || !utf8.Valid(plain) || !json.Valid(plain) {
		return false
	}
	r.packed++
	r.json(name, string(plain))
	r.packed--
	return true
}

func isJSON(text string) bool {
	return len(text) > 2 && (text[0] == '{' && strings.IndexByte(text, '"') > 0 || text[0] == '[')
}

// json reads the values of JSON, one document after the other. It keeps the
// names on a stack of its own, since the input decides how deep it goes.
func (r *reader) json(name, text string) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	type level struct {
		object bool
		name   string // of what holds it
		key    string // the member that is read, "" before its name
	}
	stack := []level{}
	for len(r.fields) < MaxFields {
		t, err := d.Token()
		if err != nil {
			r.whole = r.whole && err == io.EOF && len(stack) == 0
			return
		}
		top := (*level)(nil)
		at := name
		if n := len(stack); n > 0 {
			top = &stack[n-1]
			at = top.name
			if top.object {
				at = join(at, top.key)
			}
		}
		switch t := t.(type) {
		case json.Delim:
			if t == '}' || t == ']' {
				stack = stack[:len(stack)-1]
				if n := len(stack); n > 0 {
					stack[n-1].key = ""
				}
				continue
			}
			stack = append(stack, level{object: t == '{', name: at})
			continue
		case string:
			if top != nil && top.object && top.key == "" {
				if top.key = t; t == "" {
					top.key = "."
				}
				continue
			}
			r.value(at, t, false)
		case json.Number:
			r.add(at, t.String(), false)
		case bool:
		}
		if top != nil {
			top.key = ""
		}
	}
	r.whole = false
}

// join appends a key to a name, which stays short.
func join(name, key string) string {
	switch {
	case name == "":
		return key
	case len(name)+len(key) >= maxName:
		return name
	}
	return name + "." + key
}
