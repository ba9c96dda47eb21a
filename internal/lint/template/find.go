package template

import (
	"bytes"
	"strings"
)

// maxTag is how long a tag may be; what opens and does not end by then is text.
const maxTag = 16 << 10

// role is what a control tag does to blocks.
type role uint8

const (
	plain role = iota
	opens
	parts // goes over to another branch
	ends
)

// openers are the bytes that a tag may begin with.
var openers = [256]bool{'{': true, '<': true, '*': true, '%': true, '[': true, '$': true, '#': true, '-': true}

// maxTags is how many tags are read; no template has as many.
const maxTags = 100_000

// find lists the tags of text in order, and says whether there are more.
func find(text []byte) (tags []Tag, more bool) {
	f := finder{text: text}
	for i := 0; i < len(text); {
		if len(tags) >= maxTags {
			return tags, true
		}
		if !openers[text[i]] || !f.mayOpen(i) {
			i++
			continue
		}
		t, ok := f.at(i)
		if !ok {
			i++
			continue
		}
		for t.From < t.To && isSpace(text[t.From]) {
			t.From++
		}
		for t.To > t.From && isSpace(text[t.To-1]) {
			t.To--
		}
		tags = append(tags, t)
		i = t.End
	}
	return tags, false
}

// mayOpen passes over the signs that are frequent in style sheets, at little cost.
func (f *finder) mayOpen(i int) bool {
	switch f.text[i] {
	case '-':
		return i > 0 && f.text[i-1] == '='
	case '#':
		return i+1 < len(f.text) && f.text[i+1] == '#'
	}
	return true
}

// A finder looks for tags. It remembers where the next end of each kind stands, so
// that text full of openings costs no more than other text.
type finder struct {
	text  []byte
	next  map[string]stretch
	spent int // bytes that unclosed has looked at
}

// A stretch has no end between from and at; at is the end or the length of the text.
type stretch struct{ from, at int }

// until finds end from i on, near enough.
func (f *finder) until(i int, end string) (at int, ok bool) {
	s, looked := f.next[end]
	if !looked || i < s.from || i > s.at {
		s = stretch{i, len(f.text)}
		if n := bytes.Index(f.text[min(i, len(f.text)):], []byte(end)); n >= 0 {
			s.at = i + n
		}
		if f.next == nil {
			f.next = map[string]stretch{}
		}
		f.next[end] = s
	}
	return s.at, s.at < len(f.text) && s.at-i <= maxTag
}

// has reports whether s stands at i.
func (f *finder) has(i int, s string) bool {
	return len(f.text)-i >= len(s) && string(f.text[i:i+len(s)]) == s
}

// at reads the tag that begins at i, if there is one.
func (f *finder) at(i int) (Tag, bool) {
	switch f.text[i] {
	case '{':
		return f.brace(i)
	case '<':
		return f.angle(i)
	case '*':
		if f.has(i, "*|") {
			return f.mailchimp(i)
		}
	case '%':
		return f.percent(i)
	case '[':
		return f.bracket(i)
	case '$':
		return f.dollar(i)
	case '#':
		return f.hashes(i)
	case '-':
		return f.dashes(i)
	}
	return Tag{}, false
}

// span makes a tag of the delimiters of n and m bytes around [.., end).
func span(i, n, end, m int, k Kind) Tag {
	return Tag{Start: i, From: i + n, To: end, End: end + m, Kind: k}
}

func (f *finder) brace(i int) (Tag, bool) {
	switch {
	case f.has(i, "{{"):
		return f.mustache(i)
	case f.has(i, "{%"):
		end, ok := f.until(i+2, "%}")
		if !ok || f.unclosed(i+2, end, "{%") {
			return Tag{}, false
		}
		t := span(i, 2, end, 2, Control)
		t.trim(f.text)
		word := firstWord(f.text[t.From:t.To])
		if word == "comment" {
			return f.liquidComment(t)
		}
		if t.role = blockRole(word); t.role == plain && !statements[word] {
			t.Kind = Output // {% unsubscribe %}, {% static 'a.png' %}
		}
		return t, true
	case f.has(i, "{!!"): // Blade, unescaped (laravel.com/docs/12.x/blade, "Displaying Unescaped Data")
		end, ok := f.until(i+3, "!!}")
		return span(i, 3, end, 3, Output), ok && !f.unclosed(i+3, end, "{!!")
	case f.has(i, "{#") && i+2 < len(f.text) && (isSpace(f.text[i+2]) || f.text[i+2] == '-'):
		end, ok := f.until(i+2, "#}")
		return span(i, 2, end, 2, Comment), ok
	}
	return f.single(i)
}

// trim leaves out the signs that control white space.
func (t *Tag) trim(text []byte) {
	for t.From < t.To && (text[t.From] == '-' || text[t.From] == '~' || isSpace(text[t.From])) {
		t.From++
	}
	for t.To > t.From && (text[t.To-1] == '-' || text[t.To-1] == '~' || isSpace(text[t.To-1])) {
		t.To--
	}
}

// liquidComment goes from {% comment %} to {% endcomment %}, and the same for Twig
// and Django.
func (f *finder) liquidComment(t Tag) (Tag, bool) {
	at, ok := f.until(t.End, "endcomment")
	if !ok {
		t.Kind = Comment
		return t, true
	}
	end, ok := f.until(at, "%}")
	if !ok {
		return Tag{}, false
	}
	return Tag{Start: t.Start, From: t.End, To: at, End: end + 2, Kind: Comment}, true
}

// mustache reads {{…}} of any language: as many braces as open must close, since
// Braze writes {{${email_address}}}.
func (f *finder) mustache(i int) (Tag, bool) {
	for _, c := range []struct{ open, end string }{{"{{!--", "--}}"}, {"{{~!--", "--~}}"}, {"{{/*", "*/}}"}, {"{{- /*", "*/ -}}"}, {"{{--", "--}}"}} {
		if f.has(i, c.open) {
			end, ok := f.until(i+len(c.open), c.end)
			return span(i, len(c.open), end, len(c.end), Comment), ok
		}
	}
	n := 2
	for n < 4 && f.has(i+n, "{") {
		n++
	}
	end, ok := f.until(i+2, "}}")
	if !ok || f.unclosed(i+n, end, "{{") {
		return Tag{}, false
	}
	end += 2
	inner := f.text[i:end]
	for open := bytes.Count(inner, []byte("{")) - bytes.Count(inner, []byte("}")); open > 0 && f.has(end, "}"); open-- {
		end++
	}
	t := span(i, n, max(end-n, i+n), min(n, end-i-n), Output)
	t.trim(f.text)
	t.mustacheKind(f.text)
	return t, true
}

func (t *Tag) mustacheKind(text []byte) {
	inner := text[t.From:t.To]
	if len(inner) == 0 {
		return
	}
	switch inner[0] {
	case '!':
		t.Kind = Comment
		return
	case '#', '^':
		t.Kind, t.role = Control, opens
		if len(inner) == 1 { // {{^}} parts
			t.role = parts
		}
		return
	case '/':
		t.Kind, t.role = Control, ends
		return
	case '>':
		t.Kind = Control
		return
	}
	word := firstWord(inner)
	t.role = blockRole(word)
	if t.role != plain || statements[word] || isAssignment(string(inner)) {
		t.Kind = Control
	}
}

// angle reads <%…%> of ERB and EJS, PHP, and <#…> of FreeMarker.
func (f *finder) angle(i int) (Tag, bool) {
	switch {
	case f.has(i, "<%"):
		end, ok := f.until(i+2, "%>")
		if !ok || f.unclosed(i+2, end, "<%") {
			return Tag{}, false
		}
		t := span(i, 2, end, 2, Control)
		switch {
		case f.has(i+2, "#"):
			t.From, t.Kind = i+3, Comment
			return t, true
		case f.has(i+2, "="):
			t.From, t.Kind = i+3, Output
			t.trim(f.text)
			return t, true
		}
		t.trim(f.text)
		t.scriptRole(f.text)
		if f.has(i+2, "-") && t.role == plain && !isAssignment(string(f.text[t.From:t.To])) {
			t.Kind = Output // EJS
		}
		return t, true
	case f.has(i, "<?=") || f.has(i, "<?php"):
		end, ok := f.until(i+3, "?>")
		if !ok {
			return Tag{}, false
		}
		if f.has(i, "<?=") {
			return span(i, 3, end, 2, Output), true
		}
		t := span(i, 5, end, 2, Control)
		t.trim(f.text)
		t.scriptRole(f.text)
		if bytes.HasPrefix(f.text[t.From:t.To], []byte("echo")) {
			t.Kind = Output
		}
		return t, true
	case f.has(i, "<#") && i+2 < len(f.text) && (isLetter(f.text[i+2]) || f.text[i+2] == '-'):
		return f.freemarker(i, 2)
	case f.has(i, "</#") && i+3 < len(f.text) && isLetter(f.text[i+3]):
		return f.freemarker(i, 3)
	}
	return Tag{}, false
}

// freemarker reads <#…> and </#…>, and the comment <#-- … -->. A directive ends at the
// first '>' outside of brackets and strings (FreeMarker Manual, "Directives").
func (f *finder) freemarker(i, n int) (Tag, bool) {
	if f.has(i, "<#--") {
		end, ok := f.until(i+4, "-->")
		return span(i, 4, end, 3, Comment), ok
	}
	end, depth, quote := i+n, 0, byte(0)
	for ; end < len(f.text) && end-i < 1000; end++ {
		c := f.text[end]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case c == '>' && depth <= 0:
			t := span(i, n, end, 1, Control)
			switch word := firstWord(f.text[t.From:t.To]); {
			case n == 3:
				if word == "if" || word == "list" || word == "switch" {
					t.role = ends
				}
			case word == "if" || word == "list" || word == "switch":
				t.role = opens
			case word == "else" || word == "elseif" || word == "case" || word == "default":
				t.role = parts
			}
			return t, true
		}
	}
	return Tag{}, false
}

// scriptRole reads what a statement of Ruby, JavaScript or PHP does to blocks.
func (t *Tag) scriptRole(text []byte) {
	inner := bytes.TrimSpace(text[t.From:t.To])
	closed, opened := bytes.HasPrefix(inner, []byte("}")), bytes.HasSuffix(inner, []byte("{"))
	word := firstWord(bytes.TrimLeft(inner, "} "))
	switch {
	case closed && opened || word == "else" || word == "elsif" || word == "elseif":
		t.role = parts
	case closed || word == "end" || word == "endif" || word == "endforeach":
		t.role = ends
	case opened || blockRole(word) == opens || bytes.HasSuffix(inner, []byte(" do")) || bytes.Contains(inner, []byte(" do |")):
		t.role = opens
	}
}

// mailchimp reads *|NAME|* (Mailchimp and Mandrill).
func (f *finder) mailchimp(i int) (Tag, bool) {
	end := i + 2
	for end < len(f.text) && end-i < 200 && f.text[end] != '|' && f.text[end] != '\n' && f.text[end] != '<' {
		end++
	}
	if !f.has(end, "|*") || end == i+2 || !isLetter(f.text[i+2]) {
		return Tag{}, false
	}
	t := span(i, 2, end, 2, Output)
	name := strings.ToUpper(string(f.text[t.From:t.To]))
	switch word, _, _ := strings.Cut(name, ":"); {
	case word == "IF" || word == "IFNOT" || word == "INTERESTED" || word == "FEEDBLOCK" || word == "RSSITEMS" || word == "FEEDITEMS":
		t.Kind, t.role = Control, opens
	case word == "ELSE" || word == "ELSEIF":
		t.Kind, t.role = Control, parts
	case word == "END":
		t.Kind, t.role = Control, ends
	}
	return t, true
}

// percent reads AMPscript (%%[…]%%, %%=…=%%), %%name%% and %name%.
func (f *finder) percent(i int) (Tag, bool) {
	switch {
	case f.has(i, "%%["):
		end, ok := f.until(i+3, "]%%")
		if !ok || f.unclosed(i+3, end, "%%[") {
			return Tag{}, false
		}
		t := span(i, 3, end, 3, Control)
		t.ampscriptRole(f.text)
		return t, true
	case f.has(i, "%%="):
		end, ok := f.until(i+3, "=%%")
		return span(i, 3, end, 3, Output), ok && !f.unclosed(i+3, end, "%%=")
	case f.has(i, "%%"):
		end := i + 2
		for end < len(f.text) && end-i < 100 && (isName(f.text[end]) || f.text[end] == ' ' || f.text[end] == '.' || f.text[end] == '-') {
			end++
		}
		return span(i, 2, end, 2, Output), f.has(end, "%%") && end > i+2 && (isLetter(f.text[i+2]) || f.text[i+2] == '_')
	}
	end := i + 1
	for end < len(f.text) && end-i < 60 && (isName(f.text[end]) || f.text[end] == '.' || f.text[end] == '-') {
		end++
	}
	if !f.has(end, "%") || end-i < 4 || !isLetter(f.text[i+1]) {
		return Tag{}, false
	}
	name := string(f.text[i+1 : end])
	ok := strings.HasPrefix(name, "recipient") || strings.Contains(name, "unsubscribe") ||
		name == strings.ToUpper(name) && !(isHex(name[0]) && isHex(name[1])) // else what a URL has escaped
	return span(i, 1, end, 1, Output), ok
}

// ampscriptRole reads what a block of AMPscript does to blocks: the last word that
// does something counts.
func (t *Tag) ampscriptRole(text []byte) {
	for word := range strings.FieldsFuncSeq(strings.ToLower(string(text[t.From:t.To])), func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == ';' }) {
		switch word {
		case "if", "for":
			t.role = opens
		case "else", "elseif":
			t.role = parts
		case "endif", "next":
			t.role = ends
		}
	}
}
