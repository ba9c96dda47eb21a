package imapscan

import (
	"fmt"
	"slices"

	"github.com/emersion/go-imap/v2"

	"github.com/pixelsweep/pixelsweep/internal/auditstore"
)

// Ranges are runs of UIDs in ascending order that do not touch.
type Ranges []auditstore.Range

// Contains reports whether uid is in one of the ranges.
func (r Ranges) Contains(uid uint32) bool {
	_, found := slices.BinarySearchFunc(r, uid, func(g auditstore.Range, uid uint32) int {
		switch {
		case g.Last < uid:
			return -1
		case g.First > uid:
			return 1
		}
		return 0
	})
	return found
}

// Bounds of what a search may find: messages that arrive meanwhile, and all of them.
const (
	arriving = 10_000
	maxUIDs  = 20_000_000
)

// wanted asks which messages there are and returns those that sel wants and that
// are not known, in ascending order.
func (s *Session) wanted(data *imap.SelectData, sel Selection) ([]imap.UID, error) {
	if data.NumMessages == 0 {
		return nil, nil
	}
	defer s.Expect()()
	var opts *imap.SearchOptions
	if s.Caps.Has(imap.CapESearch) || s.Caps.Has(imap.CapIMAP4rev2) {
		opts = &imap.SearchOptions{ReturnAll: true}
	}
	found, err := s.Client.UIDSearch(&imap.SearchCriteria{Since: sel.Since, Before: sel.Before}, opts).Wait()
	if err != nil {
		return nil, s.Err(err)
	}
	set, _ := found.All.(imap.UIDSet)
	known := sel.Known
	if sel.UIDValidity != data.UIDValidity {
		known = nil
	}
	var uids []imap.UID
	count := uint64(0)
	for _, r := range set {
		if r.Start == 0 || r.Stop < r.Start {
			return nil, &LimitError{What: "a range of UIDs without an end"}
		}
		if count += uint64(r.Stop-r.Start) + 1; count > min(uint64(data.NumMessages)+arriving, maxUIDs) {
			return nil, &LimitError{What: fmt.Sprintf("more UIDs than the folder has messages (%d)", data.NumMessages)}
		}
		for u := uint64(r.Start); u <= uint64(r.Stop); u++ {
			if !known.Contains(uint32(u)) {
				uids = append(uids, imap.UID(u))
			}
		}
	}
	slices.Sort(uids)
	if sel.Limit > 0 && len(uids) > sel.Limit {
		uids = uids[len(uids)-sel.Limit:]
	}
	return uids, nil
}
