package lint

import (
	"strings"

	"github.com/pixelsweep/pixelsweep/internal/lint/template"
)

// elements calls f for each start tag of the markup that is sent as HTML.
func (d *document) elements(f func(p *part, e *template.Element)) {
	for _, p := range d.parts {
		if !p.isMarkup() {
			continue
		}
		for i := range p.doc.Elements {
			if e := &p.doc.Elements[i]; !strings.HasPrefix(e.Name, "/") {
				f(p, e)
			}
		}
	}
}

// tag is the spot of an element: its name, while the fingerprint is made of its whole
// start tag, and of what a script says.
func tag(p *part, e *template.Element) spot {
	return spot{part: p, start: e.Start, end: min(e.Start+1+len(e.Name), len(p.text)), whole: max(e.End, e.Body)}
}

// attribute is the spot of an attribute.
func attribute(p *part, a template.Attr) spot {
	end := a.End
	if a.To > a.End {
		end = min(a.To+1, len(p.text))
	}
	return spot{part: p, start: a.Start, end: end}
}

func scripts(d *document) {
	d.elements(func(p *part, e *template.Element) {
		if e.Name == "script" && !isHarmless(p, e) {
			d.add("script", tag(p, e), "a script; clients drop it, and where one runs it can report anything", nil)
		}
		for _, a := range p.doc.Attrs(e) {
			if a.From == a.To || strings.IndexByte("oOhHsSaA", p.text[a.Start]) < 0 {
				continue
			}
			name := strings.ToLower(string(p.text[a.Start:a.End]))
			if name != "href" && name != "src" && name != "action" && !isHandler(name) {
				continue
			}
			value := strings.ToLower(strings.TrimSpace(string(p.text[a.From:a.To])))
			if isHandler(name) && value != "" {
				d.add("script", attribute(p, a), "the attribute "+name+" runs a script", nil)
			} else if (name == "href" || name == "src" || name == "action") && strings.HasPrefix(value, "javascript:") && !isNothing(value) {
				d.add("script", attribute(p, a), "a javascript: URL runs a script", nil)
			}
		}
	})
}

// isHandler reports whether an attribute holds a script: it begins with on and has
// the length of an event's name.
func isHandler(name string) bool {
	return len(name) > 4 && strings.HasPrefix(name, "on") && strings.IndexFunc(name, func(r rune) bool { return r < 'a' || r > 'z' }) < 0
}

// isNothing reports whether a script URL does nothing.
func isNothing(value string) bool {
	rest := strings.TrimPrefix(value, "javascript:")
	return strings.Trim(rest, " ;") == "" || strings.HasPrefix(rest, "void(")
}

// isHarmless reports whether a script element is data, runs at the sender's, or is
// the library that AMP for email asks for (amp.dev, "AMP for Email structure").
func isHarmless(p *part, e *template.Element) bool {
	kind := strings.ToLower(p.doc.Value(e, "type"))
	switch {
	case strings.Contains(kind, "json") || strings.Contains(kind, "template") || strings.Contains(kind, "handlebars"):
		return true
	case strings.EqualFold(p.doc.Value(e, "runat"), "server"):
		return true
	}
	return strings.Contains(p.media, "amp") && strings.HasPrefix(p.doc.Value(e, "src"), "https://cdn.ampproject.org/")
}

func frames(d *document) {
	d.elements(func(p *part, e *template.Element) {
		switch e.Name {
		case "iframe", "frame", "object", "embed", "applet", "portal", "fencedframe":
			d.add("frame", tag(p, e), "a frame or plug-in ("+e.Name+") loads a document of its own", nil)
		}
	})
}

func forms(d *document) {
	d.elements(func(p *part, e *template.Element) {
		switch e.Name {
		case "form":
			d.add("form", tag(p, e), "a form sends what the reader enters, and that they did", nil)
		case "input", "button":
			if a, ok := p.doc.Attr(e, "formaction"); ok {
				d.add("form", attribute(p, a), "the attribute formaction sends a form elsewhere", nil)
			}
		}
	})
}

func remoteFont(d *document) {
	for _, r := range d.refs {
		if !r.loads() {
			continue
		}
		font := r.Vector == "css:@font-face"
		if r.Vector == "link[href]" && r.part != nil {
			if e := elementAt(r.part.doc, r.Offset); e != nil {
				font = strings.EqualFold(r.part.doc.Value(e, "as"), "font")
			}
		}
		if font {
			d.add("remote-font", r.spot(), "a font is loaded from "+r.whose()+", which learns of the opening", r)
		}
	}
}

func remoteStylesheet(d *document) {
	for _, r := range d.refs {
		if !r.loads() {
			continue
		}
		sheet := r.Vector == "css:@import" || strings.HasPrefix(r.Vector, "?xml-stylesheet")
		if (r.Vector == "link[href]" || r.Vector == "img[src]") && r.part != nil {
			if e := elementAt(r.part.doc, r.Offset); e != nil {
				sheet = e.Name == "mj-font" || e.Name == "link" && strings.Contains(strings.ToLower(r.part.doc.Value(e, "rel")), "stylesheet") || e.Name == "link" && strings.EqualFold(r.part.doc.Value(e, "as"), "style")
			}
		}
		if sheet {
			d.add("remote-stylesheet", r.spot(), "a style sheet is loaded from "+r.whose()+", which learns of the opening and can load more", r)
		}
	}
}

// insecureURL looks at what loads, and less sternly at links.
func insecureURL(d *document) {
	for _, r := range d.refs {
		if !strings.HasPrefix(strings.ToLower(r.written()), "http:") || r.part == nil {
			continue
		}
		if r.loads() {
			d.add("insecure-url", r.spot(), "loaded over http: everybody on the way sees and can change it", r)
		} else {
			d.less("insecure-url", r.spot(), "linked over http: everybody on the way sees and can change it", r)
		}
	}
}
