package css

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStylesheet(t *testing.T) {
	tests := []struct {
		name, src string
		want      []string
	}{
		{"plain", "a{background:url(//t/x)}", []string{"background //t/x 5"}},
		{"quoted", `a{background: URL( "//t/x" )}`, []string{"background //t/x"}},
		{"escapes", `a{background:\75\72\6C(htt\70s://t/x)}`, []string{"background https://t/x"}},
		{"unclosed", "a{b:url(//t/x", []string{"b //t/x"}},
		{"bad url", "a{b:url(//t/x y);c:url(//t/z)}", []string{"c //t/z"}},
		{"several", "a{background:url(//t/x),url(//t/y)}", []string{"background //t/x", "background //t/y"}},
		{"image-set", `a{background:image-set("//t/x" 1x,"//t/y" type("image/avif") 2x)}`, []string{"background //t/x", "background //t/y"}},
		{"import", `@import "//t/x" print;@import url(//t/y);`, []string{"@import //t/x print", "@import //t/y"}},
		{"font", "@font-face{font-family:a;src:url(//t/x) format('woff')}", []string{"@font-face //t/x"}},
		{"variable", "a{--x:url(//t/x)}", []string{"--x //t/x"}},
		{"namespace", "@namespace url(http://www.w3.org/1999/xhtml);@supports(background:url(//t/x)){}", nil},
		{"comment", "/* url(//t/x) */a{/*url(//t/y)*/}", nil},
		{"media", "@media print and (a){@media b{a{b:url(//t/x)}}}", []string{"b //t/x print and (a) and b"}},
		{"nested", "a{&:hover{b:url(//t/x)}c:url(//t/y)}", []string{"b //t/x &:hover", "c //t/y"}},
		{"filter", "a{filter:progid:DXImageTransform.Microsoft.AlphaImageLoader(src='//t/x',sizingMethod=scale)}", []string{"filter //t/x"}},
		{"cdo", "<!-- a{b:url(//t/x)} -->", []string{"b //t/x"}},
		{"string", `a{content:"url(//t/x)"}[href="//t/y"]{}`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			Stylesheet([]byte(tt.src), func(r *Ref) bool {
				s := r.Property + " " + r.URL
				if r.Condition != "" {
					s += " " + r.Condition
				}
				if tt.name == "plain" {
					s += " " + fmt.Sprint(r.End-r.Start)
				}
				got = append(got, s)
				return true
			})
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", tt.src, d)
			}
		})
	}
}

func FuzzRefs(f *testing.F) {
	f.Add([]byte(`a{background:\75\72\6C(htt\70s://t/x)}`))
	f.Add([]byte(`@import "//t/x" print;@media print{a{b:image-set("x")}}`))
	f.Fuzz(func(t *testing.T, src []byte) {
		last := 0
		check := func(r *Ref) bool {
			if r.Start < last || r.End < r.Start || r.End > len(src) {
				t.Fatalf("range %d-%d after %d of %d bytes", r.Start, r.End, last, len(src))
			}
			if got := unescape(src[r.Start:r.End]); got != r.URL {
				t.Fatalf("got %q for %q", r.URL, src[r.Start:r.End])
			}
			last = r.Start
			return true
		}
		Stylesheet(src, check)
		var quick, whole []Ref
		Stylesheet(src, func(r *Ref) bool { quick = append(quick, *r); return true })
		p := parser{lexer: lexer{src: src}, whole: true, visit: func(r *Ref) bool { whole = append(whole, *r); return true }}
		p.run()
		if !slices.Equal(quick, whole) {
			t.Fatalf("with statements skipped %v, without %v", quick, whole)
		}
		last = 0
		Declarations(src, check)
		checkRules(t, src)
	})
}

// checkRules checks that each rule is found under the keys of its selectors.
func checkRules(t *testing.T, src []byte) {
	var rs Rules
	rs.Add(src, nil)
	rs.SelectDevice(AnyKey, func(int32) {})
	for n := range int32(rs.Len()) {
		r := rs.At(n)
		if len(r.Decls) == 0 {
			t.Fatal("empty rule")
		}
		for k := range r.Selectors() {
			s, found := &r.Selectors()[k], false
			rs.Select(s.Key(), func(m int32) { found = found || m == n })
			rs.SelectDevice(s.Key(), func(m int32) { found = found || m == n })
			if !found {
				t.Fatalf("rule %q is not under the key of its selector %d", r.prelude, k)
			}
		}
	}
}

func TestRuleKeys(t *testing.T) {
	for _, s := range []string{
		"a{b:c}", "p.x, #y > img , td.a.b:hover{b:c}", "[a=b]{b:c}", ".a\\:b{b:c}", "*{b:c}", ":root .x{b:c}", "a:root{b:c}", "IMG.X#Y{b:c}",
		"a:not(.b){b:c}", "/*x*/p{b:c}", "::before{b:c}", "@media x{.p,.q{b:c}}", ".a>.b+.c~.d{b:c}",
	} {
		checkRules(t, []byte(s))
	}
}
