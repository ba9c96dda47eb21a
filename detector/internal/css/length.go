package css

import (
	"math"
	"strconv"
	"strings"
)

// number reads the number at the start of v and returns its length, 0 if there
// is none.
func number(v string) (x float64, n int) {
	sign := 1.0
	if v != "" && (v[0] == '+' || v[0] == '-') {
		if v[0] == '-' {
			sign = -1
		}
		n++
	}
	digits, scale := 0, 0.0
	for ; n < len(v); n++ {
		switch c := v[n]; {
		case c >= '0' && c <= '9':
			x = x*10 + float64(c-'0')
			scale *= 10
			digits++
		case c == '.' && scale == 0:
			scale = 1
		case c == 'e' && digits > 0 && n+1 < len(v) && v[n+1] >= '0' && v[n+1] <= '9':
			return exponent(v, n+1)
		default:
			if digits == 0 {
				return 0, 0
			}
			return sign * x / max(scale, 1), n
		}
	}
	if digits == 0 {
		return 0, 0
	}
	return sign * x / max(scale, 1), n
}

// exponent reads a number whose exponent's digits start at n.
func exponent(v string, n int) (float64, int) {
	for n < len(v) && v[n] >= '0' && v[n] <= '9' {
		n++
	}
	x, err := strconv.ParseFloat(v[:n], 64)
	if err != nil {
		return 0, 0
	}
	return x, n
}

// ParseLength reads a CSS length in pixels. Relative ones give rel.
func ParseLength(v string) (px float64, ok, rel bool) {
	x, n := number(v)
	if n == 0 {
		return 0, false, false
	}
	unit := strings.TrimSpace(v[n:])
	if i := strings.IndexAny(unit, " !;"); i >= 0 {
		unit = unit[:i]
	}
	switch unit {
	case "", "px":
		return x, true, false
	case "pt":
		return pixels(x * 4 / 3), true, false
	case "pc":
		return x * 16, true, false
	case "in":
		return x * 96, true, false
	case "cm":
		return pixels(x * 96 / 2.54), true, false
	case "mm":
		return pixels(x * 96 / 25.4), true, false
	case "em", "rem", "ex", "ch":
		return x * 16, true, true
	case "%", "vw", "vh", "vmin", "vmax":
		return x, true, true
	}
	return 0, false, false
}

// pixels rounds to hundredths, so that 16.5pt is 22 pixels.
func pixels(x float64) float64 { return math.Round(x*100) / 100 }
