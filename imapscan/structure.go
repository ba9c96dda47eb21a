package imapscan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/imapscan/internal/wire"
)

// plan says what is read of a message.
type plan struct {
	whole bool   // all of it
	limit int64  // bytes of the whole that are read, 0 for all
	items []item // else the header and these parts
}

// item is a part that is read.
type item struct {
	path   []int
	header []int // of the message whose body the part is; nil where the part has its own
	limit  int64 // bytes of the body, 0 for all
	empty  bool  // there may be no bytes in it

	body, head string // the names of the sections: "1.2", "1.2.MIME"
}

// Bounds of what is read of one message.
const (
	maxItems = 40       // parts; a message of more is read whole
	maxPart  = 24 << 20 // bytes of a part, enough for the detector's 16 MB in base64
	maxPath  = 16       // levels of nesting; what is deeper is read whole
)

// wholeShare is from which share of a message on all of it is read: then the parts
// save little, and the whole is told more exactly.
const wholeShare = 0.92

// planner walks a body structure.
type planner struct {
	nodes []wire.Node
	items []item
	need  int64 // bytes of items
	sum   int64 // bytes of all leaves
	parts int
	odd   bool
}

// planOf decides what to read of a message of size bytes. Everything is read where
// its structure is odd or not known, since the server may understand it in another
// way than clients do.
func planOf(nodes []wire.Node, size int64) plan {
	pl := choose(nodes, size)
	if pl.whole && size > wire.MaxBody {
		pl.limit = wire.MaxBody
	}
	return pl
}

func choose(nodes []wire.Node, size int64) plan {
	p := planner{nodes: nodes}
	if len(nodes) == 0 {
		return plan{whole: true}
	}
	if root := &nodes[0]; !root.Multipart {
		p.leaf(0, []int{1}, nil)
		return plan{whole: len(p.items) > 0 || root.Size == 0}
	}
	p.walk(0, nil)
	if p.odd || len(p.items) > maxItems || p.parts == 0 {
		return plan{whole: true}
	}
	// What stands outside the parts: header, boundaries, and perhaps parts that
	// other clients see.
	if rest := size - p.sum; rest > 32<<10+int64(p.parts)<<10 {
		return plan{whole: true}
	}
	if float64(p.need) > wholeShare*float64(size) {
		return plan{whole: true}
	}
	return plan{items: p.items}
}

// walk visits a node, whose parts are numbered below path, until it is known that
// the message is read whole. The guard bounds its depth.
func (p *planner) walk(at int32, path []int) {
	n := &p.nodes[at]
	if !n.Multipart {
		p.leaf(at, path, nil)
		return
	}
	if n.Child == 0 {
		p.odd = true
	}
	for i, c := 1, n.Child; c != 0 && !p.odd && len(p.items) <= maxItems; i, c = i+1, p.nodes[c].Next {
		if child := &p.nodes[c]; !child.Multipart && child.Size == 0 && i == 1 && child.Next == 0 {
			p.odd = true // what servers say of a multipart without parts
		}
		p.walk(c, append(slices.Clone(path), i))
	}
}

func (p *planner) leaf(at int32, path, header []int) {
	n := &p.nodes[at]
	p.parts++
	p.odd = p.odd || len(path) > maxPath || strings.HasPrefix(n.Media, "multipart/") // QUIRK: GMX, of broken ones
	size := n.Size
	if n.Child != 0 && identity(n.Encoding) {
		before := p.sum
		if p.nodes[n.Child].Multipart {
			p.walk(n.Child, path)
		} else {
			p.leaf(n.Child, append(slices.Clone(path), 1), path)
		}
		p.sum = before + size
		return
	}
	p.sum += size
	need := detector.Needs(n.Media, n.Filename)
	if need == detector.NeedNothing {
		return
	}
	it := item{path: path, header: header, empty: size == 0}
	switch {
	case need == detector.NeedHead && size > detector.HeadBytes:
		it.limit = detector.HeadBytes
	case size > maxPart:
		it.limit = maxPart
	}
	p.items = append(p.items, it)
	if it.limit > 0 {
		size = it.limit
	}
	p.need += size
}

// identity reports whether an encoding leaves a nested message as it is.
func identity(encoding string) bool {
	switch encoding {
	case "7bit", "8bit", "binary", "":
		return true
	}
	return false
}

// key tells plans apart; equal plans are read with one command.
func (p *plan) key() string {
	if p.whole {
		return "whole<" + strconv.FormatInt(p.limit, 10)
	}
	var b strings.Builder
	for _, it := range p.items {
		for _, n := range it.path {
			b.WriteString(strconv.Itoa(n))
			b.WriteByte('.')
		}
		if it.header != nil {
			b.WriteByte('m')
		}
		if it.limit > 0 {
			b.WriteString("<" + strconv.FormatInt(it.limit, 10))
		}
		if it.empty {
			b.WriteByte('e')
		}
		b.WriteByte(',')
	}
	return b.String()
}

// untold are header fields that tell nothing about tracking, and are long.
var untold = []string{
	"Received", "Authentication-Results", "ARC-Authentication-Results", "ARC-Message-Signature", "ARC-Seal", "Received-SPF",
	"X-Received", "X-Google-DKIM-Signature", "X-MS-Exchange-AntiSpam-MessageData-0", "X-Microsoft-Antispam-Message-Info",
	"X-Spam-Report",
}

// name gives the sections their names.
func (p *plan) name() {
	for i := range p.items {
		it := &p.items[i]
		it.body = pathText(it.path)
		it.head = it.body + ".MIME"
		if it.header != nil {
			it.head = pathText(it.header) + ".HEADER"
		}
	}
}

// sections are the items of a FETCH command for the plan. Leaving fields out of the
// header saves bytes on the wire, but costs the server more than sending them to a
// client that is near.
func (p *plan) sections(near bool) []*imap.FetchItemBodySection {
	if p.whole {
		all := &imap.FetchItemBodySection{Peek: true}
		if p.limit > 0 {
			all.Partial = &imap.SectionPartial{Size: p.limit}
		}
		return []*imap.FetchItemBodySection{all}
	}
	header := &imap.FetchItemBodySection{Peek: true, Specifier: imap.PartSpecifierHeader}
	if !near {
		header.HeaderFieldsNot = untold
	}
	list := []*imap.FetchItemBodySection{header}
	for _, it := range p.items {
		head := &imap.FetchItemBodySection{Peek: true, Part: it.path, Specifier: imap.PartSpecifierMIME}
		if it.header != nil {
			head.Part, head.Specifier = it.header, imap.PartSpecifierHeader
		}
		body := &imap.FetchItemBodySection{Peek: true, Part: it.path}
		if it.limit > 0 {
			body.Partial = &imap.SectionPartial{Size: it.limit}
		}
		list = append(list, head, body)
	}
	return list
}
