package auditstore

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"

	"github.com/pixelsweep/pixelsweep/detector"
)

// Limits of what is kept of one message.
const (
	maxSubject     = 200 // bytes
	maxName        = 100
	maxUnsubscribe = 2 << 10
	maxSightings   = 200
)

// distil takes from a row what is kept. folder tells apart what nothing else does.
func (s *Store) distil(folder int64, row *Row) *Message {
	m := &Message{UID: row.UID, Date: row.Date, Unsubscribe: cut(row.Unsubscribe, maxUnsubscribe)}
	r := row.Report
	if r == nil {
		m.identity = identity(fmt.Sprint(folder, row.UID))
		return m
	}
	m.Verdict, m.Score, m.Complete = r.Verdict, r.Score, r.Complete
	head := r.Message
	if head == nil {
		head = &detector.Message{}
	}
	if m.Date.IsZero() {
		m.Date, _ = time.Parse(time.RFC3339, head.Date)
	}
	m.Subject = cut(head.Subject, maxSubject)
	m.Sender = senderOf(head)
	if head.ID == "" && head.Date == "" {
		m.identity = identity(fmt.Sprint(folder, row.UID))
	} else {
		// The size stands for the content, which is not kept: a server copies a message
		// byte for byte, and a sender who gives one Message-ID to several makes them differ.
		m.identity = identity(head.ID, head.From, head.Subject, head.Date, strings.Join(head.To, ","), fmt.Sprint(r.Source.Bytes))
	}
	var last *detector.Finding
	origin := "" // of last
	for i := range r.Findings {
		f := &r.Findings[i]
		switch {
		case f.Kind == detector.RemoteContent:
		case origin != "" && strings.HasPrefix(f.URL, origin) && sameTracker(last, f):
			m.Sightings[m.at].Count++
		default:
			m.sight(s.tracker(f))
			last, origin = f, originOf(f.URL)
		}
	}
	return m
}

// sight counts a tracker. There are few in a message.
func (m *Message) sight(t Tracker) {
	for i := range m.Sightings {
		if m.Sightings[i].Tracker == t {
			m.Sightings[i].Count++
			m.at = i
			return
		}
	}
	if len(m.Sightings) == maxSightings {
		m.Complete = false
		m.at = maxSightings - 1
		return
	}
	m.at = len(m.Sightings)
	m.Sightings = append(m.Sightings, Sighting{t, 1})
}

// sameTracker reports, sooner than making both would, that two findings at one
// origin are of one tracker: the many wrapped links of a newsletter.
func sameTracker(a, b *detector.Finding) bool {
	if a.Kind != b.Kind || a.Severity != b.Severity || a.Recipient.Evidence != b.Recipient.Evidence || a.Recipient.Evidence == detector.Proven {
		return false
	}
	return a.Service == b.Service || a.Service != nil && b.Service != nil && *a.Service == *b.Service
}

// originOf returns a URL up to and with the slash behind its host, "" where it
// has none.
func originOf(url string) string {
	scheme, rest, ok := strings.Cut(url, "://")
	n := strings.IndexByte(rest, '/')
	if !ok || n < 0 || strings.ContainsAny(rest[:n], "?#") {
		return ""
	}
	return url[:len(scheme)+3+n+1]
}

func identity(parts ...string) (id [16]byte) {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	copy(id[:], sum[:])
	return id
}

// cut shortens s to n bytes of valid UTF-8.
func cut(s string, n int) string {
	if len(s) > n {
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// senderOf reads the first address of From, and the name before it.
func senderOf(m *detector.Message) Sender {
	from := m.From
	v := Sender{Domain: cut(m.FromDomain, 253)}
	if v.Domain == "" {
		return Sender{Name: cut(strings.TrimSpace(from), maxName)}
	}
	at := -1
	for i := range from {
		if end := i + 1 + len(v.Domain); from[i] == '@' && end <= len(from) && strings.EqualFold(from[i+1:end], v.Domain) {
			at = i
			break
		}
	}
	if at < 0 {
		return v
	}
	start := at
	for start > 0 && at-start < 64 && strings.IndexByte(" \t<>(),;:\"[]", from[start-1]) < 0 {
		start--
	}
	v.Address = cut(strings.ToLower(from[start:at])+"@"+v.Domain, 254)
	v.Name = cut(displayName(strings.TrimRight(strings.TrimSpace(from[:start]), "<")), maxName)
	return v
}

// displayName reads a name that may be a quoted string, with quoted pairs (RFC 5322
// section 3.2.4).
func displayName(text string) string {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, `"`) && strings.Contains(text, `\`) {
		var b strings.Builder
		for i := 1; i < len(text) && text[i] != '"'; i++ {
			if text[i] == '\\' && i+1 < len(text) {
				i++
			}
			b.WriteByte(text[i])
		}
		return strings.TrimSpace(b.String())
	}
	return strings.Trim(text, "\"' \t")
}

// tracker says whose a finding is and what it knows of the reader.
func (s *Store) tracker(f *detector.Finding) Tracker {
	t := Tracker{Kind: f.Kind, Severity: f.Severity, Site: s.site(f.URL), Evidence: f.Recipient.Evidence}
	if f.Service != nil {
		t.Service = *f.Service
	}
	if t.Evidence == detector.Proven {
		t.Form = formOf(f.Recipient.How)
	}
	return t
}

// formOf says how the address is written, from the words of the evidence:
// "parameter h: md5 of sha256 of the recipient's address" is "md5 of sha256".
func formOf(how string) string {
	if _, after, ok := strings.Cut(how, ": "); ok {
		how = after
	}
	what, rest, ok := strings.Cut(how, "the recipient's address")
	if !ok {
		return cut(how, 60)
	}
	what, rest = strings.TrimSuffix(what, " of "), strings.TrimLeft(rest, ", ")
	switch {
	case what == "" && rest == "":
		return "plain"
	case what == "":
		return cut(rest, 60)
	case rest == "":
		return cut(what, 60)
	}
	return cut(what+", "+rest, 60)
}

// maxSites is how many hosts' sites are remembered.
const maxSites = 50_000

// site returns the registrable domain of a URL as reports hold it, its host where
// there is none.
func (s *Store) site(url string) string {
	host := hostOf(url)
	if host == s.last.host {
		return s.last.site
	}
	site, ok := s.sites[host]
	if !ok {
		site = s.newSite(host)
	}
	s.last.host, s.last.site = host, site
	return site
}

func (s *Store) newSite(host string) string {
	site, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		site = host
	}
	site = cut(site, 253)
	if len(s.sites) >= maxSites {
		clear(s.sites)
	}
	site = strings.Clone(site)
	s.sites[strings.Clone(host)] = site
	return site
}

// hostOf reads the host of a serialised URL, or the domain of a mailto: one.
func hostOf(url string) string {
	rest, mail := strings.CutPrefix(url, "mailto:")
	if mail {
		rest, _, _ = strings.Cut(rest, "?")
		return strings.ToLower(rest[strings.LastIndexByte(rest, '@')+1:])
	}
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return ""
	}
	if n := strings.IndexAny(rest, "/?#"); n >= 0 {
		rest = rest[:n]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	if strings.HasPrefix(rest, "[") { // IPv6
		n := strings.IndexByte(rest, ']')
		return rest[:n+1]
	}
	host, _, _ := strings.Cut(rest, ":")
	return host
}
