package css

import (
	"bytes"
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
	Decls []Decl

	prelude   []byte
	compiled  bool
	selectors []Selector
}

// Selectors compiles the selectors of r when they are first asked for: most
// rules of a sheet are for elements that nobody asks about.
func (r *Rule) Selectors() []Selector {
	if !r.compiled {
		r.compiled, r.selectors = true, ParseSelectors(string(r.prelude))
	}
	return r.selectors
}

// Rules holds the rules of the sheets of one document. The zero value is
// ready; it belongs to one goroutine. Rules are views into the sheets.
type Rules struct {
	list  []Rule
	decls []Decl
	index keyIndex
	hides keyIndex // of the rules that may hide what they select

	device  keyIndex // of the rules for one kind of device
	pending [][]byte // blocks of such rules that nobody asked for yet
	keep    func(name string) bool
}

// Limits on what is kept of one document.
const (
	maxRules     = 4000
	maxSelectors = 200 // of one rule
)

// Reset forgets all rules and keeps the memory.
func (rs *Rules) Reset() {
	clear(rs.list)
	rs.list, rs.decls = rs.list[:0], rs.decls[:0]
	rs.index.reset()
	rs.hides.reset()
	rs.device.reset()
	clear(rs.pending)
	rs.pending = rs.pending[:0]
}

// Len is the number of rules.
func (rs *Rules) Len() int { return len(rs.list) }

// At is rule n.
func (rs *Rules) At(n int32) *Rule { return &rs.list[n] }

// Select visits the rules that may select an element with a key; those without
// a key are under [AnyKey]. Rules for one kind of device are left out.
func (rs *Rules) Select(key Key, visit func(n int32)) { rs.index.each(key, visit) }

// SelectDevice visits the rules for one kind of device that may select an element
// with a key.
func (rs *Rules) SelectDevice(key Key, visit func(n int32)) {
	for _, block := range rs.pending {
		rs.read(block, true)
	}
	clear(rs.pending)
	rs.pending = rs.pending[:0]
	rs.device.each(key, visit)
}

// MayHide reports whether some rule may hide elements with a key.
func (rs *Rules) MayHide(key Key) bool {
	found := false
	rs.hides.each(key, func(int32) { found = true })
	return found
}

// HidesNothing reports whether no rule may hide anything.
func (rs *Rules) HidesNothing() bool { return len(rs.hides.entries) == 0 }

// Add reads a sheet and keeps the rules that set a property which keep
// accepts; nil keeps all. Rules for print are left out.
func (rs *Rules) Add(src []byte, keep func(name string) bool) {
	rs.keep = keep
	rs.read(src, false)
}

// read reads a sheet, or a block of one that is for one kind of device.
func (rs *Rules) read(src []byte, device bool) {
	var outer []bool // what skip was around the open blocks
	skip := false
	s := blockScanner{src: src}
	stmt := 0
	for {
		switch s.next() {
		case 0:
			return
		case ';':
			stmt = s.pos
		case '}':
			if n := len(outer); n > 0 {
				skip, outer = outer[n-1], outer[:n-1]
			}
			stmt = s.pos
		case '{':
			prelude := trim(src[stmt : s.pos-1])
			prelude = bytes.TrimPrefix(prelude, []byte("<!--"))
			from := s.pos
			if len(prelude) > 0 && prelude[0] == '@' {
				asks, skips := enter(prelude)
				if asks && !device && !skip {
					rs.pending = append(rs.pending, src[from:s.blockEnd()])
				} else {
					if len(outer) < 32 {
						outer = append(outer, skip)
					}
					skip = skip || skips
				}
				stmt = s.pos
				continue
			}
			end := s.blockEnd()
			if !skip && len(rs.list) < maxRules {
				rs.add(prelude, src[from:end], device)
			}
			stmt = s.pos
		}
	}
}

func (rs *Rules) add(prelude, body []byte, device bool) {
	from := len(rs.decls)
	rs.decls = ParseDeclarations(body, rs.keep, rs.decls)
	if len(rs.decls) == from || len(prelude) == 0 {
		return
	}
	n := int32(len(rs.list))
	r := Rule{Decls: rs.decls[from:len(rs.decls):len(rs.decls)], prelude: prelude}
	rs.list = append(rs.list, r)
	hides := mayHide(r.Decls)
	if simple(prelude) {
		for i := 0; i < len(prelude); {
			end := i + bytes.IndexByte(prelude[i:], ',')
			if end < i {
				end = len(prelude)
			}
			rs.key(subjectKey(prelude[i:end]), n, device, hides)
			i = end + 1
		}
		return
	}
	sels := rs.list[n].Selectors()
	for k := range sels {
		rs.key(sels[k].Key(), n, device, hides)
	}
}

func (rs *Rules) key(k Key, n int32, device, hides bool) {
	if device {
		rs.device.add(k, n)
		return
	}
	rs.index.add(k, n)
	if hides {
		rs.hides.add(k, n)
	}
}

// mayHide reports whether declarations could hide an element, alone or together
// with others: those of them that [Hiding] acts on.
func mayHide(decls []Decl) bool {
	for i := range decls {
		d := &decls[i]
		switch d.Name {
		case "display":
			if d.Value == "none" {
				return true
			}
		case "visibility":
			if d.Value != "visible" {
				return true
			}
		case "width", "height", "max-width", "max-height":
			if px, ok, _ := ParseLength(d.Value); ok && px == 0 {
				return true
			}
		case "left", "top", "right", "text-indent":
			if strings.HasPrefix(d.Value, "-") {
				return true
			}
		case "overflow":
			if hides(d.Value) {
				return true
			}
		case "opacity", "position", "clip", "clip-path", "transform", "zoom", "mso-hide":
			return true
		}
	}
	return false
}

// blockScanner finds what structures a sheet: semicolons and braces outside
// strings, comments and URLs.
type blockScanner struct {
	src []byte
	pos int
}

// next moves past the next ; { or } and returns it, 0 at the end.
func (s *blockScanner) next() byte {
	src, i := s.src, s.pos
	for {
		for i < len(src) && !structures[src[i]] {
			i++
		}
		if i >= len(src) {
			s.pos = len(src)
			return 0
		}
		switch c := src[i]; c {
		case ';', '{', '}':
			s.pos = i + 1
			return c
		case '"', '\'':
			i = stringEnd(src, i)
		case '/':
			i++
			if i < len(src) && src[i] == '*' {
				n := bytes.Index(src[i+1:], []byte("*/"))
				if n < 0 {
					s.pos = len(src)
					return 0
				}
				i += n + 3
			}
		case '\\':
			i += 2
		case '(':
			i++
			if i >= 4 && equalFold(src[i-4:i-1], "url") {
				i = urlEnd(src, i)
			}
		}
	}
}

var structures = byteSet(";{}\"'/\\(")

func byteSet(s string) (set [256]bool) {
	for i := range len(s) {
		set[s[i]] = true
	}
	return set
}

// stringEnd returns where the string that starts at i ends; a line end inside
// makes it bad and ends it too.
func stringEnd(src []byte, i int) int {
	q := src[i]
	for i++; i < len(src); i++ {
		switch src[i] {
		case q, '\n', '\r', '\f':
			return i + 1
		case '\\':
			i++
		}
	}
	return len(src)
}

// urlEnd returns where an unquoted url( ends whose text starts at i, i itself
// where a string follows.
func urlEnd(src []byte, i int) int {
	j := i
	for j < len(src) && src[j] <= ' ' {
		j++
	}
	if j < len(src) && (src[j] == '"' || src[j] == '\'') {
		return i
	}
	for ; j < len(src); j++ {
		switch src[j] {
		case ')':
			return j + 1
		case '\\':
			j++
		}
	}
	return len(src)
}

func equalFold(b []byte, s string) bool { return len(b) == len(s) && strings.EqualFold(view(b), s) }

// blockEnd moves past the block that was just opened, with the blocks inside,
// and returns where its content ends.
func (s *blockScanner) blockEnd() int {
	for depth := 1; ; {
		switch s.next() {
		case 0:
			return len(s.src)
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return s.pos - 1
			}
		}
	}
}

// ParseDeclarations appends the declarations of a style attribute or rule body
// whose names keep accepts; nil keeps all. They are views of style where it is
// in lower case.
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
		value := lowerView(trim(decl[i+1:]))
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
		if !brackets[b[i]] {
			continue
		}
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

var brackets = byteSet(";()\"'\\")

// trim cuts blanks and comments at both ends.
func trim(b []byte) []byte {
	b = trimBlanks(b)
	for len(b) > 1 && b[0] == '/' && b[1] == '*' {
		i := bytes.Index(b, []byte("*/"))
		if i < 0 {
			return nil
		}
		b = trimBlanks(b[i+2:])
	}
	return b
}

func trimBlanks(b []byte) []byte {
	for len(b) > 0 && b[0] <= ' ' {
		b = b[1:]
	}
	for len(b) > 0 && b[len(b)-1] <= ' ' {
		b = b[:len(b)-1]
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
	return lowerView(b)
}

// lowerView returns b in lower case, without copying where it is already.
func lowerView(b []byte) string {
	for _, c := range b {
		if c >= 'A' && c <= 'Z' {
			return strings.ToLower(string(b))
		}
	}
	return view(b)
}

// enter says what an at-rule means for the rules inside: whether it asks for a
// kind of device, and whether they are not for reading at all.
func enter(prelude []byte) (device, skip bool) {
	low := strings.ToLower(string(prelude[:min(len(prelude), 400)]))
	switch {
	case strings.HasPrefix(low, "@media"):
		q := strings.TrimSpace(low[len("@media"):])
		switch {
		case onlyPrint(q):
			return false, true
		case q == "" || q == "all" || q == "screen" || q == "only screen":
			return false, false
		}
		return true, false
	case strings.HasPrefix(low, "@supports"), strings.HasPrefix(low, "@container"):
		return true, false
	case strings.HasPrefix(low, "@layer"), strings.HasPrefix(low, "@scope"):
		return false, false
	}
	return false, true
}
