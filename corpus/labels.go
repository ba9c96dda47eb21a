// Package corpus measures accuracy: it scans labelled messages and counts what
// was found, missed, and wrongly found.
package corpus

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
)

// Label is what a load of a labelled message is.
type Label struct {
	File string // below the folder of messages
	URL  string // decoded; may hold line breaks
	Kind string // tracker, spacer, content, unknown
	Why  string
	Line int // of the table
}

// ReadLabels reads a table of labels: CSV with the columns file, url, label
// and why.
func ReadLabels(r io.Reader) ([]Label, error) {
	c := csv.NewReader(r)
	head, err := c.Read()
	if err != nil {
		return nil, fmt.Errorf("read labels: %w", err)
	}
	column := map[string]int{}
	for i, name := range head {
		column[name] = i
	}
	for _, name := range []string{"file", "url", "label"} {
		if _, ok := column[name]; !ok {
			return nil, fmt.Errorf("read labels: no column %q", name)
		}
	}
	why, hasWhy := column["why"]
	var labels []Label
	for {
		row, err := c.Read()
		if err == io.EOF {
			return labels, nil
		}
		if err != nil {
			return labels, fmt.Errorf("read labels: %w", err)
		}
		line, _ := c.FieldPos(0)
		l := Label{File: row[column["file"]], URL: row[column["url"]], Kind: row[column["label"]], Line: line}
		if hasWhy {
			l.Why = row[why]
		}
		labels = append(labels, l)
	}
}

// Score counts decisions on labelled loads.
type Score struct {
	TP, FP, FN int
}

// Precision is the share of what was found that is right, 1 if nothing was.
func (s Score) Precision() float64 { return ratio(s.TP, s.TP+s.FP) }

// Recall is the share of what there is that was found, 1 if there is nothing.
func (s Score) Recall() float64 { return ratio(s.TP, s.TP+s.FN) }

// F1 is the harmonic mean of precision and recall.
func (s Score) F1() float64 {
	p, r := s.Precision(), s.Recall()
	if p+r == 0 {
		return 0
	}
	return 2 * p * r / (p + r)
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}

// Key folds a URL for comparing a label with a finding: labels keep what
// browsers drop or serialise differently.
func Key(url string) string {
	url = strings.NewReplacer("\t", "", "\r", "", "\n", "", " ", "%20").Replace(strings.TrimSpace(url))
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	host, path := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		host, path = rest[:i], rest[i:]
	}
	if path == "" || path[0] != '/' {
		path = "/" + path
	}
	return strings.ToLower(scheme) + "://" + strings.ToLower(host) + path
}
