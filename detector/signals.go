package detector

import (
	"fmt"
	"strings"

	"github.com/pixelsweep/pixelsweep/rules"
)

// shown reports whether the reader is meant to see the resource: it has a
// size to fill, or nothing says that it has none.
func (m *matter) shown() bool {
	if m.box.Hidden != "" && !m.box.Device {
		return false
	}
	return !m.tiny()
}

// placed reports whether something says that the resource is there to be seen:
// a size, a text, a link around it, or a place that only shows.
func (m *matter) placed() bool {
	return m.class != imageClass || m.box.HasWidth || m.box.HasHeight || m.linked || strings.TrimSpace(m.alt) != "" ||
		!strings.HasPrefix(m.Vector, "img") && !strings.HasPrefix(m.Vector, "amp-")
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

func signalRule(m *matter) (Signal, bool) {
	if m.rule == nil {
		return Signal{}, false
	}
	detail := m.rule.Service.Name
	switch m.rule.Event {
	case rules.EventOpen:
		if m.rule.Generic {
			return Signal{"service-shape", 60, "open tracking in the shape of " + detail}, true
		}
		return Signal{"known-service", 70, "open tracking of " + detail}, true
	case rules.EventMeasure:
		return Signal{"known-service", 70, "measurement by " + detail}, true
	case rules.EventPrint, rules.EventForward, rules.EventDarkMode:
		return Signal{"known-service", 70, string(m.rule.Event) + " tracking of " + detail}, true
	case rules.EventScript:
		return Signal{"known-service", 70, "script of " + detail}, true
	case rules.EventClick:
		if m.class != linkClass {
			return Signal{"loads-a-click", 55, "a redirect of " + detail + " that is loaded, not followed"}, true
		}
	case rules.EventContent:
		return Signal{"personal-content", 20, "content that " + detail + " makes for each reader"}, true
	}
	return Signal{}, false
}

func signalSize(m *matter) (Signal, bool) {
	if m.class != imageClass || !m.box.HasWidth && !m.box.HasHeight {
		return Signal{}, false
	}
	w, h := dimension(m.box.Width, m.box.HasWidth), dimension(m.box.Height, m.box.HasHeight)
	detail := w + "×" + h
	switch {
	case m.box.HasWidth && m.box.HasHeight && m.box.Width <= 1 && m.box.Height <= 1:
		return Signal{"size", 40, detail}, true
	case m.tiny():
		return Signal{"size", 28, detail}, true
	}
	return Signal{}, false
}

func dimension(v float64, known bool) string {
	if !known {
		return "?"
	}
	return fmt.Sprintf("%g", v)
}

func signalHidden(m *matter) (Signal, bool) {
	if m.box.Hidden == "" || m.box.Device {
		return Signal{}, false
	}
	return Signal{"hidden", 30, m.box.Hidden}, true
}

func signalRecipient(m *matter) (Signal, bool) {
	if m.recipient.Evidence != Proven {
		return Signal{}, false
	}
	return Signal{"recipient", 45, m.recipient.How}, true
}

func signalToken(m *matter) (Signal, bool) {
	if m.token == "" || m.class == styleClass {
		return Signal{}, false
	}
	detail := m.tokenAt + " " + shorten(m.token)
	if m.static() && m.rule == nil {
		return Signal{"opaque-token", 10, detail}, true
	}
	return Signal{"opaque-token", 20, detail}, true
}

func shorten(t string) string {
	if len(t) > 10 {
		return t[:4] + "…" + t[len(t)-2:]
	}
	return t
}

// pathWords name what an address is for when they stand alone in it.
var pathWords = map[string]bool{
	"open": true, "opens": true, "opened": true, "track": true, "tracking": true, "tracker": true, "trk": true,
	"pixel": true, "beacon": true, "imp": true, "impression": true, "wf": true, "trace": true, "readreceipt": true,
	"openrate": true, "mark_read": true, "emailopen": true, "email_open": true, "track_open": true, "opentrack": true,
	"opentracking": true, "emimp": true, "webbug": true, "log": true, "px": true, "seen": true, "stat": true, "o": true, "op": true, "eo": true, "oo": true,
}

func signalPath(m *matter) (Signal, bool) {
	if m.class == styleClass {
		return Signal{}, false
	}
	for word := range strings.FieldsFuncSeq(strings.ToLower(m.real.Path), func(r rune) bool { return r == '/' || r == '.' || r == '-' }) {
		if pathWords[word] {
			return Signal{"path-word", 15, word}, true
		}
	}
	label, _, _ := strings.Cut(m.real.Host, ".")
	switch label {
	case "track", "tracking", "trk", "open", "opens", "pixel", "beacon", "click", "clicks", "links", "link", "metrics", "trck", "trc":
		return Signal{"host-word", 12, label}, true
	}
	return Signal{}, false
}

// signalAddress: an address in a URL that is loaded names somebody, be it this
// reader or the one that the message was first sent to.
func signalAddress(m *matter) (Signal, bool) {
	if m.recipient.Evidence == Proven || !holdsAddress(m.real.Query) && !holdsAddress(m.real.Path) {
		return Signal{}, false
	}
	return Signal{"address", 35, "an e-mail address in the URL"}, true
}

// holdsAddress reports whether s holds an address, plain or percent-encoded.
func holdsAddress(s string) bool {
	for _, at := range [...]string{"@", "%40"} {
		i := strings.Index(s, at)
		if i < 2 || !wordByte(s[i-1]) {
			continue
		}
		domain := s[i+len(at):]
		n := strings.IndexAny(domain, "&/?=%;,")
		if n < 0 {
			n = len(domain)
		}
		if dot := strings.LastIndexByte(domain[:n], '.'); dot > 0 && n-dot > 2 && wordByte(domain[0]) && !isDigit(domain[0]) {
			return true
		}
	}
	return false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// signalBareToken: an image without a size, a text or a link around it, whose
// address ends in nothing but a token, is not there to be seen.
func signalBareToken(m *matter) (Signal, bool) {
	if m.class != imageClass || m.token == "" || m.tokenAt != "path" || m.real.Query != "" || m.box.HasWidth || m.box.HasHeight || m.linked ||
		strings.TrimSpace(m.alt) != "" || !strings.HasPrefix(m.Vector, "img") || !strings.HasSuffix(m.real.Path, m.token) {
		return Signal{}, false
	}
	return Signal{"bare-token", 20, "no size, and nothing but a token for a name"}, true
}

// signalElement: AMP's own pixel element has no other purpose than to report.
func signalElement(m *matter) (Signal, bool) {
	if !strings.HasPrefix(m.Vector, "amp-pixel[") {
		return Signal{}, false
	}
	return Signal{"beacon-element", 60, "amp-pixel"}, true
}

// contentLabels begin the names of hosts that serve files.
var contentLabels = []string{"assets", "asset", "img", "image", "cdn", "media", "static", "content", "files", "pics", "photo", "res", "upload", "pbs"}

func signalHost(m *matter) (Signal, bool) {
	if m.rule != nil || m.class != imageClass {
		return Signal{}, false
	}
	label, _, _ := strings.Cut(m.real.Host, ".")
	for _, l := range contentLabels {
		if strings.HasPrefix(label, l) {
			return Signal{"content-host", -15, label}, true
		}
	}
	return Signal{}, false
}

// signalEndpoint: an image that no file name stands for is made by a program.
func signalEndpoint(m *matter) (Signal, bool) {
	if m.class != imageClass || m.static() || m.token == "" && m.real.Query == "" {
		return Signal{}, false
	}
	return Signal{"endpoint", 12, "no plain file"}, true
}

func signalLast(m *matter) (Signal, bool) {
	if !m.last || m.static() || m.box.HasWidth && m.box.Width > 5 || m.box.HasHeight && m.box.Height > 5 {
		return Signal{}, false
	}
	return Signal{"last", 10, "last image of the message"}, true
}

func signalVisible(m *matter) (Signal, bool) {
	if m.class != imageClass || m.reports() {
		return Signal{}, false
	}
	b := &m.box
	if b.HasWidth && b.Width > 10 && (!b.HasHeight || b.Height > 3) || b.HasHeight && b.Height > 10 && (!b.HasWidth || b.Width > 3) {
		return Signal{"visible-size", -40, dimension(b.Width, b.HasWidth) + "×" + dimension(b.Height, b.HasHeight)}, true
	}
	return Signal{}, false
}

func signalDevice(m *matter) (Signal, bool) {
	if !m.box.Device && !m.box.Mso {
		return Signal{}, false
	}
	return Signal{"device-variant", -30, "hidden on one kind of device only"}, true
}

func signalStatic(m *matter) (Signal, bool) {
	if m.class == imageClass && m.static() && m.token == "" && m.rule == nil {
		return Signal{"plain-file", -25, "a file without a query or token"}, true
	}
	return Signal{}, false
}

func signalRepeated(m *matter) (Signal, bool) {
	if m.repeats >= 3 && m.rule == nil {
		return Signal{"repeated", -25, fmt.Sprintf("stands %d times in the message", m.repeats)}, true
	}
	return Signal{}, false
}

func signalLabelled(m *matter) (Signal, bool) {
	if m.class == imageClass && strings.TrimSpace(m.alt) != "" && !m.reports() && !m.tiny() {
		return Signal{"alt-text", -20, "has a text that stands for it"}, true
	}
	return Signal{}, false
}

func signalWebFont(m *matter) (Signal, bool) {
	if m.class == styleClass && !m.reports() {
		return Signal{"style-or-font", -30, "a style sheet or font"}, true
	}
	return Signal{}, false
}
