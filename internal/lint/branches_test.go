package lint

import (
	"fmt"
	"strings"
	"testing"
)

// TestBranchesUnread checks that a file is never complete when a branch inside an
// element was not read, and that a problem of any other branch is found.
func TestBranchesUnread(t *testing.T) {
	l, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	const pixel = `src="https://t.shop.example/open?m=1" width="1" height="1"`
	many := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "{%% when %d %%}src=\"https://img.shop.example/%d.png\"", i, i)
		}
		return "<img {% case x %}" + b.String() + "{% else %}" + pixel + "{% endcase %}>"
	}
	for _, tt := range []struct {
		path, text      string
		found, complete bool
	}{
		{"a.html", many(15), true, true},
		{"a.html", many(60), false, false},
		{"a.ftl", `<img <#if a>src="https://img.shop.example/a.png"<#else>` + pixel + `</#if>>`, true, true},
		{"a.vm", `<img #if($a)src="https://img.shop.example/a.png"#else ` + pixel + `#end>`, false, false},
		{"a.vm", `#if($a)<img ` + pixel + `>#end`, true, true},
	} {
		f, err := l.File(tt.path, []byte(tt.text), true, nil)
		if err != nil {
			t.Fatal(err)
		}
		found, said := false, false
		for _, p := range f.Problems {
			found = found || p.Rule == "open-pixel" || p.Rule == "third-party-pixel"
			said = said || p.Rule == "incomplete"
		}
		if tt.found && !found || f.Complete != tt.complete || said == tt.complete {
			t.Errorf("%s %.100s: found %v, complete %v, %+v", tt.path, tt.text, found, f.Complete, f.Problems)
		}
	}
}
