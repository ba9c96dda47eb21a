package css

import (
	"strconv"
	"strings"
)

// Tree is a document as selectors see it: elements by index, -1 for none.
type Tree interface {
	Name(i int32) string // in lower case
	Attr(i int32, name string) (string, bool)
	Parent(i int32) int32
	Prev(i int32) int32 // the element before i with the same parent
	Spend() bool        // counts a step of work; false when there was enough
}

// Selector is one complex selector, compiled.
type Selector struct {
	parts       []compound // the subject last
	specificity int
}

// Specificity orders selectors as the cascade does.
func (s *Selector) Specificity() int { return s.specificity }

// compound is what stands between two combinators.
type compound struct {
	comb    byte // how it stands to the one before: ' ', '>', '+', '~'
	tag     string
	id      string
	classes []string
	attrs   []attrTest
	not     []compound
	is      [][]compound
	nth     []nth
	never   bool
}

type attrTest struct {
	name, op, value string
	fold            bool
}

type nth struct{ a, b int }

// ParseSelectors compiles a selector list. What cannot be understood is left
// out.
func ParseSelectors(list string) []Selector {
	var out []Selector
	for len(list) > 0 && len(out) < maxSelectors {
		n := listEnd(list)
		if parts := parseComplex(strings.TrimSpace(list[:n])); parts != nil {
			s := Selector{parts: parts}
			for i := range parts {
				s.specificity += parts[i].weight()
			}
			out = append(out, s)
		}
		list = list[min(n+1, len(list)):]
	}
	return out
}

func (c *compound) weight() int {
	w := len(c.classes)*100 + len(c.attrs)*100 + len(c.nth)*100
	if c.id != "" {
		w += 10000
	}
	if c.tag != "" {
		w++
	}
	return w
}

// listEnd finds the comma that ends a selector.
func listEnd(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case '\\':
			i++
		case ',':
			if depth <= 0 {
				return i
			}
		}
	}
	return len(s)
}

func parseComplex(s string) []compound {
	var parts []compound
	comb := byte(' ')
	for i := 0; i < len(s); {
		switch c := s[i]; c {
		case ' ', '\t', '\n', '\r', '\f':
			i++
			continue
		case '>', '+', '~':
			comb = c
			i++
			continue
		}
		c := compound{comb: comb}
		n, ok := c.parse(s[i:])
		if !ok || n == 0 || len(parts) > 32 {
			return nil
		}
		parts = append(parts, c)
		comb = ' '
		i += n
	}
	if comb != ' ' {
		return nil // nothing stands after the combinator
	}
	return parts
}

// parse reads a compound selector and returns its length.
func (c *compound) parse(s string) (int, bool) {
	i := 0
	for i < len(s) {
		switch s[i] {
		case ' ', '\t', '\n', '\r', '\f', '>', '+', '~':
			return i, true
		case '*':
			i++
		case '.', '#':
			name, n := ident(s[i+1:])
			if n == 0 {
				return 0, false
			}
			if s[i] == '.' {
				c.classes = append(c.classes, name)
			} else {
				c.id = name
			}
			i += n + 1
		case '[':
			n := strings.IndexByte(s[i:], ']')
			if n < 0 {
				return 0, false
			}
			if t, ok := parseAttr(s[i+1 : i+n]); ok {
				c.attrs = append(c.attrs, t)
			} else {
				return 0, false
			}
			i += n + 1
		case ':':
			n := c.pseudo(s[i:])
			if n == 0 {
				return 0, false
			}
			i += n
		default:
			name, n := ident(s[i:])
			if n == 0 {
				return 0, false
			}
			c.tag = strings.ToLower(name)
			i += n
		}
	}
	return i, true
}

// ident reads a name, with escapes.
func ident(s string) (string, int) {
	n := 0
	b := []byte(s)
	escaped := false
	for n < len(b) && isName(b, n) {
		if b[n] == '\\' {
			escaped = true
			n += escapeLen(b[n:])
			continue
		}
		n++
	}
	if escaped {
		return unescape(b[:n]), n
	}
	return s[:n], n
}

func parseAttr(s string) (attrTest, bool) {
	i := strings.IndexByte(s, '=')
	if i < 0 {
		return attrTest{name: strings.ToLower(strings.TrimSpace(s))}, strings.TrimSpace(s) != ""
	}
	t := attrTest{op: "="}
	left := s[:i]
	if left != "" && strings.IndexByte("~^$*|", left[len(left)-1]) >= 0 {
		t.op = left[len(left)-1:] + "="
		left = left[:len(left)-1]
	}
	t.name = strings.ToLower(strings.TrimSpace(left))
	v := strings.TrimSpace(s[i+1:])
	if len(v) > 2 && (strings.HasSuffix(v, " i") || strings.HasSuffix(v, " I")) {
		t.fold, v = true, strings.TrimSpace(v[:len(v)-2])
	}
	t.value = strings.Trim(v, `"'`)
	return t, t.name != ""
}

// pseudo reads a pseudo-class or -element at the start of s. Those that depend
// on what the reader does, or that make a box of their own, never match.
func (c *compound) pseudo(s string) int {
	n := 1
	if strings.HasPrefix(s, "::") {
		c.never = true
		n = 2
	}
	name, m := ident(s[n:])
	if m == 0 {
		return 0
	}
	n += m
	arg := ""
	if n < len(s) && s[n] == '(' {
		end := matching(s[n:])
		if end < 0 {
			return 0
		}
		arg = s[n+1 : n+end]
		n += end + 1
	}
	switch strings.ToLower(name) {
	case "not":
		for _, p := range ParseSelectors(arg) {
			if len(p.parts) == 1 {
				c.not = append(c.not, p.parts[0])
			}
		}
	case "is", "where", "any", "matches", "-webkit-any", "-moz-any":
		var alt []compound
		for _, p := range ParseSelectors(arg) {
			if len(p.parts) == 1 {
				alt = append(alt, p.parts[0])
			}
		}
		c.is = append(c.is, alt)
	case "first-child":
		c.nth = append(c.nth, nth{0, 1})
	case "nth-child":
		if x, ok := parseNth(arg); ok {
			c.nth = append(c.nth, x)
		} else {
			c.never = true
		}
	case "root":
		c.tag = "html"
	case "link", "any-link", "lang", "dir", "enabled":
	default:
		c.never = true
	}
	return n
}

func matching(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			if depth++; depth > 8 {
				return -1
			}
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

func parseNth(s string) (nth, bool) {
	s = strings.ReplaceAll(strings.ToLower(s), " ", "")
	switch s {
	case "odd":
		return nth{2, 1}, true
	case "even":
		return nth{2, 0}, true
	}
	left, right, ok := strings.Cut(s, "n")
	if !ok {
		b, err := strconv.Atoi(s)
		return nth{0, b}, err == nil
	}
	var x nth
	switch left {
	case "", "+":
		x.a = 1
	case "-":
		x.a = -1
	default:
		a, err := strconv.Atoi(left)
		if err != nil {
			return nth{}, false
		}
		x.a = a
	}
	if right != "" {
		b, err := strconv.Atoi(right)
		if err != nil {
			return nth{}, false
		}
		x.b = b
	}
	return x, true
}

// maxSteps bounds the work of one match.
const maxSteps = 2000

// Match reports whether s selects element i of t.
func (s *Selector) Match(t Tree, i int32) bool {
	last := len(s.parts) - 1
	if !s.parts[last].match(t, i) {
		return false
	}
	steps := 0
	return s.left(t, i, last, &steps)
}

// left matches the parts before part n, which i matches.
func (s *Selector) left(t Tree, i int32, n int, steps *int) bool {
	if n == 0 {
		return true
	}
	next := t.Parent
	if c := s.parts[n].comb; c == '+' || c == '~' {
		next = t.Prev
	}
	for j := next(i); j >= 0; j = next(j) {
		if *steps++; *steps > maxSteps || !t.Spend() {
			return false
		}
		if s.parts[n-1].match(t, j) && s.left(t, j, n-1, steps) {
			return true
		}
		if c := s.parts[n].comb; c == '>' || c == '+' {
			return false
		}
	}
	return false
}

func (c *compound) match(t Tree, i int32) bool {
	if c.never || c.tag != "" && c.tag != t.Name(i) {
		return false
	}
	if c.id != "" {
		if v, _ := t.Attr(i, "id"); v != c.id {
			return false
		}
	}
	if len(c.classes) > 0 {
		v, ok := t.Attr(i, "class")
		if !ok {
			return false
		}
		for _, class := range c.classes {
			if !hasWord(v, class) {
				return false
			}
		}
	}
	for k := range c.attrs {
		if !c.attrs[k].match(t, i) {
			return false
		}
	}
	for k := range c.not {
		if c.not[k].match(t, i) {
			return false
		}
	}
	for _, alt := range c.is {
		if !anyMatch(alt, t, i) {
			return false
		}
	}
	for _, x := range c.nth {
		if !x.match(t, i) {
			return false
		}
	}
	return true
}

func anyMatch(alt []compound, t Tree, i int32) bool {
	for k := range alt {
		if alt[k].match(t, i) {
			return true
		}
	}
	return false
}

func hasWord(list, word string) bool {
	for {
		i := strings.Index(list, word)
		if i < 0 {
			return false
		}
		end := i + len(word)
		if (i == 0 || list[i-1] <= ' ') && (end == len(list) || list[end] <= ' ') {
			return true
		}
		list = list[end:]
	}
}

func (a *attrTest) match(t Tree, i int32) bool {
	v, ok := t.Attr(i, a.name)
	if !ok {
		return false
	}
	want := a.value
	if a.fold {
		v, want = strings.ToLower(v), strings.ToLower(want)
	}
	switch a.op {
	case "":
		return true
	case "=":
		return v == want
	case "~=":
		return want != "" && hasWord(v, want)
	case "^=":
		return want != "" && strings.HasPrefix(v, want)
	case "$=":
		return want != "" && strings.HasSuffix(v, want)
	case "*=":
		return want != "" && strings.Contains(v, want)
	case "|=":
		return v == want || strings.HasPrefix(v, want+"-")
	}
	return false
}

func (x nth) match(t Tree, i int32) bool {
	n := 1
	for j := t.Prev(i); j >= 0; j = t.Prev(j) {
		if n++; n > maxSteps || !t.Spend() {
			return false
		}
	}
	if x.a == 0 {
		return n == x.b
	}
	return (n-x.b)%x.a == 0 && (n-x.b)/x.a >= 0
}
