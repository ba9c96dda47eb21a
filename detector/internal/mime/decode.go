package mime

import "sort"

// Warnings of [Reader.Decode].
const (
	warnPartBytes = "part is longer than the limit, the rest was not read"
	warnEncoding  = "transfer encoding is unknown, read as it stands"
)

// Decode returns the body of p after transfer decoding. Identity encodings
// give the sub-slice itself; others are decoded into memory of the Reader,
// which stays valid until the next Split. The warning is empty when all is well.
func (r *Reader) Decode(p *Part) (data []byte, m Map, warn string) {
	data, warn = r.decode(p)
	if warn == "" && !isIdentity(p.Encoding) && !isEncoded(p.Encoding) {
		warn = warnEncoding
	}
	return data, Map{part: p, size: len(data)}, warn
}

func (r *Reader) decode(p *Part) (data []byte, warn string) {
	raw, limit := p.Raw(), r.lim.withDefaults().PartBytes
	if !isEncoded(p.Encoding) {
		if len(raw) > limit {
			return raw[:limit:limit], warnPartBytes
		}
		return raw, ""
	}
	// Both encodings only shrink, so the source bounds the room needed.
	buf := r.arena.take(min(len(raw), limit) + 8)
	if p.Encoding == "base64" {
		data, _ = decodeBase64(buf, raw, limit+1)
	} else {
		data, _ = decodeQP(buf, raw, limit+1)
	}
	if len(data) > limit {
		data, warn = data[:limit], warnPartBytes
	}
	r.arena.keep(len(data))
	return data[:len(data):len(data)], warn
}

func isEncoded(encoding string) bool {
	return encoding == "base64" || encoding == "quoted-printable"
}

func isIdentity(encoding string) bool {
	return encoding == "7bit" || encoding == "8bit" || encoding == "binary"
}

// arena hands out memory that stays valid until reset, without asking the
// allocator again once it is large enough.
type arena struct{ buf []byte }

// maxKept bounds the memory that an idle Reader holds on to.
const maxKept = 8 << 20

func (a *arena) reset() {
	if cap(a.buf) > maxKept {
		a.buf = nil
	}
	a.buf = a.buf[:0]
}

// take returns an empty slice with room for n bytes.
func (a *arena) take(n int) []byte {
	if cap(a.buf)-len(a.buf) < n {
		a.buf = make([]byte, 0, max(n, min(2*cap(a.buf), maxKept), 64<<10))
	}
	k := len(a.buf)
	return a.buf[k : k : k+n]
}

// keep marks n bytes of what take returned as used.
func (a *arena) keep(n int) { a.buf = a.buf[:len(a.buf)+n] }

// Map leads from offsets in decoded data back to offsets in the message. It
// costs nothing until it is asked.
type Map struct {
	part   *Part
	size   int
	points []point
	last   point // of the last answer: offsets mostly ascend
}

// point says that out bytes come from the first in bytes of the source.
type point struct{ out, in int }

// mapStep is the distance of points in decoded bytes.
const mapStep = 2048

// Raw returns the offset in the message of the byte that stands at off in the
// decoded data. It is false for offsets outside and for parts of a message that
// was itself encoded.
func (m *Map) Raw(off int) (int, bool) {
	if m.part == nil || m.part.Decoded || off < 0 || off > m.size {
		return 0, false
	}
	p := m.part
	if !isEncoded(p.Encoding) {
		return p.Body.Start + off, true
	}
	if m.points == nil {
		m.points = mapPoints(p.Raw(), p.Encoding, m.size)
	}
	i := sort.Search(len(m.points), func(i int) bool { return m.points[i].out > off }) - 1
	at := m.points[i]
	if m.last.out <= off && m.last.out > at.out {
		at = m.last
	}
	src := p.Raw()[at.in:]
	if p.Encoding == "base64" {
		place, start, left := base64At(src, off-at.out)
		m.last = point{off - left, at.in + start}
		return p.Body.Start + at.in + place, true
	}
	m.last = point{off, at.in + qpAt(src, off-at.out)}
	return p.Body.Start + m.last.in, true
}

func mapPoints(src []byte, encoding string, size int) []point {
	points := make([]point, 1, size/mapStep+2)
	scratch := make([]byte, 0, mapStep+8)
	at := point{}
	for at.in < len(src) && at.out < size {
		var out []byte
		var read int
		if encoding == "base64" {
			out, read = decodeBase64(scratch, src[at.in:], mapStep)
		} else {
			out, read = decodeQP(scratch, src[at.in:], mapStep)
		}
		if read == 0 {
			break
		}
		at = point{at.out + len(out), at.in + read}
		points = append(points, at)
	}
	return points
}
