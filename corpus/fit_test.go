package corpus_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/pixelsweep/pixelsweep/corpus"
	"github.com/pixelsweep/pixelsweep/detector"
)

// TestFit fits points to generated messages: from a prior that finds little it
// gets to one that finds nearly all, and never changes the side of a signal.
func TestFit(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	set := &corpus.Set{Messages: slices.Collect(corpus.Generate(11, 400))}
	prior := detector.DefaultPoints()
	for name, n := range prior {
		prior[name] = n / 2
	}
	f := &corpus.Fit{Prior: prior, Ridge: 0.3}
	samples := corpus.Samples(set, prior)
	points := f.Points(samples)
	for name, n := range points {
		if n < 0 && prior[name] > 0 || n > 0 && prior[name] < 0 {
			t.Errorf("%s fitted to %d from %d", name, n, prior[name])
		}
	}
	before := corpus.Total(corpus.Judge(set, &detector.Options{Points: prior}, 2))
	after := corpus.Total(corpus.Judge(set, &detector.Options{Points: points}, 2))
	if after.F1() <= before.F1() || after.F1() < 0.97 {
		t.Errorf("F1 %.3f before and %.3f after the fit", before.F1(), after.F1())
	}
	if again := f.Points(corpus.Samples(set, prior)); !maps.Equal(points, again) {
		t.Errorf("fitted %v, then %v", points, again)
	}
	if held := f.CrossValidate(samples, 5, false); held.F1() < 0.95 {
		t.Errorf("F1 %.3f on senders that were held back", held.F1())
	}
}

// TestFitKeepsPrior fits to nothing.
func TestFitKeepsPrior(t *testing.T) {
	f := &corpus.Fit{Prior: detector.DefaultPoints(), Ridge: 1}
	if got := f.Points(); !maps.Equal(got, detector.DefaultPoints()) {
		t.Errorf("fit to no messages changes the prior: %v", got)
	}
}
