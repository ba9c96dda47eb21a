package lint

import "testing"

// TestAgain: one call with many commands is one problem, two calls are two.
func TestAgain(t *testing.T) {
	l, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	const one = `_gaq.push(['_setAccount','UA-4821-1'],['_trackPageview'],['b._setAccount','UA-4821-2'],['b._trackPageview']);`
	for text, want := range map[string]int{
		`<script>` + one + `</script>`:                             1,
		`<script>` + one + "\n" + one + `</script>`:                2,
		`<script>` + one + `</script><script>` + one + `</script>`: 2,
	} {
		f, err := l.File("a.html", []byte(text), true, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		for _, p := range f.Problems {
			if p.Rule == "third-party-pixel" {
				got++
			}
		}
		if got != want {
			t.Errorf("%s: %d problems, want %d", text, got, want)
		}
	}
}
