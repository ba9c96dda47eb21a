package imapscan

import (
	"io"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

	"github.com/pixelsweep/pixelsweep/imapscan/internal/wire"
)

// planFor plans what to read of a message with a structure as a server tells it;
// nil where it does not tell one.
func planFor(structure string) (p *plan) {
	tap := wire.NewTap(wire.NewGuard(strings.NewReader("* 1 FETCH (UID 1 RFC822.SIZE 100000 BODYSTRUCTURE "+structure+")\r\n"), nil))
	defer tap.Take([]imap.UID{1}, false, func(a *wire.Reply) {
		got := planOf(a.Structure, a.Size)
		p = &got
	})()
	io.Copy(io.Discard, tap)
	return p
}

func TestPlan(t *testing.T) {
	const html = `("text" "html" NIL NIL NIL "7bit" 1115 70)`
	tests := []struct{ name, structure, want string }{
		{"alternatives", `(("text" "plain" NIL NIL NIL "7bit" 80000 4)` + html + ` "alternative")`, "1.,2.,"},
		{"pictures are not read", `(` + html + `("image" "png" NIL NIL NIL "base64" 90000) "related")`, "1.,"},
		{"a name that tells what it is", `(` + html + `("application" "octet-stream" ("name" "a.html") NIL NIL "base64" 90000) "mixed")`, "1.,2.,"},
		{"a beginning tells what it is", `(` + html + `("application" "octet-stream" NIL NIL NIL "base64" 90000) "mixed")`, "1.,2.<1024,"},
		{"no multipart", html, "whole<0"},
		{"a multipart as a part, as GMX says it", `(("multipart" "related" ("boundary" "b") NIL NIL "7BIT" 400)` + html + ` "mixed")`, "whole<0"},
		{"a multipart without parts", `(("text" "plain" NIL NIL NIL "7bit" 0 0) "mixed")`, "whole<0"},
		{"none", `(`, "whole<0"},
	}
	for _, tt := range tests {
		p := planFor(tt.structure)
		if p == nil || p.key() != tt.want {
			t.Errorf("%s: %+v, want %s", tt.name, p, tt.want)
		}
	}
}

func FuzzPlan(f *testing.F) {
	f.Add(`(("text" "html" NIL NIL NIL "7bit" 1 1)("message" "rfc822" NIL NIL NIL "7bit" 500 NIL ((("image" "png" NIL NIL NIL "base64" 3) "x") "y") 1) "mixed")`)
	f.Fuzz(func(t *testing.T, structure string) {
		if p := planFor(structure); p != nil && !p.whole && len(p.items) > maxItems {
			t.Errorf("%d parts", len(p.items))
		}
	})
}
