// Package token decodes what the parts of a URL carry: it peels encodings off
// path segments, parameters, fragments and host labels, one inside the other, and
// keeps what every layer held.
//
//	https://email.shop.example/o/eJw…       path[2]: base64 → zlib → r=ann@reader.example&…
//	https://t.shop.example/c?p=eyJ1Ijo…     query[p]: base64 → {"url":"https:\/\/…"} → {"url":"https://…"}
//
// Whatever comes in, the work is bounded: in depth, in bytes and in the number of
// layers. Cheap looks at alphabet, length and first bytes come before any
// decoding, and a URL that holds nothing costs one pass and no allocation.
//
// Nothing here performs I/O. A [Decoder] is for one goroutine at a time.
package token

import (
	"strings"
	"unsafe"

	"github.com/pixelsweep/pixelsweep/detector/internal/weburl"
)

// Limits of what one URL may cost.
const (
	MaxDepth  = 6        // encodings inside each other
	MaxBytes  = 64 << 10 // of all layers together
	MaxLayers = 64
)

// An Encoding is one that a layer was peeled from.
type Encoding uint8

// The encodings, in the order in which String names them.
const (
	Percent Encoding = iota + 1
	Entity
	QuotedPrintable
	Escapes // of JSON strings: \/ \u0040
	Base16
	Base32
	Base58
	Base64 // in either alphabet
	Zlib
	Gzip
	Deflate
	ROT13
)

var encodingNames = [...]string{
	"", "percent-encoding", "HTML entities", "quoted-printable", "JSON escapes", "base16", "base32", "base58", "base64",
	"zlib", "gzip", "deflate", "rot13",
}

func (e Encoding) String() string { return encodingNames[e] }

// Steps are encodings, the outermost first.
type Steps struct {
	list [MaxDepth]Encoding
	n    uint8
}

// List returns the encodings, the outermost first.
func (s *Steps) List() []Encoding { return s.list[:s.n] }

func (s Steps) and(e Encoding) Steps {
	s.list[s.n] = e
	s.n++
	return s
}

// A Layer is what one encoding, or several inside each other, held.
type Layer struct {
	Place
	Steps  Steps
	Data   []byte // until the next Decode
	Parent int    // the layer around it, -1 for the URL itself
	Text   bool   // Data is printable UTF-8
}

// A Decoder decodes one URL after the other in the same memory. The zero value
// is ready.
type Decoder struct {
	layers []Layer
	buf    []byte
	used   int // of MaxBytes
	slow   int // decodings that take quadratic time
	inf    inflater
	head   [24]byte // of a token, its letters moved
	small  [24]byte // and decoded
	limbs  []uint32 // of a number
}

// Decode returns the layers of a URL's parts, outer ones before those that they
// hold. They are valid until the next call.
func (d *Decoder) Decode(u *weburl.URL) []Layer {
	d.layers, d.buf, d.used, d.slow = d.layers[:0], d.buf[:0], 0, 0
	at := Place{Part: Host, Index: 1}
	for host := u.Host; host != ""; at.Index++ {
		var label string
		label, host, _ = strings.Cut(host, ".")
		if len(label) >= minLabel {
			d.runs(view(label), -1, Steps{}, at)
		}
	}
	at = Place{Part: Path, Index: 0}
	for path := u.Path; path != ""; at.Index++ {
		n := strings.IndexByte(path, '/')
		if n < 0 {
			n = len(path)
		}
		if n >= minRun {
			d.peel(view(path[:n]), -1, Steps{}, at)
		}
		path = path[min(n+1, len(path)):]
	}
	for query := u.Query; query != ""; {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		if len(pair) < minRun {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		if strings.Trim(value, "=") == "" {
			name, value = "", pair
		}
		if len(value) >= minRun {
			d.peel(view(value), -1, Steps{}, Place{Part: Query, Name: name})
		}
		if len(name) >= minName {
			d.peel(view(name), -1, Steps{}, Place{Part: Query, Name: name})
		}
	}
	if len(u.Fragment) >= minRun {
		d.peel(view(u.Fragment), -1, Steps{}, Place{Part: Fragment})
	}
	return d.layers
}

// Where tokens begin to be worth a look, in bytes.
const (
	minRun   = 8  // a@b.co in base64
	minLabel = 16 // labels of hosts are words
	minName  = 16 // and so are the names of parameters
)

// view returns the bytes of s, which nobody may write to.
func view(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// room returns an empty slice to append up to n bytes to, nil if the URL has had
// its share.
func (d *Decoder) room(n int) []byte {
	if d.used+n > MaxBytes || len(d.layers) >= MaxLayers {
		return nil
	}
	if cap(d.buf)-len(d.buf) < n {
		// What was handed out stays in the old memory.
		d.buf = make([]byte, 0, max(n, 2*cap(d.buf), 4<<10))
	}
	at := len(d.buf)
	return d.buf[at : at : at+n]
}

// keep takes over what was appended to the last room, as a layer.
func (d *Decoder) keep(data []byte, parent int, s Steps, at Place, text bool) int {
	d.buf = d.buf[:len(d.buf)+len(data)]
	d.used += len(data)
	d.layers = append(d.layers, Layer{Place: at, Steps: s, Data: data, Parent: parent, Text: text})
	return len(d.layers) - 1
}

// A mark is how far a decoder had come.
type mark struct {
	layers, used int
	buf          []byte
}

func (d *Decoder) mark() mark { return mark{len(d.layers), d.used, d.buf} }

// reset drops what was kept since m.
func (d *Decoder) reset(m mark) {
	d.layers, d.used = d.layers[:m.layers], m.used
	if cap(d.buf) == cap(m.buf) {
		d.buf = m.buf
	} else {
		d.buf = d.buf[:0] // a larger one, of which nothing else is in use
	}
}

// add keeps data as a layer and looks into it.
func (d *Decoder) add(data []byte, parent int, s Steps, at Place, text bool) {
	me := d.keep(data, parent, s, at, text)
	switch {
	case d.inflate(data, me, s, at, text):
	case text:
		d.peel(data, me, s, at)
	default:
		d.runs(data, me, s, at)
	}
}

// Forget drops what the layers point to.
func (d *Decoder) Forget() {
	clear(d.layers)
	d.layers = d.layers[:0]
}
