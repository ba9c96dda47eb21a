package script

import (
	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/js"
)

// library fills r.toks as lex does, by the lexer of tdewolff/parse, which knows
// all of ECMAScript and goes on behind errors. It gets a copy, because it writes
// a byte behind the end. What it cannot read is left out: a browser would not run
// the script, but a client may read it otherwise.
func (r *Reader) library() {
	r.toks, r.open, r.asks, r.functions, r.Comments = r.toks[:0], r.open[:0], r.asks[:0], r.functions[:0], r.Comments[:0]
	r.buf = append(append(r.buf[:0], r.src...), 0)
	in := parse.NewInputBytes(r.buf[: len(r.src) : len(r.src)+1])
	defer in.Restore()
	l := js.NewLexer(in)
	newline := false
	at, errs := 0, 0
	for {
		kind, text := l.Next()
		if (kind == js.DivToken || kind == js.DivEqToken) && !endsValue(r.toks) {
			if re, t := l.RegExp(); re == js.RegExpToken {
				kind, text = re, t
			} else {
				in.Skip()
			}
		}
		to := in.Offset()
		from := to - len(text)
		switch kind {
		case js.ErrorToken:
			// The lexer looks for the line of each error from the start.
			if errs++; errs > maxErrors {
				return
			}
			if to <= at && to >= len(r.src) || l.Err() == nil {
				return
			}
			if to <= at {
				in.Move(1)
				in.Skip()
				to++
			}
			if to >= len(r.src) {
				return
			}
			at = to
			continue
		case js.WhitespaceToken:
			at = to
			continue
		case js.LineTerminatorToken:
			newline, at = true, to
			continue
		case js.CommentToken, js.CommentLineTerminatorToken:
			r.Comments = append(r.Comments, [2]int{from, to})
			newline, at = newline || kind == js.CommentLineTerminatorToken, to
			continue
		}
		at = to
		match := r.pair(r.toks, kind)
		if len(r.toks) == maxTokens {
			r.Cut = true
			return
		}
		switch {
		case kind == js.FunctionToken:
			r.functions = append(r.functions, int32(len(r.toks)))
		case kind == js.IdentifierToken && isArguments(text):
			r.asks = append(r.asks, int32(len(r.toks)))
		}
		r.toks = append(r.toks, tok{kind: kind, newline: newline, from: int32(from), to: int32(to), match: match})
		newline = false
	}
}

// maxErrors is how much the lexer may not understand before it gives up: that
// is no script.
const maxErrors = 5
