package filter

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"unsafe"
)

// ErrTable is returned by Load, wrapped with what is wrong, for bytes that are
// no table of this version or a damaged one. The lists must be compiled again.
var ErrTable = errors.New("no filter table that can be used")

// Load makes an engine of what Compile returned. The engine uses b as it lies:
// it must not change afterwards.
func Load(b []byte) (*Engine, error) {
	var sec [sections][]byte
	count, err := cut(b, &sec)
	if err != nil {
		return nil, err
	}
	e := &Engine{
		records: sec[secRecords],
		lines:   sec[secLines],
		text:    unsafe.String(unsafe.SliceData(sec[secText]), len(sec[secText])),
		options: sec[secOptions],
		count:   count,
	}
	for name := range bytes.SplitSeq(bytes.TrimSuffix(sec[secLists], []byte{0}), []byte{0}) {
		e.lists = append(e.lists, string(name))
	}
	for g := range e.groups {
		e.groups[g] = newGroup(sec[secGroups+g*groupSections:])
	}
	if err := e.check(); err != nil {
		return nil, err
	}
	return e, nil
}

// cut reads the header, verifies the checksum and finds the sections.
func cut(b []byte, sec *[sections][]byte) (count int, err error) {
	bad := func(what string) (int, error) { return 0, fmt.Errorf("%w: %s", ErrTable, what) }
	switch {
	case len(b) < headerSize || string(b[:8]) != tableMagic:
		return bad("not a table")
	case u32(b, 8) != TableVersion:
		return bad(fmt.Sprintf("version %d, not %d", u32(b, 8), TableVersion))
	case u64(b, 16) != uint64(len(b)):
		return bad("truncated")
	case crc32.Checksum(b[16:], castagnoli) != u32(b, 12):
		return bad("wrong checksum")
	}
	for i := range sec {
		off, n := uint64(u32(b, uint32(32+8*i))), uint64(u32(b, uint32(36+8*i)))
		if off+n > uint64(len(b)) {
			return bad("section outside")
		}
		sec[i] = b[off : off+n : off+n]
	}
	count = int(u32(b, 24))
	if len(sec[secRecords]) != count*recordSize || len(sec[secLines]) != count*4 {
		return bad("wrong number of filters")
	}
	return count, nil
}

func newGroup(sec [][]byte) group {
	g := group{
		hosts:   newBuckets(sec[secHostBloom], sec[secHostStart]),
		tokens:  newBuckets(sec[secTokenBloom], sec[secTokenStart]),
		sites:   newBuckets(sec[secSiteBloom], sec[secSiteStart]),
		siteIDs: sec[secSiteIDs],
		typeIDs: sec[secTypeIDs],
	}
	if len(sec[secTypeFrom]) == 4*len(g.typeFrom) {
		for i := range g.typeFrom {
			g.typeFrom[i] = u32(sec[secTypeFrom], uint32(4*i))
		}
	}
	g.empty = len(g.hosts.bloom)+len(g.tokens.bloom)+len(g.sites.bloom)+len(g.typeIDs) == 0
	return g
}

// check makes sure that no lookup can leave the table, whatever it holds, and
// counts the regular expressions.
func (e *Engine) check() error {
	regexps := 0
	for at := 0; at < len(e.records); at += recordSize {
		r := e.records[at : at+recordSize]
		lo, hi := binary.LittleEndian.Uint64(r), binary.LittleEndian.Uint64(r[8:])
		kind := hi >> 32 & 15
		size := lo >> 32 & 0xffff
		switch place := hi >> 48; {
		case kind >= kinds || lo&0xffffffff+size > uint64(len(e.text)) || !e.checkOptions(uint32(hi)):
			return fmt.Errorf("%w: filter %d is damaged", ErrTable, at/recordSize)
		case kind == kindRegexp:
			if int(place) >= e.count {
				return fmt.Errorf("%w: filter %d is damaged", ErrTable, at/recordSize)
			}
			regexps = max(regexps, int(place)+1)
		case (kind == kindHost || kind == kindHostPath) && place&0xff > size:
			return fmt.Errorf("%w: filter %d is damaged", ErrTable, at/recordSize)
		}
		e.important = e.important || hi>>40&flagImportant != 0
	}
	e.regexps = make([]lazyRegexp, regexps)
	for i := range e.groups {
		if !e.checkGroup(&e.groups[i]) {
			return fmt.Errorf("%w: index %d is damaged", ErrTable, i)
		}
	}
	for at := 3; at < len(e.lines); at += 4 {
		if int(e.lines[at]) >= len(e.lists) {
			return fmt.Errorf("%w: filter of no list", ErrTable)
		}
	}
	return nil
}

func (e *Engine) checkOptions(at uint32) bool {
	if at == 0 {
		return true
	}
	off := uint64(at-1) * 8
	if off+16 > uint64(len(e.options)) {
		return false
	}
	n := uint64(0)
	for i := range uint64(4) {
		n += uint64(u32(e.options, uint32(off+4*i)))
	}
	return off+16+8*n <= uint64(len(e.options))
}

func (e *Engine) checkGroup(g *group) bool {
	ids := func(b []byte) bool {
		for at := 0; at < len(b); at += 4 {
			if len(b)%4 != 0 || u32(b, uint32(at)) >= uint32(e.count) {
				return false
			}
		}
		return true
	}
	last := uint32(0)
	for _, from := range g.typeFrom {
		if from < last {
			return false
		}
		last = from
	}
	return int(last) <= len(g.typeIDs)/4 && ids(g.typeIDs) && ids(g.siteIDs) &&
		g.hosts.valid(e.count) && g.tokens.valid(e.count) && g.sites.valid(len(g.siteIDs)/4)
}
