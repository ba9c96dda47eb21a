package auditreport

import (
	"fmt"
	"math"
)

// A donut shows three shares as arcs of one circle, drawn with dashes of its
// circumference.
type donut struct {
	Percent string
	Arcs    []arc
}

type arc struct {
	Class        string
	Dash, Offset float64
	Title        string
}

// donutLength is the circumference of the circle in the page, of radius 54.
const donutLength = 2 * math.Pi * 54

func newDonut(t *Totals) donut {
	d := donut{Percent: percent(t.Tracked, t.Messages)}
	done := 0.0
	for _, a := range []struct {
		class string
		n     int
	}{{"tracked", t.Tracked}, {"suspicious", t.Suspicious}, {"clean", t.Clean}} {
		if a.n == 0 {
			continue
		}
		length := donutLength * float64(a.n) / float64(t.Messages)
		d.Arcs = append(d.Arcs, arc{a.class, two(length), two(-done), count(a.n, "message") + " " + a.class})
		done += length
	}
	return d
}

// Measures of the chart of months, in units of its view box.
const (
	chartWidth, chartHeight = 960.0, 220.0
	chartLeft               = 52.0 // room for the numbers
	chartBottom             = 24.0 // and for the months
)

// A chart shows months as stacked bars.
type chart struct {
	Width, Height float64
	Left, Base    float64
	Lines         []gridLine
	Bars          []monthBar
}

type gridLine struct {
	Y     float64
	Label string
}

type monthBar struct {
	X, Width, Middle float64
	Label            string // under the bar, "" for none
	Title            string
	Parts            []part
}

type part struct {
	Class     string
	Y, Height float64
}

// newChart returns nil where there is nothing to draw.
func newChart(months []Month) *chart {
	most := 0
	for _, m := range months {
		most = max(most, m.Messages)
	}
	if most == 0 {
		return nil
	}
	c := &chart{Width: chartWidth, Height: chartHeight, Left: chartLeft, Base: chartHeight - chartBottom}
	step := niceStep(most)
	top := (most + step - 1) / step * step
	room := c.Base - 8
	for n := 0; n <= top; n += step {
		c.Lines = append(c.Lines, gridLine{two(c.Base - room*float64(n)/float64(top)), number(n)})
	}
	slot := (chartWidth - chartLeft) / float64(max(len(months), 12))
	for i, m := range months {
		b := monthBar{X: two(chartLeft + slot*float64(i) + slot*0.14), Width: two(slot * 0.72)}
		b.Middle = two(b.X + b.Width/2)
		if m.Month[5:] == "01" || i == 0 && (len(months) < 3 || months[1].Month[5:] != "01") {
			b.Label = m.Month[:4]
		}
		if len(months) <= 18 {
			b.Label = m.Month[5:]
			if i == 0 || b.Label == "01" {
				b.Label = m.Month
			}
		}
		b.Title = fmt.Sprintf("%s: %s of %s tracked, %s suspicious", m.Month, number(m.Tracked), count(m.Messages, "message"), number(m.Suspicious))
		below := 0
		for _, p := range []struct {
			class string
			n     int
		}{{"tracked", m.Tracked}, {"suspicious", m.Suspicious}, {"clean", m.Clean}} {
			if p.n == 0 {
				continue
			}
			height := room * float64(p.n) / float64(top)
			b.Parts = append(b.Parts, part{p.class, two(c.Base - room*float64(below+p.n)/float64(top)), two(height)})
			below += p.n
		}
		c.Bars = append(c.Bars, b)
	}
	return c
}

// niceStep is a round number of which two to five make most.
func niceStep(most int) int {
	for step := 1; ; step *= 10 {
		for _, n := range []int{1, 2, 5} {
			if n*step*5 >= most {
				return n * step
			}
		}
	}
}

// A spark is the history of a sender as small bars: how much mail, and how much of
// it tracked.
type spark struct {
	Title string
	Bars  []sparkBar
}

type sparkBar struct{ X, Y, Height, TrackedY, Tracked float64 }

const sparkHeight = 28.0

func newSpark(months []Month) spark {
	most, sum, tracked := 0, 0, 0
	for _, m := range months {
		most, sum, tracked = max(most, m.Messages), sum+m.Messages, tracked+m.Tracked
	}
	s := spark{}
	if most == 0 {
		return s
	}
	s.Title = fmt.Sprintf("%s to %s: %s of %s tracked", months[0].Month, months[len(months)-1].Month, number(tracked), count(sum, "message"))
	for i, m := range months {
		if m.Messages == 0 {
			continue
		}
		height := max(2, sparkHeight*float64(m.Messages)/float64(most))
		on := height * float64(m.Tracked) / float64(m.Messages)
		s.Bars = append(s.Bars, sparkBar{X: two(float64(i) * 5), Y: two(sparkHeight - height), Height: two(height), TrackedY: two(sparkHeight - on), Tracked: two(on)})
	}
	return s
}

// recentUntil is as recent, on the months that all has at its end.
func recentUntil(months, all []Month, n int) []Month {
	by := make(map[string]Month, len(months))
	for _, m := range months {
		by[m.Month] = m
	}
	out := recent(all, n)
	for i := range out {
		m, ok := by[out[i].Month]
		if !ok {
			m = Month{Month: out[i].Month}
		}
		out[i] = m
	}
	return out
}

// two leaves two decimals.
func two(x float64) float64 { return math.Round(x*100) / 100 }
