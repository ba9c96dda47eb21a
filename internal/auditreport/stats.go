package auditreport

import "math"

// share returns k of n with its 95 % interval after Wilson (1927), which stays
// within 0 and 1 and holds for few messages too.
func share(k, n int) Share {
	if n == 0 {
		return Share{High: 1}
	}
	const z = 1.959964
	p, m := float64(k)/float64(n), float64(n)
	middle := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return Share{round(p), round(max(middle-half, 0)), round(min(middle+half, 1))}
}

// round leaves four decimals.
func round(x float64) float64 { return math.Round(x*1e4) / 1e4 }

const (
	// minStretch is how many messages a stretch has at least: one campaign without
	// a pixel, or a receipt among newsletters, is no change of habit.
	minStretch = 5
	// maxChance is the chance of a split in mail of one habit, over all places where
	// it could be.
	maxChance = 0.01
	// hardly and mostly are the shares of tracked mail that count as such: few
	// senders put a pixel into every receipt.
	hardly, mostly = 0.15, 0.75
)

// stretches cuts messages in the order of time, tracked or not, where the share
// that is tracked changes (binary segmentation): at the split that explains them
// best, if Fisher's exact test, corrected for the number of splits that were
// possible, does not blame chance; then each part again. The result holds where
// each stretch begins, 0 first.
func stretches(tracked []bool) []int {
	sums := make([]int, len(tracked)+1)
	for i, t := range tracked {
		sums[i+1] = sums[i]
		if t {
			sums[i+1]++
		}
	}
	type part struct{ from, to int }
	todo := []part{{0, len(tracked)}}
	var starts []int
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		at := bestSplit(sums, p.from, p.to)
		if at < 0 {
			starts = append(starts, p.from)
			continue
		}
		todo = append(todo, part{at, p.to}, part{p.from, at}) // the earlier one next
	}
	return starts
}

// bestSplit returns where from…to is best cut in two, -1 for nowhere.
func bestSplit(sums []int, from, to int) int {
	first, last := from+minStretch, to-minStretch
	k, n := sums[to]-sums[from], to-from
	if first > last || k == 0 || k == n {
		return -1
	}
	best, at := math.Inf(-1), -1
	for i := first; i <= last; i++ {
		left := sums[i] - sums[from]
		if l := likelihood(left, i-from) + likelihood(k-left, to-i); l > best {
			best, at = l, i
		}
	}
	if chance(sums[at]-sums[from], at-from, k, n)*float64(last-first+1) >= maxChance {
		return -1
	}
	return at
}

// likelihood is the logarithm of how likely k of n is at the share k/n.
func likelihood(k, n int) float64 {
	if k == 0 || k == n {
		return 0
	}
	p := float64(k) / float64(n)
	return float64(k)*math.Log(p) + float64(n-k)*math.Log(1-p)
}

// chance is Fisher's exact test, two-sided: how likely m messages drawn from n, of
// which k are tracked, hold a number of tracked ones at least as far out as left.
func chance(left, m, k, n int) float64 {
	lowest, highest := max(0, m-(n-k)), min(m, k)
	lower, upper := 0.0, 0.0
	for i := lowest; i <= highest; i++ {
		p := math.Exp(choose(k, i) + choose(n-k, m-i) - choose(n, m))
		if i <= left {
			lower += p
		}
		if i >= left {
			upper += p
		}
	}
	return min(1, 2*min(lower, upper))
}

// choose is the logarithm of a binomial coefficient.
func choose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

// habit says what share of a stretch is tracked.
func habit(s Stretch) string {
	switch p := float64(s.Tracked) / float64(max(s.Messages, 1)); {
	case s.Messages < minStretch:
		return ""
	case p <= hardly:
		return "hardly"
	case p >= mostly:
		return "mostly"
	}
	return "sometimes"
}
