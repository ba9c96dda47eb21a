package corpus

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Schema names the JSON form of a [Measure].
const Schema = "pixelsweep.eval/1"

// parts are the divisions of a measure in the order in which they are shown,
// with the most rows that a table holds of each; 0 is all.
var parts = []struct {
	name, title string
	rows        int
}{
	{"kind", "by kind", 0},
	{"vector", "by vector", 12},
	{"service", "a service's shape", 0},
	{"group", "by folder", 12},
	{"sender", "senders with errors", 20},
	{"without", "without one signal", 0},
	{"baseline", "simple rules instead", 0},
}

// OutputOptions are the choices of [WriteTable] and [WriteJSON]. A nil
// *OutputOptions means the zero value.
type OutputOptions struct {
	Baselines bool // show simple rules on the same rows
}

// shows reports whether part is shown.
func (o *OutputOptions) shows(part string) bool {
	return part != "baseline" || o != nil && o.Baselines
}

// WriteTable writes a measure for people: precision and recall with their 95 %
// intervals, F1, and what was counted.
func WriteTable(w io.Writer, m *Measure, o *OutputOptions) error {
	var b strings.Builder
	width := 20
	for _, p := range parts {
		for name := range m.By[p.name] {
			width = max(width, min(44, utf8.RuneCountInString(name)+2))
		}
	}
	fmt.Fprintf(&b, "%-*s  %-19s  %-19s  %5s  %5s %5s %5s\n", width, "", "precision", "recall", "F1", "tp", "fp", "fn")
	line := func(name string, s Score) {
		if n := utf8.RuneCountInString(name); n > width {
			name = "…" + string([]rune(name)[n-width+1:])
		}
		fmt.Fprintf(&b, "%-*s  %-19s  %-19s  %.3f  %5d %5d %5d\n", width, printable(name),
			share(s.Precision(), s.PrecisionInterval), share(s.Recall(), s.RecallInterval), s.F1(), s.TP, s.FP, s.FN)
	}
	line("total", m.Total)
	for _, p := range parts {
		names := m.order(p.name)
		if len(names) == 0 || !o.shows(p.name) {
			continue
		}
		fmt.Fprintln(&b, p.title)
		for i, name := range names {
			if p.rows > 0 && i >= p.rows {
				fmt.Fprintf(&b, "  and %d more\n", len(names)-i)
				break
			}
			line("  "+name, m.By[p.name][name])
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// order lists the names of a part: the most errors first, or for those with
// nothing else to show the largest first. Of senders only those with errors.
func (m *Measure) order(part string) []string {
	var names []string
	for name, s := range m.By[part] {
		if part != "sender" || s.FP+s.FN > 0 {
			names = append(names, name)
		}
	}
	rank := func(name string) (errors, size int) {
		s := m.By[part][name]
		return s.FP + s.FN, s.TP + s.FP + s.FN
	}
	slices.SortFunc(names, func(a, b string) int {
		ea, na := rank(a)
		eb, nb := rank(b)
		if part == "vector" || part == "group" || part == "kind" {
			return cmp.Or(cmp.Compare(nb, na), strings.Compare(a, b))
		}
		return cmp.Or(cmp.Compare(eb, ea), cmp.Compare(nb, na), strings.Compare(a, b))
	})
	return names
}

func share(p float64, interval func() (low, high float64)) string {
	low, high := interval()
	return fmt.Sprintf("%.3f  %.3f–%.3f", p, low, high)
}

// printable keeps what labels and mail say from moving a terminal's cursor.
func printable(s string) string {
	q := strconv.QuoteToGraphic(s)
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(q[1 : len(q)-1])
}

// scoreJSON is a score as programs read it.
type scoreJSON struct {
	TP        int        `json:"tp"`
	FP        int        `json:"fp"`
	FN        int        `json:"fn"`
	Precision float64    `json:"precision"`
	Recall    float64    `json:"recall"`
	F1        float64    `json:"f1"`
	P95       [2]float64 `json:"precision_95"`
	R95       [2]float64 `json:"recall_95"`
}

func toJSON(s Score) scoreJSON {
	r := func(f float64) float64 { return math.Round(f*1e6) / 1e6 }
	pl, ph := s.PrecisionInterval()
	rl, rh := s.RecallInterval()
	return scoreJSON{s.TP, s.FP, s.FN, r(s.Precision()), r(s.Recall()), r(s.F1()), [2]float64{r(pl), r(ph)}, [2]float64{r(rl), r(rh)}}
}

// WriteJSON writes a measure for programs.
func WriteJSON(w io.Writer, m *Measure, o *OutputOptions) error {
	by := map[string]map[string]scoreJSON{}
	for part, scores := range m.By {
		if !o.shows(part) {
			continue
		}
		by[part] = map[string]scoreJSON{}
		for name, s := range scores {
			by[part][name] = toJSON(s)
		}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(struct {
		Schema string                          `json:"schema"`
		Total  scoreJSON                       `json:"total"`
		By     map[string]map[string]scoreJSON `json:"by"`
	}{Schema, toJSON(m.Total), by})
}

// WriteErrors lists every row that was missed or wrongly found, with the
// signals that decided.
func WriteErrors(w io.Writer, m *Measure) error {
	var b strings.Builder
	for i := range m.Rows {
		r := &m.Rows[i]
		what := ""
		switch s := r.Score(); {
		case s.FN > 0:
			what = "missed"
		case s.FP > 0:
			what = "wrong"
		default:
			continue
		}
		fmt.Fprintf(&b, "%s: %s", printable(r.File), what)
		if r.Line > 0 {
			fmt.Fprintf(&b, " (label in line %d)", r.Line)
		}
		f := &r.Finding
		switch {
		case !r.Listed:
			fmt.Fprint(&b, ": not listed")
		default:
			fmt.Fprintf(&b, ": %s %s %d [%s]", f.Kind, f.Severity, f.Score, printable(f.Vector))
		}
		for _, s := range f.Signals {
			fmt.Fprintf(&b, " %s%+d", s.Name, s.Points)
		}
		fmt.Fprintf(&b, " %s\n", printable(r.URL))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
