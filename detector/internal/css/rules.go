package css

import (
	"bytes"
	"strconv"
	"strings"
)

// Decl is one declaration: the name in lower case, the value without blanks
// around it.
type Decl struct {
	Name, Value string
	Important   bool
}

// Rule is a style rule that sets properties of interest.
type Rule struct {
	Selectors []Selector
	Decls     []Decl
	Device    bool // stands in a media query that asks for a kind of device
}

// Limits on what is kept of one sheet.
const (
	maxRules     = 4000
	maxSelectors = 200 // of one rule
)

// ParseDeclarations appends the declarations of a style attribute or rule body
// whose names keep accepts; nil keeps all.
func ParseDeclarations(style []byte, keep func(name string) bool, dst []Decl) []Decl {
	for len(style) > 0 {
		n := statementEnd(style)
		decl := style[:n]
		style = style[min(n+1, len(style)):]
		i := bytes.IndexByte(decl, ':')
		if i < 0 {
			continue
		}
		name := lowerName(trim(decl[:i]))
		if name == "" || keep != nil && !keep(name) {
			continue
		}
		value := strings.ToLower(string(trim(decl[i+1:])))
		d := Decl{Name: name, Value: value}
		if j := strings.LastIndexByte(value, '!'); j >= 0 && strings.TrimSpace(value[j+1:]) == "important" {
			d.Important = true
			d.Value = strings.TrimSpace(value[:j])
		}
		dst = append(dst, d)
	}
	return dst
}

// statementEnd finds the ; that ends a declaration, outside quotes and
// brackets.
func statementEnd(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case ';':
			if depth <= 0 {
				return i
			}
		case '(':
			depth++
		case ')':
			depth--
		case '"', '\'':
			n := bytes.IndexByte(b[i+1:], b[i])
			if n < 0 {
				return len(b)
			}
			i += n + 1
		case '\\':
			i++
		}
	}
	return len(b)
}

// trim cuts blanks and comments at both ends.
func trim(b []byte) []byte {
	b = bytes.TrimSpace(b)
	for bytes.HasPrefix(b, []byte("/*")) {
		i := bytes.Index(b, []byte("*/"))
		if i < 0 {
			return nil
		}
		b = bytes.TrimSpace(b[i+2:])
	}
	return b
}

func lowerName(b []byte) string {
	if len(b) > 64 {
		return ""
	}
	if bytes.IndexByte(b, '\\') >= 0 {
		return strings.ToLower(unescape(b))
	}
	for _, c := range b {
		if c >= 'A' && c <= 'Z' {
			return strings.ToLower(string(b))
		}
	}
	return view(b)
}

// ParseRules appends the rules of a sheet that set a property which keep
// accepts. Rules for print are left out.
func ParseRules(src []byte, keep func(name string) bool, dst []Rule) []Rule {
	var stack []struct{ device, skip bool }
	var cur struct{ device, skip bool }
	l := lexer{src: src}
	stmt := 0
	for {
		switch l.next() {
		case eof:
			return dst
		case ';':
			stmt = l.pos
		case '}':
			if n := len(stack); n > 0 {
				cur, stack = stack[n-1], stack[:n-1]
			}
			stmt = l.pos
		case '{':
			prelude := trim(src[stmt : l.pos-1])
			prelude = bytes.TrimPrefix(prelude, []byte("<!--"))
			if len(prelude) > 0 && prelude[0] == '@' {
				if len(stack) < 32 {
					stack = append(stack, cur)
				}
				cur = enter(cur.device, cur.skip, prelude)
				stmt = l.pos
				continue
			}
			from := l.pos
			end := blockEnd(&l)
			if !cur.skip && len(dst) < maxRules {
				if decls := ParseDeclarations(src[from:end], keep, nil); len(decls) > 0 {
					if sels := ParseSelectors(string(prelude)); len(sels) > 0 {
						dst = append(dst, Rule{Selectors: sels, Decls: decls, Device: cur.device})
					}
				}
			}
			stmt = l.pos
		}
	}
}

// enter says what an at-rule means for the rules inside.
func enter(device, skip bool, prelude []byte) struct{ device, skip bool } {
	f := struct{ device, skip bool }{device, skip}
	low := strings.ToLower(string(prelude[:min(len(prelude), 400)]))
	switch {
	case strings.HasPrefix(low, "@media"):
		q := strings.TrimSpace(low[len("@media"):])
		switch {
		case onlyPrint(q):
			f.skip = true
		case q == "" || q == "all" || q == "screen" || q == "only screen":
		default:
			f.device = true
		}
	case strings.HasPrefix(low, "@supports"), strings.HasPrefix(low, "@container"):
		f.device = true
	case strings.HasPrefix(low, "@layer"), strings.HasPrefix(low, "@scope"):
	default:
		f.skip = true
	}
	return f
}

// blockEnd moves past the block that was just opened, with the blocks inside,
// and returns where its content ends.
func blockEnd(l *lexer) int {
	for depth := 1; ; {
		switch l.next() {
		case eof:
			return len(l.src)
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return l.pos - 1
			}
		}
	}
}

// ParseLength reads a CSS length in pixels. Relative ones give rel.
func ParseLength(v string) (px float64, ok, rel bool) {
	n := 0
	for n < len(v) && (v[n] >= '0' && v[n] <= '9' || v[n] == '.' || n == 0 && (v[n] == '+' || v[n] == '-') ||
		v[n] == 'e' && n > 0 && n+1 < len(v) && v[n+1] >= '0' && v[n+1] <= '9') {
		n++
	}
	x, err := strconv.ParseFloat(v[:n], 64)
	if err != nil {
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
		return x * 4 / 3, true, false
	case "pc":
		return x * 16, true, false
	case "in":
		return x * 96, true, false
	case "cm":
		return x * 96 / 2.54, true, false
	case "mm":
		return x * 96 / 25.4, true, false
	case "em", "rem", "ex", "ch":
		return x * 16, true, true
	case "%", "vw", "vh", "vmin", "vmax":
		return x, true, true
	}
	return 0, false, false
}

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
