package rewrite

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/mime"
)

// Diff is a unified diff of the decoded parts and the headers of two messages
// or documents.
func Diff(name string, before, after []byte, html bool) string {
	if bytes.Equal(before, after) {
		return ""
	}
	var b strings.Builder
	if html {
		unified(&b, name, before, after)
		return b.String()
	}
	var r, q mime.Reader
	m, n := r.Split(before, mime.Limits{}), q.Split(after, mime.Limits{})
	unified(&b, name+":HEADER", m.Header.Of(m.Src), n.Header.Of(n.Src))
	for i := range m.Parts {
		if i >= len(n.Parts) || m.Parts[i].IsContainer() || bytes.Equal(m.Parts[i].Raw(), n.Parts[i].Raw()) {
			continue
		}
		x, _, _ := r.Decode(&m.Parts[i])
		y, _, _ := q.Decode(&n.Parts[i])
		x, _ = mime.ToUTF8(x, m.Parts[i].Charset)
		y, _ = mime.ToUTF8(y, n.Parts[i].Charset)
		unified(&b, name+":"+m.Parts[i].Path, x, y)
	}
	return b.String()
}

// unified writes the hunks between two texts.
func unified(b *strings.Builder, name string, before, after []byte) {
	x, y := lines(before), lines(after)
	ops := diffLines(x, y)
	const context = 2
	header := false
	for i := 0; i < len(ops); {
		if ops[i].kind == ' ' {
			i++
			continue
		}
		from, to := max(0, i-context), i
		for quiet := 0; to < len(ops) && quiet <= 2*context; to++ {
			if quiet++; ops[to].kind != ' ' {
				quiet = 0
			}
		}
		end := to
		for end > i && ops[end-1].kind == ' ' {
			end--
		}
		end = min(len(ops), end+context)
		if !header {
			fmt.Fprintf(b, "--- %s\n+++ %s\n", name, name)
			header = true
		}
		nx, ny := 0, 0
		for _, op := range ops[from:end] {
			if op.kind != '+' {
				nx++
			}
			if op.kind != '-' {
				ny++
			}
		}
		fmt.Fprintf(b, "@@ -%d,%d +%d,%d @@\n", ops[from].x+1, nx, ops[from].y+1, ny)
		for _, op := range ops[from:end] {
			b.WriteByte(op.kind)
			b.WriteString(op.text)
			b.WriteByte('\n')
		}
		i = end
	}
}

func lines(text []byte) []string {
	s := strings.ReplaceAll(string(text), "\r\n", "\n")
	s = strings.TrimSuffix(s, "\n")
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

// op is one line of a diff and where it stands in both texts.
type op struct {
	kind byte
	text string
	x, y int
}

// window bounds the search for the next line that both texts have.
const window = 200

// diffLines compares line by line; where the texts part it takes the nearest
// pair of equal lines. Edits are few and small, so that is the shortest diff or
// near to it.
func diffLines(x, y []string) []op {
	var ops []op
	i, j := 0, 0
	for i < len(x) || j < len(y) {
		if i < len(x) && j < len(y) && x[i] == y[j] {
			ops = append(ops, op{' ', x[i], i, j})
			i, j = i+1, j+1
			continue
		}
		di, dj := len(x)-i, len(y)-j
	search:
		for sum := 1; sum < window; sum++ {
			for a := 0; a <= sum; a++ {
				if p, q := i+a, j+sum-a; p < len(x) && q < len(y) && x[p] == y[q] {
					di, dj = a, sum-a
					break search
				}
			}
		}
		for n := range di {
			ops = append(ops, op{'-', x[i+n], i + n, j})
		}
		for n := range dj {
			ops = append(ops, op{'+', y[j+n], i + di, j + n})
		}
		i, j = i+di, j+dj
	}
	return ops
}
