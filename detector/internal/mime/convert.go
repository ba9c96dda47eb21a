package mime

import (
	"bytes"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"
)

// Origin leads from converted text back to the bytes that it was made of.
type Origin struct {
	data  []byte // after the byte order mark
	mark  int    // length of the byte order mark
	start func() transform.Transformer
	buf   [4 * window]byte

	charset encoding.Encoding // nil for UTF-7
}

// ToUTF8 converts data to UTF-8 where its charset is not a superset of ASCII:
// UTF-16, UTF-32, ISO-2022-JP, HZ, UTF-7. Everything else is returned as it is,
// with a nil Origin: URLs are ASCII, and offsets stay true.
func ToUTF8(data []byte, cs string) ([]byte, *Origin) {
	o := byMark(data)
	if o == nil {
		o = byName(data, cs)
	}
	if o == nil {
		return data, nil
	}
	// A decoder replaces what it cannot read, it does not fail.
	text, _, _ := transform.Bytes(o.start(), o.data)
	return text, o
}

// byMark recognises a byte order mark, which wins over a declared charset.
func byMark(data []byte) *Origin {
	for _, m := range marks {
		if bytes.HasPrefix(data, []byte(m.bytes)) {
			return origin(data[len(m.bytes):], len(m.bytes), m.encoding)
		}
	}
	return nil
}

var (
	utf16be = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	utf16le = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	utf32be = utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)
	utf32le = utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)
)

// marks holds the longer ones first.
var marks = []struct {
	bytes    string
	encoding encoding.Encoding
}{
	{"\xFF\xFE\x00\x00", utf32le}, {"\x00\x00\xFE\xFF", utf32be}, {"\xFF\xFE", utf16le}, {"\xFE\xFF", utf16be},
}

func byName(data []byte, cs string) *Origin {
	switch cs {
	case "", "utf-8", "us-ascii":
		return nil
	case "utf-16", "utf-16be", "utf-16le", "ucs-2", "unicode":
		return wide(data, cs)
	case "utf-32", "utf-32be":
		return origin(data, 0, utf32be)
	case "utf-32le":
		return origin(data, 0, utf32le)
	case "utf-7", "unicode-1-1-utf-7":
		return &Origin{data: data, start: func() transform.Transformer { return new(utf7) }}
	case "hz-gb-2312":
		return origin(data, 0, simplifiedchinese.HZGB2312)
	}
	if strings.HasPrefix(cs, "iso-2022-jp") {
		return origin(data, 0, japanese.ISO2022JP)
	}
	return nil
}

func origin(data []byte, mark int, e encoding.Encoding) *Origin {
	return &Origin{data: data, mark: mark, charset: e, start: func() transform.Transformer { return e.NewDecoder() }}
}

// wide reads UTF-16 without a mark. Text that lacks the zero bytes which markup
// in UTF-16 must have is something else, wrongly named.
func wide(data []byte, cs string) *Origin {
	head := data[:min(len(data), 256)]
	if bytes.IndexByte(head, 0) < 0 || bytes.Count(head, []byte{0})*4 < len(head) {
		return nil
	}
	// RFC 2781 section 4.3 takes big endian for granted, senders do not.
	if cs == "utf-16be" || cs == "utf-16" && head[0] == 0 {
		return origin(data, 0, utf16be)
	}
	return origin(data, 0, utf16le)
}

// window is more than any decoder needs for one character.
const window = 16

// Offsets replaces offsets in the text, which must ascend, by those of the
// bytes that their characters were made of.
func (o *Origin) Offsets(offs []int) {
	t := o.start()
	in, out := 0, 0
	for k := 0; k < len(offs); {
		if in >= len(o.data) {
			offs[k] = o.mark + len(o.data)
			k++
			continue
		}
		read, written := o.step(t, in)
		for k < len(offs) && offs[k] < out+written {
			offs[k] = o.mark + in
			k++
		}
		in, out = in+read, out+written
	}
}

// step decodes as little as the decoder takes, one character or one escape.
func (o *Origin) step(t transform.Transformer, in int) (read, written int) {
	for n := 1; n <= window && in+n <= len(o.data); n++ {
		written, read, _ = t.Transform(o.buf[:], o.data[in:in+n], in+n == len(o.data))
		if read > 0 {
			return read, written
		}
	}
	return 1, 0
}

// Splice turns edits of the text into edits of the bytes that it was made of,
// which are those of data. The replacements are encoded in the charset; where
// the result does not read as it should, everything is encoded anew.
func (o *Origin) Splice(data, text []byte, edits []Edit) []Edit {
	offs := make([]int, 0, 2*len(edits))
	for i := range edits {
		offs = append(offs, edits[i].Start, max(edits[i].Start, edits[i].End-1), edits[i].End)
	}
	o.Offsets(offs)
	out := make([]Edit, len(edits))
	for i := range edits {
		start, last, next := offs[3*i], offs[3*i+1], offs[3*i+2]
		if unit := o.unit(); unit > 0 {
			next = min(next, last+unit) // an escape sequence after the URL stays
		}
		if edits[i].Len() == 0 {
			next = start
		}
		out[i] = Edit{Range{start, next}, o.encode(edits[i].Text)}
	}
	want := Apply(text, edits)
	if bytes.Equal(o.text(Apply(data, out)), want) {
		return out
	}
	return []Edit{{Range{o.mark, len(data)}, o.encode(want)}}
}

// unit is how many bytes an ASCII character has.
func (o *Origin) unit() int {
	switch o.charset {
	case utf16be, utf16le:
		return 2
	case utf32be, utf32le:
		return 4
	}
	return 1
}

func (o *Origin) text(data []byte) []byte {
	text, _, _ := transform.Bytes(o.start(), data[min(o.mark, len(data)):])
	return text
}

// encode writes text in the charset of o.
func (o *Origin) encode(text []byte) []byte {
	if o.charset == nil {
		return encodeUTF7(text)
	}
	out, err := o.charset.NewEncoder().Bytes(text)
	if err != nil {
		out, _ = encoding.ReplaceUnsupported(o.charset.NewEncoder()).Bytes(text)
	}
	return out
}
