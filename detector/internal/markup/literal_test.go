package markup

import "testing"

// What a string literal escapes is read before its URL: the line separator ends no host.
func TestLiteralEscapes(t *testing.T) {
	for src, want := range map[string]string{
		"<script>x = `https://a.example\\u2028@b.example/`</script>": "https://b.example/",
		`<script>x = 'https:\/\/a.example\/p'</script>`:              "https://a.example/p",
	} {
		var d Document
		d.Read([]byte(src), nil, Limits{Refs: 9, Nesting: 2, URLBytes: 1 << 10})
		if len(d.Refs) != 1 || d.Refs[0].URL.Scheme+"://"+d.Refs[0].URL.Host+d.Refs[0].URL.Path != want {
			t.Errorf("%s: got %+v, want %s", src, d.Refs, want)
		}
	}
}
