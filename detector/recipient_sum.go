package detector

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// hashes are those that senders make of addresses (Englehardt, Han, Narayanan:
// I never signed up for this, PETS 2018), up to two of them after each other.
var hashes = [...]struct {
	name string
	size int
	sum  func(dst, text []byte) []byte
}{
	{"md5", 16, func(d, t []byte) []byte { s := md5.Sum(t); return append(d, s[:]...) }},
	{"sha1", 20, func(d, t []byte) []byte { s := sha1.Sum(t); return append(d, s[:]...) }},
	{"sha224", 28, func(d, t []byte) []byte { s := sha256.Sum224(t); return append(d, s[:]...) }},
	{"sha256", 32, func(d, t []byte) []byte { s := sha256.Sum256(t); return append(d, s[:]...) }},
	{"sha384", 48, func(d, t []byte) []byte { s := sha512.Sum384(t); return append(d, s[:]...) }},
	{"sha512", 64, func(d, t []byte) []byte { s := sha512.Sum512(t); return append(d, s[:]...) }},
	{"sha3-256", 32, func(d, t []byte) []byte { s := sha3.Sum256(t); return append(d, s[:]...) }},
	{"sha3-512", 64, func(d, t []byte) []byte { s := sha3.Sum512(t); return append(d, s[:]...) }},
}

// sumSizes are the sizes of digests.
var sumSizes = [...]int{16, 20, 28, 32, 48, 64}

// writings are how a digest is written before it is hashed once more.
var writings = [...]func(dst, sum []byte) []byte{
	hex.AppendEncode,
	func(d, s []byte) []byte {
		from := len(d)
		d = hex.AppendEncode(d, s)
		for i := from; i < len(d); i++ {
			if d[i] >= 'a' {
				d[i] -= 0x20
			}
		}
		return d
	},
	func(d, s []byte) []byte { return append(d, s...) },
}

// sums are the digests of one size that one or two hashes make of an address.
type sums struct {
	starts bitmap
	list   []sum
}

// sum is the beginning of a digest, long enough to be the only one, and how it is
// made: the spelling of the address, then the hashes, the second one plus 1.
type sum struct {
	first, second uint64
	spelling      uint8
	inner, outer  uint8
}

// maxTwice is how many spellings of an address are hashed twice.
const maxTwice = 3

// sumsOf returns the digests of a size.
func (p *person) sumsOf(size int) *sums {
	slot := sumSlot(size)
	if p.sums[slot] != nil {
		return p.sums[slot]
	}
	all := &sums{list: make([]sum, 0, 128)}
	p.sums[slot] = all
	room := make([]byte, 0, 512)
	for i, a := range p.spellings() {
		for inner := range hashes {
			at := i*len(hashes) + inner
			if len(p.once) == at {
				p.once = append(p.once, string(hashes[inner].sum(room, bytesOf(a))))
			}
			digest := bytesOf(p.once[at])
			if len(digest) == size {
				all.add(digest, i, inner, 0)
			}
			if i >= maxTwice {
				continue
			}
			for _, write := range writings {
				written := write(room, digest)
				for outer := range hashes {
					if hashes[outer].size == size {
						all.add(hashes[outer].sum(written[len(written):], written), i, inner, outer+1)
					}
				}
			}
		}
	}
	return all
}

func sumSlot(size int) int {
	for i, n := range sumSizes {
		if n == size {
			return i
		}
	}
	return -1
}

func (s *sums) add(digest []byte, spelling, inner, outer int) {
	s.starts.set(binary.LittleEndian.Uint32(digest))
	s.list = append(s.list, sum{
		binary.LittleEndian.Uint64(digest), binary.LittleEndian.Uint64(digest[8:]), uint8(spelling), uint8(inner), uint8(outer),
	})
}

// isDigest says how a digest is made from an address of the reader or from the
// message's ID.
func (r *reader) isDigest(digest []byte) (h hit) {
	if sumSlot(len(digest)) < 0 {
		return h
	}
	for _, p := range r.people {
		if what := p.digest(digest); what != "" {
			return hit{evidence: Proven, what: what}
		}
	}
	if len(r.id) >= minTrait && r.idSums().has(digest) != nil {
		return hit{evidence: Likely, what: "a digest of this message's ID"}
	}
	return h
}

// idSums returns the digests of the message's ID.
func (r *reader) idSums() *sums {
	if r.sums == nil {
		r.sums = &sums{list: make([]sum, 0, 9)}
		local, _, _ := strings.Cut(r.id, "@")
		room := make([]byte, 0, 64)
		for _, text := range [...]string{r.id, "<" + r.id + ">", local} {
			for _, i := range idHashes {
				r.sums.add(hashes[i].sum(room, bytesOf(text)), 0, i, 0)
			}
		}
	}
	return r.sums
}

// idHashes are md5, sha1 and sha256.
var idHashes = [...]int{0, 1, 3}

func (p *person) digest(digest []byte) string {
	if s := p.sumsOf(len(digest)).has(digest); s != nil {
		return p.words(s)
	}
	return ""
}

// has returns the entry of a digest, nil if there is none.
func (s *sums) has(digest []byte) *sum {
	if !s.starts.has(binary.LittleEndian.Uint32(digest)) {
		return nil
	}
	first, second := binary.LittleEndian.Uint64(digest), binary.LittleEndian.Uint64(digest[8:])
	for i := range s.list {
		if e := &s.list[i]; e.first == first && e.second == second {
			return e
		}
	}
	return nil
}

// words says how a digest is made: "md5 of sha256 of the recipient's address".
func (p *person) words(s *sum) string {
	what := hashes[s.inner].name + " of the recipient's address"
	if s.outer > 0 {
		what = hashes[s.outer-1].name + " of " + what
	}
	switch a := p.spellings()[s.spelling]; {
	case a == strings.ToLower(p.address) || a == p.address:
	case a == strings.ToUpper(a):
		what += " in upper case"
	default:
		what += " in another spelling"
	}
	return what
}
