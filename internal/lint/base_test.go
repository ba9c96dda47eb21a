package lint

import (
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/internal/lint/template"
)

// TestBase checks that a tag in the base URL counts for what is relative to it.
func TestBase(t *testing.T) {
	l, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	const base = `<base href="https://{{user.id}}.t.shop.example/">`
	for text, want := range map[string]bool{
		base + `<img src="a.png" width=9>`: true, base + `<img src="/a.png" width=9>`: true, base + `<img src="?a=b:c" width=9>`: true,
		base + `<img src="https://img.shop.example/a.png" width=9>`: false, base + `<img src="//img.shop.example/a.png" width=9>`: false,
		base + `<img src="{{ logo }}" width=9>`: false, base + `<img src="cid:a" width=9>`: false,
		`<base href="https://t.shop.example/"><img src="a.png" width=9>`: false,
	} {
		f, err := l.File("a.html", []byte(text), true, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := false
		for _, p := range f.Problems {
			got = got || p.Rule == "individual-url" && p.Column == len(base)+6
		}
		if got != want {
			t.Errorf("%s: %+v", text, f.Problems)
		}
	}
}

// TestManyTagsInBase checks that each relative URL does not get all of many tags.
func TestManyTagsInBase(t *testing.T) {
	p := &part{media: "text/html", text: []byte(`<base href="https://shop.example/` + strings.Repeat("{{a}}", 1000) + `/">`)}
	p.doc = template.Read(p.text)
	if n := len(p.base()); n == 0 || n > maxBaseTags {
		t.Errorf("%d tags", n)
	}
}
