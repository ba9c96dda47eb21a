package wire

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"
)

func TestTap(t *testing.T) {
	long := strings.Repeat("x", 3*tapBytes)
	tests := []struct {
		name, sent, passes string
		got                []string
	}{
		{
			"structure", "* OK x\r\n* 1 FETCH (UID 7 RFC822.SIZE 9 INTERNALDATE \" 1-Jan-2024 06:00:00 +0000\" BODYSTRUCTURE (\"TEXT\" \"HTML\" NIL NIL NIL \"7BIT\" 5 1))\r\na OK done\r\n",
			"* OK x\r\na OK done\r\n",
			[]string{"7 size 9 date 2024-01-01 text/html 5"},
		},
		{
			"bodies", "* 1 FETCH (UID 8 BODY[HEADER] {4}\r\na\r\n) BODY[1.MIME] {0}\r\n BODY[1]<0> {15}\r\n* 2 FETCH (UID))\r\na OK\r\n", "a OK\r\n",
			[]string{`8 HEADER="a\r\n)" 1.MIME="" 1="* 2 FETCH (UID)"`},
		},
		{
			"UID behind the bodies", "* 1 FETCH (BODY[] {2}\r\nab UID 8)\r\n", "", []string{`8 ="ab"`},
		},
		{
			"fields left out", "* 1 FETCH (UID 8 BODY[HEADER.FIELDS.NOT (\"Received\" \"X]\")] {2}\r\nab FLAGS (\\Seen \"x)\"))\r\n", "", []string{`8 HEADER.FIELDS.NOT="ab"`},
		},
		{
			"no literals", "* 1 FETCH (UID 8 BODY[1] \"a\\\"b\" BODY[2] NIL BODY[3] {1}\r\nc)\r\n", "", []string{`8 1="a\"b" 3="c"`},
		},
		{
			"others", "* 1 FETCH (UID 9 BODY[] {2}\r\nab)\r\n* 2 EXISTS\r\n* 3 FETCH (UID 7 FLAGS (\\Seen))\r\n* 4 FETCH (FLAGS ())\r\n", "* 2 EXISTS\r\n", nil,
		},
		{
			"once", "* 1 FETCH (UID 8 BODY[] {2}\r\nab)\r\n* 1 FETCH (UID 8 BODY[] {2}\r\ncd)\r\n", "", []string{`8 ="ab"`},
		},
		{
			"no FETCH", "* LIST () \"/\" {13}\r\n* 1 FETCH (a)\r\n\r\n* 1 FETCHED (\r\n* OK {5}\r\n* NO 1 FETCH (\r\n", "* LIST () \"/\" {13}\r\n* 1 FETCH (a)\r\n\r\n* 1 FETCHED (\r\n* OK {5}\r\n* NO 1 FETCH (\r\n", nil,
		},
		{
			"long lines", "* OK " + long + "{9}\r\n* LIST " + long + " {9}\r\n* 1 FETCH\r\n* 1 FETCH (UID 8 X \"" + long + "\" BODY[] {2}\r\nab)\r\n* 1 EXISTS",
			"* OK " + long + "{9}\r\n* LIST " + long + " {9}\r\n* 1 FETCH\r\n* 1 EXISTS", []string{`8 ="ab"`},
		},
		{"structure that is none", "* 1 FETCH (UID 7 BODYSTRUCTURE (((( \"x)\" RFC822.SIZE 4)\r\n", "", []string{"7 size 0 date 0001-01-01"}},
		{"string literal", "* 1 FETCH (UID 7 BODYSTRUCTURE (\"TEXT\" {4}\r\nht)\" (\"NAME\" {3}\r\na\"b) NIL NIL \"7BIT\" 5 1))\r\n", "", []string{"7 size 0 date 0001-01-01 text/ht)\" a\"b 5"}},
		{
			"other forms", "* 1 fetch (body[1.mime] ~{1}\r\na BODY[2]{1}\r\nb BODY[3]  {1}\r\nc Body[HEADER.FIELDS.NOT(\"A\")] \"\" uid 8)\r\n", "",
			[]string{`8 1.mime="a" 2="b" 3="c" HEADER.FIELDS.NOT=""`},
		},
		{"text of a message", "* 1 FETCH (UID 8 BODY[1]{11}\r\n UID 7 X (() BODY[2] NIL)\r\n", "", []string{`8 1=" UID 7 X (("`}},
		{"spaces", "*  1  FETCH  ( UID  8  BODY[]  {1}\r\na )\r\n* 1 FETCH\r\n", "", []string{`8 ="a"`}},
		{"all NIL", "* 1 FETCH (UID 8 BODY[] NIL)\r\n", "", []string{`8`}},
		{"line break behind a literal", "* 1 FETCH (UID 8 BODY[] {2}\r\nab\r\n* 2 EXISTS\r\n", "* 2 EXISTS\r\n", []string{`8 ="ab"`}},
		{"end in a literal", "* 1 EXISTS\r\n* 1 FETCH (UID 8 BODY[] {20}\r\nab", "* 1 EXISTS\r\n", nil},
	}
	for _, tt := range tests {
		for _, how := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.HalfReader, iotest.OneByteReader} {
			tap := NewTap(NewGuard(how(strings.NewReader(tt.sent)), nil))
			var got []string
			defer tap.Take([]imap.UID{7}, false, func(a *Reply) {
				text := fmt.Sprintf("%d size %d date %s", a.UID, a.Size, a.Date.Format("2006-01-02"))
				for _, n := range a.Structure {
					text += strings.TrimRight(fmt.Sprintf(" %s %s", n.Media, n.Filename), " ") + fmt.Sprintf(" %d", n.Size)
				}
				got = append(got, text)
			})()
			defer tap.Take([]imap.UID{8}, true, func(a *Reply) {
				text := fmt.Sprint(a.UID)
				for _, p := range a.pieces {
					text += fmt.Sprintf(" %s=%q", p.section, a.Buf[p.From:p.To])
				}
				got = append(got, text)
			})()
			passes, err := io.ReadAll(tap)
			if err != nil && !strings.Contains(tt.name, "end in") {
				t.Errorf("%s: %v", tt.name, err)
			}
			if string(passes) != tt.passes {
				t.Errorf("%s: go-imap gets %.200q, want %.200q", tt.name, passes, tt.passes)
			}
			if d := cmp.Diff(tt.got, got); d != "" {
				t.Errorf("%s: (-want +got)\n%s", tt.name, d)
			}
		}
	}
}

// FuzzTap looks for input that changes on its way to go-imap while nobody waits for
// messages, and for what panics while somebody does.
func FuzzTap(f *testing.F) {
	f.Add([]byte("* 1 FETCH (UID 1 BODY[] {5}\r\nabcde FLAGS (\\Seen))\r\na1 OK done\r\n"))
	f.Add([]byte("* LIST () \"/\" {3}\r\nabc\r\n* OK \"\r\n"))
	f.Add([]byte("* 1 FETCH (UID 1 BODYSTRUCTURE ((\"TEXT\" \"HTML\" (\"NAME*0\" {2}\r\na\") NIL NIL \"7BIT\" 5 1) \"MIXED\"))\r\n"))
	f.Fuzz(func(t *testing.T, sent []byte) {
		tap := NewTap(NewGuard(bytes.NewReader(sent), nil))
		got, err := io.ReadAll(tap)
		if !bytes.HasPrefix(sent, got) || err == nil && len(got) != len(sent) {
			t.Fatalf("%q became %q, %v", sent, got, err)
		}
		tap = NewTap(NewGuard(bytes.NewReader(sent), nil))
		for _, bodies := range []bool{false, true} {
			defer tap.Take([]imap.UID{1}, bodies, func(*Reply) {})()
		}
		io.Copy(io.Discard, tap)
	})
}
