package script

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// alike lexes a script in both ways. It reports whether the quick one could.
func alike(t *testing.T, src []byte) bool {
	t.Helper()
	var quick, whole Reader
	quick.src, whole.src = src, src
	if !quick.quick() {
		return false
	}
	whole.library()
	for i := range quick.toks {
		if k := &quick.toks[i]; k.plain && bytes.IndexByte(src[k.from:k.to], '\\') >= 0 {
			t.Errorf("token %d of %.200q is not plain", i, src)
		}
		quick.toks[i].plain = false
	}
	for i := range max(len(quick.toks), len(whole.toks)) {
		if i >= len(quick.toks) || i >= len(whole.toks) || quick.toks[i] != whole.toks[i] {
			var q, w tok
			if i < len(quick.toks) {
				q = quick.toks[i]
			}
			if i < len(whole.toks) {
				w = whole.toks[i]
			}
			t.Errorf("token %d of %.200q:\ngot  %v %+v %q\nwant %v %+v %q", i, src, q.kind, q, src[q.from:q.to], w.kind, w, src[w.from:w.to])
			return true
		}
	}
	if len(quick.Comments) != len(whole.Comments) {
		t.Errorf("%d comments in %.200q, want %d", len(quick.Comments), src, len(whole.Comments))
		return true
	}
	for i, c := range quick.Comments {
		if c != whole.Comments[i] {
			t.Errorf("comment %d of %.200q: got %v, want %v", i, src, c, whole.Comments[i])
		}
	}
	return true
}

// TestQuickLexer compares the two lexers on what each of their branches reads.
func TestQuickLexer(t *testing.T) {
	for _, src := range []string{
		"", " \t\n", "a", "$_9.b", "a.b?.c?.[d]??e", "a?.5:b", "x=>y", "async()=>{await f(...g)}", "#a;this.#b",
		"0", "0.5", ".5", "5.", "1..a", "1e5", "1.5E-7", "0e1", "0x1F", "0xFFe1", "12-3", "1 in a",
		`"a\"b" 'c\\' "d\` + "\n" + `e" 'f\` + "\r\n" + `g'`, "'\u2028'", `"\x41\u{42}"`,
		"`a`", "`a${b}c`", "`a${b}c${`d${{e:{}}}f`}g`", "`\\``", "`$`", "`${a}`+{}", "f`x`", "`\n`",
		"a=b==c===d!=e!==f!g", "a<b<=c<<d<<=e>f>=g>>h>>=i>>>j>>>=k", "a+b+=c++ +d-e-=f-- -g", "a*b*=c**d**=e/f/=g%h%=i",
		"a&b&=c&&d&&=e|f|=g||h||=i^j^=k~l?m:n??o??=p", "a=>b>c",
		"/a/g", "a=/[/]/i.test(b)", "a/b/c", "(a)/b/c", "x={}/a/g", "return/a\\//", "=/=/", "/a/=b", "a /=b/ c", "typeof/a/",
		"//a\nb", "/*a*/b", "/*\n*/b", "/*\u2028*/b", "a<!--b\nc", "-->a\nb", "a-->b", "a\n-->b\nc", "/**/-->a", "/*\n*/-->a", "<!--a\n-->",
		"a//ü\nb", "'ü'", "/ü/", "// \x80", "[{(", "`${", ")}]", "(]", "a\x0bb\x0cc", "/*/ a */", "var let const static yield of target meta typeof instanceof implements",
		"if(a)/b/.test(c)", "a\r\nb\rc", "\"\x00\"", "// \x00",
	} {
		if !alike(t, []byte(src)) {
			t.Errorf("%q is not read", src)
		}
	}
	for _, src := range []string{
		`"a`, "'a\n'", "`a", "/a", "a=/b\n/", "/*a", "1a", "0b1", "0o7", "07", "1n", "1_0", "5px", "1e", "0x", "ä", "aä", `\u0041`, `a\u0041`,
		"@", "#", "#!", "\x00", "a\u00a0b", "\ufeffa", "~=a", "a?=b", "// \xff", "//a\u2028b", "/a/ü",
	} {
		if alike(t, []byte(src)) {
			t.Errorf("%q is read, though only the library can", src)
		}
	}
}

// TestQuickLexerOnPages compares the two lexers on the scripts of saved pages.
func TestQuickLexerOnPages(t *testing.T) {
	scripts := pageScripts(t)
	read := 0
	for _, s := range scripts {
		if alike(t, s) {
			read++
		}
	}
	if read < len(scripts)*9/10 {
		t.Errorf("%d of %d scripts are read without the library", read, len(scripts))
	}
}

// pageScripts are the inline scripts of the saved pages.
func pageScripts(tb testing.TB) (scripts [][]byte) {
	tb.Helper()
	dir := os.Getenv("PIXELSWEEP_CORPORA")
	if dir == "" {
		dir = "../../../../shared/corpora"
	}
	files, _ := filepath.Glob(filepath.Join(dir, "web/*/*.html"))
	if len(files) == 0 {
		tb.Skip("SKIPPED: no saved pages; set PIXELSWEEP_CORPORA to a folder with web/")
	}
	for _, f := range files {
		doc, err := os.ReadFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		for {
			i := bytes.Index(doc, []byte("<script"))
			if i < 0 {
				break
			}
			doc = doc[i:]
			from := bytes.IndexByte(doc, '>')
			to := bytes.Index(doc, []byte("</script"))
			if from < 0 || to < from {
				break
			}
			scripts = append(scripts, doc[from+1:to])
			doc = doc[to:]
		}
	}
	return scripts
}

func FuzzQuickLexer(f *testing.F) {
	f.Add([]byte("`a${b}c`/d/g+'e\\\n'//f\n/*g*/-->h<!--i"))
	f.Add([]byte("0x1f.5e7?.a??=b>>>=c?.5:1..d"))
	f.Fuzz(func(t *testing.T, src []byte) { alike(t, src) })
}
