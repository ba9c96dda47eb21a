package imapscan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"

	"github.com/pixelsweep/pixelsweep/detector"
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
}

// Bounds of what is read of one message.
const (
	maxItems   = 40       // parts; a message of more is read whole
	maxPart    = 24 << 20 // bytes of a part, enough for the detector's 16 MB in base64
	maxPath    = 16       // levels of nesting; what is deeper is read whole
	maxMessage = 48 << 20 // bytes of a message that is read whole
)

// wholeShare is from which share of a message on all of it is read: then the parts
// save little, and the whole is told more exactly.
const wholeShare = 0.92

// planner walks a body structure.
type planner struct {
	items []item
	need  int64 // bytes of items
	sum   int64 // bytes of all leaves
	parts int
	odd   bool
}

// planOf decides what to read of a message of size bytes. Everything is read where
// its structure is odd, since the server may understand it in another way than
// clients do.
func planOf(bs imap.BodyStructure, size int64) plan {
	pl := choose(bs, size)
	if pl.whole && size > maxMessage {
		pl.limit = maxMessage
	}
	return pl
}

func choose(bs imap.BodyStructure, size int64) plan {
	var p planner
	if bs == nil {
		return plan{whole: true}
	}
	single, isSingle := bs.(*imap.BodyStructureSinglePart)
	if isSingle {
		p.leaf(single, []int{1}, nil)
		return plan{whole: len(p.items) > 0 || single.Size == 0}
	}
	p.walk(bs, nil, nil)
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

// walk visits bs, whose parts are numbered below path. The guard bounds its depth.
func (p *planner) walk(bs imap.BodyStructure, path, header []int) {
	switch b := bs.(type) {
	case *imap.BodyStructureMultiPart:
		if len(b.Children) == 0 {
			p.odd = true
		}
		for i, c := range b.Children {
			if s, ok := c.(*imap.BodyStructureSinglePart); ok && s.Size == 0 && len(b.Children) == 1 {
				p.odd = true // what servers say of a multipart without parts
			}
			p.walk(c, append(slices.Clone(path), i+1), nil)
		}
	case *imap.BodyStructureSinglePart:
		p.leaf(b, path, header)
	}
}

func (p *planner) leaf(b *imap.BodyStructureSinglePart, path, header []int) {
	p.parts++
	p.odd = p.odd || len(path) > maxPath
	size := int64(b.Size)
	if m := b.MessageRFC822; m != nil && identity(b.Encoding) {
		if inner, ok := m.BodyStructure.(*imap.BodyStructureSinglePart); ok {
			before := p.sum
			p.leaf(inner, append(slices.Clone(path), 1), path)
			p.sum = before + size
			return
		}
		before := p.sum
		p.walk(m.BodyStructure, path, nil)
		p.sum = before + size
		return
	}
	p.sum += size
	need := detector.Needs(b.MediaType(), filename(b))
	if need == detector.NeedNothing {
		return
	}
	it := item{path: path, header: header}
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
	switch strings.ToLower(encoding) {
	case "7bit", "8bit", "binary", "":
		return true
	}
	return false
}

// filename is what a part calls its file. Servers give the parameters of RFC 2231
// as they are written, of which the last piece has the extension.
func filename(b *imap.BodyStructureSinglePart) string {
	var disposition map[string]string
	if d := b.Disposition(); d != nil {
		disposition = d.Params
	}
	for _, from := range []struct {
		params map[string]string
		name   string
	}{{disposition, "filename"}, {b.Params, "name"}} {
		last, value := -1, ""
		for k, v := range from.params {
			rest, ok := strings.CutPrefix(k, from.name)
			if !ok {
				continue
			}
			n, _ := strconv.Atoi(strings.Trim(rest, "*"))
			if n > last {
				last, value = n, v
			}
		}
		if value != "" {
			return value
		}
	}
	return ""
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

// sections are the items of a FETCH command for the plan.
func (p *plan) sections() []*imap.FetchItemBodySection {
	if p.whole {
		all := &imap.FetchItemBodySection{Peek: true}
		if p.limit > 0 {
			all.Partial = &imap.SectionPartial{Size: p.limit}
		}
		return []*imap.FetchItemBodySection{all}
	}
	list := []*imap.FetchItemBodySection{{Peek: true, Specifier: imap.PartSpecifierHeader, HeaderFieldsNot: untold}}
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
