package auditreport

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func bools(s string) (list []bool) {
	for _, c := range s {
		list = append(list, c == '1')
	}
	return list
}

func TestStretches(t *testing.T) {
	rep := strings.Repeat
	for _, tt := range []struct {
		name, mail string
		want       []int
	}{
		{"none", "", []int{0}},
		{"one", "1", []int{0}},
		{"always", rep("1", 50), []int{0}},
		{"never", rep("0", 50), []int{0}},
		{"just enough", "0000011111", []int{0, 5}},
		{"too few to tell", "000011111", []int{0}},
		{"too few before", "000" + rep("1", 30), []int{0}},
		{"started", rep("0", 10) + rep("1", 10), []int{0, 10}},
		{"stopped", rep("1", 8) + rep("0", 12), []int{0, 8}},
		{"one campaign without", rep("1", 20) + "0" + rep("1", 20), []int{0}},
		{"started and stopped", rep("0", 20) + rep("1", 20) + rep("0", 20), []int{0, 20, 40}},
		{"with exceptions", rep("01000", 6) + rep("11101", 8), []int{0, 30}},
		{"every second", rep("01", 40), []int{0}},
	} {
		if got := stretches(bools(tt.mail)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestStretchesByChance checks the promise: of senders with one habit, whatever
// their share, few are said to have changed.
func TestStretchesByChance(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	const senders = 4000
	for _, p := range []float64{0.1, 0.3, 0.5, 0.8} {
		wrong := 0
		for range senders {
			mail := make([]bool, 5+rnd.IntN(100))
			for i := range mail {
				mail[i] = rnd.Float64() < p
			}
			if len(stretches(mail)) > 1 {
				wrong++
			}
		}
		if wrong > senders/100 {
			t.Errorf("share %v: %d of %d changed", p, wrong, senders)
		}
	}
}

func TestChance(t *testing.T) {
	// R: fisher.test(matrix(c(0,5,5,0),2))$p.value = 0.007937
	for _, tt := range []struct {
		left, m, k, n int
		want          float64
	}{{0, 5, 5, 10, 2.0 / 252}, {5, 5, 5, 10, 2.0 / 252}, {3, 6, 6, 12, 1}, {0, 10, 0, 20, 1}} {
		if got := chance(tt.left, tt.m, tt.k, tt.n); math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("%+v: got %v", tt, got)
		}
	}
}

func TestShare(t *testing.T) {
	// Wilson score intervals, as statsmodels' proportion_confint gives them.
	for _, tt := range []struct {
		k, n int
		want Share
	}{{0, 0, Share{0, 0, 1}}, {0, 10, Share{0, 0, 0.2775}}, {10, 10, Share{1, 0.7225, 1}}, {5, 10, Share{0.5, 0.2366, 0.7634}}} {
		if got := share(tt.k, tt.n); got != tt.want {
			t.Errorf("%d of %d: got %v, want %v", tt.k, tt.n, got, tt.want)
		}
	}
}

func BenchmarkStretches(b *testing.B) {
	rnd := rand.New(rand.NewPCG(1, 2))
	mail := make([]bool, 20_000)
	for i := range mail {
		mail[i] = rnd.IntN(2) == 0 != (i/200%2 == 0)
	}
	for b.Loop() {
		stretches(mail)
	}
}
