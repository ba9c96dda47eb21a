// Package css reads style sheets and style attributes: every reference that
// they load, and the rules that decide whether an element can be seen.
//
// It works on bytes by the tokens of CSS Syntax Level 3, forgives what
// browsers forgive, keeps offsets and allocates nothing per token.
package css

import (
	"bytes"
	"strings"
)

// Trigger says when a reference in a style sheet loads.
type Trigger uint8

// The triggers.
const (
	Open    Trigger = iota // by rendering, or by pointing at something
	Print                  // when printed
	Forward                // when replied to or forwarded
)

// Ref is one reference in a style sheet.
type Ref struct {
	URL        string // without escapes
	Start, End int    // the bytes of exactly the URL as written
	Property   string // in lower case: "background-image", "@import", "--x"
	Condition  string // media query and the like, or the selector that is a condition
	Trigger    Trigger
	DarkMode   bool // loaded in dark or in light mode only
}

// MayLoad reports whether src can hold a reference at all. It may say yes too
// often, never too seldom.
func MayLoad(src []byte) bool {
	if len(src) < 6 {
		return false
	}
	for i := 0; ; {
		j := bytes.IndexByte(src[i:], '(')
		if j < 0 {
			break
		}
		if at := i + j; loads(src[max(0, at-18):at]) {
			return true
		}
		i += j + 1
	}
	return bytes.IndexByte(src, '\\') >= 0 || imports(src)
}

func imports(src []byte) bool {
	for {
		i := bytes.IndexByte(src, '@')
		if i < 0 {
			return false
		}
		if src = src[i+1:]; startsFold(src, "import") {
			return true
		}
	}
}

func loads(before []byte) bool {
	for _, f := range loaders {
		if len(before) >= len(f) && strings.EqualFold(string(before[len(before)-len(f):]), f) {
			return true
		}
	}
	return false
}

// loaders are the functions whose argument is loaded.
var loaders = []string{"url", "image-set", "image", "src", "alphaimageloader", "icmfilter", "url-prefix"}

// Stylesheet visits the references of a style sheet in order of place until
// visit returns false.
func Stylesheet(src []byte, visit func(*Ref) bool) {
	p := parser{lexer: lexer{src: src}, visit: visit}
	p.run()
}

// Declarations visits the references of a style attribute in order of place
// until visit returns false.
func Declarations(src []byte, visit func(*Ref) bool) {
	p := parser{lexer: lexer{src: src}, visit: visit, inline: true}
	p.run()
}

// block is one that is open: the at-rule's name, if it is one, and what stands
// before the brace.
type block struct {
	rule    string
	prelude []byte
}

// context is what the open blocks say of a reference inside them.
type context struct {
	trigger   Trigger
	dark      bool
	condition string
	rule      string // of the innermost block
}

func (p *parser) context() context {
	var c context
	for i := range p.blocks {
		c.add(&p.blocks[i])
	}
	return c
}

func (c *context) add(b *block) {
	c.rule = b.rule
	if b.rule == "" {
		if forwards(b.prelude) {
			c.trigger = Forward
			c.condition = join(c.condition, short(string(b.prelude)))
		} else if interacts(b.prelude) {
			c.condition = join(c.condition, short(string(b.prelude)))
		}
		return
	}
	cond := strings.TrimSpace(string(b.prelude))
	switch b.rule {
	case "@media":
		query := strings.TrimSpace(cond[min(len(cond), len("@media")):])
		if onlyPrint(query) {
			c.trigger = Print
		}
		c.dark = c.dark || strings.Contains(strings.ToLower(query), "prefers-color-scheme")
		c.condition = join(c.condition, query)
	case "@font-face", "@layer", "@page", "@property", "@counter-style", "@scope", "@starting-style":
	default:
		c.condition = join(c.condition, short(cond))
	}
}

// parser walks a sheet. A statement is what stands between two of ; { and }.
type parser struct {
	lexer
	visit  func(*Ref) bool
	inline bool
	blocks []block
	depth  int // of blocks deeper than are kept
	funcs  []string
	stmt   int    // where the statement starts
	name   string // its first name
	colon  bool   // a colon stands after the name
	quoted int    // an @import has had its URL
	whole  bool   // every statement is read
	ref    Ref
}

// maxBlocks bounds the nesting that is kept; deeper blocks are read as their
// parents.
const maxBlocks = 64

func (p *parser) run() {
	for p.pos < len(p.src) {
		if !p.inline && !p.whole && p.skip() {
			continue
		}
		if !p.statement() {
			return
		}
	}
}

// skip steps over a statement that can hold no reference, up to what ends it.
// It reports false for others, and moves nothing.
func (p *parser) skip() bool {
	s := blockScanner{src: p.src, pos: p.pos}
	from, end := p.pos, len(p.src)
	c := s.next()
	if c != 0 {
		end = s.pos - 1
	}
	if MayLoad(p.src[from:end]) {
		return false
	}
	switch c {
	case '{':
		if head := trim(p.src[from:end]); len(head) > 0 && head[0] != '.' && head[0] != '#' && !isLetter(head[0]) {
			return false // an at-rule, or what must be read to know
		}
		p.pos = s.pos
		p.openBlock()
	case '}':
		p.pos = s.pos
		p.closeBlock()
	default:
		p.pos = s.pos
		p.begin()
	}
	return true
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// statement reads tokens up to the end of a statement. It reports false when
// nothing more is to be read.
func (p *parser) statement() bool {
	for {
		switch t := p.next(); t {
		case eof:
			return false
		case ';':
			p.begin()
			return true
		case '{':
			p.openBlock()
			return true
		case '}':
			p.closeBlock()
			return true
		case ':':
			p.colon = true
		case name, atName:
			if p.name == "" && !p.colon {
				p.name = p.text()
				if t == atName {
					p.name = "@" + p.name
				}
			}
		case function:
			p.enter(functionName(p.text()))
		case '(':
			p.enter("")
		case ')':
			if n := len(p.funcs); n > 0 {
				p.funcs = p.funcs[:n-1]
			}
		case str:
			if p.loadsString() && !p.emit() {
				return false
			}
		case urlToken:
			if !p.emit() {
				return false
			}
		}
	}
}

// maxFuncs bounds the nesting of functions that is kept.
const maxFuncs = 1024

func (p *parser) enter(name string) {
	if p.funcs = append(p.funcs, name); len(p.funcs) > maxFuncs {
		p.funcs = p.funcs[:1]
	}
}

// functionName keeps the names that matter, without an allocation for others.
func functionName(s string) string {
	for _, f := range loaders {
		if s == f || strings.HasPrefix(s, "-") && strings.HasSuffix(s, "-"+f) || strings.HasSuffix(s, "."+f) {
			return f
		}
	}
	return ""
}

func (p *parser) begin() {
	p.stmt, p.name, p.colon, p.quoted = p.pos, "", false, 0
	p.funcs = p.funcs[:0]
}

// loadsString reports whether a string here is a URL.
func (p *parser) loadsString() bool {
	if n := len(p.funcs); n > 0 {
		return p.funcs[n-1] != ""
	}
	return p.name == "@import" && p.quoted == 0
}

func (p *parser) openBlock() {
	b := block{prelude: bytes.TrimSpace(p.src[p.stmt : p.pos-1])}
	if strings.HasPrefix(p.name, "@") {
		b.rule = p.name
	}
	if len(p.blocks) < maxBlocks {
		p.blocks = append(p.blocks, b)
	} else {
		p.depth++
	}
	p.begin()
}

func (p *parser) closeBlock() {
	switch {
	case p.depth > 0:
		p.depth--
	case len(p.blocks) > 0:
		p.blocks = p.blocks[:len(p.blocks)-1]
	}
	p.begin()
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	if len(a) > 400 {
		return a
	}
	return a + " and " + b
}

func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 200 {
		s = s[:200]
	}
	return s
}

// onlyPrint reports whether every branch of a media query list needs print.
func onlyPrint(query string) bool {
	if query == "" {
		return false
	}
	for branch := range strings.SplitSeq(strings.ToLower(query), ",") {
		branch = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(branch), "only "))
		if rest, ok := strings.CutPrefix(branch, "print"); !ok || rest != "" && rest[0] != ' ' {
			return false
		}
	}
	return true
}

// forwardMarks are what mail clients put around a message that is replied to
// or forwarded; Litmus, Email on Acid and others select by them.
var forwardMarks = []string{
	"#mailcontainerbody", "outlookmessageheader", "moz-email-headers-table", "gmail_quote", "blockquote #",
	"blockquote .", "class~=x_", "class~=\"x_", "#x_", ".x_", "#mail-editor-reference-message-container",
}

func forwards(selector []byte) bool {
	if len(selector) > 4096 {
		return false
	}
	low := strings.ToLower(string(selector))
	for _, m := range forwardMarks {
		if strings.Contains(low, m) {
			return true
		}
	}
	return false
}

func interacts(selector []byte) bool {
	for _, s := range []string{":hover", ":focus", ":active", ":checked", ":visited", ":target"} {
		if bytes.Contains(selector, []byte(s)) {
			return true
		}
	}
	return false
}

// inert reports whether a URL here is a name or a question, not a load.
func (p *parser) inert() bool {
	switch p.name {
	case "@namespace", "@document", "@-moz-document", "@supports", "@media", "@container":
		return true
	}
	return !p.inline && len(p.blocks) == 0 && p.name != "@import"
}

// emit visits the URL of the current token.
func (p *parser) emit() bool {
	text := p.text()
	if text == "" || p.inert() {
		return true
	}
	r := &p.ref
	*r = Ref{URL: text, Start: p.start, End: p.end, Property: p.name}
	if len(p.blocks) > 0 {
		c := p.context()
		r.Condition, r.Trigger, r.DarkMode = c.condition, c.trigger, c.dark
		if c.rule == "@font-face" {
			r.Property = c.rule
		}
	}
	if p.name == "@import" {
		if p.quoted > 0 {
			return true
		}
		p.quoted++
		rest := p.src[p.pos:]
		if i := bytes.IndexByte(rest, ';'); i >= 0 {
			rest = rest[:i]
		}
		if media := strings.TrimLeft(string(rest[:min(len(rest), 200)]), ") \t\r\n"); media != "" {
			r.Condition = join(r.Condition, short(media))
			if onlyPrint(media) {
				r.Trigger = Print
			}
		}
	}
	return p.visit(r)
}
