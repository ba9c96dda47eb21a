package markup

import (
	"bytes"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/weburl"
)

// element lists the references in the attributes of element i. Of attributes
// with the same name the first counts.
func (d *Document) element(i int32) {
	e := &d.elems[i]
	for n, a := range e.attrs {
		name := d.src[a.NameStart:a.NameEnd]
		if len(name) > 31 || attrShapes[name[0]|0x20]&(1<<len(name)) == 0 {
			continue // no reference stands in an attribute of that name
		}
		id := lookupAttr(name)
		if id == attrOther {
			d.otherAttr(i, a)
			continue
		}
		if a.End > a.Start && !d.repeated(e, n) {
			d.attribute(i, id, a)
		}
	}
}

// attrShapes holds, for the first letter of an attribute's name, the lengths of
// the names that may hold a reference.
var attrShapes = func() (shapes [256]uint32) {
	for id, name := range attrNames {
		switch attrID(id) {
		case attrOther, attrAlt, attrClass, attrId, attrWidth, attrHeight, attrHidden, attrType, attrRel, attrMedia, attrName:
			continue // these are only asked for
		}
		shapes[name[0]|0x20] |= 1 << len(name)
	}
	shapes['o'] |= 0xFFFFFFF0 // event handlers: on…
	return shapes
}()

// repeated reports whether an earlier attribute has the name of attribute n.
func (d *Document) repeated(e *element, n int) bool {
	name := d.src[e.attrs[n].NameStart:e.attrs[n].NameEnd]
	for _, a := range e.attrs[max(0, n-maxAttrSearch):n] {
		if int(a.NameEnd-a.NameStart) == len(name) && bytes.EqualFold(d.src[a.NameStart:a.NameEnd], name) {
			return true
		}
	}
	return false
}

// maxAttrSearch bounds the search among the attributes of one tag.
const maxAttrSearch = 200

func (d *Document) attribute(i int32, id attrID, a Attr) {
	switch e := &d.elems[i]; id {
	case attrStyle:
		d.styleAttr(i, a)
	case attrSrc:
		if trigger := d.srcTrigger(e); trigger != "" {
			d.addAttr(d.vector(i, id), trigger, i, a)
		}
	case attrHref, attrXlinkHref:
		d.href(i, id, a)
	case attrSrcset:
		if t := e.tag; t == tagImg || t == tagSource || t == tagAmpImg || t == tagAmpAnim {
			d.addSrcset(d.vector(i, id), Open, i, a)
		}
	case attrImagesrcset:
		d.addSrcset(d.vector(i, id), Open, i, a)
	case attrBackground, attrPoster, attrLowsrc, attrDynsrc, attrVSrc, attrRHref:
		d.addAttr(d.vector(i, id), Open, i, a)
	case attrData:
		if e.tag == tagObject {
			d.addAttr(d.vector(i, id), Open, i, a)
		}
	case attrClassid, attrCodebase, attrArchive, attrCode, attrMovie:
		if e.tag == tagObject || e.tag == tagApplet || e.tag == tagEmbed {
			d.addAttr(d.vector(i, id), Open, i, a)
		}
	case attrValue:
		d.param(i, a)
	case attrSrcdoc:
		if e.tag == tagIframe {
			d.nested([]byte(unescape(d.src[a.Start:a.End])), Open, i, int(a.Start), int(a.End))
		}
	case attrContent:
		d.meta(i, a)
	case attrConfig:
		if e.tag == tagAmpAnalytics {
			d.addAttr(d.vector(i, id), Open, i, a)
		}
	case attrManifest:
		if e.tag == tagHtml {
			d.addAttr(d.vector(i, id), Auto, i, a)
		}
	case attrOHref:
		d.addAttr(d.vector(i, id), Click, i, a)
	case attrIcon, attrAction, attrActionXhr, attrFormaction, attrLongdesc, attrPluginspage, attrProfile, attrCite:
		d.addAttr(d.vector(i, id), Click, i, a)
	case attrPing:
		d.addList(d.vector(i, id), Click, i, a)
	case attrAttributionsrc:
		d.addList(d.vector(i, id), Open, i, a)
	case attrDataSrc, attrDataRocketSrc, attrDataOriginal, attrDataLazy, attrDataLazySrc, attrDataBg, attrDataBackground, attrDataBackgroundImage:
		d.addAttr(d.vector(i, id), Script, i, a)
	case attrDataSrcset:
		d.addSrcset(d.vector(i, id), Script, i, a)
	case attrFill, attrStroke, attrFilter, attrMask, attrClipPath, attrMarker, attrMarkerStart, attrMarkerMid, attrMarkerEnd, attrCursor:
		d.presentation(i, id, a)
	case attrFrom, attrTo, attrBy, attrValues:
		d.animation(i, id, a)
	}
}

// srcTrigger says when an element loads its src, "" if it never does.
func (d *Document) srcTrigger(e *element) string {
	switch e.tag {
	case tagScript:
		return Script
	case tagImg, tagIframe, tagFrame, tagEmbed, tagVideo, tagAudio, tagSource, tagTrack, tagBgsound, tagXml,
		tagPortal, tagFencedframe, tagAmpImg, tagAmpAnim, tagAmpPixel, tagAmpList, tagAmpVideo, tagAmpAudio,
		tagAmpIframe, tagImage, tagMglyph, tagIsindex:
		return Open
	case tagInput:
		if strings.EqualFold(d.attr(e, attrType), "image") {
			return Open
		}
		return ""
	case tagUnknown:
		name := d.lowered(d.src[e.nameStart:e.nameEnd])
		if bytes.HasPrefix(name, []byte("v:")) || bytes.HasPrefix(name, []byte("amp-")) ||
			bytes.HasPrefix(name, []byte("vml")) || d.where != "" {
			return Open
		}
	}
	return ""
}

// attr returns the decoded value of a known attribute, "" if it is absent.
func (d *Document) attr(e *element, id attrID) string {
	a, ok := d.rawAttr(e, attrNames[id])
	if !ok {
		return ""
	}
	return unescape(d.src[a.Start:a.End])
}

func (d *Document) href(i int32, id attrID, a Attr) {
	e := &d.elems[i]
	switch {
	case e.tag == tagBase && e.ns == inHTML:
		d.setBase(unescape(d.src[a.Start:a.End]))
	case e.tag == tagLink:
		d.link(i, a)
	case e.tag == tagA || e.tag == tagArea || e.ns == inMathML:
		d.addAttr(d.vector(i, id), Click, i, a)
	case e.ns == inSVG && e.tag == tagScript:
		d.addAttr(d.vector(i, id), Script, i, a)
	case e.ns == inSVG || e.tag == tagImg:
		d.addAttr(d.vector(i, id), Open, i, a)
	case e.tag == tagUnknown && (d.where != "" || bytes.IndexByte(d.src[e.nameStart:e.nameEnd], ':') > 0):
		d.addAttr(d.vector(i, id), Click, i, a) // a VML shape is a link
	}
}

// maxBase is how long the URL is that relative ones are read with: each holds a copy.
const maxBase = 4 << 10

// setBase takes the first <base href> of the document, as browsers do.
func (d *Document) setBase(text string) {
	if d.based {
		return
	}
	if len(text) > maxBase {
		d.hit("URL length")
		text = text[:maxBase]
	}
	if u, ok := weburl.Parse(strings.Clone(text), d.base); ok && weburl.IsRemote(u) {
		d.base, d.based = &u, true
	}
}

// link adds the href of a link element, whose rel says when it loads.
func (d *Document) link(i int32, a Attr) {
	e := &d.elems[i]
	trigger := Click
	for rel := range strings.FieldsSeq(strings.ToLower(d.attr(e, attrRel))) {
		switch rel {
		case "dns-prefetch", "preconnect":
			if trigger == Click {
				trigger = DNS
			}
		case "stylesheet", "icon", "mask-icon", "apple-touch-icon", "apple-touch-icon-precomposed", "apple-touch-startup-image",
			"preload", "prefetch", "prerender", "modulepreload", "subresource", "import", "manifest", "file-list",
			"edit-time-data", "themedata", "colorschememapping", "ole-object-data", "pingback", "offline", "fluid-icon":
			trigger = Open
		}
	}
	media := d.attr(e, attrMedia)
	if trigger == Open && printOnly(media) {
		trigger = Print
	}
	n := len(d.Refs)
	d.addAttr("link[href]", trigger, i, a)
	if media != "" && len(d.Refs) > n && d.Refs[n].Condition == "" {
		d.Refs[n].Condition = media
	}
}

// printOnly reports whether every branch of a media query list needs print.
func printOnly(media string) bool {
	if media == "" {
		return false
	}
	for branch := range strings.SplitSeq(strings.ToLower(media), ",") {
		branch = strings.TrimPrefix(strings.TrimSpace(branch), "only ")
		if !strings.HasPrefix(branch, "print") {
			return false
		}
	}
	return true
}

// param adds the URL parameters of plug-ins.
func (d *Document) param(i int32, a Attr) {
	e := &d.elems[i]
	if e.tag != tagParam {
		return
	}
	switch strings.ToLower(d.attr(e, attrName)) {
	case "movie", "src", "url", "dataurl", "filename", "data", "href", "source", "codebase", "archive":
		d.addAttr("param[value]", Open, i, a)
	}
}

// meta adds the URLs of meta elements: a refresh, previews, tiles.
func (d *Document) meta(i int32, a Attr) {
	e := &d.elems[i]
	if e.tag != tagMeta {
		return
	}
	if equiv := d.attr(e, attrHttpEquiv); equiv != "" {
		switch strings.ToLower(equiv) {
		case "refresh":
			value := unescape(d.src[a.Start:a.End])
			if url := refreshURL(value); url != "" {
				from, to := d.rawRange(a, url)
				d.addURL("meta[content]", Open, i, url, from, to, false)
			}
		case "content-security-policy", "content-security-policy-report-only":
			d.reportURI(i, a)
		}
		return
	}
	name := strings.ToLower(d.attr(e, attrName) + d.attr(e, attrProperty) + d.attr(e, attrItemprop))
	if strings.HasSuffix(name, "image") || strings.HasPrefix(name, "msapplication-") || strings.HasPrefix(name, "og:") ||
		strings.HasPrefix(name, "twitter:") || strings.HasPrefix(name, "al:") {
		value := strings.TrimSpace(unescape(d.src[a.Start:a.End]))
		for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ';' || r == ',' }) {
			part = strings.TrimSpace(part)
			if _, after, ok := strings.Cut(part, "-uri="); ok {
				part = after
			}
			if hasScheme(part, "http:") || hasScheme(part, "https:") || strings.HasPrefix(part, "//") {
				from, to := d.rawRange(a, part)
				d.addURL("meta[content]", Auto, i, part, from, to, false)
			}
		}
	}
}

// refreshURL reads the URL of a refresh by the steps of WHATWG section
// 4.2.5.3, "" if there is none.
func refreshURL(s string) string {
	s = strings.TrimLeft(s, " \t\r\n\f")
	n := 0
	for n < len(s) && (isDigit(s[n]) || s[n] == '.') {
		n++
	}
	s = strings.TrimLeft(s[n:], " \t\r\n\f")
	if s == "" {
		return ""
	}
	if s[0] == ';' || s[0] == ',' {
		s = strings.TrimLeft(s[1:], " \t\r\n\f")
	}
	if rest, ok := cutScheme(s, "url"); ok {
		if rest = strings.TrimLeft(rest, " \t\r\n\f"); strings.HasPrefix(rest, "=") {
			s = strings.TrimLeft(rest[1:], " \t\r\n\f")
		}
	}
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		q := s[:1]
		s = s[1:]
		s, _, _ = strings.Cut(s, q)
	}
	return s
}

// reportURI adds where a content security policy sends its reports.
func (d *Document) reportURI(i int32, a Attr) {
	value := unescape(d.src[a.Start:a.End])
	at := strings.Index(strings.ToLower(value), "report-uri")
	if at < 0 {
		return
	}
	list, _, _ := strings.Cut(value[at+len("report-uri"):], ";")
	for url := range strings.FieldsSeq(list) {
		from, to := d.rawRange(a, url)
		d.addURL("meta[content]", Auto, i, url, from, to, false)
	}
}

// otherAttr looks at attributes that are not in the table: event handlers.
func (d *Document) otherAttr(i int32, a Attr) {
	name := d.src[a.NameStart:a.NameEnd]
	if len(name) < 4 || name[0]|0x20 != 'o' || name[1]|0x20 != 'n' || a.End-a.Start < 8 {
		return
	}
	value := unescape(d.src[a.Start:a.End])
	vector := tagNames[d.elems[i].tag] + "[" + strings.ToLower(string(name)) + "]"
	d.scriptText(value, vector, i, int(a.Start), int(a.End), len(value) != int(a.End-a.Start))
}
