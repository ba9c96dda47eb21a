package rewrite

import (
	"bytes"
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/detector"
)

// tracker is a URL that convicts wherever it stands.
const tracker = "https://shop.us1.list-manage.com/track/open.php?u=1234567890abcdef1234&id=a1b2c3d4e5&e=f6a7b8c9d0"

// fill puts the tracker for @ and the pixel for #.
func fill(s string) string {
	return strings.NewReplacer("@", tracker, "#", pixelURL).Replace(s)
}

var removeAll = map[detector.Kind]Mode{
	detector.Pixel: Remove, detector.ScriptBeacon: Remove, detector.FrameBeacon: Remove, detector.TrackedContent: Remove, detector.Probe: Remove,
}

// TestVectors holds one line a vector: what it becomes, byte for byte.
func TestVectors(t *testing.T) {
	entity := strings.ReplaceAll(tracker, "&", "&amp;")
	for _, c := range []struct{ name, in, neutral, removed string }{
		{"img", `a<img src="@" width=1 height=1>b`, `a<img src="#" width=1 height=1>b`, `ab`},
		{"unquoted", `a<img src=@ width=1>b`, `a<img src=# width=1>b`, `ab`},
		{"entities", `<img src='` + entity + `'>`, `<img src='#'>`, ``},
		{"blanks", "<img src=' @\n'>", "<img src=' #\n'>", ``},
		{"srcset", `<img srcset="@ 1x, /b.png 2x">`, `<img srcset="# 1x, /b.png 2x">`, ``},
		{"background", `<td background="@" class=a>x</td>`, `<td background="#" class=a>x</td>`, `<td  class=a>x</td>`},
		{"style", `<p style="color:red;background:url(@);top:0">x</p>`, `<p style="color:red;background:url(#);top:0">x</p>`, `<p style="color:red;top:0">x</p>`},
		{"style string", `<p style="background:url('@')">x</p>`, `<p style="background:url('#')">x</p>`, `<p style="">x</p>`},
		{"style entities", `<p style="background:url(&quot;` + entity + `&quot;)">x</p>`, `<p style="background:url(&quot;#&quot;)">x</p>`, `<p style="">x</p>`},
		{"sheet", `<style>a{b:c;background:url(@)}d{e:f}</style>x`, `<style>a{b:c;background:url(#)}d{e:f}</style>x`, `<style>a{b:c;}d{e:f}</style>x`},
		{"import", `<style>@import "@";a{b:c}</style>x`, `<style>@import "data:text/css,";a{b:c}</style>x`, `<style>a{b:c}</style>x`},
		{"css escapes", `<style>a{background:url(` + strings.Replace(tracker, "track", `\74 rack`, 1) + `)}</style>x`, `<style>a{background:url(#)}</style>x`, `<style>a{}</style>x`},
		{"image-set", `<p style="background:image-set('@' 1x)">x</p>`, `<p style="background:image-set('#' 1x)">x</p>`, `<p style="">x</p>`},
		{"font", `<style>@font-face{font-family:a;src:url(@)}</style>x`, `<style>@font-face{font-family:a;src:url(data:font/woff2,)}</style>x`, `<style>@font-face{font-family:a;}</style>x`},
		{"iframe", `a<iframe src="@" width=9></iframe>b`, `a<iframe src="about:blank" width=9></iframe>b`, `ab`},
		{"object", `a<object data="@"><b>c</b></object>b`, `a<object data="about:blank"><b>c</b></object>b`, `ab`},
		{"script", `a<script src="@"></script>b`, `a<script src="about:blank"></script>b`, `ab`},
		{"link", `<link rel=stylesheet href="@">x`, `<link rel=stylesheet href="data:text/css,">x`, `x`},
		{"refresh", `<meta http-equiv=refresh content="1;url=@">x`, `<meta http-equiv=refresh content="">x`, `x`},
		{"svg", `<svg><image href="@"/></svg>x`, `<svg><image href="#"/></svg>x`, `<svg></svg>x`},
		{"video", `<video poster="@"></video>x`, `<video poster="#"></video>x`, `x`},
		{"input", `<input type=image src="@">x`, `<input type=image src="#">x`, `x`},
		{"amp", `<amp-pixel src="@"></amp-pixel>x`, `<amp-pixel src="#"></amp-pixel>x`, `x`},
		{"vml", `<!--[if mso]><v:fill src="@" /><![endif]-->x`, `<!--[if mso]><v:fill src="#" /><![endif]-->x`, `<!--[if mso]><![endif]-->x`},
		{"srcdoc", `<iframe srcdoc="&lt;p>a&amp;amp;b&lt;img src='` + entity + `'>"></iframe>x`, `<iframe srcdoc="<p>a&amp;amp;b<img src='#'>"></iframe>x`, `<iframe srcdoc="<p>a&amp;amp;b"></iframe>x`},
		{"data svg", `<img src="data:image/svg+xml,%3Csvg%3E%3Cimage href='` + strings.ReplaceAll(entity, "&", "%26") + `'/%3E%3C/svg%3E">x`,
			`<img src="data:image/svg+xml,%3Csvg%3E%3Cimage%20href=%27` + pixelURL + `%27/%3E%3C/svg%3E">x`, `<img src="data:image/svg+xml,%3Csvg%3E%3C/svg%3E">x`},
		{"two", `<img src="@"><img src="@">x`, `<img src="#"><img src="#">x`, `x`},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := fillCSS(c.in)
			check(t, in, nil, fillCSS(c.neutral))
			check(t, in, &Options{Kinds: removeAll}, fillCSS(c.removed))
		})
	}
}

// fillCSS is fill for samples that hold at-rules.
func fillCSS(s string) string {
	s = strings.NewReplacer("@import", "\x01", "@font-face", "\x02").Replace(s)
	return strings.NewReplacer("\x01", "@import", "\x02", "@font-face").Replace(fill(s))
}

func check(t *testing.T, in string, o *Options, want string) {
	t.Helper()
	res, err := HTML([]byte(in), o)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(res.Data); got != want {
		t.Errorf("got  %s\nwant %s\n%+v", got, want, res.Edits)
	}
	if len(res.Left) > 0 {
		t.Errorf("left %+v", res.Left)
	}
	verify(t, []byte(in), res, true, o)
}

// verify checks what holds for every rewrite: undo gives the source, a second
// run changes nothing, and what was rewritten is gone.
func verify(t *testing.T, in []byte, res Result, html bool, o *Options) {
	t.Helper()
	if got := undo(res); !bytes.Equal(got, in) {
		t.Errorf("undo gives %.200q, want %.200q", got, in)
	}
	if len(res.Data) == 0 || len(res.Left) > 0 {
		return
	}
	again, err := do(res.Data, html, o)
	if err != nil {
		t.Fatal(err)
	}
	if again.Changed || len(again.Left) > 0 {
		t.Errorf("a second run changes %+v, leaves %+v", again.Edits, again.Left)
	}
}

// undo is what a journal does.
func undo(res Result) []byte {
	var out []byte
	at, shift := 0, 0
	src := res.Data
	for _, s := range res.Splices {
		start := s.Offset + shift
		out = append(out, src[at:start]...)
		out = append(out, res.source[s.Offset:s.Offset+s.Len]...)
		at = start + len(s.New)
		shift += len(s.New) - s.Len
	}
	return append(out, src[at:]...)
}
