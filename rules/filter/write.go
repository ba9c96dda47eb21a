package filter

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
	"slices"
	"strings"
)

// A tableWriter collects the sections of a table.
type tableWriter struct {
	sections [sections][]byte
	options  map[string]uint32 // options → their place
	regexps  int
}

// grow makes room for the sections that hold something of every filter.
func (w *tableWriter) grow(entries []entry) {
	text := 0
	for i := range entries {
		text += len(entries[i].Text) + 1
	}
	w.sections[secRecords] = make([]byte, 0, recordSize*len(entries))
	w.sections[secLines] = make([]byte, 0, 4*len(entries))
	w.sections[secText] = make([]byte, 0, text+text/64)
}

// filter writes the text and the options of a filter, and returns its record.
func (w *tableWriter) filter(e *entry) (r [recordSize]byte) {
	at := len(w.sections[secText])
	w.sections[secText] = append(w.sections[secText], e.Text...)
	pattern := e.Pattern
	if e.kind == kindRegexp {
		pattern = e.needle
	}
	// The pattern is a part of the text, unless its spelling was changed.
	if i := indexPattern(e.Text, pattern); i >= 0 {
		at += i
	} else {
		at = len(w.sections[secText]) + 1
		w.sections[secText] = append(append(w.sections[secText], 0), pattern...)
	}
	w.sections[secText] = append(w.sections[secText], '\n')

	binary.LittleEndian.PutUint32(r[0:], uint32(at))
	binary.LittleEndian.PutUint16(r[4:], uint16(len(pattern)))
	binary.LittleEndian.PutUint16(r[6:], uint16(e.Types))
	binary.LittleEndian.PutUint32(r[8:], w.option(e.Filter))
	r[12] = e.kind | byte(e.Party)<<4
	r[13] = e.flags()
	r[14], r[15] = e.place, mark(e.key)
	if e.kind == kindRegexp {
		binary.LittleEndian.PutUint16(r[14:], uint16(w.regexps))
		w.regexps++
	}
	return r
}

// indexPattern returns where a pattern stands in the text of its filter.
func indexPattern(text, pattern string) int {
	i := 0
	for i < len(text) && (text[i] == '@' || text[i] == '|') {
		i++
	}
	if strings.HasPrefix(text[i:], pattern) {
		return i
	}
	return strings.Index(text, pattern)
}

func (e *entry) flags() (b byte) {
	set := func(on bool, flag byte) {
		if on {
			b |= flag
		}
	}
	set(e.Important, flagImportant)
	set(e.MatchCase, flagMatchCase)
	set(e.Exception, flagException)
	set(e.Anchor&AnchorStart != 0, flagStart)
	set(e.Anchor&AnchorEnd != 0, flagEnd)
	set(e.Anchor&AnchorHostname != 0, flagHostname)
	star := strings.IndexByte(e.Pattern, '*') >= 0
	set(star, flagStar)
	set(star || strings.IndexByte(e.Pattern, '^') >= 0, flagWild)
	return b
}

// option writes the domains and hosts of a filter, once for all filters that
// have the same, and returns what stands in the record.
func (w *tableWriter) option(f *Filter) uint32 {
	if len(f.Domains) == 0 && len(f.Hosts) == 0 {
		return 0
	}
	var hashes [4][]uint64
	for i, names := range [2][]string{f.Domains, f.Hosts} {
		for _, d := range names {
			name, not := strings.CutPrefix(d, "~")
			set := &hashes[2*i]
			if not {
				set = &hashes[2*i+1]
			}
			*set = append(*set, hashHost(name))
		}
	}
	var b []byte
	for i := range hashes {
		slices.Sort(hashes[i])
		hashes[i] = slices.Compact(hashes[i])
		b = binary.LittleEndian.AppendUint32(b, uint32(len(hashes[i])))
	}
	for i := range hashes {
		for _, h := range hashes[i] {
			b = binary.LittleEndian.AppendUint64(b, h)
		}
	}
	if at, ok := w.options[string(b)]; ok {
		return at
	}
	at := uint32(len(w.sections[secOptions])/8) + 1
	w.options[string(b)] = at
	w.sections[secOptions] = append(w.sections[secOptions], b...)
	return at
}

// group writes the indexes of a group.
func (w *tableWriter) group(c *compiler, order []uint64, g int, counts [indexes]int) {
	base := secGroups + g*groupSections
	first := 0
	for first < len(order) && int(order[first]>>62) < g {
		first++
	}
	var sites, keyless []int
	var keys [2][]keyed
	keys[byHost] = make([]keyed, 0, counts[byHost])
	for id := first; id < len(order) && int(order[id]>>62) == g; id++ {
		switch e := &c.entries[uint32(order[id])]; e.index {
		case byHost, byToken:
			keys[e.index] = append(keys[e.index], keyed{e.key, uint32(id)})
		case bySite:
			sites = append(sites, id)
		case byType:
			keyless = append(keyless, id)
		}
	}
	for i, ks := range keys {
		if len(ks) > 0 {
			end := ks[len(ks)-1].id + 1
			w.sections[base+2*i] = bloom(ks, bloomSize[i])
			w.sections[base+2*i+1] = starts(ks, bucketBits(counts[i]), end, func(i int) uint32 { return ks[i].id })
		}
	}
	w.sites(base, c, order, sites)
	w.types(base, c, order, keyless)
}

// keyed is a filter and the hash that finds it.
type keyed struct {
	key uint64
	id  uint32
}

// bloomSize says how many bits of a Bloom filter a key has at least. There are
// ten times as many hosts as tokens, but a URL has more tokens than hosts.
var bloomSize = [...]int{byHost: 10, byToken: 16, bySite: 16}

// bloom makes a Bloom filter of two bits a key.
func bloom(keys []keyed, size int) []byte {
	words := 1 << bits.Len(uint(len(keys)*size/64))
	b := make([]byte, 8*words)
	for _, k := range keys {
		at := k.key >> 6 & uint64(words-1) * 8
		binary.LittleEndian.PutUint64(b[at:], binary.LittleEndian.Uint64(b[at:])|bloomBits(k.key))
	}
	return b
}

// starts lists where each bucket of sorted keys begins; value gives what is
// written for the key at a place, end what follows the last one.
func starts(keys []keyed, nbits int, end uint32, value func(int) uint32) []byte {
	b := make([]byte, 0, 4<<nbits+4)
	next := 0
	for bucket := range 1 << nbits {
		for next < len(keys) && int(keys[next].key>>(64-nbits)) < bucket {
			next++
		}
		at := end
		if next < len(keys) {
			at = value(next)
		}
		b = binary.LittleEndian.AppendUint32(b, at)
	}
	return binary.LittleEndian.AppendUint32(b, end)
}

// sites writes the index by the sites that filters name.
func (w *tableWriter) sites(base int, c *compiler, order []uint64, ids []int) {
	var keys []keyed
	for _, id := range ids {
		for _, d := range c.entries[uint32(order[id])].Domains {
			if d[0] != '~' {
				keys = append(keys, keyed{hashHost(d), uint32(id)})
			}
		}
	}
	if len(keys) == 0 {
		return
	}
	nbits := bucketBits(len(keys))
	slices.SortFunc(keys, func(a, b keyed) int {
		switch {
		case a.key>>(64-nbits) != b.key>>(64-nbits):
			return int(a.key>>(64-nbits)) - int(b.key>>(64-nbits))
		}
		return int(a.id) - int(b.id)
	})
	w.sections[base+secSiteBloom] = bloom(keys, bloomSize[bySite])
	w.sections[base+secSiteStart] = starts(keys, nbits, uint32(len(keys)), func(i int) uint32 { return uint32(i) })
	for _, k := range keys {
		w.sections[base+secSiteIDs] = binary.LittleEndian.AppendUint32(w.sections[base+secSiteIDs], k.id)
	}
}

// types writes the filters that no index finds, once for each of their types.
func (w *tableWriter) types(base int, c *compiler, order []uint64, ids []int) {
	if len(ids) == 0 {
		return
	}
	from, out := w.sections[base+secTypeFrom], w.sections[base+secTypeIDs]
	for bit := range 16 {
		from = binary.LittleEndian.AppendUint32(from, uint32(len(out)/4))
		for _, id := range ids {
			if c.entries[uint32(order[id])].Types>>bit&1 != 0 {
				out = binary.LittleEndian.AppendUint32(out, uint32(id))
			}
		}
	}
	w.sections[base+secTypeFrom] = binary.LittleEndian.AppendUint32(from, uint32(len(out)/4))
	w.sections[base+secTypeIDs] = out
}

// bytes joins the sections behind a header.
func (w *tableWriter) bytes(filters, lists int) ([]byte, error) {
	size := uint64(headerSize)
	for _, s := range w.sections {
		size = (size + uint64(len(s)) + 7) / 8 * 8
	}
	if size > 1<<32-1 {
		return nil, ErrTooLarge
	}
	out := make([]byte, headerSize, size)
	for i, s := range w.sections {
		binary.LittleEndian.PutUint32(out[32+8*i:], uint32(len(out)))
		binary.LittleEndian.PutUint32(out[36+8*i:], uint32(len(s)))
		out = append(out, s...)
		for len(out)%8 != 0 {
			out = append(out, 0)
		}
	}
	copy(out, tableMagic)
	binary.LittleEndian.PutUint32(out[8:], TableVersion)
	binary.LittleEndian.PutUint64(out[16:], uint64(len(out)))
	binary.LittleEndian.PutUint32(out[24:], uint32(filters))
	binary.LittleEndian.PutUint32(out[28:], uint32(lists))
	binary.LittleEndian.PutUint32(out[12:], crc32.Checksum(out[16:], castagnoli))
	return out, nil
}
