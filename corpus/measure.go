package corpus

import (
	"runtime"

	"github.com/pixelsweep/pixelsweep/detector"
)

// Measure is the accuracy on a set.
type Measure struct {
	Rows  []Row
	Total Score
	// By holds scores of parts of the rows, by what divides them (kind, vector,
	// service, group, sender), of the whole with one signal left out
	// (without), and of simple rules instead of the detector (baseline).
	By map[string]map[string]Score
}

// EvaluateOptions are the choices of [Evaluate]. A nil *EvaluateOptions means
// the zero value.
type EvaluateOptions struct {
	// Detector holds the options of the detector that is measured.
	Detector detector.Options
	// Ablation measures again without each signal, and without services.
	Ablation bool
	// Workers is how many messages are scanned at a time, default one per CPU.
	Workers int
}

// Evaluate judges a set and counts.
func Evaluate(set *Set, o *EvaluateOptions) *Measure {
	var opts EvaluateOptions
	if o != nil {
		opts = *o
	}
	if opts.Workers <= 0 {
		opts.Workers = runtime.GOMAXPROCS(0)
	}
	m := &Measure{Rows: Judge(set, &opts.Detector, opts.Workers), By: map[string]map[string]Score{}}
	m.Total = Total(m.Rows)
	for i := range m.Rows {
		m.divide(&m.Rows[i])
	}
	if opts.Ablation {
		m.ablate(set, opts)
	}
	return m
}

// Total sums the scores of rows.
func Total(rows []Row) Score {
	var sum Score
	for i := range rows {
		sum.Add(rows[i].Score())
	}
	return sum
}

// divide counts a row in each of its parts.
func (m *Measure) divide(r *Row) {
	m.kinds(r)
	score := r.Score()
	if score == (Score{}) {
		m.baselines(r)
		return
	}
	vector := r.Vector
	if r.Finding.Vector != "" {
		vector = r.Finding.Vector
	}
	service := "none"
	if r.Finding.Rule != "" {
		service = "known"
	}
	m.count("vector", vector, score)
	m.count("service", service, score)
	m.count("group", r.Group, score)
	m.count("sender", r.Sender, score)
	m.baselines(r)
}

func (m *Measure) count(part, name string, s Score) {
	if s == (Score{}) {
		return
	}
	if m.By[part] == nil {
		m.By[part] = map[string]Score{}
	}
	if name == "" {
		name = "unknown"
	}
	sum := m.By[part][name]
	sum.Add(s)
	m.By[part][name] = sum
}

// kinds counts a row by kind. A finding of another kind than the wanted one is
// one too many of its own and one too few of the wanted.
func (m *Measure) kinds(r *Row) {
	got, want := detector.Kind(""), r.Want
	if Noted(&r.Finding) {
		got = r.Finding.Kind
	}
	if r.Kind == LabelUnknown {
		return
	}
	if want == "" && r.Kind == LabelTracker {
		// A table does not say which kind.
		if want = got; got == "" {
			want = kindAt(r.Finding.Vector)
		}
	}
	switch {
	case got == want && got != "":
		m.count("kind", string(got), Score{TP: 1})
	default:
		if got != "" {
			m.count("kind", string(got), Score{FP: 1})
		}
		if want != "" {
			m.count("kind", string(want), Score{FN: 1})
		}
	}
}

// baselines counts what simple rules say of a row.
func (m *Measure) baselines(r *Row) {
	w, h := r.Width, r.Height
	m.count("baseline", "1x1", decide(r, w == 1 && h == 1))
	m.count("baseline", "area<=25", decide(r, w >= 0 && h >= 0 && w*h <= 25))
	content := len(r.Finding.Events) > 0 && r.Finding.Events[0] == "content"
	m.count("baseline", "list", decide(r, r.Finding.Rule != "" && r.Finding.Kind != detector.ClickTracker && !content))
}

// ablate measures without each signal.
func (m *Measure) ablate(set *Set, opts EvaluateOptions) {
	without := map[string]detector.Points{}
	for name := range detector.DefaultPoints() {
		signal := detector.SignalName(name)
		if without[signal] == nil {
			without[signal] = detector.Points{}
			for n, p := range opts.Detector.Points {
				without[signal][n] = p
			}
		}
		without[signal][name] = 0
	}
	for name, points := range without {
		o := opts.Detector
		o.Points = points
		m.count("without", name, Total(Judge(set, &o, opts.Workers)))
	}
	o := opts.Detector
	o.NoServices = true
	m.count("without", "services", Total(Judge(set, &o, opts.Workers)))
}
