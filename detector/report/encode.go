package report

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/pixelsweep/pixelsweep/detector"
)

// An encoder writes reports as encoding/json does without HTML escaping, several
// times faster. One thing differs: what a terminal could obey is escaped. A test
// compares both and fails for a field that is forgotten here.
type encoder struct{ b []byte }

func (e *encoder) report(r *detector.Report) {
	e.raw(`{"schema":`)
	e.string(r.Schema)
	e.raw(`,"source":{`)
	e.source(&r.Source)
	e.raw(`,"bytes":`)
	e.b = strconv.AppendInt(e.b, r.Source.Bytes, 10)
	e.raw("}")
	if r.Message != nil {
		e.message(r.Message)
	}
	if r.Page != nil {
		e.page(r.Page)
	}
	e.text(`,"verdict":`, string(r.Verdict))
	e.int(`,"score":`, r.Score)
	if r.References != nil {
		list(e, `,"references":`, r.References, e.reference)
	}
	list(e, `,"findings":`, r.Findings, e.finding)
	e.counts(r.Counts)
	e.bool(`,"complete":`, r.Complete)
	list(e, `,"warnings":`, r.Warnings, func(w *detector.Warning) {
		e.raw("{")
		if w.Part != "" {
			e.text(`"part":`, w.Part)
			e.raw(",")
		}
		e.text(`"text":`, w.Text)
		e.raw("}")
	})
	e.raw("}")
}

// source writes where a report comes from, up to its type.
func (e *encoder) source(s *detector.Source) {
	start := len(e.b)
	e.some(`,"path":`, s.Path)
	if s.Index != 0 {
		e.int(`,"index":`, s.Index)
	}
	e.some(`,"account":`, s.Account)
	e.some(`,"mailbox":`, s.Mailbox)
	if s.UIDValidity != 0 {
		e.int(`,"uidvalidity":`, int(s.UIDValidity))
	}
	if s.UID != 0 {
		e.int(`,"uid":`, int(s.UID))
	}
	e.text(`,"type":`, s.Type)
	e.b = slices.Delete(e.b, start, start+1) // the first field has no comma before it
}

func (e *encoder) message(m *detector.Message) {
	e.raw(`,"message":{`)
	start := len(e.b)
	e.some(`,"id":`, m.ID)
	e.some(`,"from":`, m.From)
	e.some(`,"from_domain":`, m.FromDomain)
	if len(m.To) > 0 {
		list(e, `,"to":`, m.To, func(s *string) { e.string(*s) })
	}
	e.some(`,"subject":`, m.Subject)
	e.some(`,"date":`, m.Date)
	e.some(`,"esp":`, m.ESP)
	if len(e.b) > start { // the first field has no comma before it
		e.b = slices.Delete(e.b, start, start+1)
	}
	e.raw("}")
}

func (e *encoder) reference(r *detector.Reference) {
	e.int(`{"ref":`, r.Ref)
	e.text(`,"url":`, r.URL)
	e.some(`,"raw":`, r.Raw)
	e.text(`,"vector":`, r.Vector)
	e.text(`,"trigger":`, string(r.Trigger))
	e.some(`,"condition":`, r.Condition)
	e.some(`,"part":`, r.Part)
	e.some(`,"media_type":`, r.MediaType)
	e.int(`,"offset":`, r.Offset)
	if r.RawOffset != nil {
		e.int(`,"raw_offset":`, *r.RawOffset)
	}
	e.int(`,"line":`, r.Line)
	e.int(`,"column":`, r.Column)
	e.some(`,"host":`, r.Host)
	e.some(`,"site":`, r.Site)
	e.bool(`,"third_party":`, r.ThirdParty)
	e.float(`,"width":`, r.Width)
	e.float(`,"height":`, r.Height)
	e.some(`,"hidden":`, r.Hidden)
	if r.Request != nil {
		e.request(r.Request)
	}
	e.raw("}")
}

func (e *encoder) page(p *detector.Page) {
	e.text(`,"page":{"url":`, p.URL)
	e.some(`,"title":`, p.Title)
	e.some(`,"cmp":`, p.CMP)
	if p.TCF {
		e.bool(`,"tcf":`, true)
	}
	e.strings(`,"screenshots":`, p.Screenshots)
	e.raw("}")
}

func (e *encoder) request(q *detector.Request) {
	e.text(`,"request":{"type":`, q.Type)
	e.some(`,"method":`, q.Method)
	if q.Status != 0 {
		e.int(`,"status":`, q.Status)
	}
	e.some(`,"phase":`, string(q.Phase))
	e.int(`,"start_ms":`, q.Start)
	if q.Time != 0 {
		e.int(`,"time_ms":`, q.Time)
	}
	e.strings(`,"initiator":`, q.Initiator)
	e.some(`,"redirected_from":`, q.From)
	e.strings(`,"cookies":`, q.Cookies)
	e.some(`,"cname":`, q.CNAME)
	e.some(`,"blocked":`, q.Blocked)
	if q.BodyBytes != 0 {
		e.int(`,"body_bytes":`, q.BodyBytes)
	}
	e.raw("}")
}

// strings writes a list that is left out when it is empty.
func (e *encoder) strings(name string, all []string) {
	if len(all) > 0 {
		list(e, name, all, func(s *string) { e.string(*s) })
	}
}

func (e *encoder) finding(f *detector.Finding) {
	e.int(`{"ref":`, f.Ref)
	e.text(`,"url":`, f.URL)
	e.text(`,"vector":`, f.Vector)
	e.text(`,"trigger":`, string(f.Trigger))
	e.some(`,"part":`, f.Part)
	e.int(`,"line":`, f.Line)
	e.int(`,"column":`, f.Column)
	if f.FileLine != 0 {
		e.int(`,"file_line":`, f.FileLine)
	}
	if f.FileColumn != 0 {
		e.int(`,"file_column":`, f.FileColumn)
	}
	e.text(`,"fingerprint":`, f.Fingerprint)
	e.text(`,"kind":`, string(f.Kind))
	e.text(`,"severity":`, string(f.Severity))
	e.int(`,"score":`, f.Score)
	if s := f.Service; s != nil {
		e.text(`,"service":{"name":`, s.Name)
		e.some(`,"operator":`, s.Operator)
		e.some(`,"category":`, s.Category)
		e.raw("}")
	}
	e.some(`,"rule":`, f.Rule)
	if l := f.Filter; l != nil {
		e.text(`,"filter":{"list":`, l.List)
		e.int(`,"line":`, l.Line)
		e.text(`,"text":`, l.Text)
		e.raw("}")
	}
	list(e, `,"signals":`, f.Signals, func(s *detector.Signal) {
		e.text(`{"name":`, s.Name)
		e.int(`,"points":`, s.Points)
		e.some(`,"detail":`, s.Detail)
		e.raw("}")
	})
	e.text(`,"recipient":{"evidence":`, string(f.Recipient.Evidence))
	e.some(`,"how":`, f.Recipient.How)
	e.raw("}")
	if len(f.Carries) > 0 {
		list(e, `,"carries":`, f.Carries, func(c *detector.Carried) {
			e.text(`{"at":`, c.At)
			e.text(`,"decoded":`, c.Decoded)
			e.raw("}")
		})
	}
	e.some(`,"target":`, f.Target)
	if len(f.Events) > 0 {
		list(e, `,"events":`, f.Events, func(s *string) { e.string(*s) })
	}
	e.some(`,"account":`, f.Account)
	if len(f.Values) > 0 {
		list(e, `,"values":`, f.Values, func(v *detector.Field) {
			e.text(`{"name":`, v.Name)
			e.some(`,"value":`, v.Value)
			e.raw("}")
		})
	}
	if len(f.Personal) > 0 {
		list(e, `,"personal":`, f.Personal, func(p *detector.Personal) {
			e.text(`{"name":`, p.Name)
			e.text(`,"what":`, p.What)
			e.text(`,"form":`, p.Form)
			e.raw("}")
		})
	}
	e.some(`,"consent":`, string(f.Consent))
	e.raw("}")
}

// counts writes a map with its keys sorted.
func (e *encoder) counts(m map[string]int) {
	e.raw(`,"counts":`)
	if m == nil {
		e.raw("null")
		return
	}
	e.raw("{")
	for i, k := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			e.raw(",")
		}
		e.string(k)
		e.int(":", m[k])
	}
	e.raw("}")
}

// list writes a list under a name, null if there is none.
func list[T any](e *encoder, name string, items []T, write func(*T)) {
	e.raw(name)
	if items == nil {
		e.raw("null")
		return
	}
	e.raw("[")
	for i := range items {
		if i > 0 {
			e.raw(",")
		}
		write(&items[i])
	}
	e.raw("]")
}

func (e *encoder) raw(s string) { e.b = append(e.b, s...) }

func (e *encoder) text(name, s string) {
	e.raw(name)
	e.string(s)
}

// some writes a field that is left out when it is empty.
func (e *encoder) some(name, s string) {
	if s != "" {
		e.text(name, s)
	}
}

func (e *encoder) int(name string, n int) {
	e.raw(name)
	e.b = strconv.AppendInt(e.b, int64(n), 10)
}

func (e *encoder) bool(name string, v bool) {
	e.raw(name)
	e.b = strconv.AppendBool(e.b, v)
}

// float writes a number in the form of ECMAScript; there is no JSON for those
// that are not finite.
func (e *encoder) float(name string, p *float64) {
	if p == nil || math.IsNaN(*p) || math.IsInf(*p, 0) {
		return
	}
	e.raw(name)
	form := byte('f')
	if abs := math.Abs(*p); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		form = 'e'
	}
	e.b = strconv.AppendFloat(e.b, *p, form, -1, 64)
	if n := len(e.b); form == 'e' && n >= 4 && e.b[n-4] == 'e' && e.b[n-3] == '-' && e.b[n-2] == '0' {
		e.b[n-2] = e.b[n-1] // e-09 to e-9
		e.b = e.b[:n-1]
	}
}

const hex = "0123456789abcdef"

// plain are the bytes that stand for themselves in a JSON string.
var plain = func() (t [256]bool) {
	for c := ' '; c < 0x7f; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

func (e *encoder) string(s string) {
	e.b = append(e.b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if plain[c] {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			e.b = append(e.b, s[start:i]...)
			e.escape(c)
			i++
			start = i
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 || unsafe(r) {
			e.b = append(e.b, s[start:i]...)
			e.rune(r)
			start = i + n
		}
		i += n
	}
	e.b = append(e.b, s[start:]...)
	e.b = append(e.b, '"')
}

// escape writes a byte of ASCII that must not stand for itself.
func (e *encoder) escape(c byte) {
	switch c {
	case '"', '\\':
	case '\b':
		c = 'b'
	case '\f':
		c = 'f'
	case '\n':
		c = 'n'
	case '\r':
		c = 'r'
	case '\t':
		c = 't'
	default:
		e.rune(rune(c))
		return
	}
	e.b = append(e.b, '\\', c)
}

// rune writes r as an escape.
func (e *encoder) rune(r rune) {
	if r > 0xffff {
		r -= 0x10000
		e.rune(0xd800 + r>>10)
		r = 0xdc00 + r&0x3ff
	}
	e.b = append(e.b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}
