package wire

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
)

func TestGuard(t *testing.T) {
	long := strings.Repeat("x", maxResponse+1)
	tests := []struct {
		name, sent, broken string
	}{
		{"usual", "* OK ready\r\n* 1 FETCH (UID 1 BODY[] {5}\r\nab\"(\n FLAGS (\\Seen))\r\na1 OK done\r\n", ""},
		{"quotes in text", "* OK it's \"unbalanced ((((\r\n* 2 EXISTS\r\n", ""},
		{"large body", "* 1 FETCH (BODY[1.2]<0> {" + strconv.Itoa(len(long)) + "}\r\n" + long + ")\r\na OK\r\n", ""},
		{"string literal", "* LIST () \"/\" {5}\r\na\"b(c\r\n* 1 EXISTS\r\n", ""},
		{"escaped quote", `* LIST () "/" "a\"(((("` + "\r\na OK\r\n", ""},
		{"two bodies", "* 1 FETCH (BODY[HEADER.FIELDS (\"A\")] {2}\r\n\r\n BODY[1] {0}\r\n)\r\na OK\r\n", ""},
		{"literal in a status", "* OK x {99999999999}\r\n* 1 EXISTS\r\n", ""},
		{"long line", "* 1 FETCH (" + long, "a response of more than"},
		{"long text", "* OK " + long, "a response of more than"},
		{"long tag", long, "a response of more than"},
		{"endless literal", "* 1 FETCH (BODY[] {9223372036854775807}\r\n", "a literal of more than 1073741824 bytes"},
		{"endless remarks", strings.Repeat("* OK still here\r\n", maxRemarks+1), "no end of remarks"},
		{"many remarks", strings.Repeat(strings.Repeat("* OK still here\r\n", maxRemarks)+"* 1 EXISTS\r\n", 3), ""},
		{"large string literal", "* LIST () \"/\" {4194305}\r\n", "a literal of"},
		{"sum of literals", "* LIST () \"/\" {3000000}\r\n" + long[:3000000] + " {3000000}\r\n" + long[:3000000], "a literal of"},
		{"nesting", "* 1 FETCH (BODYSTRUCTURE " + strings.Repeat("(", 10_000), "lists inside one another"},
		{"break in a string", "* LIST () \"/\" \"a\r\nb\"\r\n", "a line break inside a string"},
	}
	for _, tt := range tests {
		for _, how := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.HalfReader} {
			g := NewGuard(how(strings.NewReader(tt.sent)), nil)
			got, err := io.ReadAll(g)
			var limit *LimitError
			switch {
			case tt.broken == "" && (err != nil || string(got) != tt.sent):
				t.Errorf("%s: %d of %d bytes, %v", tt.name, len(got), len(tt.sent), err)
			case tt.broken != "" && (!errors.As(err, &limit) || !strings.Contains(err.Error(), tt.broken)):
				t.Errorf("%s: %v, want %q", tt.name, err, tt.broken)
			case tt.broken != "" && g.Broken() == nil:
				t.Errorf("%s: forgotten", tt.name)
			}
		}
	}
}

func TestGuardKeepsBye(t *testing.T) {
	g := NewGuard(strings.NewReader("* 1 EXISTS\r\n* BYE [UNAVAILABLE] shutting down\r\n"), nil)
	io.Copy(io.Discard, g)
	if got := g.bye.Load(); got == nil || *got != "[UNAVAILABLE] shutting down" {
		t.Errorf("%v", got)
	}
}

// TestGuardTrace looks for text of messages in a trace, in whatever form a server
// sends it.
func TestGuardTrace(t *testing.T) {
	sent := "* OK \"ready\"\r\n* 4294967295 FETCH (UID 1 INTERNALDATE \" 1-Feb-2026 10:00:00 +0000\" BODY[HEADER] \"Subject: private \\\"words\\\"\" " +
		"BODYSTRUCTURE (\"text\" \"HTML\" (\"charset\" \"utf-8\" \"name\" \"private.html\") NIL NIL \"8bit\" 9 1) BODY[1] {7}\r\nprivate BODY[2] \"private \\\\\" ENVELOPE (NIL \"private\"))\r\n" +
		"* 2 fetch(BODY[1] \"private\")\r\n* LIST () \"/\" \"INBOX\"\r\na1 OK \"done\"\r\n"
	for _, how := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.HalfReader, iotest.OneByteReader} {
		var b strings.Builder
		if _, err := io.Copy(io.Discard, NewGuard(how(strings.NewReader(sent)), NewTracer(&b))); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{`"ready"`, `FETCH (UID 1 INTERNALDATE " 1-Feb-2026 10:00:00 +0000" BODY[HEADER] "[26 bytes]" BODYSTRUCTURE ("text" "HTML" ("charset" "utf-8" "name" "[12 bytes]")`, `BODY[2] "[10 bytes]" ENVELOPE (NIL "[7 bytes]"))`, `"INBOX"`, `"done"`} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("no %s", want)
			}
		}
		if strings.Contains(b.String(), "private") {
			t.Errorf("mail is shown")
		}
		if t.Failed() {
			t.Fatal(b.String())
		}
	}
}

// FuzzGuard looks for input that changes on its way or is held without bound.
func FuzzGuard(f *testing.F) {
	f.Add([]byte("* 1 FETCH (UID 1 BODY[] {5}\r\nabcde FLAGS (\\Seen))\r\na1 OK done\r\n"))
	f.Add([]byte("* 1 FETCH (BODY[1] \"a\\\"b\" BODYSTRUCTURE (\"text\" \"\\\\\"))\r\n"))
	f.Add([]byte("* LIST () \"/\" {3}\r\nabc\r\n* OK \"\r\n"))
	f.Fuzz(func(t *testing.T, sent []byte) {
		g := NewGuard(bytes.NewReader(sent), NewTracer(io.Discard))
		got, err := io.ReadAll(g)
		if !bytes.HasPrefix(sent, got) || err == nil && len(got) != len(sent) {
			t.Fatalf("%q became %q, %v", sent, got, err)
		}
		if len(g.line) > maxResponse {
			t.Fatalf("%d bytes are held", len(g.line))
		}
	})
}
