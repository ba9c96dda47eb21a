// Package rewrite gives a message back without its beacons.
//
// A rewrite is a list of splices: the text of a tracking URL is replaced by one
// that loads nothing and keeps the box, a header that asks for a receipt goes.
// Only the lines or groups of the touched part that hold it are encoded anew,
// in the part's own transfer encoding, charset and line ends; every other byte
// stays as it was. The result is then scanned again, and read by the tree
// builder of golang.org/x/net/html: where something of the rewritten kinds is
// left, a stronger edit follows.
//
//	res, err := rewrite.Message(msg, nil)
//	if err != nil {
//		return err // nothing was read
//	}
//	use(res.Data, res.Edits, res.Left)
//
// Rewriting the result again changes nothing. Nothing here performs I/O, and
// everything is safe for concurrent use.
package rewrite

import (
	"slices"

	"github.com/pixelsweep/pixelsweep/detector"
)

// Mode says what becomes of a finding.
type Mode string

// The modes.
const (
	Keep       Mode = "keep"
	Neutralise Mode = "neutralise" // the URL becomes one that loads nothing
	Remove     Mode = "remove"     // the element, attribute, declaration or field goes
	Proxy      Mode = "proxy"      // images load through Options.Proxy
	Scrub      Mode = "scrub"      // the part of the URL that identifies goes, where it is known to load without
	Links      Mode = "links"      // wrapped links become their targets, personal parameters go
)

// Modes lists the modes.
func Modes() []Mode { return []Mode{Keep, Neutralise, Remove, Proxy, Scrub, Links} }

// Options are the choices of a rewrite. A nil *Options means the zero value.
type Options struct {
	// Detector judges, nil for one with the zero options.
	Detector *detector.Detector
	// Kinds holds modes that differ from the default: [Neutralise] for pixels,
	// beacons and probes, [Scrub] for tracked content, [Remove] for receipts,
	// [Keep] for wrapped links and remote content.
	Kinds map[detector.Kind]Mode
	// Severity is the least that a finding of the five deciding kinds must
	// have, default medium. The other kinds are rewritten at any.
	Severity detector.Severity
	// BlockAll neutralises everything that loads without a click.
	BlockAll bool
	// Force rewrites signed and encrypted messages too, which breaks them.
	Force bool
	// Proxy makes the URLs of [Proxy].
	Proxy *ProxyTemplate
	// SecurityLinks lets [Links] unwrap the links of security services too.
	SecurityLinks bool
}

// Splice is one change: Len bytes of the source at Offset became New.
type Splice struct {
	Offset, Len int
	New         []byte
}

// Edit is one reference that was rewritten, kept or left.
type Edit struct {
	Ref      int               `json:"ref"` // in the report of the source; 0 for one that showed later
	Kind     detector.Kind     `json:"kind"`
	Severity detector.Severity `json:"severity,omitempty"`
	Mode     Mode              `json:"mode"`
	URL      string            `json:"url"`
	Vector   string            `json:"vector"`
	Part     string            `json:"part,omitempty"`
	Line     int               `json:"line,omitempty"`
	Stronger bool              `json:"stronger,omitempty"` // the mode alone did not do
}

// Result is a rewritten message.
type Result struct {
	Data     []byte // the source itself where nothing changed
	Changed  bool
	Edits    []Edit
	Kept     []Edit // selected, but kept by their mode
	Left     []Edit // would still load
	Warnings []detector.Warning
	Splices  []Splice         // from source to Data, in order
	Report   *detector.Report // of the source, without its references

	source []byte
	warned map[detector.Warning]bool
}

// ErrEmpty is returned when there was nothing to read.
var ErrEmpty = detector.ErrEmpty

// Message rewrites a message in RFC 5322 form. It fails only if nothing was
// read.
func Message(msg []byte, o *Options) (Result, error) { return do(msg, false, o) }

// HTML rewrites an HTML document.
func HTML(doc []byte, o *Options) (Result, error) { return do(doc, true, o) }

var defaultDetector = detector.New(&detector.Options{NoReferences: true})

// Verify says what would still load of msg by the policy of o, in Left and Kept,
// and changes nothing.
func Verify(msg []byte, html bool, o *Options) (Result, error) {
	r := newRun(o, html)
	r.dry = true
	res := Result{Data: msg, source: msg}
	rep, err := r.scan(msg)
	if err != nil {
		return res, err
	}
	res.Report = rep
	res.partly(rep)
	for i := range r.targets {
		res.Left = append(res.Left, r.targets[i].Edit)
	}
	res.Kept = slices.Clone(r.kept)
	return res, nil
}
