package filter

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
)

// The compiled form is one run of bytes, position independent and used as it
// lies: loading checks it and cuts it into sections. All numbers are little
// endian.
//
//	0   magic, 8 bytes
//	8   version, uint32
//	12  CRC-32C of all that follows, uint32
//	16  length of the whole, uint64
//	24  number of filters, uint32
//	28  number of lists, uint32
//	32  sections: offset and length, each uint32
//
// Filters are sorted by the bucket of the index that finds them. So a bucket is
// a range of filters, and what a request tries lies side by side.
const (
	tableMagic = "pxsweepF"
	headerSize = 32 + 8*sections
)

// TableVersion is the version of the compiled form. A table of another version
// is not loaded.
const TableVersion = 1

// The sections.
const (
	secRecords = iota // a record for each filter
	secLines          // for each filter, list<<24 | line
	secText           // the filters as written; patterns are parts of it
	secOptions        // domains and hosts, by their hashes
	secLists          // names of lists, each ended by a zero
	secGroups         // the indexes of the groups follow

	sections = secGroups + groups*groupSections
)

// The groups of filters; a request asks them one after the other.
const (
	groupBlock = iota
	groupAllow
	groupParam
	groupParamAllow
	groups
)

// The sections of a group's indexes. An index has a Bloom filter of two bits a
// key and the first filter of each bucket.
const (
	secHostBloom = iota
	secHostStart
	secTokenBloom
	secTokenStart
	secSiteBloom
	secSiteStart
	secSiteIDs  // filters by the sites they name
	secTypeFrom // where the filters without a key begin, for each type
	secTypeIDs
	groupSections
)

// A record is 16 bytes:
//
//	0   offset of the pattern in the text, uint32
//	4   its length, uint16
//	6   types, uint16
//	8   options, uint32: their offset / 8 + 1, or 0
//	12  kind in the low half, party in the high half
//	13  flags
//	14  length of the host; or place of the token in the pattern; or, with the
//	    next byte, number of the expression
//	15  the mark of its key
const recordSize = 16

// The kinds of patterns.
const (
	kindAny      = iota // matches every URL
	kindHost            // a host and those below it
	kindHostPath        // a host, and a pattern that follows
	kindPattern
	kindRegexp
	kinds
)

const (
	flagImportant = 1 << iota
	flagMatchCase
	flagStart
	flagEnd
	flagHostname
	flagWild // the pattern has "*" or "^"
	flagException
	flagStar // the pattern has "*"
)

// noPlace says that the place of the token in the pattern is not known.
const noPlace = 0xff

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func u32(b []byte, at uint32) uint32 { return binary.LittleEndian.Uint32(b[at:]) }
func u64(b []byte, at uint32) uint64 { return binary.LittleEndian.Uint64(b[at:]) }

// A buckets is an index by hash as it lies in the table.
type buckets struct {
	bloom  []byte
	starts []byte
	words  uint64 // of the Bloom filter, less one
	shift  uint8  // of a hash, to its bucket
}

func newBuckets(bloom, starts []byte) buckets {
	b := buckets{bloom: bloom, starts: starts}
	if len(bloom) > 0 {
		b.words = uint64(len(bloom)/8 - 1)
		b.shift = uint8(64 - bits.Len(uint(len(starts)/4-2)))
	}
	return b
}

// valid reports whether every lookup stays within n entries.
func (b *buckets) valid(n int) bool {
	words, count := len(b.bloom)/8, len(b.starts)/4-1
	if len(b.bloom) == 0 && len(b.starts) == 0 {
		return true
	}
	if len(b.bloom)%8 != 0 || len(b.starts)%4 != 0 || words&(words-1) != 0 || words == 0 ||
		count < 2 || count&(count-1) != 0 {
		return false
	}
	last := uint32(0)
	for i := 0; i < len(b.starts); i += 4 {
		at := u32(b.starts, uint32(i))
		if i > 0 && at < last {
			return false
		}
		last = at
	}
	return int64(last) <= int64(n)
}

// has reports whether a key may be in the index.
func (b *buckets) has(hash uint64) bool {
	if len(b.bloom) == 0 {
		return false
	}
	word := binary.LittleEndian.Uint64(b.bloom[hash>>6&b.words*8:])
	return bloomBits(hash)&^word == 0
}

// bloomBits are the bits of a key in its word of a Bloom filter.
func bloomBits(hash uint64) uint64 { return 1<<(hash&63) | 1<<(hash>>28&63) }

// mark returns eight bits of a hash that stand in the record of a filter. A
// bucket holds the filters of several keys; the mark tells most of them apart.
func mark(hash uint64) byte { return byte(hash >> 36) }

// find returns the range of entries in a key's bucket.
func (b *buckets) find(hash uint64) (from, to uint32) {
	at := hash >> b.shift * 4
	pair := binary.LittleEndian.Uint64(b.starts[at:])
	return uint32(pair), uint32(pair >> 32)
}
