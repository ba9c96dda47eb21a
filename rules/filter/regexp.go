package filter

import (
	"regexp/syntax"
	"strings"
)

// parseRegexp takes a regular expression as the pattern.
func (f *Filter) parseRegexp(expr string) (reason string) {
	f.Pattern, f.Anchor = expr, Regexp
	re, err := syntax.Parse(regexpSource(expr, f.MatchCase), syntax.Perl)
	if err != nil {
		return regexpReason(err)
	}
	if matchesAll(re.Simplify()) {
		f.Pattern, f.Anchor = "", 0
	}
	return ""
}

// regexpSource writes an expression of JavaScript as one of Go.
func regexpSource(expr string, matchCase bool) string {
	if strings.Contains(expr, `\u`) {
		expr = unicodeEscapes(expr)
	}
	if matchCase {
		return expr
	}
	return "(?i)" + expr
}

// unicodeEscapes writes \u0041 as \x{0041}.
func unicodeEscapes(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '\\' || i+1 == len(s):
			b.WriteByte(s[i])
		case s[i+1] == 'u' && i+6 <= len(s):
			b.WriteString(`\x{` + s[i+2:i+6] + "}")
			i += 5
		default:
			b.WriteString(s[i : i+2])
			i++
		}
	}
	return b.String()
}

// regexpReason says what an expression needs that RE2 has not: RE2 matches in
// linear time, which rules out looking around and back references.
func regexpReason(err error) string {
	what := err.Error()
	if e, ok := err.(*syntax.Error); ok {
		what = string(e.Code) + ": " + e.Expr
		switch {
		case strings.HasPrefix(e.Expr, "(?=") || strings.HasPrefix(e.Expr, "(?!") || strings.HasPrefix(e.Expr, "(?<"):
			what = "looks around: " + e.Expr
		case e.Code == syntax.ErrInvalidEscape && len(e.Expr) == 2 && '1' <= e.Expr[1] && e.Expr[1] <= '9':
			what = "back reference: " + e.Expr
		}
	}
	return "regular expression that RE2 does not know: " + shorten(what)
}

// matchesAll reports whether an expression finds itself in every URL.
func matchesAll(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpStar, syntax.OpQuest, syntax.OpBeginText, syntax.OpEndText:
		return true
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return true
	case syntax.OpPlus, syntax.OpCapture:
		return matchesAll(re.Sub[0])
	case syntax.OpConcat:
		long := false // any length of text between the anchors
		for _, s := range re.Sub {
			if !matchesAll(s) {
				return false
			}
			if s.Op == syntax.OpStar || s.Op == syntax.OpPlus {
				long = long || s.Sub[0].Op == syntax.OpAnyChar || s.Sub[0].Op == syntax.OpAnyCharNotNL
			}
		}
		return long || re.Sub[len(re.Sub)-1].Op != syntax.OpEndText || re.Sub[0].Op != syntax.OpBeginText
	}
	return false
}

// gap stands in the literal text of an expression for what is not literal.
const gap = "*"

// literals returns the text that an expression needs in a URL, as a pattern:
// what lies between is a star. Anchors are told apart from the ends of text.
//
//	/\/[0-9a-f]{32}\/invoke\.js/  →  /*/invoke.js
//	/^https?:\/\/a\.b\//          →  |http*://a.b/
func literals(expr string, matchCase bool) (pattern string, a Anchor) {
	re, err := syntax.Parse(regexpSource(expr, matchCase), syntax.Perl)
	if err != nil {
		return "", 0
	}
	var w literalWriter
	w.write(re)
	return w.pattern(), w.anchor
}

type literalWriter struct {
	b      strings.Builder
	anchor Anchor
	ended  bool
}

func (w *literalWriter) pattern() string {
	p := w.b.String()
	if strings.HasPrefix(p, gap) {
		w.anchor &^= AnchorStart
	}
	if !w.ended || strings.HasSuffix(p, gap) {
		w.anchor &^= AnchorEnd
	}
	return collapse(p)
}

func (w *literalWriter) write(re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			w.literal(r)
		}
	case syntax.OpConcat:
		for _, s := range re.Sub {
			w.write(s)
		}
	case syntax.OpCapture:
		w.write(re.Sub[0])
	case syntax.OpPlus:
		w.write(re.Sub[0])
		w.b.WriteString(gap)
	case syntax.OpBeginText:
		if w.b.Len() == 0 {
			w.anchor |= AnchorStart
		} else {
			w.b.WriteString(gap)
		}
	case syntax.OpEndText:
		w.anchor |= AnchorEnd
		w.ended = true
		return
	case syntax.OpEmptyMatch:
	default:
		w.b.WriteString(gap)
	}
	if re.Op != syntax.OpConcat && re.Op != syntax.OpCapture {
		w.ended = false
	}
}

func (w *literalWriter) literal(r rune) {
	// "*" in a URL, and letters outside ASCII, are left out: too rare to help.
	if r >= 0x80 || r == '*' {
		w.b.WriteString(gap)
		return
	}
	w.b.WriteByte(lower(byte(r)))
}

// longest returns the longest piece of literal text in a pattern.
func longest(pattern string) string {
	best := ""
	for piece := range strings.SplitSeq(pattern, gap) {
		if len(piece) > len(best) {
			best = piece
		}
	}
	return best
}
