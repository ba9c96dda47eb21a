package corpus

import "math"

// Score counts decisions on labelled loads.
type Score struct {
	TP, FP, FN int
}

// Add counts the decisions of t too.
func (s *Score) Add(t Score) { s.TP, s.FP, s.FN = s.TP+t.TP, s.FP+t.FP, s.FN+t.FN }

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

// PrecisionInterval is Wilson's 95 % interval of the precision.
func (s Score) PrecisionInterval() (low, high float64) { return Wilson(s.TP, s.TP+s.FP) }

// RecallInterval is Wilson's 95 % interval of the recall.
func (s Score) RecallInterval() (low, high float64) { return Wilson(s.TP, s.TP+s.FN) }

// Wilson returns the 95 % score interval of a share of k in n (Wilson 1927): it
// stays between 0 and 1 and is right for small n too. Of nothing it is all.
func Wilson(k, n int) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	const z = 1.959963984540054 // the normal quantile of 97.5 %
	p, m := float64(k)/float64(n), float64(n)
	middle := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return max(0, middle-half), min(1, middle+half)
}
