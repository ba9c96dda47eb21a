package lint

import (
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/detector/report"
)

// TestSuppressionPlaces checks where a comment lets a problem pass: in what is a
// comment for those who read the file, and nowhere else.
func TestSuppressionPlaces(t *testing.T) {
	l, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	const say = "pixelsweep-ignore script: agreed in March"
	const script = "<script>1</script>"
	for _, tt := range []struct {
		text string
		want bool
	}{
		{"<!-- " + say + " -->" + script, true},
		{"<!--[if mso]><!-- " + say + " -->" + script, true},
		{"{# " + say + " #}" + script, true},
		{"{#- " + say + " -#}" + script, true},
		{"{%- comment -%} " + say + " {%- endcomment -%}" + script, true},
		{"{% comment %}" + say + "{% endcomment %}" + script, true},
		{"{{!-- " + say + " --}}" + script, true},
		{"{{~!-- " + say + " --~}}" + script, true},
		{"{{! " + say + " }}" + script, true},
		{"{{/* " + say + " */}}" + script, true},
		{"<%# " + say + " %>" + script, true},
		{"<style>a{}/* " + say + " */</style>" + script, true},
		{"<script>var a = '/*', b = \"it's\"; /* " + say + " */</script>", true},
		{"<script>var a = {{ t \"it's\" }}; // it's\n/* " + say + " */</script>" + script, true},
		{"<p {# " + say + " #}>" + script, true},

		{"<p title=\"/* " + say + " */\">" + script, false},
		{"<p style=\"/* " + say + " */\">" + script, false},
		{"<p title=\"<!-- " + say + " -->\">" + script, false},
		{"<p title=\"{# " + say + " #}\">" + script, false},
		{"<p>/* " + say + " */" + script, false},
		{"{% if a %}" + say + "{% if b %}" + script, false},
		{"<title><!-- " + say + " --></title>" + script, false},
		{"<script>x = \"<!-- " + say + " -->\"</script>", false},
		{"<script>x = \"/* " + say + " */\"</script>", false},
		{"<script>x = '\\'/* " + say + " */'</script>", false},
		{"<script>x = `\n/* " + say + " */`</script>" + script, false},
		{"<script>x = \"{# " + say + " #}\"</script>", false},
		{"<script>// /* " + say + " */</script>", false},
		{"<style>a:after{content:'/* " + say + " */'}</style>" + script, false},
		{"<!-- note: " + say + " -->" + script, false},
		{"<!-- " + say + script, false},
	} {
		f, err := l.File("a.html", []byte(tt.text), true, nil)
		if err != nil {
			t.Fatal(err)
		}
		ignored := false
		for _, p := range f.Problems {
			ignored = ignored || p.Rule == "script" && p.Level == report.Error && p.Ignored == "agreed in March"
		}
		if ignored != tt.want {
			t.Errorf("%s: ignored %v", tt.text, ignored)
		}
	}
	plain := "From: a@b.example\nTo: c@d.example\nSubject: x\nContent-Type: text/plain\n\n<!-- " + strings.Replace(say, "script", "nothing", 1) + " -->\n"
	f, err := l.File("a.eml", []byte(plain), false, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range f.Problems {
		if p.Rule == "suppression" {
			t.Errorf("plain text: %+v", p)
		}
	}
}
