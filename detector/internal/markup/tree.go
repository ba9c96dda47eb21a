package markup

import "bytes"

// namespace is where an element's name belongs.
type namespace uint8

const (
	inHTML namespace = iota
	inSVG
	inMathML
)

// element is one start tag of the document. Elements stand in order of place
// and point to each other by index, -1 for none.
type element struct {
	parent, prev, lastChild int32
	start                   int32 // offset of the tag
	nameStart, nameEnd      int32
	attrs                   []Attr
	tag                     Tag
	ns                      namespace
	inert                   bool // inside a template
	shadow                  bool // a template whose content is rendered
}

// tree is the forest of a document's elements, built by a reading of the
// standard's tree construction that keeps what visibility and namespaces need:
// void elements, implied end tags, scopes, foreign content.
type tree struct {
	elems []element
	open  []int32         // the stack of open elements
	count [tagCount]int32 // how many of each tag are open
	top   element         // stands above the first element
	floor int             // end tags do not reach below this depth of the stack
}

func (t *tree) reset() {
	t.elems = t.elems[:0]
	t.open = t.open[:0]
	t.count = [tagCount]int32{}
	t.floor = 0
	t.top = element{parent: -1, prev: -1, lastChild: -1}
}

// current returns the innermost open element, -1 if there is none.
func (t *tree) current() int32 {
	if n := len(t.open); n > 0 {
		return t.open[n-1]
	}
	return -1
}

// contentNamespace is the namespace that a start tag gets here.
func (t *tree) contentNamespace() namespace {
	i := t.current()
	if i < 0 {
		return inHTML
	}
	e := &t.elems[i]
	if e.ns != inHTML && integrates(e) {
		return inHTML
	}
	return e.ns
}

// integrates reports whether the children of a foreign element are HTML.
func integrates(e *element) bool {
	switch e.tag {
	case tagForeignObject, tagDesc, tagTitle:
		return e.ns == inSVG
	case tagMi, tagMo, tagMn, tagMs, tagMtext, tagAnnotationXml:
		return e.ns == inMathML
	}
	return false
}

// push adds the element of a start tag and opens it unless it is void. It
// returns the element's index.
func (t *tree) push(tok *token, tag Tag, nameStart int) int32 {
	ns := t.contentNamespace()
	if ns != inHTML && breaksOut(tag) {
		t.leaveForeign()
		ns = inHTML
	}
	if ns == inHTML {
		t.closeImplied(tag)
	}
	if tag == tagImage && ns == inHTML {
		tag = tagImg
	}
	switch tag {
	case tagSvg:
		ns = inSVG
	case tagMath:
		ns = inMathML
	}
	parent := t.current()
	i := int32(len(t.elems))
	e := element{
		parent: parent, prev: -1, lastChild: -1, start: int32(tok.start),
		nameStart: int32(nameStart), nameEnd: int32(nameStart + len(tok.name)),
		attrs: tok.attrs, tag: tag, ns: ns,
	}
	if parent >= 0 {
		p := &t.elems[parent]
		e.prev, p.lastChild = p.lastChild, i
		e.inert = p.inert || p.tag == tagTemplate && p.ns == inHTML && !p.shadow
	} else {
		e.prev, t.top.lastChild = t.top.lastChild, i
	}
	t.elems = append(t.elems, e)
	if ns == inHTML && isVoid(tag) || ns != inHTML && tok.selfClosing {
		return i
	}
	t.open = append(t.open, i)
	t.count[tag]++
	return i
}

func (t *tree) pop() {
	n := len(t.open) - 1
	t.count[t.elems[t.open[n]].tag]--
	t.open = t.open[:n]
}

// leaveForeign closes foreign elements up to HTML or an integration point.
func (t *tree) leaveForeign() {
	for len(t.open) > 0 {
		e := &t.elems[t.current()]
		if e.ns == inHTML || integrates(e) {
			return
		}
		t.pop()
	}
}

// The search for an open element looks at so many of known and unknown name,
// which bounds the work on hostile input.
const (
	maxSearch        = 4096
	maxSearchUnknown = 256
)

// closeTag handles an end tag: it closes the nearest open element of that name
// unless a table cell or the like stands between.
func (t *tree) closeTag(src []byte, tag Tag, name []byte) {
	if t.count[tag] == 0 || tag == tagBody || tag == tagHtml {
		return // what follows </body> still belongs to it
	}
	far := maxSearch
	if tag == tagUnknown {
		far = maxSearchUnknown
	}
	for n := len(t.open) - 1; n >= max(t.floor, len(t.open)-far); n-- {
		e := &t.elems[t.open[n]]
		if e.tag == tag && (tag != tagUnknown || bytes.EqualFold(src[e.nameStart:e.nameEnd], name)) {
			for len(t.open) > n {
				t.pop()
			}
			return
		}
		if boundary(e) && !boundsWhole(tag) {
			return
		}
	}
}

// closeImplied closes what the start of tag ends: an open paragraph, list
// item, row or cell.
func (t *tree) closeImplied(tag Tag) {
	switch tag {
	case tagTd, tagTh:
		t.closeInTable(tagTd, tagTh)
	case tagTr:
		t.closeInTable(tagTr, tagTr)
	case tagTbody, tagThead, tagTfoot:
		t.closeInTable(tagTbody, tagThead)
		t.closeInTable(tagTfoot, tagTfoot)
	case tagLi:
		t.closeNear(tagLi, tagLi)
	case tagDd, tagDt:
		t.closeNear(tagDd, tagDt)
	case tagOption, tagOptgroup:
		t.closeNear(tagOption, tagOption)
	default:
		if t.count[tagP] > 0 && closesParagraph(tag) {
			t.closeNear(tagP, tagP)
		}
	}
}

// closeInTable closes the nearest a or b of the innermost table.
func (t *tree) closeInTable(a, b Tag) {
	if t.count[a]+t.count[b] == 0 {
		return
	}
	for n := len(t.open) - 1; n >= max(t.floor, len(t.open)-maxSearch); n-- {
		switch e := &t.elems[t.open[n]]; e.tag {
		case tagTable, tagTemplate:
			return
		case a, b:
			for len(t.open) > n {
				t.pop()
			}
			return
		}
	}
}

// closeNear closes the nearest a or b with no boundary between.
func (t *tree) closeNear(a, b Tag) {
	if t.count[a]+t.count[b] == 0 {
		return
	}
	for n := len(t.open) - 1; n >= max(t.floor, len(t.open)-maxSearch); n-- {
		e := &t.elems[t.open[n]]
		if e.tag == a || e.tag == b {
			for len(t.open) > n {
				t.pop()
			}
			return
		}
		if boundary(e) || e.tag == tagUl || e.tag == tagOl || e.tag == tagDl || e.tag == tagSelect {
			return
		}
	}
}

// boundary reports whether an end tag does not reach past e.
func boundary(e *element) bool {
	switch e.tag {
	case tagTable, tagTd, tagTh, tagCaption, tagTemplate, tagObject, tagApplet, tagMarquee, tagButton:
		return e.ns == inHTML
	case tagForeignObject:
		return true
	}
	return false
}

// boundsWhole reports whether an end tag reaches past table cells.
func boundsWhole(tag Tag) bool {
	switch tag {
	case tagTable, tagTr, tagTbody, tagThead, tagTfoot, tagTd, tagTh, tagTemplate, tagCaption,
		tagObject, tagApplet, tagMarquee, tagButton, tagBody, tagHtml, tagSvg, tagMath:
		return true
	}
	return false
}

func isVoid(tag Tag) bool {
	switch tag {
	case tagArea, tagBase, tagBasefont, tagBgsound, tagBr, tagCol, tagEmbed, tagFrame, tagHr, tagImg, tagInput,
		tagKeygen, tagLink, tagMeta, tagParam, tagSource, tagTrack, tagWbr, tagHead:
		return true
	}
	return false
}

// breaksOut reports whether a start tag ends foreign content.
func breaksOut(tag Tag) bool {
	switch tag {
	case tagB, tagBig, tagBlockquote, tagBody, tagBr, tagCenter, tagCode, tagDd, tagDiv, tagDl, tagDt, tagEm,
		tagEmbed, tagH1, tagH2, tagH3, tagH4, tagH5, tagH6, tagHead, tagHr, tagI, tagImg, tagLi, tagListing,
		tagMenu, tagMeta, tagNobr, tagOl, tagP, tagPre, tagRuby, tagS, tagSmall, tagSpan, tagStrong, tagStrike,
		tagSub, tagSup, tagTable, tagTt, tagU, tagUl, tagVar:
		return true
	}
	return false
}

func closesParagraph(tag Tag) bool {
	switch tag {
	case tagAddress, tagArticle, tagAside, tagBlockquote, tagCenter, tagDetails, tagDialog, tagDir, tagDiv, tagDl,
		tagFieldset, tagFigcaption, tagFigure, tagFooter, tagForm, tagH1, tagH2, tagH3, tagH4, tagH5, tagH6,
		tagHeader, tagHgroup, tagHr, tagListing, tagMain, tagMenu, tagNav, tagOl, tagP, tagPlaintext, tagPre,
		tagSearch, tagSection, tagSummary, tagTable, tagUl, tagXmp:
		return true
	}
	return false
}
