package lint

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/internal/lint/template"
)

// A said is a switch as a header sets it.
type said struct {
	service, name string
	about         int
	off           bool
	field         *field
}

// says lists what the headers tell services about tracking.
func (d *document) says() []said {
	var list []said
	for i := range headerSwitches {
		s := &headerSwitches[i]
		f := d.field(s.name)
		if f == nil {
			continue
		}
		value := strings.ToLower(strings.ReplaceAll(f.value, " ", ""))
		if off := slices.Contains(s.off, value); off || slices.Contains(s.on, value) {
			list = append(list, said{s.service, s.name, s.about, off, f})
		}
	}
	for i := range jsonSwitches {
		s := &jsonSwitches[i]
		f := d.field(s.name)
		if f == nil {
			continue
		}
		var v any
		if json.Unmarshal([]byte(f.value), &v) != nil {
			continue
		}
		for _, key := range s.path {
			m, _ := v.(map[string]any)
			v = m[key]
		}
		switch v {
		case false, 0.0, "0", "false":
			list = append(list, said{s.service, s.name, s.about, true, f})
		case true, 1.0, "1", "true":
			list = append(list, said{s.service, s.name, s.about, false, f})
		}
	}
	return list
}

// wrapped reports whether a reference is a link through a redirect.
func (r *ref) wrapped() bool {
	_, ok := r.signal("wrapped-link")
	return ok && r.finding.Kind == detector.ClickTracker
}

func switchIgnored(d *document) {
	for _, s := range d.says() {
		if !s.off {
			continue
		}
		for _, r := range d.refs {
			switch {
			case s.about&opensToo != 0 && r.sure() && r.finding.Kind == detector.Pixel:
				d.add("switch-ignored", r.spot(), fmt.Sprintf("%s: %s (%s) turns open tracking off, but this pixel is in the HTML", s.name, s.field.value, s.service), r)
			case s.about&clicksToo != 0 && r.wrapped():
				d.add("switch-ignored", r.spot(), fmt.Sprintf("%s: %s (%s) turns click tracking off, but this link is wrapped", s.name, s.field.value, s.service), r)
			}
		}
	}
	for _, r := range d.refs {
		if !r.wrapped() || r.part == nil {
			continue
		}
		e := elementAt(r.part.doc, r.Offset)
		if e == nil {
			continue
		}
		for i := range attrSwitches {
			s := &attrSwitches[i]
			if a, ok := r.part.doc.Attr(e, s.name); ok && strings.EqualFold(s.value, string(r.part.text[a.From:a.To])) || ok && s.value == "" {
				d.add("switch-ignored", attribute(r.part, a), fmt.Sprintf("%s (%s) says that this link is not tracked, but it is wrapped", s.name, s.service), r)
			}
		}
	}
}

func trackingMarker(d *document) {
	for _, s := range d.says() {
		if !s.off {
			d.add("tracking-marker", s.field.spot(), fmt.Sprintf("%s: %s asks %s to track", s.name, s.field.value, s.service), nil)
		}
	}
	for _, p := range d.parts {
		for i := range p.doc.Tags {
			d.marker(p, &p.doc.Tags[i])
		}
	}
	d.elements(func(p *part, e *template.Element) {
		if e.Name == "custom" && strings.EqualFold(p.doc.Value(e, "type"), "tracking") { // help.salesforce.com, "Open tracking"
			d.add("tracking-marker", tag(p, e), "this asks Salesforce Marketing Cloud for its open pixel", nil)
		}
		if a, ok := p.doc.Attr(e, "href"); ok && strings.HasSuffix(strings.ToLower(string(p.text[a.From:a.To])), listmonkLink) {
			d.add("tracking-marker", attribute(p, a), "@TrackLink asks listmonk to wrap this link", nil)
		}
	})
}

func (d *document) marker(p *part, t *template.Tag) {
	if t.Kind == template.Comment {
		return
	}
	at := spot{part: p, start: t.Start, end: t.End}
	if t.End-t.Start <= maxMarker && strings.IndexByte(markerLetters, p.text[t.From]|0x20) >= 0 {
		text := strings.ToLower(strings.ReplaceAll(string(p.text[t.Start:t.End]), " ", ""))
		for i := range markers {
			if m := &markers[i]; m.text == text {
				d.add("tracking-marker", at, fmt.Sprintf("this asks %s for %s", m.service, m.what), nil)
				return
			}
		}
	}
	// What stands in a URL is a reference, and judged as one.
	if t.Kind == template.Output && t.Around == template.InText && namesPixel(t.Inner(p.text)) {
		d.less("tracking-marker", at, "by its name this tag writes an open pixel", nil)
	}
}
