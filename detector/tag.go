package detector

import (
	"encoding/hex"
	"net/url"
	"slices"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/script"
	"github.com/pixelsweep/pixelsweep/rules"
)

// Field is something that a conversion pixel sends, by its name. The value is
// left out where only a browser would know it.
type Field struct {
	Name  string `json:"name"` // value, currency, order
	Value string `json:"value,omitempty"`
}

// Personal is a field that holds personal data. What stands in it is not
// repeated.
type Personal struct {
	Name string `json:"name"` // as it is called there
	What string `json:"what"` // e-mail, phone, name, place, birth date, gender, user id
	// Form is address, sha256, sha1, md5 or text; variable where only a browser
	// would know.
	Form string `json:"form"`
}

// tagged is what a tag on a page sends.
type tagged struct {
	account  string
	events   []string
	values   []Field
	personal []Personal
	hit      bool // the order among values is that of the hit
}

// Bounds of what is listed of one tag.
const (
	maxFields = 32
	maxEvents = 8
)

// tag reads what a reference sends: the arguments of a call, or the parameters
// of a URL whose rule says where they stand.
func (m *matter) tag() (t tagged) {
	switch {
	case m.call != nil:
		t.read(&m.call.Rule.Tag, m.call.At)
	case m.rule != nil && !m.rule.Tag.Empty():
		u := rules.URL{Full: m.real.Full, Host: m.real.Host, Path: path(m.real.Path), Query: m.real.Query}
		t.readURL(&m.rule.Tag, u, m.body)
	}
	return t
}

func (t *tagged) read(tag *rules.Tag, at func(string) (script.Value, bool)) {
	first := func(places []string) string {
		for _, p := range places {
			if text, ok := strings.CutPrefix(p, "="); ok {
				return text
			}
			if v, ok := at(p); ok && v.IsText() && v.Text() != "" {
				return short(v.Text())
			}
		}
		return ""
	}
	t.account = first(tag.Account)
	t.event(first(tag.Event))
	for _, p := range tag.Values {
		if v, ok := at(p[1]); ok && !v.HasFields() {
			if what, ok := strings.CutPrefix(p[0], "personal "); ok {
				t.person(p[1], what, v.Text(), v.Known())
			} else {
				t.value(p[0], v.Text(), v.Known())
			}
		}
	}
	for _, p := range tag.Fields {
		v, _ := at(p)
		v.Fields(func(name string, f script.Value) { t.field(name, f.Text(), f.Known()) })
	}
}

// readURL reads what a URL and the body of its request say. A body may hold
// several hits, each with an event.
func (t *tagged) readURL(tag *rules.Tag, u rules.URL, b *body) {
	all := func(places []string) []string {
		for _, p := range places {
			if text := rules.Lookup(u, p); text != "" {
				return append([]string{plainText(text)}, b.at(p)...)
			}
			if texts := b.at(p); len(texts) > 0 {
				return texts
			}
		}
		return nil
	}
	if list := all(tag.Account); len(list) > 0 {
		t.account = short(strings.TrimSuffix(list[0], ".js")) // the name of a script may be all there is
	}
	for _, e := range all(tag.Event) {
		t.event(short(e))
	}
	for _, p := range tag.Values {
		for _, text := range all(p[1:]) {
			t.value(p[0], text, true)
		}
	}
	if b != nil {
		for _, f := range b.named(tag.Fields) {
			t.field(f.Name, f.Value, true)
		}
	}
	for _, p := range tag.Fields {
		list := rules.Lookup(u, p)
		for pair := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == '&' || r == ';' }) {
			name, value, _ := strings.Cut(strings.TrimPrefix(pair, "amp;"), "=")
			t.field(plainText(name), plainText(value), true)
		}
	}
}

// event takes an event, once.
func (t *tagged) event(name string) {
	if name != "" && len(t.events) < maxEvents && !slices.Contains(t.events, name) {
		t.events = append(t.events, name)
	}
}

// field takes a named field, if its name says something.
func (t *tagged) field(name, text string, known bool) {
	f, ok := rules.FieldOf(name)
	switch {
	case !ok:
	case f.Kind == "personal":
		t.person(name, f.What, text, known)
	case f.Kind == "event":
		had := len(t.values)
		t.value("order", text, known)
		t.hit = t.hit || len(t.values) > had
	default:
		t.value(f.Kind, text, known)
	}
}

// value keeps the first value of each name.
func (t *tagged) value(name, text string, known bool) {
	if known && text == "" || len(t.values) >= maxFields {
		return
	}
	for i, v := range t.values {
		if v.Name == name {
			if t.hit && name == "order" {
				t.values[i].Value, t.hit = short(text), false
			}
			return
		}
	}
	t.values = append(t.values, Field{name, short(text)})
}

func (t *tagged) person(name, what, text string, known bool) {
	if known && text == "" || len(t.personal) >= maxFields {
		return
	}
	for _, p := range t.personal {
		if p.Name == name {
			return
		}
	}
	t.personal = append(t.personal, Personal{short(name), what, written(text, known)})
}

// written says in which form personal data stands there.
func written(text string, known bool) string {
	if !known {
		return "variable"
	}
	if strings.Contains(text, "@") {
		return "address"
	}
	if _, err := hex.DecodeString(text); err == nil {
		switch len(text) {
		case 64:
			return "sha256"
		case 40:
			return "sha1"
		case 32:
			return "md5"
		}
	}
	return "text"
}

func plainText(s string) string {
	if t, err := url.QueryUnescape(s); err == nil {
		return t
	}
	return s
}

// short is a copy of s, cut to what a report shows of one field.
func short(s string) string {
	const most = 200
	if len(s) > most {
		s = s[:most]
		for len(s) > 0 && s[len(s)-1]&0xC0 == 0x80 {
			s = s[:len(s)-1]
		}
	}
	return strings.Clone(strings.ToValidUTF8(s, ""))
}
