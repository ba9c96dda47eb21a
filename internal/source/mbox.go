package source

import (
	"bytes"
	"strconv"
	"strings"
	"unsafe"
)

// maxFromLine is the longest "From " line that separates messages.
const maxFromLine = 1024

// maxJump is the longest body whose Content-Length is believed: to check it the
// body must be held in memory.
const maxJump = 16 << 20

var fromPrefix = []byte("From ")

// isFromLine reports whether line, which begins with "From ", separates messages:
// it names a day of the week, a month and a time, in any of the orders that mail
// programs write. Sentences that begin with "From " do not.
func isFromLine(line []byte) bool {
	if len(line) > maxFromLine {
		return false
	}
	weekday, month, clock := false, false, false
	for rest := line[len(fromPrefix):]; len(rest) > 0; {
		var word []byte
		if i := bytes.IndexAny(rest, " \t,"); i >= 0 {
			word, rest = rest[:i], rest[i+1:]
		} else {
			word, rest = rest, nil
		}
		switch {
		case len(word) == 3 && !weekday && isName(word, "MonTueWedThuFriSatSun"):
			weekday = true
		case len(word) == 3 && isName(word, "JanFebMarAprMayJunJulAugSepOctNovDec"):
			month = true
		case isClock(word):
			clock = true
		}
	}
	return weekday && month && clock
}

// isName reports whether word is one of the names of three letters in list.
func isName(word []byte, list string) bool {
	i := strings.Index(list, unsafe.String(&word[0], len(word)))
	return i >= 0 && i%3 == 0
}

// isClock reports whether word begins like 12:34.
func isClock(word []byte) bool {
	i := bytes.IndexByte(word, ':')
	return (i == 1 || i == 2) && len(word) >= i+3 && isDigit(word[0]) && isDigit(word[i-1]) &&
		isDigit(word[i+1]) && isDigit(word[i+2])
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// A splitter finds where the messages of an mbox end. It looks at each byte once,
// however the data arrives.
//
// A line separates messages when isFromLine says so and a blank line stands before
// it. In the dialects that give a Content-Length nothing in a body is quoted; a
// Content-Length is believed when it leads to such a line or to the end.
type splitter struct {
	at     int  // the start of the line to look at next
	body   bool // the header is behind
	length int  // the Content-Length, or -1
	jump   int  // where that leads to, or -1
}

// begin prepares for the message whose header begins at the offset at.
func (s *splitter) begin(at int) { *s = splitter{at: at, length: -1, jump: -1} }

// shift tells that n bytes were cut off the front of the buffer.
func (s *splitter) shift(n int) {
	s.at -= n
	if s.jump >= 0 {
		s.jump -= n
	}
}

// end returns where the message ends that buf holds the rest of. It returns false
// when that needs more data; with eof there is none.
func (s *splitter) end(buf []byte, eof bool) (int, bool) {
	for !s.body {
		i := bytes.IndexByte(buf[s.at:], '\n')
		if i < 0 {
			return len(buf), eof
		}
		s.headerLine(buf[s.at : s.at+i])
		s.at += i + 1
		if s.body && s.length >= 0 && s.length <= maxJump {
			s.jump = s.at + s.length
		}
		if s.body {
			// The blank line itself may stand before the next message.
			s.at -= i + 1
		}
	}
	if s.jump >= 0 {
		if len(buf) < s.jump+maxFromLine && !eof {
			return 0, false
		}
		if end, ok := landing(buf, s.jump); ok {
			return end, true
		}
		s.jump = -1
	}
	return s.scan(buf, eof)
}

// headerLine reads one line of the header, without its line feed.
func (s *splitter) headerLine(line []byte) {
	const name = "content-length:"
	switch {
	case len(line) == 0 || len(line) == 1 && line[0] == '\r':
		s.body = true
	case line[0]|0x20 == 'c' && len(line) > len(name) && len(line) < 64 && bytes.EqualFold(line[:len(name)], []byte(name)):
		n, err := strconv.ParseUint(string(bytes.TrimSpace(line[len(name):])), 10, 31)
		if err == nil {
			s.length = int(n)
		}
	}
}

// landing reports whether a message may end at the offset at: at the end of buf, or
// before a separating line, with blank lines between. It returns where the
// separating line begins.
func landing(buf []byte, at int) (int, bool) {
	if at > len(buf) {
		return 0, false
	}
	start := at
	for at < len(buf) && at < start+4 && (buf[at] == '\n' || buf[at] == '\r') {
		at++
	}
	if at == len(buf) {
		return at, true
	}
	if at > 0 && buf[at-1] != '\n' || !bytes.HasPrefix(buf[at:], fromPrefix) {
		return 0, false
	}
	line, _, _ := bytes.Cut(buf[at:min(len(buf), at+maxFromLine)], []byte("\n"))
	return at, isFromLine(line)
}

// scan looks for the next separating line, line by line.
func (s *splitter) scan(buf []byte, eof bool) (int, bool) {
	i := s.at
	for {
		n := bytes.IndexByte(buf[i:], '\n')
		if n < 0 {
			break
		}
		next := i + n + 1
		if n > 1 || !blank(buf[i:next]) {
			i = next
			continue
		}
		if len(buf)-next < maxFromLine && !eof && bytes.IndexByte(buf[next:], '\n') < 0 {
			break
		}
		if bytes.HasPrefix(buf[next:], fromPrefix) {
			line, _, _ := bytes.Cut(buf[next:min(len(buf), next+maxFromLine+1)], []byte("\n"))
			if isFromLine(line) {
				return next, true
			}
		}
		i = next
	}
	s.at = i
	return len(buf), eof
}

// blank reports whether a line, with its line feed, is empty.
func blank(line []byte) bool {
	return len(line) == 1 || len(line) == 2 && line[0] == '\r'
}

// A span is one message in a buffer: [start,data) is what stands before it,
// [data,end) the message, [end,next) the blank line after it.
type span struct {
	start, data, end, next int
	cut                    bool // longer than Options.MaxMessage
}

// newSpan divides [start,next) of buf, which holds a message that begins with
// skip bytes of other things and a "From " line.
func newSpan(buf []byte, start, data, next int) span {
	end := next
	switch b := buf[data:next]; {
	case bytes.HasSuffix(b, []byte("\n\r\n")):
		end -= 2
	case bytes.HasSuffix(b, []byte("\n\n")):
		end--
	}
	return span{start: start, data: data, end: end, next: next}
}

// afterLine returns where the line that begins at the offset at ends, with its
// line feed; false when buf does not hold it whole.
func afterLine(buf []byte, at int) (int, bool) {
	i := bytes.IndexByte(buf[at:], '\n')
	if i < 0 {
		return len(buf), false
	}
	return at + i + 1, true
}
