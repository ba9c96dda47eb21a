package detector

import (
	"strings"
	"time"

	"github.com/pixelsweep/pixelsweep/detector/internal/payload"
	"github.com/pixelsweep/pixelsweep/detector/internal/weburl"
	"github.com/pixelsweep/pixelsweep/rules"
)

// Request is one request that a browser made for a page.
type Request struct {
	URL    string `json:"-"`
	Type   string `json:"type"` // image, script, stylesheet, font, media, subdocument, xhr, ping, websocket, document, other
	Method string `json:"method,omitempty"`
	Status int    `json:"status,omitempty"`
	// Phase says when it was made. It becomes the consent of a finding.
	Phase Consent `json:"phase,omitempty"`
	// Start is how long after the page was opened, or its banner answered, it
	// began, and Time how long it took, in milliseconds.
	Start int `json:"start_ms"`
	Time  int `json:"time_ms,omitempty"`
	// Initiator holds what caused it, the innermost first: "parser URL:line" or
	// "function URL:line".
	Initiator []string `json:"initiator,omitempty"`
	Scripted  bool     `json:"-"`
	From      string   `json:"redirected_from,omitempty"`
	Cookies   []string `json:"cookies,omitempty"` // names of those that the response sets
	CNAME     string   `json:"cname,omitempty"`   // what the host is another name for
	Blocked   string   `json:"blocked,omitempty"` // why it was not made
	// Body is what it sent, of the media type; it is read for what it says and
	// not repeated. A body larger than [MaxBody] is read in part.
	BodyBytes int    `json:"body_bytes,omitempty"` // its size
	Media     string `json:"-"`
	Body      string `json:"-"`
}

// MaxBody is how much of a request's body is read, in bytes.
const MaxBody = payload.MaxBytes

// Page is what a browser, or a HAR file, says about a page.
type Page struct {
	URL   string `json:"url"`
	Title string `json:"title,omitempty"`
	// CMP is the consent platform whose banner was seen, TCF whether the page
	// has the API of the IAB's framework.
	CMP         string   `json:"cmp,omitempty"`
	TCF         bool     `json:"tcf,omitempty"`
	Screenshots []string `json:"screenshots,omitempty"`
}

// ScanRequests judges the requests that were made for a page, in their order.
// Their sites are third party to that of the page.
func (d *Detector) ScanRequests(src Source, page Page, reqs []Request) *Report {
	src.Type = TypePage
	rep := &Report{
		Schema: ReportSchema, Source: src, Page: &page, Verdict: Clean, Complete: true,
		Findings: []Finding{}, Warnings: []Warning{}, Counts: map[string]int{},
	}
	if !d.opts.NoReferences {
		rep.References = []Reference{}
	}
	s := d.begin(rep)
	host := ""
	if u, ok := weburl.Parse(page.URL, nil); ok {
		host = u.Host
	}
	s.reader = newReader(nil, d.opts.Recipients)
	s.reader.site = weburl.Site(host)
	s.source.Set(host)
	limit := d.opts.Limits
	for i := range reqs {
		q := &reqs[i]
		if len(s.refs) >= limit.References {
			s.cut("", hitText("references"))
			break
		}
		if len(q.URL) > limit.URLBytes {
			s.cut("", hitText("URL length"))
			continue
		}
		u, ok := weburl.Parse(q.URL, nil)
		if !ok || u.Host == "" {
			continue
		}
		r := ref{url: u, request: q, rawOffset: -1, elem: -1}
		r.Vector, r.Trigger = "request:"+q.Type, Open
		if q.Scripted {
			r.Trigger = Script
		}
		r.URL, r.Host = u.Full, u.Host
		r.real, r.proxy = weburl.Unproxy(u)
		r.Site = weburl.Site(r.Host)
		r.ThirdParty = s.reader.thirdParty(r.Site)
		if len(q.Body) > 0 && !s.spent {
			s.spent = s.late()
			r.body = s.body(q)
		}
		s.refs = append(s.refs, r)
	}
	s.judge()
	s.end()
	return rep
}

// requestClass is what a request of a type loads.
func requestClass(typ string) vectorClass {
	switch typ {
	case "script", "xhr", "ping", "websocket":
		return scriptClass
	case "stylesheet", "font":
		return styleClass
	case "subdocument", "document":
		return frameClass
	}
	return imageClass
}

// byName matches the name that the host of a request stands for, which a
// tracker hides behind.
func (s *scan) byName(m *matter) {
	if m.rule != nil || m.request == nil || m.request.CNAME == "" || s.det.opts.NoServices {
		return
	}
	name := strings.TrimSuffix(strings.ToLower(m.request.CNAME), ".")
	full := "https://" + name + path(m.real.Path)
	if m.real.Query != "" {
		full += "?" + m.real.Query
	}
	if r := s.det.services().Match(rules.URL{Full: full, Host: name, Path: path(m.real.Path), Query: m.real.Query}); r != nil && len(r.Hosts) > 0 {
		m.rule, m.cloaked = r, name
	}
}

// begin prepares a scan that fills rep.
func (d *Detector) begin(rep *Report) *scan {
	s := &scan{
		scratch: scratches.Get().(*scratch), det: d, rep: rep, page: rep.Source.Type == TypePage,
		deadline: time.Now().Add(d.opts.Limits.CPU),
	}
	s.refs, s.read, s.found, s.signals, s.ballots = s.refs[:0], s.read[:0], s.found[:0], s.signals[:0], s.ballots[:0]
	return s
}

// end forgets what was scanned.
func (s *scan) end() {
	clear(s.refs)
	clear(s.read)
	s.matter = matter{}
	s.consent = consent{}
	s.tokens.Forget()
	s.doc.Done()
	s.rules = rules.Matcher{}
	clear(s.found)
	clear(s.signals)
	clear(s.seen)
	clear(s.hosts)
	s.links.reset()
	clear(s.judged)
	scratches.Put(s.scratch)
}
