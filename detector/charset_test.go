package detector_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/detector"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

// TestCharset checks that markup in charsets that do not hold ASCII as it is
// is read, and that places count in its bytes before conversion.
func TestCharset(t *testing.T) {
	const url = "http://t.example/o.gif"
	page := "<p>\u65E5\u672C\n<img width=1 height=1 src=\"" + url + "\"> \u672C <a href=\"http://b.example/\">b</a>"
	utf16 := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder()
	wide, _ := utf16.String(page)
	wideURL, _ := utf16.String(url)
	jis, _ := japanese.ISO2022JP.NewEncoder().String(page)
	seven := strings.NewReplacer("<", "+ADw-", ">", "+AD4-", "\u65E5", "+ZeU-", "\u672C", "+Zyw-").Replace(page)
	for _, tt := range []struct{ name, charset, body, mark string }{
		{"UTF-16", "utf-16le", wide, wideURL},
		{"UTF-16 with a mark", "utf-8", "\xFF\xFE" + wide, wideURL},
		{"ISO-2022-JP", "iso-2022-jp", jis, url},
		{"UTF-7", "utf-7", seven, url},
		{"UTF-8", "utf-8", page, url},
	} {
		for _, enc := range []string{"8bit", "base64"} {
			t.Run(tt.name+" "+enc, func(t *testing.T) {
				checkCharset(t, tt.charset, enc, tt.body, tt.mark, url)
			})
		}
	}
}

func checkCharset(t *testing.T, charset, enc, body, mark, url string) {
	t.Helper()
	raw := body
	if enc == "base64" {
		raw = base64.StdEncoding.EncodeToString([]byte(body))
	}
	head := "From: a@b.example\r\nContent-Type: text/html; charset=" + charset + "\r\nContent-Transfer-Encoding: " + enc + "\r\n\r\n"
	rep, err := detector.New(nil).Scan(detector.Source{}, []byte(head+raw))
	if err != nil {
		t.Fatal(err)
	}
	if len(rep.References) != 2 || rep.References[0].URL != url || rep.References[0].Raw != "" {
		t.Fatalf("references %+v", rep.References)
	}
	ref, at := rep.References[0], strings.Index(body, mark)
	if ref.Offset != at {
		t.Errorf("offset %d, want %d", ref.Offset, at)
	}
	want := len(head) + at
	if enc == "base64" {
		want = len(head) + at/3*4 + at%3
	}
	if ref.RawOffset == nil || *ref.RawOffset != want {
		t.Errorf("raw offset %v, want %d", ref.RawOffset, want)
	}
	if line := 1 + bytes.Count([]byte(body[:at]), []byte("\n")); ref.Line != line {
		t.Errorf("line %d, want %d", ref.Line, line)
	}
}

// TestCharsetOfURL checks which charset the other bytes of a URL are read in, and
// that none stays behind for the next document.
func TestCharsetOfURL(t *testing.T) {
	d := detector.New(nil)
	jis := "<img src=\"http://t.example/\x82\xa0\">"
	for _, tt := range []struct {
		name, doc, url string
		html           bool
	}{
		{"parameter", "From: a@b.example\nContent-Type: text/html; charset=shift_jis\n\n" + jis, "http://t.example/%E3%81%82", false},
		{"UTF-8 after it", "<img src=\"http://t.example/\u3042\">", "http://t.example/%E3%81%82", true},
		{"meta", "<META http-equiv=Content-Type content='text/html; charset=Shift_JIS'>" + jis, "http://t.example/%E3%81%82", true},
		{"short meta", "<meta charset=shift_jis>" + jis, "http://t.example/%E3%81%82", true},
		{"UTF-8 again", "<p charset=shift_jis><img src=\"http://t.example/\u3042\">", "http://t.example/%E3%81%82", true},
	} {
		scan := d.Scan
		if tt.html {
			scan = d.ScanHTML
		}
		rep, err := scan(detector.Source{}, []byte(tt.doc))
		if err != nil {
			t.Fatal(err)
		}
		if len(rep.References) != 1 || rep.References[0].URL != tt.url {
			t.Errorf("%s: got %+v, want %s", tt.name, rep.References, tt.url)
		}
	}
}
