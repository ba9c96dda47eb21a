package detector

import (
	"bytes"
	"testing"
)

// TestScanTemplate masks tags, and reads what stands in their place.
func TestScanTemplate(t *testing.T) {
	const tag = "{{a>\"}}"
	page := "<p>é</p>\n<img src=\"https://t.example/" + tag + "?b\" width=1 height=1>"
	mask := func(p Part) []byte { return bytes.ReplaceAll(p.Text, []byte(tag), []byte("xxxxxxx")) }
	message := "From: a@b.example\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n" +
		"<p>=C3=A9</p>\n<img src=3D\"https://t.example/" + tag + "?b\" width=3D1 height=3D1>"
	for _, tt := range []struct {
		name, text string
		html       bool
		path       string
		raw        int // of the reference, in the message
	}{
		{"page", page, true, "", bytes.Index([]byte(page), []byte("https:"))},
		{"message", message, false, "1", bytes.Index([]byte(message), []byte("https:"))},
	} {
		var part Part
		done := 0
		r, err := New(nil).ScanTemplate(Source{Path: tt.name}, []byte(tt.text), tt.html, Template{
			Mask: func(p Part) []byte { part = p; return mask(p) },
			Done: func(r *Report) {
				done++
				if raw, ok := part.Raw(r.References[0].Offset); !ok || raw != tt.raw {
					t.Errorf("%s: raw offset %d, %v; want %d", tt.name, raw, ok, tt.raw)
				}
			},
		})
		if err != nil || done != 1 || len(r.References) != 1 || part.Path != tt.path {
			t.Fatalf("%s: %v, %d times, %+v, part %q", tt.name, err, done, r, part.Path)
		}
		ref := r.References[0]
		if ref.URL != "https://t.example/xxxxxxx?b" || ref.Raw != "https://t.example/"+tag+"?b" || ref.Line != 2 || ref.Column != 11 {
			t.Errorf("%s: %+v", tt.name, ref)
		}
		if len(r.Findings) != 1 || r.Findings[0].Kind != Pixel {
			t.Errorf("%s: %+v", tt.name, r.Findings)
		}
	}
	// A mask of another length is not used.
	r, err := New(nil).ScanTemplate(Source{}, []byte("<img src=https://t.example/a>"), true, Template{Mask: func(Part) []byte { return nil }})
	if err != nil || len(r.References) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}
