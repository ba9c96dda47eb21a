// Package detector finds what in an email or a web page reports back to its
// sender: it lists every reference that a client would load or follow, judges
// each of them from named signals, and sums them up in a verdict.
//
// It performs no I/O: bytes go in, a [Report] comes out. A [Detector] is
// immutable and safe for concurrent use.
package detector

import (
	"errors"

	"github.com/pixelsweep/pixelsweep/detector/internal/mime"
	"github.com/pixelsweep/pixelsweep/detector/internal/trace"
	"github.com/pixelsweep/pixelsweep/rules"
)

// A Detector scans messages and pages. It is immutable and safe for concurrent
// use.
type Detector struct {
	opts   Options
	points *pointTable
}

// New returns a detector. A nil *Options means the zero value.
func New(o *Options) *Detector {
	d := &Detector{}
	if o != nil {
		d.opts = *o
	}
	d.opts.Limits = d.opts.Limits.withDefaults()
	d.points = d.opts.Points.table()
	return d
}

// ErrEmpty is returned by the scanning methods when there was nothing to read.
var ErrEmpty = errors.New("no bytes")

// Scan reads one message in RFC 5322 form. It fails only if nothing was read;
// what is broken inside becomes a warning of the report.
func (d *Detector) Scan(src Source, data []byte) (*Report, error) {
	src.Type = TypeMessage
	return d.scan(src, len(data), func(s *scan) { s.message(data) }, nil)
}

// ScanHTML reads one HTML document: as the body of a message without headers
// if src.Type is [TypeMessage], as a web page if it is [TypePage].
func (d *Detector) ScanHTML(src Source, data []byte) (*Report, error) {
	return d.scan(src, len(data), func(s *scan) { s.html(data) }, nil)
}

// services are those whose rules are known.
func (d *Detector) services() *rules.Set {
	if d.opts.Services != nil {
		return d.opts.Services
	}
	return rules.Default()
}

// scan judges what read finds in size bytes.
func (d *Detector) scan(src Source, size int, read func(*scan), visit func(*Report, *trace.Scan)) (*Report, error) {
	if src.Bytes == 0 {
		src.Bytes = int64(size)
	}
	rep := &Report{
		Schema: ReportSchema, Source: src, Verdict: Clean, Complete: true,
		Findings: []Finding{}, Warnings: []Warning{}, Counts: map[string]int{},
	}
	if !d.opts.NoReferences {
		rep.References = []Reference{}
	}
	if size == 0 {
		rep.Complete = false
		return rep, ErrEmpty
	}
	s := d.begin(rep)
	if visit != nil {
		s.trace = new(trace.Scan)
	}
	read(s)
	s.judge()
	if visit != nil {
		s.inspect(visit)
	}
	if s.template.Done != nil {
		s.template.Done(rep)
	}
	s.end()
	return rep, nil
}

// html scans a document that stands alone.
func (s *scan) html(data []byte) {
	if limit := s.det.opts.Limits.HTMLBytes; len(data) > limit {
		data = data[:limit]
		s.cut("", "document is larger than the limit; its rest is not read")
	}
	s.reader = newReader(nil, s.det.opts.Recipients)
	s.source.Set("")
	text, origin := mime.ToUTF8(data, "")
	at := place{media: "text/html", src: data, text: text, origin: origin}
	at.index = s.show(-1, at.media, data, text, origin)
	if origin == nil {
		at.decode = legacy("", text)
	}
	s.content(s.mask(&at), at)
}
