package detector

import (
	"bytes"
	"strings"

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
	auto int   // where a script stands that holds back others, -1 for none
	last int32 // the element that asks is about
	asks bool
}

// gating is what is known of one reference.
type gating struct {
	gated bool // its element waits for consent
	asks  bool // the script that it stands in speaks of consent
}

// platforms collects what the page says before references are judged.
func (s *scan) platforms() {
	s.consent = consent{auto: -1, last: -1}
	for i := range s.doc.Refs {
		r := &s.doc.Refs[i]
		if r.Trigger != markup.Script || s.consent.auto >= 0 && s.consent.auto <= r.Start {
			continue
		}
		for n := range rules.Default().CMPs() {
			if c := &rules.Default().CMPs()[n]; s.holdsOthers(r, c) {
				s.consent.auto = r.Start
			}
		}
	}
}

// holdsOthers reports whether r is the script of c that holds back others.
func (s *scan) holdsOthers(r *markup.Ref, c *rules.CMP) bool {
	if len(c.Auto) == 0 || !hostOf(r.URL.Host, c.Hosts) {
		return false
	}
	for _, a := range c.Auto {
		if strings.HasPrefix(a, "data-") {
			if s.doc.Gated(r.Elem, []string{a}) {
				return true
			}
		} else if strings.Contains(r.URL.Full, a) {
			return true
		}
	}
	return false
}

func hostOf(host string, hosts []string) bool {
	for _, h := range hosts {
		if host == h || strings.HasSuffix(host, "."+h) {
			return true
		}
	}
	return false
}

// gating looks at the element of a reference.
func (s *scan) gating(r *markup.Ref, text []byte) (g gating) {
	if r.Elem < 0 || r.Trigger == markup.Click {
		return g
	}
	for n := range rules.Default().CMPs() {
		g.gated = g.gated || s.doc.Gated(r.Elem, rules.Default().CMPs()[n].Gates)
	}
	if strings.HasPrefix(r.Vector, "script") {
		typ, _ := s.doc.Attr(r.Elem, "type")
		if g.gated && !strings.Contains(strings.ToLower(typ), "text/plain") && !strings.Contains(typ, "didomi") && !heldSource(r.Vector) {
			if _, src := s.doc.Attr(r.Elem, "src"); src || typ == "" || strings.Contains(typ, "javascript") {
				g.gated = false // marked, but the browser runs it all the same
			}
		}
	}
	if strings.HasPrefix(r.Vector, "script:") {
		if r.Elem != s.consent.last {
			start, end := s.doc.Extent(r.Elem)
			s.consent.last, s.consent.asks = r.Elem, asksConsent(text[start:min(end, len(text))])
		}
		g.asks = s.consent.asks
	}
	return g
}

// heldSource reports whether a vector is one that a consent platform fills in.
func heldSource(vector string) bool { return strings.Contains(vector, "[data-") }

var consentWords = [][]byte{
	[]byte("tcfapi"), []byte("onetrust"), []byte("optanon"), []byte("cookiebot"), []byte("didomi"), []byte("usercentrics"),
	[]byte("uc_ui"), []byte("cookieconsent"), []byte("hasconsent"), []byte("consentgiven"), []byte("getconsent"), []byte("cookie_consent"),
}

// asksConsent reports whether a script speaks of a consent platform.
func asksConsent(src []byte) bool {
	low := bytes.ToLower(src)
	for _, w := range consentWords {
		if bytes.Contains(low, w) {
			return true
		}
	}
	return false
}

// consentOf says whether a finding on a page waits for consent.
func (s *scan) consentOf(m *matter, operator string) Consent {
	if !s.page {
		return ""
	}
	if m.gating.gated {
		return Gated
	}
	for _, h := range s.doc.Holds {
		if h.At < m.span[0] && h.Operator == operator && operator != "" {
			return Gated
		}
	}
	switch {
	case s.consent.auto >= 0 && s.consent.auto < m.span[0] && m.Trigger == Script:
		return Gated
	case m.later || m.gating.asks:
		return UnknownConsent
	}
	return BeforeConsent
}
