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

// TestSuppressionReason checks what is said of a comment without a reason, and of one
// that is none.
func TestSuppressionReason(t *testing.T) {
	l, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"<!-- pixelsweep-ignore frame -->":              "this comment gives no reason; write one after a colon",
		"<!-- pixelsweep-ignore frame: a --> b -->":     `this comment gives "a" as its reason; say in words why`,
		"<!-- pixelsweep-ignore: why -->":               "this comment names no rule; write pixelsweep-ignore RULE: reason",
		"<!-- pixelsweep-ignore incomplete: why -->":    "this comment names incomplete, which cannot be ignored",
		"<!-- pixelsweep-ignore open-pixl: because -->": `this comment names "open-pixl", which is no rule; did you mean open-pixel?`,
	} {
		f, err := l.File("a.html", []byte(text), true, nil)
		if err != nil || len(f.Problems) != 1 || f.Problems[0].Message != want {
			t.Errorf("%s: %+v, %v", text, f.Problems, err)
		}
	}
}
