package mime

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
)

func encode(t *testing.T, e encoding.Encoding, text string) string {
	t.Helper()
	s, err := e.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestToUTF8(t *testing.T) {
	text := "<p>\u65E5\u672C <img src=\"http://t.example/\u672C\"> \u672C\n<b>"
	emoji := "<p>\U0001F600" + text
	for _, tt := range []struct{ name, charset, data, want string }{
		{"UTF-16 big", "utf-16be", encode(t, utf16be, emoji), emoji},
		{"UTF-16 little", "utf-16le", encode(t, utf16le, emoji), emoji},
		{"UTF-16 guessed big", "utf-16", encode(t, utf16be, emoji), emoji},
		{"UTF-16 guessed little", "utf-16", encode(t, utf16le, emoji), emoji},
		{"UTF-16 mark, big", "utf-16", "\xFE\xFF" + encode(t, utf16be, emoji), emoji},
		{"UTF-16 mark wins", "utf-8", "\xFF\xFE" + encode(t, utf16le, emoji), emoji},
		{"UTF-16 odd length", "utf-16le", encode(t, utf16le, emoji) + "x", emoji + "\uFFFD"},
		{"UTF-32", "utf-32", encode(t, utf32be, emoji), emoji},
		{"UTF-32 mark", "", "\xFF\xFE\x00\x00" + encode(t, utf32le, emoji), emoji},
		{"ISO-2022-JP", "iso-2022-jp", encode(t, japanese.ISO2022JP, text), text},
		{"ISO-2022-JP of Microsoft", "iso-2022-jp-ms", encode(t, japanese.ISO2022JP, text), text},
		{"HZ", "hz-gb-2312", encode(t, simplifiedchinese.HZGB2312, text), text},
		{"UTF-7", "utf-7", "+ADw-p+AD4-+2D3eAA a+-b+ZeVnLA-c +", "<p>\U0001F600 a+b\u65E5\u672Cc "},
		{"UTF-7 without ends", "utf-7", "+ADwAaQBtAGc s=+ACI", "<img s=\""},
		{"UTF-7, raw bytes", "utf-7", "\xE9+ADw\xE9", "\xE9<\xE9"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, o := ToUTF8([]byte(tt.data), tt.charset)
			if o == nil || string(got) != tt.want {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
			checkOrigin(t, []byte(tt.data), got, o)
		})
	}
}

// checkOrigin converts every character of text back to its bytes: those from
// its offset on must decode to it where the decoder has no state.
func checkOrigin(t *testing.T, data, text []byte, o *Origin) {
	t.Helper()
	offs := make([]int, len(text)+1)
	for i := range offs {
		offs[i] = i
	}
	o.Offsets(offs)
	if offs[len(text)] > len(data) {
		t.Errorf("the end is at %d of %d", offs[len(text)], len(data))
	}
	last := 0
	for i, at := range offs {
		if at < last || at > len(data) {
			t.Fatalf("offset %d is at %d, after %d, of %d", i, at, last, len(data))
		}
		last = at
	}
	// What stands before an offset must convert to what stands before it.
	for i := range text {
		if text[i]&0xC0 == 0x80 {
			continue
		}
		tr := o.start()
		head := make([]byte, 4*len(data)+16)
		n, _, _ := tr.Transform(head, data[o.mark:max(offs[i], o.mark)], false)
		if !bytes.Equal(head[:n], text[:i]) {
			t.Fatalf("offset %d is at %d: before it stands %q, want %q", i, offs[i], head[:n], text[:i])
		}
	}
}

func TestToUTF8Leaves(t *testing.T) {
	for _, tt := range []struct{ charset, data string }{
		{"", "<b>"}, {"utf-8", "<b>"}, {"iso-8859-1", "\xE9"}, {"utf-16", "<html>plain after all"}, {"utf-16", ""},
		{"ucs-2", "<"}, {"iso-2022-kr", "<a href='http://t.example/'>"}, {"what", "\xFF"}, {"shift_jis", "\x83\x5C"},
	} {
		if got, o := ToUTF8([]byte(tt.data), tt.charset); o != nil || string(got) != tt.data {
			t.Errorf("%s: %q becomes %q", tt.charset, tt.data, got)
		}
	}
}

func TestDecodeHeader(t *testing.T) {
	for _, tt := range []struct{ value, want string }{
		{"plain", "plain"}, {"=?utf-8?q?=C3=A9?=", "é"}, {"=?iso-8859-1?b?6Q==?= x", "é x"}, {"=?iso-2022-jp?b?GyRCRnxLXBsoQg==?=", "\u65E5\u672C"},
		{"=?utf-8?q?broken", "=?utf-8?q?broken"}, {"=?what?q?a?=", "=?what?q?a?="}, {"\xE9", "\uFFFD"}, {"", ""},
	} {
		if got := DecodeHeader(tt.value); got != tt.want {
			t.Errorf("%q gives %q, want %q", tt.value, got, tt.want)
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, tt := range []struct{ value, want string }{
		{"a@b.example", "a@b.example"}, {"A B <a@b.example>, c@d.example", "a@b.example c@d.example"},
		{`"B, A" <a@b.example>`, "a@b.example"}, {"=?utf-8?q?=C3=A9?= <a@b.example>", "a@b.example"},
		{"A: B <a@b.example>;; <c@d.example", "a@b.example c@d.example"}, {"nobody", ""}, {"undisclosed recipients:;", ""}, {"", ""},
	} {
		if got := strings.Join(Addresses(tt.value), " "); got != tt.want {
			t.Errorf("%q gives %q, want %q", tt.value, got, tt.want)
		}
	}
}
