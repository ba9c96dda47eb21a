package detector

import (
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/links"
	"github.com/pixelsweep/pixelsweep/detector/internal/weburl"
	"github.com/pixelsweep/pixelsweep/rules"
)

// link makes a finding of a link that is wrapped or carries the reader.
func (s *scan) link(m *matter) (Finding, bool) {
	if m.Part == "HEADER" {
		return Finding{}, false
	}
	target, leads := m.real, false
	if m.proxy != "" || !links.IsPlain(&m.real, m.Site) {
		target, leads = links.Target(m.real)
	}
	wrapped := m.rule != nil && (m.rule.Event == rules.EventClick || m.rule.Shared)
	recipient, reads := signalRecipient(m)
	personal, names := signalPersonal(m)
	if !wrapped && !leads && !reads && !names {
		return Finding{}, false
	}
	if !s.know().known() {
		s.identify(m) // only now it matters
	}
	switch {
	case wrapped && m.rule.Service.Category == "security":
		s.signals = append(s.signals, Signal{"security-wrapper", 0, "checked by " + m.rule.Service.Name + " when it is followed"})
		if inner := s.behind(m.real); inner != nil {
			m.rule = inner
			s.signals = append(s.signals, Signal{"wrapped-link", 30, "redirect of " + inner.Service.Name})
		}
	case wrapped:
		s.signals = append(s.signals, Signal{"wrapped-link", 30, "redirect of " + m.rule.Service.Name})
	case leads:
		s.signals = append(s.signals, Signal{"wrapped-link", 30, "passes through " + strings.Clone(m.real.Host)})
	}
	if reads {
		s.signals = append(s.signals, recipient)
	}
	if names {
		s.signals = append(s.signals, personal)
	}
	f := s.build(m, ClickTracker)
	if leads {
		f.Target = strings.Clone(target.Full)
	}
	return f, true
}

// behind returns the rule of the click tracker that a gateway has wrapped, nil
// if there is none.
func (s *scan) behind(u weburl.URL) *rules.Rule {
	for range 5 {
		inner, ok := links.Inside(u)
		if !ok {
			return nil
		}
		u = inner
		r := s.det.services().Match(rules.URL{Full: u.Full, Host: u.Host, Path: path(u.Path), Query: u.Query})
		if r != nil && (r.Event == rules.EventClick || r.Shared) && r.Service.Category != "security" {
			return r
		}
	}
	return nil
}
