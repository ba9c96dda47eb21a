package rewrite

import (
	"bytes"
	"index/suffixarray"
	"sort"
	"strings"
)

// A haystack is some texts in which many URLs are looked for.
type haystack struct {
	text   []byte // the texts, each with a zero byte behind it
	starts []int
	index  *suffixarray.Index // nil where reading the text anew is cheaper
}

// searchBytes is how many bytes are read, in all, before an index is made.
const searchBytes = 32 << 20

// newHaystack holds texts, in which so many needles will be looked for.
func newHaystack(needles int, texts ...[]byte) *haystack {
	h := &haystack{}
	if len(texts) == 1 {
		h.text, h.starts = texts[0], []int{0}
	} else {
		for _, t := range texts {
			h.starts = append(h.starts, len(h.text))
			h.text = append(append(h.text, t...), 0)
		}
	}
	if needles*len(h.text) > searchBytes {
		h.index = suffixarray.New(h.text)
	}
	return h
}

// contains reports whether u stands anywhere.
func (h *haystack) contains(u string) bool {
	if h.index != nil {
		return len(h.index.Lookup([]byte(u), 1)) > 0
	}
	return bytes.Contains(h.text, []byte(u))
}

// holding lists the texts in which u stands, and not only as the start of a
// longer URL. A text may be listed twice.
func (h *haystack) holding(u string) (list []int) {
	add := func(at int) {
		if end := at + len(u); end < len(h.text) && urlByte(h.text[end]) {
			return
		}
		list = append(list, sort.SearchInts(h.starts, at+1)-1)
	}
	if h.index != nil {
		for _, at := range h.index.Lookup([]byte(u), -1) {
			add(at)
		}
		return list
	}
	for at := 0; ; at += len(u) {
		i := bytes.Index(h.text[at:], []byte(u))
		if i < 0 {
			return list
		}
		at += i
		add(at)
	}
}

// urlByte reports whether a URL goes on with c.
func urlByte(c byte) bool {
	return isLetter(c) || c >= '0' && c <= '9' || strings.IndexByte("/?&=.-_%", c) >= 0
}
