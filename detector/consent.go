package detector

import (
	"bytes"
	"strings"
	"sync"

	"github.com/pixelsweep/pixelsweep/detector/internal/markup"
	"github.com/pixelsweep/pixelsweep/rules"
)

// Consent says whether a tag on a page waits for its reader's consent.
type Consent string

// What is told of consent from a page's source, and of requests that a browser
// made.
const (
	BeforeConsent  Consent = "before consent" // nothing holds it back, or it was seen to fire
	Gated          Consent = "gated"          // a consent platform, or its own call, holds it back
	UnknownConsent Consent = "unknown"        // scripts decide that only a browser runs
	AfterRefusing  Consent = "after refusing"
	AfterAccepting Consent = "after accepting"
)

// consent is what a page says about consent, by the places in its source.
type consent struct {
	auto  int   // where a script stands that holds back others, -1 for none
	elem  int32 // that gated and asks are about, -1 for none
	free  bool  // its platform is told to let it run
	gated bool  // it waits for consent
	asks  bool  // its script speaks of consent
}

// platforms collects what the page says before references are judged.
func (s *scan) platforms() {
	s.consent = consent{auto: -1, elem: -1}
	for i := range s.doc.Refs {
		r := &s.doc.Refs[i]
		if r.Trigger == markup.Script && r.URL.Host != "" && (s.consent.auto < 0 || r.Start < s.consent.auto) && s.holdsOthers(r) {
			s.consent.auto = r.Start
		}
	}
}

// holdsOthers reports whether r is the script of a platform that holds back
// others.
func (s *scan) holdsOthers(r *markup.Ref) bool {
	for n := range rules.Default().CMPs() {
		c := &rules.Default().CMPs()[n]
		if len(c.Auto) == 0 || !hostOf(r.URL.Host, c.Hosts) {
			continue
		}
		for _, a := range c.Auto {
			if strings.HasPrefix(a, "data-") && s.doc.Gated(r.Elem, []string{a}) || strings.Contains(r.URL.Full, a) {
				return true
			}
		}
	}
	return false
}

func hostOf(host string, hosts []string) bool {
	for _, h := range hosts {
		if n := len(host) - len(h); n >= 0 && host[n:] == h && (n == 0 || host[n-1] == '.') {
			return true
		}
	}
	return false
}

// element looks at the element of a reference.
func (s *scan) element(m *matter) {
	c := &s.consent
	if m.elem == c.elem {
		return
	}
	c.elem, c.free, c.gated, c.asks = m.elem, false, false, false
	if m.elem < 0 {
		return
	}
	c.free = s.doc.Marked(m.elem, allFree())
	c.gated = !c.free && s.doc.Gated(m.elem, allGates())
	if !strings.HasPrefix(m.Vector, "script") {
		return
	}
	if typ, _ := s.doc.Attr(m.elem, "type"); c.gated && isRun(typ) && !heldSource(m.Vector) {
		c.gated = false // marked, but the browser runs it all the same
	}
	if typ, _ := s.doc.Attr(m.elem, "type"); !c.free && !isRun(typ) && m.Vector != "script:json-ld" && m.Vector != "script:string" {
		c.gated = true // no browser runs it until its type is another
	}
	if strings.HasPrefix(m.Vector, "script:") {
		c.asks = asksConsent(s.doc.ScriptText(m.elem))
	}
}

// isRun reports whether browsers run a script of a type (WHATWG section
// 4.12.1), or something else does that asks nobody: WP Rocket once the reader
// moves, Partytown in a worker.
func isRun(typ string) bool {
	typ = strings.ToLower(strings.TrimSpace(typ))
	switch typ {
	case "rocketlazyloadscript", "text/partytown":
		return true
	}
	return typ == "" || typ == "module" || strings.HasSuffix(typ, "/javascript") && typ != "didomi/javascript" || strings.HasSuffix(typ, "ecmascript")
}

// allGates are the attributes of all platforms.
var allGates = sync.OnceValue(func() []string {
	var all []string
	for _, c := range rules.Default().CMPs() {
		all = append(all, c.Gates...)
	}
	return all
})

// allFree are the attributes by which all platforms are told to let something
// run whatever the reader says.
var allFree = sync.OnceValue(func() []string {
	var all []string
	for _, c := range rules.Default().CMPs() {
		all = append(all, c.Free...)
	}
	return all
})

// heldSource reports whether a vector is one that a consent platform fills in.
func heldSource(vector string) bool { return strings.Contains(vector, "[data-") }

// consentWords stand in scripts that ask a consent platform.
var consentWords = []string{
	"tcfapi", "onetrust", "optanon", "cookiebot", "didomi", "usercentrics", "uc_ui", "cookieconsent", "hasconsent", "consentgiven",
	"getconsent", "cookie_consent",
}

// leastConsentWord is the length of the shortest of consentWords.
const leastConsentWord = 5

// consentSteps holds how far a search for consentWords may go on where the last
// two of leastConsentWord bytes are these, in any case: to where they could
// stand in a word (Wu and Manber, A fast algorithm for multi-pattern searching,
// 1994).
var consentSteps = func() (steps [1 << 10]uint8) {
	for i := range steps {
		steps[i] = leastConsentWord - 1
	}
	for _, w := range consentWords {
		for i := 1; i < leastConsentWord; i++ {
			at := consentPair(w[i-1], w[i])
			steps[at] = min(steps[at], uint8(leastConsentWord-1-i))
		}
	}
	return steps
}()

func consentPair(a, b byte) int { return int(a&31)<<5 | int(b&31) }

// asksConsent reports whether a script speaks of a consent platform.
func asksConsent(src []byte) bool {
	for i := 0; i+leastConsentWord <= len(src); {
		step := consentSteps[consentPair(src[i+leastConsentWord-2], src[i+leastConsentWord-1])]
		if step > 0 {
			i += int(step)
			continue
		}
		for _, w := range consentWords {
			if src[i]|0x20 == w[0] && len(src)-i >= len(w) && strings.EqualFold(view(src[i:i+len(w)]), w) && !orders(src[:i]) {
				return true
			}
		}
		i++
	}
	return false
}

// orders reports whether a verb stands before a word of consent that gives or takes
// it, and so asks nobody: requireCookieConsent, setConsentGiven.
func orders(before []byte) bool {
	before = bytes.TrimSuffix(before, []byte("Cookie"))
	for _, verb := range []string{"set", "remember", "forget", "require"} {
		if bytes.HasSuffix(before, []byte(verb)) {
			return true
		}
	}
	return false
}

// asked are the kinds of consent that a tag of service asks for where calls of
// another one, of the same operator, keep it back. A container holds all.
func asked(service, by *rules.Service) markup.Kinds {
	switch {
	case service == by:
	case service.Category == "advertising":
		return markup.Ads
	case service.Category == "measurement":
		return markup.Analytics
	}
	return markup.AllKinds
}

// held says what the calls before a place do to a service's tags: they keep
// them back, do so perhaps or in part, or say nothing, which is "".
func (s *scan) held(at int, service *rules.Service) Consent {
	if service == nil || service.Operator == "" {
		return ""
	}
	var kept, lifted markup.Kinds
	maybe := false
	for _, h := range s.doc.Holds {
		if h.At >= at || h.Service.Operator != service.Operator {
			continue
		}
		kinds := h.Kinds & asked(service, h.Service)
		switch {
		case kinds == 0:
		case h.Lifts && !h.Maybe:
			lifted |= kept & kinds
			kept &^= kinds
			maybe = false
		case h.Lifts: // the page asks its reader, and then lets them go
		case h.Maybe:
			maybe = true
		default:
			kept |= kinds
		}
	}
	switch {
	case kept != 0 && lifted&^kept == 0:
		return Gated
	case kept != 0 || maybe:
		return UnknownConsent
	}
	return ""
}

// heeds reports whether something asks what the page's calls say of consent: calls do,
// and the scripts of services. A request that the page makes by itself, as an image or
// a frame does, in noscript or not, asks nobody.
func heeds(m *matter) bool {
	if m.call != nil {
		return true
	}
	vector := m.Vector
	if m.within != "" { // in markup that a script writes
		vector = m.within
	}
	of, script := strings.CutPrefix(vector, "script:")
	return script && !requests[of] || strings.HasPrefix(vector, "script[")
}

// requests are the vectors of scripts that are requests themselves.
var requests = map[string]bool{
	"Image": true, "img": true, "iframe": true, "sendBeacon": true, "fetch": true, "XMLHttpRequest": true, "ajax": true, "get": true,
	"post": true, "getJSON": true, "WebSocket": true, "EventSource": true, "WebTransport": true, "Audio": true, "link": true, "location": true,
}

// consentOf says whether a finding on a page waits for consent.
func (s *scan) consentOf(m *matter, service *rules.Service) Consent {
	switch {
	case m.request != nil:
		return m.request.Phase
	case !s.page:
		return ""
	}
	s.element(m)
	if s.consent.gated {
		return Gated
	}
	if heeds(m) {
		if c := s.held(m.span[0], service); c != "" {
			return c
		}
	}
	switch {
	case !s.consent.free && s.consent.auto >= 0 && s.consent.auto < m.span[0] && m.Trigger == Script:
		return Gated
	case m.later || s.consent.asks:
		return UnknownConsent
	}
	return BeforeConsent
}

// service is the service of a reference, nil where nobody knows it.
func (m *matter) service() *rules.Service {
	switch {
	case m.call != nil:
		return m.call.Rule.Service
	case m.rule != nil:
		return m.rule.Service
	}
	return nil
}
