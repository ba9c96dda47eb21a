package source

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"
)

func TestIsFromLine(t *testing.T) {
	for line, want := range map[string]bool{
		"From a@a.example Thu Jan  1 00:00:00 1970":                 true,
		"From a@a.example  Thu Jan 1 0:00 1970":                     true,
		"From - Mon Aug 03 09:12:44 2026":                           true,
		"From MAILER-DAEMON Fri Jul  8 12:08:34 2011":               true,
		"From 17@xxx Mon Jan 01 00:00:00 +0000 2020":                true,
		"From a@a.example Thu, 1 Jan 1970 00:00:00 GMT":             true,
		"From \"a b\"@a.example Thu Jan  1 00:00:00 CET 1970":       true,
		"From ???@??? Mon Jan 01 00:00:00 2001":                     true,
		"From the beginning it was clear":                           false,
		"From Monday on we open at 10:00":                           false,
		"From a@a.example":                                          false,
		"From Thu Jan":                                              false,
		"From a Thu Jan " + strings.Repeat("x", 2000) + " 00:00:00": false,
	} {
		if got := isFromLine([]byte(line)); got != want {
			t.Errorf("isFromLine(%q) = %v", line, got)
		}
	}
}

// split divides text as a file in memory does.
func split(text string) *block {
	b := &block{buf: []byte(text), format: mbox}
	_, skip := sniff(&file{path: "x"}, b.buf)
	b.divide(skip, 1<<30)
	return b
}

// splitStream divides text as it comes from a stream in the given pieces.
func splitStream(text string, size int, read func(r *strings.Reader) *iotestReader) []string {
	var got []string
	s := &stream{file: file{path: "x"}, opts: &Options{MaxMessage: 1 << 30}}
	s.src = read(strings.NewReader(text))
	s.acquire = func() *block { return &block{buf: make([]byte, 0, size)} }
	s.alone = func() ([]byte, bool) { return nil, true }
	s.send = func(b *block) bool {
		for _, sp := range b.spans {
			got = append(got, string(b.buf[sp.data:sp.end]))
		}
		return true
	}
	b := s.acquire()
	s.fill(b)
	_, skip := sniff(&s.file, b.buf)
	s.index = 1
	s.mbox(b, skip)
	return got
}

type iotestReader struct {
	r interface{ Read([]byte) (int, error) }
}

func (r *iotestReader) Read(p []byte) (int, error) { return r.r.Read(p) }

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

var mboxTests = []struct {
	name, text string
	want       []string
}{
	{"one", fromLine + mail, []string{mail}},
	{"two", fromLine + mail + "\n" + fromLine + mail, []string{mail, mail}},
	{"crlf", crlf(fromLine + mail + "\n" + fromLine + mail), []string{crlf(mail), crlf(mail)}},
	{"quoted", fromLine + mail + ">From x\n\n>From a@a.example Thu Jan  1 00:00:00 1970\n", []string{mail + ">From x\n\n>From a@a.example Thu Jan  1 00:00:00 1970\n"}},
	{"a sentence", fromLine + mail + "\nFrom here on\n", []string{mail + "\nFrom here on\n"}},
	{"no blank line", fromLine + mail + fromLine, []string{mail + fromLine}},
	{"empty message", fromLine + "\n" + fromLine + mail, []string{"\n", mail}},
	{"truncated header", fromLine + mail + "\n" + fromLine + "Subject: x", []string{mail, "Subject: x"}},
	{"truncated body", fromLine + mail + "\n" + fromLine + mail + "bo", []string{mail, mail + "bo"}},
	{"only a from line", fromLine + mail + "\n" + fromLine, []string{mail, ""}},
	{"junk first", "\nstray\n" + fromLine + mail + "\n" + fromLine + mail, []string{mail, mail}},
	{"no date at the start", "From a@a.example\n" + mail, []string{mail}},
	{"content-length", fromLine + "Content-Length: 56\n" + mail[:46] + "body, unquoted:\n\n" + fromLine[:38] + "\n" + "\n" + fromLine + mail,
		[]string{"Content-Length: 56\n" + mail[:46] + "body, unquoted:\n\n" + fromLine[:38] + "\n", mail}},
	{"content-length to the end", fromLine + "Content-Length: 42\n" + mail[:46] + "\n" + fromLine[:41],
		[]string{"Content-Length: 42\n" + mail[:46] + "\n" + fromLine[:41]}},
	{"wrong content-length", fromLine + "Content-Length: 7\n" + mail + "\n" + fromLine + mail, []string{"Content-Length: 7\n" + mail, mail}},
	{"huge content-length", fromLine + "Content-Length: 99999999999999\n" + mail + "\n" + fromLine + mail, []string{"Content-Length: 99999999999999\n" + mail, mail}},
}

func TestMbox(t *testing.T) {
	for _, tt := range mboxTests {
		t.Run(tt.name, func(t *testing.T) {
			b := split(tt.text)
			var got []string
			var all bytes.Buffer
			for _, s := range b.spans {
				got = append(got, string(b.buf[s.data:s.end]))
				all.Write(b.buf[s.start:s.next])
			}
			check(t, got, tt.want)
			if all.String() != tt.text {
				t.Errorf("pieces give %q, want %q", all.String(), tt.text)
			}
			for _, size := range []int{64, 100, 1 << 12} {
				check(t, splitStream(tt.text, size, func(r *strings.Reader) *iotestReader { return &iotestReader{r} }), tt.want)
				check(t, splitStream(tt.text, size, func(r *strings.Reader) *iotestReader { return &iotestReader{iotest.OneByteReader(r)} }), tt.want)
			}
		})
	}
}

// FuzzMbox checks that the pieces of any mbox are its bytes, and that a stream is
// divided as a whole file is.
func FuzzMbox(f *testing.F) {
	for _, tt := range mboxTests {
		f.Add(tt.text, 100)
	}
	f.Fuzz(func(t *testing.T, text string, size int) {
		text = fromLine + text
		b := split(text)
		next := 0
		var want []string
		for _, s := range b.spans {
			if s.start != next || s.data < s.start || s.end < s.data || s.next < s.end {
				t.Fatalf("span %+v after %d", s, next)
			}
			next = s.next
			want = append(want, string(b.buf[s.data:s.end]))
		}
		if next != len(text) {
			t.Fatalf("ends at %d of %d", next, len(text))
		}
		size = 64 + (size&0x7fff)%1000
		check(t, splitStream(text, size, func(r *strings.Reader) *iotestReader { return &iotestReader{r} }), want)
	})
}

func FuzzSniff(f *testing.F) {
	for _, s := range []string{mail, html, fromLine, "<?xml", "<!--", "12\nFrom: x\n", "\x1f\x8b\x08", "a:\n\nb"} {
		f.Add("x.eml", []byte(s))
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		for _, named := range []bool{false, true} {
			fl := &file{path: name, named: named}
			b := &block{buf: data}
			var skip int
			if b.format, skip = sniff(fl, data); b.format != unknown && len(data) > 0 {
				b.divide(skip, 10)
			}
		}
	})
}

func BenchmarkSplit(b *testing.B) {
	var box bytes.Buffer
	line := strings.Repeat("abcdefghijklmnopqrstuvwxyz", 3)[:76] + "\n"
	for i := range 400 {
		fmt.Fprintf(&box, "%s%s%s\n", fromLine, mail, strings.Repeat(line, 20+i%1500))
	}
	bl := &block{buf: box.Bytes(), format: mbox}
	b.SetBytes(int64(box.Len()))
	b.ReportAllocs()
	for b.Loop() {
		bl.spans = bl.spans[:0]
		bl.divide(0, 1<<30)
	}
}
