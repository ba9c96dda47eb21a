package auditstore

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Range is a run of UIDs, both ends included.
type Range struct{ First, Last uint32 }

// parseRanges reads what formatRanges has written.
func parseRanges(text string) ([]Range, error) {
	if text == "" {
		return nil, nil
	}
	list := make([]Range, 0, strings.Count(text, ",")+1)
	for part := range strings.SplitSeq(text, ",") {
		first, last, run := strings.Cut(part, ":")
		if !run {
			last = first
		}
		a, err1 := strconv.ParseUint(first, 10, 32)
		b, err2 := strconv.ParseUint(last, 10, 32)
		if err1 != nil || err2 != nil || a > b {
			return nil, fmt.Errorf("UIDs %.40q: %w", part, ErrDamaged)
		}
		list = append(list, Range{uint32(a), uint32(b)})
	}
	return list, nil
}

// formatRanges writes ranges as IMAP does (RFC 3501, sequence-set): 1:40,42.
func formatRanges(list []Range) string {
	var b []byte
	for i, r := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, uint64(r.First), 10)
		if r.Last > r.First {
			b = strconv.AppendUint(append(b, ':'), uint64(r.Last), 10)
		}
	}
	return string(b)
}

// joinRanges puts ranges in order and joins those that overlap or touch.
func joinRanges(list []Range) []Range {
	slices.SortFunc(list, func(a, b Range) int { return cmp.Compare(a.First, b.First) })
	out := list[:0]
	for _, r := range list {
		if n := len(out); n > 0 && uint64(r.First) <= uint64(out[n-1].Last)+1 {
			out[n-1].Last = max(out[n-1].Last, r.Last)
		} else {
			out = append(out, r)
		}
	}
	return out
}
