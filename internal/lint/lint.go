// Package lint checks outgoing mail and its templates against rules of privacy.
//
// A [Linter] scans a file with package detector, its template tags hidden by package
// template, and lets every rule look at what was read: references with their
// findings, tags, elements and headers. What rules object to becomes a
// [report.Problem] with its place. A profile says which rules count and how much, a
// policy what a project allows, a comment with a reason lets one problem pass, and a
// baseline those that were there before.
package lint

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/rules/filter"
)

// Disclaimer is what every output of a profile says.
const Disclaimer = "This is a technical indicator, not legal advice."

// Options direct a Linter. A nil *Options means the zero value.
type Options struct {
	Policy  *Policy        // nil allows everything
	Profile string         // goes before the policy's; "" means that, or strict
	Senders []string       // sites of the sender, beside the policy's
	Filters *filter.Engine // filter lists that count as a signal
	Declare bool           // note what is loaded, for Declare
	// Relative gives the path by which the policy knows a file; nil means as given.
	Relative func(path string) string
}

// A Linter checks files. It is immutable and safe for concurrent use.
type Linter struct {
	opts    Options
	det     *detector.Detector
	profile *Profile
}

// New returns a linter. A nil *Options means the zero value. It fails when the
// profile is unknown.
func New(o *Options) (*Linter, error) {
	l := &Linter{}
	if o != nil {
		l.opts = *o
	}
	if l.opts.Policy == nil {
		l.opts.Policy = &Policy{}
	}
	if l.opts.Relative == nil {
		l.opts.Relative = func(path string) string { return path }
	}
	var err error
	l.profile, err = ProfileNamed(cmp.Or(l.opts.Profile, l.opts.Policy.Profile, "strict"))
	l.det = detector.New(&detector.Options{Filters: l.opts.Filters})
	return l, err
}

// Profile is the profile in use.
func (l *Linter) Profile() *Profile { return l.profile }

// A File is what was found in one.
type File struct {
	Path     string
	Problems []report.Problem // in order of place
	Loads    []Load
	Complete bool // all of it was read
}

// File checks one file, as a message or as HTML. Its warnings say what of the file
// was not read. It fails only if nothing was.
func (l *Linter) File(path string, data []byte, html bool, warnings []string) (*File, error) {
	d := &document{path: path, data: data, html: html, linter: l, rules: l.effective(path)}
	if err := d.read(); err != nil {
		return nil, err
	}
	for _, w := range warnings {
		d.unread = append(d.unread, w)
	}
	for _, w := range d.report.Warnings {
		if !d.report.Complete {
			d.unread = append(d.unread, w.Text)
		}
	}
	for _, p := range d.parts {
		if p.doc.Cut {
			d.unread = append(d.unread, "more tags or elements than are read")
		}
		if strings.EqualFold(filepath.Ext(path), ".vm") && p.doc.Velocity() {
			d.unread = append(d.unread, "directives of Velocity inside an element, which are not understood")
		}
		if p.doc.Missed {
			d.unread = append(d.unread, "more branches inside an element than are read")
		}
	}
	return d.finish(), nil
}

// finish orders the problems, names them and lets pass what comments say.
func (d *document) finish() *File {
	d.whole()
	slices.SortStableFunc(d.problems, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.part, b.part), cmp.Compare(a.start, b.start), cmp.Compare(a.order, b.order))
	})
	seen := map[string]int{}
	f := &File{Path: d.path, Loads: d.loads, Complete: len(d.unread) == 0}
	for i := range d.problems {
		p := &d.problems[i]
		if i > 0 && p.again(&d.problems[i-1]) {
			continue
		}
		seen[p.Fingerprint]++
		if n := seen[p.Fingerprint]; n > 1 { // the same thing again in one file
			p.Fingerprint = fingerprint(p.Fingerprint, n)
		}
		f.Problems = append(f.Problems, p.Problem)
	}
	return f
}
