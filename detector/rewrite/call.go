package rewrite

import (
	"bytes"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/mime"
)

// noCall is an expression that stands for a call, or an assignment, at [start,
// end) of a script, and does nothing. It needs no quotes, and no brackets that a
// line before could take for arguments of its own. What goes on with the result
// still can: a promise for what is called then, the object of the method for
// the next one of a chain, and an empty value of its kind for one that is assigned.
func noCall(script []byte, start, end int) string {
	text := string(script[start:end])
	switch {
	case text == "":
		return ""
	case len(text) > 3 && text[:3] == "new" && !isName(text[3]):
		return "Array()" // which takes what is pushed
	case text[0] == '.', text[0] == '?', text[0] == '[':
		return "" // a link of a chain
	case text[0] == '(':
		if n := queue(text); n > 0 {
			return text[:n]
		}
	}
	if n := assigned(text); n > 0 {
		return text[:n] + empty(text[n:])
	}
	after := behind(script[end:])
	if len(after) == 0 || !hangsOn(after) {
		return "void(0)"
	}
	method := bytes.TrimLeft(after, "?.")
	for _, name := range []string{"then", "catch", "finally"} {
		if rest, ok := bytes.CutPrefix(method, []byte(name)); ok && len(rest) > 0 && !isName(rest[0]) {
			return "Promise.resolve()"
		}
	}
	switch n, sign := object(text); {
	case n == 0 || after[0] != '.' && after[0] != '?' && after[0] != '[':
		return "Object()"
	case sign == 2: // what follows is left out where the object is not there
		return text[:n] + "?.valueOf()"
	default:
		return text[:n]
	}
}

// hangsOn reports whether what follows a call goes on with its result, or could not
// follow an operator.
func hangsOn(after []byte) bool {
	return strings.IndexByte(".[(`", after[0]) >= 0 || bytes.HasPrefix(after, []byte("?.")) || bytes.HasPrefix(after, []byte("**"))
}

// object is where the object of the method ends that a call calls, 0 if it calls
// none, and how long the sign is behind it: "?." tells that it may not be there.
func object(call string) (end, sign int) {
	for i := 0; i < len(call); {
		switch c := call[i]; {
		case isName(c), strings.IndexByte(blanks, c) >= 0:
			i++
		case c == '.':
			end, sign = i, 1
			i++
		case strings.HasPrefix(call[i:], "?."):
			end, sign = i, 2
			i += 2
		case c == '[':
			close := strings.IndexByte(call[i:], ']')
			if close < 0 || !isQuoted(call[i+1:i+close]) {
				return end, sign
			}
			if i == 0 || call[i-1] != '.' { // of ?.[
				end, sign = i, 1
			}
			i += close + 1
		case strings.HasPrefix(call[i:], "()") && i+2 < len(call):
			i += 2
		default:
			return end, sign
		}
	}
	return end, sign
}

// isQuoted reports whether all of an expression is a plain string.
func isQuoted(s string) bool {
	n := len(s) - 1
	return n > 0 && strings.IndexByte("'\"`", s[0]) >= 0 && s[n] == s[0] && strings.IndexByte(s[1:n], s[0]) < 0
}

// queue is how long the brackets are in (window._paq = window._paq || []).push(…),
// which make the queue that others may use; 0 for others.
func queue(call string) int {
	for i := 1; i < len(call); i++ {
		switch c := call[i]; {
		case c == ')':
			return i + 1
		case !isName(c) && strings.IndexByte(".=|?[]{} ", c) < 0:
			return 0
		}
	}
	return 0
}

// assigned is where the value begins of an assignment, 0 for what is none. What an
// "||" stands before may be there already and is kept: q = q || [['a']].
func assigned(text string) int {
	n := place(text)
	rest := strings.TrimLeft(text[n:], blanks)
	for _, operator := range []string{"=", "||=", "??=", "&&="} {
		value, ok := strings.CutPrefix(rest, operator)
		if !ok || strings.HasPrefix(value, "=") || strings.HasPrefix(value, ">") {
			continue
		}
		value = strings.TrimLeft(value, blanks)
		kept := strings.TrimLeft(value[place(value):], blanks)
		for _, or := range []string{"||", "??"} {
			if made, ok := strings.CutPrefix(kept, or); ok && len(kept) < len(value) {
				if made = strings.TrimLeft(made, blanks); strings.HasPrefix(made, "[") || strings.HasPrefix(made, "{") {
					value = made
				}
			}
		}
		return len(text) - len(value)
	}
	return 0
}

const blanks = " \t\r\n"

// place is how long the variable, or the property, is that text begins with.
func place(text string) int {
	n := 0
	for n < len(text) && (isName(text[n]) || strings.IndexByte(".[]'\"", text[n]) >= 0) {
		n++
	}
	return n
}

// behind is what follows without blanks and comments, if that is not far.
func behind(script []byte) []byte {
	script = script[:min(len(script), maxCall)]
	for {
		script = bytes.TrimLeft(script, blanks)
		switch {
		case bytes.HasPrefix(script, []byte("//")):
			n := bytes.IndexByte(script, '\n')
			if n < 0 {
				return nil
			}
			script = script[n:]
		case bytes.HasPrefix(script, []byte("/*")):
			n := bytes.Index(script[2:], []byte("*/"))
			if n < 0 {
				return nil
			}
			script = script[n+4:]
		default:
			return script
		}
	}
}

// empty is an empty value of the kind that an expression is written as.
func empty(value string) string {
	switch {
	case strings.HasPrefix(value, "{"):
		return "{}"
	case strings.HasPrefix(value, "["):
		return "[]"
	}
	return "void(0)"
}

// maxCall is how long a call may be that is taken away whole, and how far from
// its URL it may stand.
const maxCall = 8 << 10

// A sender is a function that throws, or rejects, for a URL that is none of a server.
type sender struct {
	name string
	text string // that calls of it become
	fits func(text []byte, start, end int) bool
	kept bool // the URL is looked for in the variable that holds it too
}

var senders = []sender{
	{"sendBeacon", "void(0)", anywhere, true}, // Beacon section 4.1
	{"fetch", "void(0)", unused, false},
	{"WebSocket", "EventTarget()", made, true}, // WebSockets section 3.1; takes the same listeners and never calls them
}

func anywhere([]byte, int, int) bool { return true }

// made reports whether a call is that of a constructor.
func made(text []byte, start, _ int) bool {
	before := bytes.TrimRight(text[:start], blanks)
	return len(before) < start && bytes.HasSuffix(before, []byte("new"))
}

// sent are the calls that a reference's URL, at [start, end) of text, is handed to and
// that are to become something else. They are the call around the URL, or, for a URL
// that a variable holds, those calls after it that name the variable.
func sent(text []byte, vector string, start, end int) []mime.Edit {
	from := max(0, start-maxCall)
	for _, s := range senders {
		if vector != "script:"+s.name && !strings.Contains(vector, "[on") {
			continue
		}
		if at := bytes.LastIndex(text[from:start], []byte(s.name)); at >= 0 {
			if a, b, ok := call(text, from+at, len(s.name)); ok && b >= end && s.fits(text, a, b) {
				return []mime.Edit{s.edit(a, b)}
			}
		}
		if name := variable(text[from:start]); s.kept && vector == "script:"+s.name && len(name) > 0 {
			return s.calls(text[:min(len(text), end+maxCall)], end, name)
		}
	}
	return nil
}

func (s *sender) edit(start, end int) mime.Edit {
	return mime.Edit{Range: mime.Range{Start: start, End: end}, Text: []byte(s.text)}
}

// maxHeld is how many calls are looked at that name one variable.
const maxHeld = 16

// calls are those from an offset on whose first argument is a variable.
func (s *sender) calls(text []byte, at int, name []byte) (found []mime.Edit) {
	for seen := 0; seen < maxHeld; {
		n := bytes.Index(text[at:], []byte(s.name))
		if n < 0 {
			break
		}
		at += n + len(s.name)
		args, ok := bytes.CutPrefix(bytes.TrimLeft(text[at:], "])'\" \t\r\n"), []byte("("))
		if !ok {
			continue
		}
		if rest, ok := bytes.CutPrefix(bytes.TrimLeft(args, blanks), name); !ok || len(rest) == 0 || isName(rest[0]) {
			continue
		}
		seen++
		if a, b, ok := call(text, at-len(s.name), len(s.name)); ok && s.fits(text, a, b) {
			found = append(found, s.edit(a, b))
		}
	}
	return found
}

// variable is the name that is assigned the literal which follows text.
func variable(text []byte) []byte {
	text = bytes.TrimRight(text, "'\"`")
	text, ok := bytes.CutSuffix(bytes.TrimRight(text, blanks), []byte("="))
	if !ok {
		return nil
	}
	text = bytes.TrimRight(text, blanks)
	n := len(text)
	for n > 0 && isName(text[n-1]) {
		n--
	}
	return text[n:]
}

func isName(c byte) bool { return isLetter(c) || c >= '0' && c <= '9' || c == '_' || c == '$' }

// call is the range of the call whose function's last name stands at an offset,
// with what the name is a property of. It reports false for what is no call, or
// none that can be told without reading the script.
func call(text []byte, at, n int) (start, end int, ok bool) {
	start, end = at, at+n
	if start >= 2 && text[start-2] == '[' && (text[start-1] == '\'' || text[start-1] == '"') {
		if end+1 >= len(text) || text[end] != text[start-1] || text[end+1] != ']' {
			return 0, 0, false
		}
		start, end = start-2, end+2
	}
	for start > 0 && (isName(text[start-1]) || text[start-1] == '.' || text[start-1] == '?' && text[start] == '.') {
		start--
	}
	if start > 0 && (text[start-1] == ')' || text[start-1] == ']') && text[start] == '.' {
		return 0, 0, false // of what something returned
	}
	for end < len(text) && strings.IndexByte(blanks, text[end]) >= 0 {
		end++
	}
	if end == len(text) || text[end] != '(' {
		return 0, 0, false
	}
	depth, last := 0, byte(0)
	for i, till := end, min(len(text), end+maxCall); i < till; i++ {
		c := text[i]
		switch c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth == 0 {
				return start, i + 1, c == ')'
			}
		case '\'', '"', '`':
			for i++; i < till && text[i] != c; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case '/':
			switch {
			case i+1 < till && text[i+1] == '/':
				for i < till && text[i] != '\n' {
					i++
				}
			case i+1 < till && text[i+1] == '*':
				k := bytes.Index(text[i+2:till], []byte("*/"))
				if k < 0 {
					return 0, 0, false
				}
				i += k + 3
			case !isName(last) && last != ')' && last != ']':
				return 0, 0, false // a regular expression
			}
			continue
		}
		if strings.IndexByte(blanks, c) < 0 {
			last = c
		}
	}
	return 0, 0, false
}

// unused reports whether a call is a statement of its own.
func unused(text []byte, start, end int) bool {
	before := bytes.TrimRight(text[:start], blanks)
	after := bytes.TrimLeft(text[end:], blanks)
	if len(after) > 0 && strings.IndexByte(";}<", after[0]) < 0 {
		return false
	}
	return len(before) == 0 || strings.IndexByte(";{})", before[len(before)-1]) >= 0 || bytes.HasSuffix(before, []byte(">")) && !bytes.HasSuffix(before, []byte("=>"))
}
