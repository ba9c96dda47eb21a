package lint

import (
	"strings"
	"testing"
	"time"

	"github.com/pixelsweep/pixelsweep/internal/lint/template"
)

// TestHostile reads text that is made to take long or much. Each takes well under a
// second; the bound is for a machine that does other things too.
func TestHostile(t *testing.T) {
	l, err := New(&Options{Policy: &Policy{Sender: []string{"shop.example"}}})
	if err != nil {
		t.Fatal(err)
	}
	size := 2 << 20
	if testing.Short() {
		size = 1 << 18
	}
	full := func(s string) string { return strings.Repeat(s, size/len(s)) }
	for name, text := range map[string]string{
		"openings": full("{{"), "openings with ends": full("{{") + "}}", "openings of all": full("{{{%{#<%*|%%[%%=[[${"),
		"tags": full("{{a}}"), "blocks": full("<a {% if x %}") + full("{% endif %}"), "else": "<a " + full("{% if x %}a{% else %}b{% endif %}") + ">",
		"elements": full("<a>"), "attributes": "<a " + full("b=c ") + ">", "quotes": full("<a b=\""), "comments": full("<!--"),
		"scripts": full("<script>"), "frames": full("<iframe></iframe>"), "unclosed": full("<"),
		"suppressions":  full("<!-- pixelsweep-ignore script: because --><script></script>\n"),
		"no ends":       full("<!-- pixelsweep-ignore script: because "),
		"unsubscribes":  full("<a href='https://shop.example/unsubscribe'>Unsubscribe</a>"),
		"one long line": full("<img src='http://t.shop.example/open?u={{ email }}' width=1 height=1>"),
		"assignments":   full("{% set a = b.email %}{{ a }}"),
		"variants":      "<img " + strings.Repeat("{% if a %}src=x{% elsif b %}src=y{% elsif c %}src=z{% elsif d %}src=w{% else %}src=v{% endif %}", 2000) + ">",
		"nested":        full("{% if x %}") + full("<a {% if x %}b{% endif %}>") + full("{% endif %}"),
		"nested inside": "<a " + full("{% if x %}b=c ") + full("{% endif %}"), "rivals": "<a " + full("{% if x %}b=c {% endif %}") + ">",
		"not closed": full("{{a '{{' ") + "}}", "not closed in quotes": full("{{'a\"") + "}}", "elements in tags": full("{{<a ") + "}}",
		"not closed far on": strings.Repeat("{{"+strings.Repeat(" '{{' \"", 2000)+"<b>}}", size/14000), "names": full("##a=-email[a,fallback={!!"),
		"plain after blocks": "<a " + full("{% if x %}b=c {% endif %}b=d ") + ">",
		"scopes":             full("{% with a=a.a %}") + "{{ a.email }}",
		"abouts":             full("{{#user}}{{id}}"),
		"captures":           full("{% capture a %}{{ b.email | c }}"),
		"loops":              full("{% for user in team %}{{ user.email }}"),
		"conditions":         full("{{ a if b ? c : " + strings.Repeat("(IIF(", 500) + " }}"),
		"conditional":        full("<!--[if mso]>"), "zero": full("\x00<img src=\xff{{\x00}}>"),
	} {
		start := time.Now()
		f, err := l.File("a.html", []byte(text), true, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("%s: %v", name, took)
		} else {
			t.Logf("%s: %v, %d problems", name, took.Round(time.Millisecond), len(f.Problems))
		}
		if len(f.Problems) > maxProblems+10 {
			t.Errorf("%s: %d problems", name, len(f.Problems))
		}
	}
}

// TestOneLine checks that what stands behind the problems of a line is not read again
// for each.
func TestOneLine(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: takes seconds")
	}
	l, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	took := func(end string) time.Duration {
		text := strings.Repeat("<img src='https://img.shop.example/{{ user.id }}.png'>", 4000) + end + strings.Repeat("x", 8<<20)
		start := time.Now()
		if f, err := l.File("a.html", []byte(text), true, nil); err != nil || len(f.Problems) < 4000 {
			t.Fatal(err, len(f.Problems))
		}
		return time.Since(start)
	}
	took("\n") // warm
	if lines, line := took("\n"), took(" "); line > 4*lines+200*time.Millisecond {
		t.Errorf("%v in one line, %v in two", line, lines)
	}
}

// FuzzFile checks that no file is a defect, that every problem stands in the file, and
// that checking again says the same.
func FuzzFile(f *testing.F) {
	for _, s := range []string{
		"<img src='https://t.shop.example/open?u=*|EMAIL|*' width=1 height=1>", "<!-- pixelsweep-ignore script: why --><script>1</script>",
		"From: a@b.example\nTo: c@d.example\nSubject: x\nX-SMTPAPI: {}\nContent-Type: text/html\n\n<a href='#'>Unsubscribe</a>",
		"<mjml><mj-image src='http://a.example/'/></mjml>", "{% if a %}<a b='{{ c }}'>{% endif %}", "<a href=x><b",
	} {
		f.Add(s, true)
		f.Add(s, false)
	}
	l, err := New(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string, html bool) {
		one, err := l.File("a", []byte(s), html, nil)
		if err != nil {
			return
		}
		two, err := l.File("a", []byte(s), html, nil)
		if err != nil || len(one.Problems) != len(two.Problems) {
			t.Fatalf("%d problems, then %d, %v", len(one.Problems), len(two.Problems), err)
		}
		lines := strings.Count(s, "\n") + 1
		for i, p := range one.Problems {
			if p != two.Problems[i] {
				t.Fatalf("%+v, then %+v", p, two.Problems[i])
			}
			if p.Level.Rank() < 1 || p.Fingerprint == "" || p.Message == "" {
				t.Fatalf("%+v", p)
			}
			if html && (p.Line > lines || p.Line > 0 && p.Column < 1 || p.End < p.Column && p.Line > 0) {
				t.Fatalf("%+v in %d lines", p, lines)
			}
		}
		template.Read([]byte(s))
	})
}
