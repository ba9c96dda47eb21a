package detector

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/pixelsweep/pixelsweep/rules"
)

// heuristics are the observations, one file each (signal_*.go). Each looks at
// a reference alone and sees none of the others.
var heuristics = []func(*matter) (Signal, bool){
	signalRule, signalFilter, signalSize, signalHidden, signalRecipient, signalToken, signalPath, signalEndpoint, signalLast,
	signalVisible, signalDevice, signalStatic, signalRepeated, signalLabelled, signalWebFont, signalAddress,
	signalBareToken, signalHost, signalElement, signalLink, signalCondition, signalLinked, signalName,
}

// judge turns the references into findings and sums them up.
func (s *scan) judge() {
	s.countURLs()
	listed := !s.det.opts.NoReferences
	for i := range s.refs {
		s.refs[i].Ref = i + 1
	}
	if listed {
		s.publish()
	}
	var triggers [len(triggerOrder)]int
	for i := range s.refs {
		triggers[triggerIndex(s.refs[i].Trigger)]++
	}
	s.found = slices.Grow(s.found, len(s.refs)-triggers[triggerIndex(Click)]) // most of the others
	for i := range s.refs {
		r := &s.refs[i]
		if i%64 == 63 && !s.spent {
			s.spent = s.late()
		}
		if f, ok := s.finding(r); ok {
			if !listed {
				f.URL = strings.Clone(f.URL)
			}
			s.found = append(s.found, f)
		}
	}
	s.keep()
	for i, n := range triggers {
		if n > 0 {
			s.rep.Counts[string(triggerOrder[i])] = n
		}
	}
	s.sumUp()
}

// countURLs counts how often each loaded URL stands in the message.
func (s *scan) countURLs() {
	for i := range s.refs {
		r := &s.refs[i]
		if r.Trigger == Click {
			continue
		}
		s.seen[r.URL]++
		if r.Trigger == Open && r.ThirdParty && r.Host != "" {
			s.hosts[r.Host] = true
		}
	}
	for i := range s.refs {
		if r := &s.refs[i]; r.Trigger != Click {
			r.repeats = s.seen[r.URL]
		}
	}
	s.rep.Counts["third_party_hosts"] = len(s.hosts)
}

// finding judges one reference.
func (s *scan) finding(r *ref) (Finding, bool) {
	m := &s.matter
	*m = matter{ref: r, points: s.det.points, links: &s.links, all: s.refs, page: s.page, class: class(r), first: len(s.signals)}
	if m.class == receiptClass {
		return s.receiptFinding(m), true
	}
	socket := r.real.Scheme == "wss" || r.real.Scheme == "ws"
	if !socket && r.real.Scheme != "http" && r.real.Scheme != "https" && r.call == nil {
		return Finding{}, false
	}
	if !s.det.opts.NoServices && r.call == nil {
		m.rule = s.rules.Match(s.det.services(), rules.URL{Full: r.real.Full, Host: r.real.Host, Path: path(r.real.Path), Query: r.real.Query})
	}
	if socket && m.rule == nil { // nobody's that is known
		return Finding{}, false
	}
	s.byName(m)
	if m.class != linkClass || s.know().known() {
		s.identify(m)
	}
	s.vote(m)
	s.filtered(m)
	if m.class == linkClass {
		return s.link(m)
	}
	for _, h := range heuristics {
		if sig, ok := h(m); ok {
			s.signals = append(s.signals, sig)
		}
	}
	m.signals = s.signals[m.first:]
	k := m.kind()
	return s.build(m, k), true
}

func path(p string) string {
	if p == "" {
		return "/"
	}
	return p
}

// maxCopied is how many findings are copied to the report, so that the room they
// are made in can be used again; where there are more, the report gets that.
const maxCopied = 1 << 10

// keep gives the report its findings, with their signals in one piece.
func (s *scan) keep() {
	if len(s.found) == 0 {
		return
	}
	signals := s.signals
	if len(s.found) > maxCopied {
		s.rep.Findings, s.found, s.signals = s.found, nil, []Signal{}
	} else {
		s.rep.Findings = slices.Clone(s.found)
		signals = append(make([]Signal, 0, len(signals)), signals...)
	}
	for i := range s.rep.Findings {
		f := &s.rep.Findings[i]
		n := len(f.Signals)
		f.Signals, signals = signals[:n:n], signals[n:]
	}
}

// kind decides what a finding is from what the resource is for.
func (m *matter) kind() Kind {
	sum := score(m.signals)
	switch {
	case m.class == hintClass && m.named():
		return Probe
	case m.class == hintClass:
		return RemoteContent
	case m.isProbe() && sum >= lowScore:
		return Probe
	case sum < lowScore:
		if m.recipient.Evidence != NoEvidence && m.Trigger == Open && m.identifies() {
			return TrackedContent
		}
		return RemoteContent
	case m.class == scriptClass:
		return ScriptBeacon
	case m.class == frameClass:
		return FrameBeacon
	case m.shown() && !m.reports() && (m.placed() || sum < mediumScore):
		if m.everybodys() {
			return RemoteContent
		}
		return TrackedContent
	}
	return Pixel
}

// isProbe reports whether the reference measures something besides the open.
func (m *matter) isProbe() bool {
	if m.Trigger == Print || m.Trigger == Forward {
		return m.class == imageClass
	}
	if m.rule == nil {
		return false
	}
	switch m.rule.Event {
	case rules.EventPrint, rules.EventForward, rules.EventDarkMode:
		return true
	}
	return false
}

// build makes the finding.
func (s *scan) build(m *matter, k Kind) Finding {
	m.signals = s.signals[m.first:]
	f := Finding{
		Ref: m.Ref, URL: m.URL, Vector: m.Vector, Trigger: m.Trigger, Part: m.Part, Line: m.Line, Column: m.Column,
		Kind: k, Score: score(m.signals), Signals: m.signals, Recipient: m.recipient,
		Fingerprint: fingerprint(k, m),
	}
	if m.rule != nil {
		sv := m.rule.Service
		f.Service = &Service{sv.Name, sv.Operator, sv.Category}
		f.Rule = m.rule.ID
	}
	if m.filter.Found() {
		f.Filter = &Filter{m.filter.List(), m.filter.Line(), m.filter.Text()}
	}
	if m.call != nil {
		sv := m.call.Rule.Service
		f.Service = &Service{sv.Name, sv.Operator, sv.Category}
		f.Rule = m.call.Rule.ID
	}
	f.Carries = m.carries
	f.Severity = severity(k, f.Score, m.recipient.Evidence, m.rule != nil && m.rule.Measures)
	if f.Severity == "" {
		f.Kind, f.Severity = RemoteContent, SeverityInfo
	}
	f.Events = m.events(f.Kind)
	t := m.tag()
	f.Account, f.Values, f.Personal = t.account, t.values, t.personal
	if len(t.events) > 0 {
		f.Events = append(slices.Clone(f.Events), t.events...)
		if m.call != nil {
			f.Events = t.events
		}
	}
	if f.Kind.Decides() {
		f.Consent = s.consentOf(m, m.service())
	}
	return f
}

// events says what a finding reports: what its rule is for, else when it fires.
func (m *matter) events(k Kind) []string {
	switch {
	case k == Probe && m.named():
		return triggerEvents[triggerIndex(DNS)]
	case m.rule != nil && m.Trigger != Click:
		return []string{string(m.rule.Event)}
	case k == RemoteContent:
		return nil
	}
	return triggerEvents[triggerIndex(m.Trigger)]
}

// triggerEvents are the lists of events that triggers stand for.
var triggerEvents = [len(triggerOrder)][]string{
	{"open"}, {"click"}, {"print"}, {"forward"}, {"dns"}, {"receipt"}, {"script"}, {"auto"},
}

// fingerprint names a finding across runs and line moves: by what it is and
// where it points, not by the token of one reader.
func fingerprint(k Kind, m *matter) string {
	var room [512]byte
	b := append(room[:0], k...)
	b = append(b, 0)
	b = append(b, m.Vector...)
	b = append(b, 0)
	if m.call != nil {
		b = append(b, m.call.Rule.ID...)
		b = append(b, 0)
	}
	before, after, found := m.URL, "", false
	if m.token != "" {
		before, after, found = strings.Cut(m.URL, m.token)
	}
	b = append(b, before...)
	if found {
		b = append(b, '*')
		b = append(b, after...)
	}
	sum := sha256.Sum256(b)
	var text [16]byte
	hex.Encode(text[:], sum[:8])
	return string(text[:])
}

// sumUp derives the verdict from the findings.
func (s *scan) sumUp() {
	rep := s.rep
	if rep.Message != nil {
		rep.Message.ESP = s.sender()
	}
	for i := range rep.Findings {
		f := &rep.Findings[i]
		if f.Kind != ReadReceipt { // which is counted as a trigger
			rep.Counts[string(f.Kind)]++
		}
		if !f.Kind.Decides() {
			continue
		}
		rep.Score = max(rep.Score, f.Score)
		switch {
		case f.Severity.Rank() >= SeverityMedium.Rank():
			rep.Verdict = Tracked
		case f.Severity == SeverityLow && rep.Verdict == Clean:
			rep.Verdict = Suspicious
		}
	}
}
