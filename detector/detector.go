// Package detector finds what in an email or a web page reports back to its
// sender: it lists every reference that a client would load or follow, judges
// each of them from named signals, and sums them up in a verdict.
//
// It performs no I/O: bytes go in, a [Report] comes out. A [Detector] is
// immutable and safe for concurrent use.
package detector

import "errors"

// A Detector scans messages and pages. It is immutable and safe for concurrent
// use.
type Detector struct {
	opts Options
}

// New returns a detector. A nil *Options means the zero value.
func New(o *Options) *Detector {
	d := &Detector{}
	if o != nil {
		d.opts = *o
	}
	d.opts.Limits = d.opts.Limits.withDefaults()
	return d
}

// ErrEmpty is returned by the scanning methods when there was nothing to read.
var ErrEmpty = errors.New("no bytes")

// Scan reads one message in RFC 5322 form. It fails only if nothing was read;
// what is broken inside becomes a warning of the report.
func (d *Detector) Scan(src Source, data []byte) (*Report, error) {
	src.Type = TypeMessage
	return d.scan(src, data, false)
}

// ScanHTML reads one HTML document: as the body of a message without headers
// if src.Type is [TypeMessage], as a web page if it is [TypePage].
func (d *Detector) ScanHTML(src Source, data []byte) (*Report, error) {
	return d.scan(src, data, true)
}

func (d *Detector) scan(src Source, data []byte, html bool) (*Report, error) {
	src.Bytes = int64(len(data))
	rep := &Report{Schema: ReportSchema, Source: src, Verdict: Clean, Complete: true, Findings: []Finding{}, Warnings: []Warning{}, Counts: map[string]int{}}
	if len(data) == 0 {
		return rep, ErrEmpty
	}
	return rep, nil
}
