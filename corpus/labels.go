package corpus

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
)

// Label is what a load of a labelled message is.
type Label struct {
	File string // below the folder of messages
	URL  string // decoded; may hold line breaks
	Kind string // LabelTracker, LabelSpacer, LabelContent, LabelUnknown
	Why  string
	Line int // of the table, or of the expectation

	// Want and Vector are what must be found and where it stands; empty in a
	// table, which does not say.
	Want   detector.Kind
	Vector string
}

// The labels of loads.
const (
	LabelTracker = "tracker" // reports the load and serves no visible purpose
	LabelSpacer  = "spacer"  // a static layout image
	LabelContent = "content" // there to be seen
	LabelUnknown = "unknown" // left out
)

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
