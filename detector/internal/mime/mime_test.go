package mime

import (
	"strings"
	"testing"
)

// crlf writes lines as mail does.
func crlf(lines ...string) []byte { return []byte(strings.Join(lines, "\r\n")) }

// outline lists the parts of a message: path, type and decoded body, without
// the bodies of containers.
func outline(t *testing.T, msg []byte, l Limits) string {
	t.Helper()
	var r Reader
	var b strings.Builder
	m := r.Split(msg, l)
	for i := range m.Parts {
		p := &m.Parts[i]
		b.WriteString(p.Path + " " + p.Type)
		if !p.IsContainer() {
			data, _, _ := r.Decode(p)
			b.WriteString(" " + strings.TrimSpace(string(data)))
		}
		b.WriteString("\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

type splitCase struct {
	name string
	msg  []byte
	want []string
}

func testSplit(t *testing.T, tests []splitCase) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := strings.Join(tt.want, "\n")
			if got := outline(t, tt.msg, Limits{}); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
