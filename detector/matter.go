package detector

import (
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/token"
	"github.com/pixelsweep/pixelsweep/rules"
	"github.com/pixelsweep/pixelsweep/rules/filter"
)

// vectorClass says what kind of resource a vector loads.
type vectorClass uint8

const (
	imageClass vectorClass = iota // images, media, backgrounds
	styleClass                    // style sheets and fonts
	frameClass
	scriptClass
	hintClass // prefetch and the like: never a tracker
	linkClass
	receiptClass
)

// class derives what a reference loads from its vector and trigger.
func class(r *ref) vectorClass {
	switch r.Trigger {
	case Receipt:
		return receiptClass
	case Click:
		return linkClass
	case DNS:
		return hintClass
	}
	if r.request != nil {
		return requestClass(r.request.Type)
	}
	vector := r.Vector
	if r.within != "" {
		vector = r.within
	}
	name, _, _ := strings.Cut(vector, "[")
	switch name {
	case "iframe", "frame", "object", "embed", "portal", "fencedframe", "amp-iframe", "applet", "param", "meta":
		return frameClass
	case "script", "svg:script", "script:string", "script:json-ld":
		return scriptClass
	case "mime:certificate": // of its issuer, the same for everybody who has it
		return hintClass
	case "link", "css:@import", "css:@font-face", "?xml-stylesheet", "css:src":
		return styleClass
	}
	// In written markup, what scripts do alone: all of it has their trigger.
	if r.Trigger == Script && (r.within == "" || strings.HasPrefix(r.within, "script:") || strings.Contains(r.within, "[on")) {
		return scriptClass
	}
	return imageClass
}

// matter is a reference under judgement, with what is known of it.
type matter struct {
	*ref
	identity
	points  *pointTable
	links   *wrapped
	all     []ref // of the message
	page    bool  // it stands in a page, not in a message
	class   vectorClass
	rule    *rules.Rule
	cloaked string       // the name that the rule matches, where it is not the host
	filter  filter.Match // of a list, that blocks it
	first   int          // of its signals, among those of the scan
	signals []Signal
}

// shown reports whether the reader is meant to see the resource: it has a
// size to fill, or nothing says that it has none.
func (m *matter) shown() bool {
	if m.box.Hidden != "" && !m.box.Device {
		return false
	}
	return !m.tiny()
}

// placed reports whether something says that the resource is there to be seen:
// a size, a text, or a place that only shows.
func (m *matter) placed() bool {
	return m.class != imageClass || m.box.HasWidth || m.box.HasHeight || strings.TrimSpace(m.alt) != "" ||
		!strings.HasPrefix(m.Vector, "img") && !strings.HasPrefix(m.Vector, "amp-") && m.Vector != "bgsound[src]"
}

// tiny reports whether a stated size leaves nothing to see.
func (m *matter) tiny() bool {
	w, h := m.box.Width, m.box.Height
	switch {
	case m.box.HasWidth && m.box.HasHeight:
		return w*h <= 9 || (w <= 1 || h <= 1) && w+h <= 12
	case m.box.HasWidth:
		return w <= 2
	case m.box.HasHeight:
		return h <= 2
	}
	return false
}

// static reports whether the URL reads as a plain file: an extension, no
// query, no opaque token in its last part.
func (m *matter) static() bool {
	if m.real.Query != "" {
		return false
	}
	last := m.real.Path[strings.LastIndexByte(m.real.Path, '/')+1:]
	ext := strings.ToLower(last[strings.LastIndexByte(last, '.')+1:])
	switch ext {
	case "gif", "png", "jpg", "jpeg", "svg", "webp", "ico", "css", "woff", "woff2", "ttf", "bmp", "avif", "mp4", "eot", "otf":
		return true
	}
	return false
}

// pictured reports whether the path names a photograph or drawing, in a format that
// pixels are seldom made in.
func (m *matter) pictured() bool {
	p := m.real.Path
	switch strings.ToLower(p[strings.LastIndexByte(p, '.')+1:]) {
	case "jpg", "jpeg", "webp", "avif", "png":
		return true
	}
	return false
}

// reports reports whether a rule or filter knows the URL as one that only
// reports.
func (m *matter) reports() bool {
	if m.filter.Found() {
		return true
	}
	if m.rule == nil {
		return false
	}
	switch m.rule.Event {
	case rules.EventOpen, rules.EventMeasure, rules.EventScript, rules.EventClick:
		return true
	}
	return false
}

// named reports whether the host itself identifies the reader.
func (m *matter) named() bool {
	return m.recipient.Evidence == Proven && m.place.Part == token.Host && m.place.Index > 0
}

// identifies reports whether the evidence is of this reader, not of the file.
func (m *matter) identifies() bool {
	return m.recipient.Evidence == Proven || m.rule != nil && m.rule.Event == rules.EventContent
}

// everybodys reports whether an image that a page shows is the same for all who read
// it: what a page's source names is written for them all, and nothing in the URL
// says that it counts or knows them. A request of a browser was made for one.
func (m *matter) everybodys() bool {
	if !m.page || m.request != nil || m.known() || m.recipient.Evidence == Proven {
		return false
	}
	for _, s := range m.signals {
		switch s.Name {
		case "path-word", "host-word", "address", "conditional", "link-shape", "own-name":
			return false
		}
	}
	return true
}

// known reports whether a rule or filter knows the URL.
func (m *matter) known() bool { return m.rule != nil || m.filter.Found() }
