package css

import (
	"strconv"
	"strings"
)

// Hiding says why declarations, each the winner for its property, make an
// element and what is inside it invisible; "" if they do not.
func Hiding(get func(name string) string) string {
	if v := get("display"); v == "none" {
		return "display:none"
	}
	if v := get("visibility"); v == "hidden" || v == "collapse" {
		return "visibility:" + v
	}
	if v := get("opacity"); v != "" {
		if x, err := strconv.ParseFloat(strings.TrimSuffix(v, "%"), 64); err == nil && x <= 0.02 {
			return "opacity:" + v
		}
	}
	for _, name := range [...]string{"max-height", "max-width", "height", "width"} {
		if v := get(name); v != "" {
			if px, ok, _ := ParseLength(v); ok && px == 0 {
				if strings.HasPrefix(name, "max") || hides(get("overflow")) {
					return name + ":" + v
				}
			}
		}
	}
	if v := get("position"); v == "absolute" || v == "fixed" {
		for _, name := range [...]string{"left", "top", "right"} {
			if px, ok, _ := ParseLength(get(name)); ok && px <= -999 {
				return name + ":" + get(name)
			}
		}
		if c := strings.ReplaceAll(get("clip"), " ", ""); strings.HasPrefix(c, "rect(0") && strings.Count(c, "0") >= 4 {
			return "clip:" + get("clip")
		}
	}
	if px, ok, _ := ParseLength(get("text-indent")); ok && px <= -999 {
		return "text-indent:" + get("text-indent")
	}
	if c := get("clip-path"); strings.HasPrefix(c, "inset(50%") || strings.HasPrefix(c, "inset(100%") {
		return "clip-path:" + c
	}
	if t := strings.ReplaceAll(get("transform"), " ", ""); strings.Contains(t, "scale(0)") || strings.Contains(t, "scale(0,0)") {
		return "transform:" + t
	}
	if v := get("zoom"); v == "0" || v == "0%" {
		return "zoom:" + v
	}
	return ""
}

func hides(overflow string) bool {
	return strings.Contains(overflow, "hidden") || strings.Contains(overflow, "clip")
}
