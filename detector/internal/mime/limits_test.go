package mime

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestLimits(t *testing.T) {
	nested := func(n int) []byte {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%dx\n\n--b%dx\n", i, i)
		}
		return []byte(b.String() + "Content-Type: text/html\n\n<b>")
	}
	chain := func(n int) []byte {
		return []byte(strings.Repeat("Content-Type: message/rfc822\n\n", n) + "Content-Type: text/html\n\n<b>")
	}
	encoded := func(n int) []byte {
		msg := []byte("Content-Type: text/html\n\n<b>")
		for range n {
			msg = []byte("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString(msg))
		}
		return msg
	}
	parts := func(n int) []byte {
		return []byte("Content-Type: multipart/mixed; boundary=x\n\n" + strings.Repeat("--x\n\na\n", n) + "--x--\n")
	}
	for _, tt := range []struct {
		name     string
		msg      []byte
		parts    int
		complete bool
	}{
		{"multiparts within the limit", nested(64), 65, true},
		{"multiparts beyond it", nested(65), 65, false},
		{"multiparts far beyond it", nested(5000), 65, false},
		{"messages within the limit", chain(64), 65, true},
		{"messages beyond it", chain(65), 65, false},
		{"messages far beyond it", chain(100_000), 65, false},
		{"encoded messages within the limit", encoded(maxEncoded), maxEncoded + 1, true},
		{"encoded messages beyond it", encoded(maxEncoded + 1), maxEncoded + 1, false},
		{"parts within the limit", parts(1999), 2000, true},
		{"parts beyond it", parts(2000), 2000, false},
		{"parts far beyond it", parts(200_000), 2000, false},
		{"fields within the limit", []byte(strings.Repeat("a: b\n", 10_000) + "\nx"), 1, true},
		{"fields beyond it", []byte(strings.Repeat("a: b\n", 10_001) + "\nx"), 1, false},
		{"header beyond the limit", []byte(strings.Repeat("a: "+strings.Repeat("b", 1000)+"\n", 1100) + "\nx"), 1, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var r Reader
			m := r.Split(tt.msg, Limits{})
			if len(m.Parts) != tt.parts || m.Complete() != tt.complete {
				t.Errorf("%d parts, complete %v, want %d, %v; warnings %v", len(m.Parts), m.Complete(), tt.parts, tt.complete, m.Warnings)
			}
		})
	}
}

func TestLimitsAreOptions(t *testing.T) {
	msg := crlf("A: 1", "B: 2", "Content-Type: multipart/mixed; boundary=x", "", "--x", "", "a", "--x", "", "b", "--x--")
	for _, l := range []Limits{{Headers: 2}, {HeaderBytes: 5}, {Parts: 2}} {
		var r Reader
		if m := r.Split(msg, l); m.Complete() {
			t.Errorf("%+v: complete with %d parts", l, len(m.Parts))
		}
	}
}

// hostile messages are shaped to cost more than linear time where a reader is
// careless. Each holds about n bytes.
func hostile(n int) map[string][]byte {
	rep := func(s string) string { return strings.Repeat(s, n/len(s)) }
	mixed := "Content-Type: multipart/mixed; boundary="
	half := strings.Repeat("a", n/2)
	return map[string][]byte{
		"boundaries":              []byte(mixed + "x\n\n" + rep("--x\n")),
		"near boundaries":         []byte(mixed + "xxxxxxxxxxxxxxxxxx\n\n" + rep("--xxxxxxxxxxxxxxxxx\n")),
		"boundary as long":        []byte(mixed + half + "\n\n" + half + half),
		"boundary in its line":    []byte(mixed + "a\n\n--" + rep("a")),
		"hyphens":                 []byte(mixed + "-\n\n" + rep("-")),
		"short hyphen lines":      []byte(mixed + "---\n\n" + rep("------\n")),
		"no boundary":             []byte("Content-Type: multipart/mixed\n\n" + rep("--x\n")),
		"nested in one boundary":  []byte(rep(mixed + "x\n\n--x\n")),
		"parameters":              []byte("Content-Type: text/html" + rep("; a=b")),
		"parameters by blanks":    []byte("Content-Type: text/html; " + rep("a=b ")),
		"words":                   []byte("Content-Type: text/html; a=" + rep("b ")),
		"quotes":                  []byte("Content-Type: text/html; " + rep(`a="\";`)),
		"comments":                []byte("Content-Type: text/html; " + rep("(")),
		"comments between":        []byte("Content-Type: text/html; " + rep("a=b (c) ")),
		"sections":                []byte(mixed[:strings.LastIndexByte(mixed, ' ')] + rep(" boundary*1*=''b;")),
		"folds":                   []byte("Content-Type: text/html;" + rep("\n a")),
		"blank folds":             []byte("Subject: a" + rep("\n ") + "\n\nx"),
		"stripped folds":          []byte("Content-Type: text/html;\n" + rep("\"a\";\n")),
		"hyphen fields":           []byte(mixed + strings.Repeat("\n b", n/6) + rep("\n--a: b")),
		"garbage":                 []byte(rep("a b\n")),
		"fields":                  []byte(rep("a:\n")),
		"chain":                   []byte(rep("Content-Type: message/rfc822\n\n")),
		"comments before markup":  []byte("\n" + rep("<!-- -->")),
		"parts of blank lines":    []byte(mixed + "x\n\n" + rep("--x\n\n\n")),
		"carriage returns":        []byte(mixed + "x\r\r" + rep("--x\r")),
		"encoded word":            []byte("Subject: " + rep("=?utf-8?q?a?= ")),
		"soft breaks, then parts": []byte("Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n" + rep("=\n")),
	}
}

func TestHostileTime(t *testing.T) {
	if testing.Short() {
		t.Skip("times are measured")
	}
	for name, msg := range hostile(1 << 20) {
		t.Run(name, func(t *testing.T) {
			var r Reader
			start := time.Now()
			m := r.Split(msg, Limits{})
			for i := range m.Parts {
				r.Decode(&m.Parts[i])
				m.Parts[i].Filename()
			}
			split := time.Since(start)
			SecondView(msg)
			if all := time.Since(start); all > 2*time.Second {
				t.Errorf("splitting took %v, the second view %v", split, all-split)
			}
		})
	}
}
