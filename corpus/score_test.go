package corpus_test

import (
	"math"
	"testing"

	"github.com/pixelsweep/pixelsweep/corpus"
)

func TestWilson(t *testing.T) {
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{ // R: prop.test(k, n, correct=FALSE)
		{0, 0, 0, 1}, {0, 10, 0, 0.2775}, {10, 10, 0.7225, 1}, {343, 345, 0.9791, 0.9984}, {5, 10, 0.2366, 0.7634},
	} {
		low, high := corpus.Wilson(c.k, c.n)
		if math.Abs(low-c.low) > 5e-5 || math.Abs(high-c.high) > 5e-5 {
			t.Errorf("Wilson(%d, %d) = %.4f, %.4f, want %.4f, %.4f", c.k, c.n, low, high, c.low, c.high)
		}
	}
}

func TestScore(t *testing.T) {
	if s := (corpus.Score{}); s.Precision() != 1 || s.Recall() != 1 || s.F1() != 1 {
		t.Error("nothing to find and nothing found is not perfect")
	}
	if s := (corpus.Score{TP: 3, FP: 1, FN: 2}); s.Precision() != 0.75 || s.Recall() != 0.6 || math.Abs(s.F1()-2./3) > 1e-9 {
		t.Errorf("%+v: %v %v %v", s, s.Precision(), s.Recall(), s.F1())
	}
}
