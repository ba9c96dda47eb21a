package lint

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/pixelsweep/pixelsweep/detector/report"
)

// A Baseline holds the problems that were there before, by what they are and not by
// their line: path, rule and fingerprint.
type Baseline struct {
	entries []report.Stale
}

// BaselineSchema names the JSON form of a [Baseline].
const BaselineSchema = "pixelsweep.baseline/1"

type baselineFile struct {
	Schema   string            `json:"schema"`
	Problems []json.RawMessage `json:"problems"`
}

// ReadBaseline reads the JSON form.
func ReadBaseline(data []byte) (*Baseline, error) {
	var f baselineFile
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("no baseline: %w", err)
	}
	if f.Schema != BaselineSchema {
		return nil, fmt.Errorf("no baseline: schema %q, want %q", f.Schema, BaselineSchema)
	}
	b := &Baseline{}
	for i, raw := range f.Problems {
		var e report.Stale
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&e); err != nil {
			return nil, fmt.Errorf("problem %d: %w", i+1, err)
		}
		if e.Path == "" || e.Rule == "" || e.Fingerprint == "" {
			return nil, fmt.Errorf("problem %d: %w", i+1, errors.New("path, rule or fingerprint is missing"))
		}
		b.entries = append(b.entries, e)
	}
	return b, nil
}

// Mark sets Known on the problems that the baseline has, and returns the entries
// that are gone: those of files which checked reports as read. The paths are those
// that name gives.
func (b *Baseline) Mark(files []*File, name func(string) string, checked func(path string) bool) []report.Stale {
	have := map[report.Stale]bool{}
	for _, e := range b.entries {
		have[e] = true
	}
	for _, f := range files {
		path := name(f.Path)
		for i := range f.Problems {
			p := &f.Problems[i]
			k := report.Stale{Path: path, Rule: p.Rule, Fingerprint: p.Fingerprint}
			if have[k] && p.Ignored == "" && !isFixed(p.Rule) {
				p.Known = true
				delete(have, k)
			}
		}
	}
	var gone []report.Stale
	for _, e := range b.entries {
		if have[e] && checked(e.Path) {
			gone = append(gone, e)
		}
	}
	slices.SortFunc(gone, compareEntries)
	return slices.Compact(gone)
}

func isFixed(id string) bool {
	r, ok := RuleByID(id)
	return ok && r.Fixed
}

func compareEntries(a, b report.Stale) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Fingerprint, b.Fingerprint))
}

// Update returns a baseline of all problems of files, with what the old one has of
// files that were not checked. The old one may be nil.
func (b *Baseline) Update(files []*File, name func(string) string, checked func(path string) bool) *Baseline {
	n := &Baseline{}
	for _, f := range files {
		for i := range f.Problems {
			if p := &f.Problems[i]; p.Ignored == "" && !isFixed(p.Rule) {
				n.entries = append(n.entries, report.Stale{Path: name(f.Path), Rule: p.Rule, Fingerprint: p.Fingerprint})
			}
		}
	}
	if b != nil {
		for _, e := range b.entries {
			if !checked(e.Path) {
				n.entries = append(n.entries, e)
			}
		}
	}
	slices.SortFunc(n.entries, compareEntries)
	n.entries = slices.Compact(n.entries)
	return n
}

// Len is how many problems a baseline holds.
func (b *Baseline) Len() int { return len(b.entries) }

// JSON writes a baseline, one problem a line, so that changes of it can be reviewed.
func (b *Baseline) JSON() ([]byte, error) {
	var out bytes.Buffer
	fmt.Fprintf(&out, "{\"schema\":%q,\"problems\":[", BaselineSchema)
	for i, e := range b.entries {
		line, err := report.JSON(e)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString("\n")
		out.Write(line)
	}
	out.WriteString("\n]}\n")
	return out.Bytes(), nil
}
