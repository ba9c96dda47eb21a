package corpus

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
)

// example is a load in the eyes of the fit: which signals it has, and whether
// it is a tracker.
type example struct {
	signals []int // indices of names
	tracker bool
	weight  float64
}

// Fit finds the points with which the score tells trackers from other loads.
//
// It is a logistic regression: a score of 50 means that a load is a tracker as
// likely as not, 80 that it is one in 20 of 21 cases, 20 that it is none. The
// points are drawn to a prior, by ridge the stronger, so that a signal which
// the messages hardly show keeps what the prior says; and they keep the sign
// of the prior, so that a signal for never speaks against. Each load is shown
// twice, with and without the services, because the messages of tomorrow come
// from services that no list knows.
type Fit struct {
	Prior detector.Points
	Ridge float64
}

// temperature is how many points multiply the odds by e: 30 points, from one
// threshold to the next, are odds of 20 to 1.
const temperature = 10

// threshold is the score of a load that is a tracker as likely as not.
const threshold = 50

// Points fits the points to samples.
func (f *Fit) Points(samples ...[]Sample) detector.Points {
	names := signalNames()
	var examples []example
	for _, list := range samples {
		for i := range list {
			examples = append(examples, list[i].examples...)
		}
	}
	points := make([]float64, len(names))
	for i, name := range names {
		points[i] = float64(f.Prior[name])
	}
	f.descend(points, names, merge(examples))
	fitted := detector.Points{}
	for i, name := range names {
		fitted[name] = int(math.Round(points[i]))
	}
	return fitted
}

// Sample is a labelled message, prepared for a fit.
type Sample struct {
	Message  Message
	Sender   string // site of the sender domain
	examples []example
}

// Samples prepares a set for fits from a prior.
func Samples(set *Set, prior detector.Points) []Sample {
	names := signalNames()
	marks, most := detector.Points{}, detector.Points{}
	for i, name := range names {
		marks[name] = i + 1
		most[name] = 100
	}
	list := make([]Sample, len(set.Messages))
	for i := range list {
		list[i] = Sample{Message: set.Messages[i], Sender: set.Messages[i].Name}
	}
	for _, noServices := range []bool{false, true} {
		var dets [3]*detector.Detector
		for i, p := range []detector.Points{prior, marks, most} {
			dets[i] = detector.New(&detector.Options{Points: p, NoServices: noServices, NoReferences: true})
		}
		for i := range list {
			list[i].scan(dets)
		}
	}
	return list
}

// scan reads the message three times: for the loads that count, for their
// signals, and for those that no points would make a decision.
func (s *Sample) scan(dets [3]*detector.Detector) {
	var reports [3]*detector.Report
	for i, det := range dets {
		rep, err := det.Scan(detector.Source{}, s.Message.Data)
		if err != nil {
			return
		}
		reports[i] = rep
	}
	prior, marked, bound := reports[0].Findings, reports[1].Findings, reports[2].Findings
	if m := reports[0].Message; m != nil && m.FromDomain != "" {
		s.Sender = site(m.FromDomain)
	}
	m := &s.Message
	labels := map[string]*Label{}
	for k := range m.Labels {
		l := &m.Labels[k]
		labels[loadKey(l.URL, l.Vector, m.Whole)] = l
	}
	best := map[string]int{} // the finding with the highest score on a load
	for k := range prior {
		if p := &prior[k]; deciding(&bound[k]) {
			key := loadKey(p.URL, p.Vector, m.Whole)
			if old, ok := best[key]; !ok || p.Score > prior[old].Score {
				best[key] = k
			}
		}
	}
	for key, k := range best {
		l := labels[key]
		if l == nil && !m.Whole || l != nil && l.Kind == LabelUnknown {
			continue
		}
		e := example{weight: 0.5, tracker: l != nil && l.Kind == LabelTracker && (l.Want == "" || l.Want.Decides())}
		for _, sig := range marked[k].Signals {
			e.signals = append(e.signals, sig.Points-1)
		}
		slices.Sort(e.signals)
		s.examples = append(s.examples, e)
	}
}

// signalNames lists the names of the points.
func signalNames() []string { return slices.Sorted(maps.Keys(detector.DefaultPoints())) }

// merge sorts examples, which come in the order of a map, and makes one of
// those that are equal.
func merge(examples []example) []example {
	order := func(a, b example) int {
		return cmp.Or(slices.Compare(a.signals, b.signals), cmp.Compare(bit(a.tracker), bit(b.tracker)))
	}
	slices.SortFunc(examples, order)
	merged := examples[:0]
	for _, e := range examples {
		if n := len(merged); n > 0 && order(merged[n-1], e) == 0 {
			merged[n-1].weight += e.weight
			continue
		}
		merged = append(merged, e)
	}
	return merged
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// deciding reports whether points decide a finding: with all there are it is a
// decision, and not content that only a proof of the reader convicts.
func deciding(f *detector.Finding) bool {
	return f.Kind.Decides() && f.Kind != detector.TrackedContent
}

// descend minimises the loss one coordinate after the other by Newton's steps,
// each cut back to the side of zero where the prior stands.
func (f *Fit) descend(points []float64, names []string, examples []example) {
	having := make([][]int, len(names))
	score := make([]float64, len(examples))
	for i, e := range examples {
		for _, s := range e.signals {
			having[s] = append(having[s], i)
			score[i] += points[s]
		}
	}
	for range 500 {
		moved := 0.0
		for s, name := range names {
			prior := float64(f.Prior[name])
			slope := f.Ridge * (points[s] - prior) / temperature
			curve := f.Ridge
			for _, i := range having[s] {
				e := &examples[i]
				p := 1 / (1 + math.Exp(-(score[i]-threshold)/temperature))
				y := float64(bit(e.tracker))
				slope += e.weight * (p - y)
				curve += e.weight * p * (1 - p)
			}
			step := -temperature * slope / (curve + 0.05)
			to := points[s] + max(-10, min(10, step))
			if prior >= 0 {
				to = max(0, min(100, to))
			} else {
				to = min(0, max(-100, to))
			}
			by := to - points[s]
			points[s] = to
			for _, i := range having[s] {
				score[i] += by
			}
			moved = max(moved, math.Abs(by))
		}
		if moved < 0.01 {
			return
		}
	}
}

// CrossValidate returns the score that the fit reaches on messages of senders
// it has not seen: the senders are dealt into folds, and each fold is judged
// with the points of the others and of more, which is always seen.
func (f *Fit) CrossValidate(samples []Sample, folds int, noServices bool, more ...Sample) Score {
	parts := deal(samples, folds)
	var sum Score
	for i, held := range parts {
		seen := [][]Sample{more}
		for k, p := range parts {
			if k != i {
				seen = append(seen, p)
			}
		}
		set := &Set{}
		for _, s := range held {
			set.Messages = append(set.Messages, s.Message)
		}
		sum.Add(Total(Judge(set, &detector.Options{Points: f.Points(seen...), NoServices: noServices}, 2)))
	}
	return sum
}

// deal deals samples into folds by the sender, those with the most labels
// first, each to the smallest fold.
func deal(samples []Sample, folds int) [][]Sample {
	bySender, size := map[string][]Sample{}, map[string]int{}
	for _, s := range samples {
		bySender[s.Sender] = append(bySender[s.Sender], s)
		size[s.Sender] += len(s.Message.Labels)
	}
	senders := slices.Collect(maps.Keys(size))
	slices.SortFunc(senders, func(a, b string) int {
		return cmp.Or(cmp.Compare(size[b], size[a]), strings.Compare(a, b))
	})
	parts, full := make([][]Sample, folds), make([]int, folds)
	for _, sender := range senders {
		least := 0
		for i, n := range full {
			if n < full[least] {
				least = i
			}
		}
		parts[least] = append(parts[least], bySender[sender]...)
		full[least] += size[sender]
	}
	return parts
}
