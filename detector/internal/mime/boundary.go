package mime

import (
	"bytes"
	"strings"
)

// delimited cuts body at the lines that hold a boundary (RFC 2046 section
// 5.1.1) and reports whether the last one was there. It stops after most parts.
func delimited(body, boundary []byte, most int) (spans []Range, closed bool) {
	boundary = bytes.TrimRight(boundary, " \t")
	if len(boundary) == 0 || bytes.ContainsAny(boundary, "\r\n") {
		return nil, false
	}
	start := -1
	rare := rarest(boundary)
	for at := 0; len(spans) < most; {
		i, after, last := delimiter(body, at, boundary, rare)
		if i < 0 {
			break
		}
		if start >= 0 {
			spans = append(spans, Range{start, beforeBreak(body, start, i)})
		}
		start, at = after, after
		if last {
			return spans, true
		}
	}
	if start >= 0 && start < len(body) {
		spans = append(spans, Range{start, len(body)})
	}
	return spans, false
}

// delimiter finds the next line at or after at that is a boundary: where it
// starts, where the next line does, and whether it is the last.
//
// It looks for the byte of the boundary at rare, and compares the rest there.
func delimiter(body []byte, at int, boundary []byte, rare int) (int, int, bool) {
	for at+len(boundary) <= len(body) {
		i := bytes.IndexByte(body[at+rare:], boundary[rare])
		if i < 0 {
			return -1, 0, false
		}
		i += at
		at = i + 1
		if !bytes.HasPrefix(body[i:], boundary) {
			continue
		}
		if i < 2 || body[i-1] != '-' || body[i-2] != '-' || i > 2 && !isBreak(body[i-3]) {
			// One that starts with hyphens may be found among those before it.
			// Else the next is on a later line, since none holds a line break.
			if i > 1 && !isBreak(body[i-1]) && !isBreak(body[i-2]) {
				at += indexAny(body[at:], "\r\n")
			}
			continue
		}
		end := i + len(boundary)
		last := bytes.HasPrefix(body[end:], []byte("--"))
		stop := end
		for stop < len(body) && !isBreak(body[stop]) {
			stop++
		}
		rest := body[end:stop]
		if last {
			rest = rest[2:]
		}
		if len(bytes.TrimSpace(rest)) > 0 && !(last && isBlank(rest[0])) {
			continue // another boundary of which this one is a prefix
		}
		if stop < len(body) && body[stop] == '\r' {
			stop++
		}
		if stop < len(body) && body[stop] == '\n' {
			stop++
		}
		return i - 2, stop, last
	}
	return -1, 0, false
}

// rarest returns the place of the byte in boundary that is least often met in
// mail: base64 has no low line, and text few capitals at the end of the alphabet.
func rarest(boundary []byte) int {
	best, rank := 0, -1
	for i, c := range boundary {
		r := strings.IndexByte(" -=etaoinsrhdlucmpf0123456789gybwvkxjqzTASEIRNOLMCDPUBFGHVWYKJXZQ.:/,()'+?_", c)
		if r > rank {
			best, rank = i, r
		}
	}
	return best
}

func isBreak(c byte) bool { return c == '\r' || c == '\n' }

// beforeBreak steps back over the line break that belongs to a boundary.
func beforeBreak(body []byte, from, i int) int {
	if i > from && body[i-1] == '\n' {
		i--
	}
	if i > from && body[i-1] == '\r' {
		i--
	}
	return i
}

// guessBoundary takes the first line that starts with two hyphens and has a
// header after it for the boundary of a multipart that names none.
func guessBoundary(body []byte) []byte {
	for at, n := 0, 0; at < len(body) && n < 200; n++ {
		stop := len(body)
		if i := bytes.IndexByte(body[at:], '\n'); i >= 0 {
			stop = at + i
		}
		line := bytes.TrimRight(body[at:stop], "\r \t")
		if len(line) > 2 && line[0] == '-' && line[1] == '-' && line[2] != ' ' && stop+1 < len(body) {
			next := body[stop+1:]
			if len(next) > 8 && equalFold(next[:8], "content-") {
				return line[2:]
			}
		}
		at = stop + 1
	}
	return nil
}
