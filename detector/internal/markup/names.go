package markup

// Tag is a known element name; tagUnknown stands for all others.
type Tag uint8

const (
	tagUnknown Tag = iota
	tagA
	tagAbbr
	tagAddress
	tagAmpAnim
	tagAmpImg
	tagAmpPixel
	tagAmpList
	tagAmpVideo
	tagAmpAudio
	tagAmpIframe
	tagAmpAnalytics
	tagAnimate
	tagAnimateColor
	tagAnimateMotion
	tagAnimateTransform
	tagAnnotationXml
	tagApplet
	tagArea
	tagArticle
	tagAside
	tagAudio
	tagB
	tagBase
	tagBasefont
	tagBgsound
	tagBig
	tagBlockquote
	tagBody
	tagBr
	tagButton
	tagCaption
	tagCenter
	tagCode
	tagCol
	tagColgroup
	tagColorProfile
	tagCommand
	tagCursor
	tagDd
	tagDesc
	tagDetails
	tagDialog
	tagDir
	tagDiv
	tagDl
	tagDt
	tagEm
	tagEmbed
	tagFeImage
	tagFencedframe
	tagFieldset
	tagFigcaption
	tagFigure
	tagFilter
	tagFont
	tagFontFaceUri
	tagFooter
	tagForeignObject
	tagForm
	tagFrame
	tagFrameset
	tagH1
	tagH2
	tagH3
	tagH4
	tagH5
	tagH6
	tagHead
	tagHeader
	tagHgroup
	tagHr
	tagHtml
	tagI
	tagIframe
	tagImage
	tagImg
	tagInput
	tagIns
	tagIsindex
	tagKeygen
	tagLi
	tagLinearGradient
	tagLink
	tagListing
	tagMain
	tagMap
	tagMarquee
	tagMath
	tagMenu
	tagMenuitem
	tagMeta
	tagMglyph
	tagMi
	tagMn
	tagMo
	tagMs
	tagMtext
	tagMpath
	tagNav
	tagNobr
	tagNoembed
	tagNoframes
	tagNoscript
	tagObject
	tagOl
	tagOptgroup
	tagOption
	tagP
	tagParam
	tagPattern
	tagPicture
	tagPlaintext
	tagPortal
	tagPre
	tagRadialGradient
	tagRuby
	tagS
	tagSamp
	tagScript
	tagSearch
	tagSection
	tagSelect
	tagSet
	tagSmall
	tagSource
	tagSpan
	tagStrike
	tagStrong
	tagStyle
	tagSub
	tagSummary
	tagSup
	tagSvg
	tagSymbol
	tagTable
	tagTbody
	tagTd
	tagTemplate
	tagTextarea
	tagTextPath
	tagTfoot
	tagTh
	tagThead
	tagTitle
	tagTr
	tagTrack
	tagTref
	tagTt
	tagU
	tagUl
	tagUse
	tagVar
	tagVideo
	tagWbr
	tagXml
	tagXmp
	tagCount
)

var tagNames = [tagCount]string{
	tagA:                "a",
	tagAbbr:             "abbr",
	tagAddress:          "address",
	tagAmpAnim:          "amp-anim",
	tagAmpImg:           "amp-img",
	tagAmpPixel:         "amp-pixel",
	tagAmpList:          "amp-list",
	tagAmpVideo:         "amp-video",
	tagAmpAudio:         "amp-audio",
	tagAmpIframe:        "amp-iframe",
	tagAmpAnalytics:     "amp-analytics",
	tagAnimate:          "animate",
	tagAnimateColor:     "animatecolor",
	tagAnimateMotion:    "animatemotion",
	tagAnimateTransform: "animatetransform",
	tagAnnotationXml:    "annotation-xml",
	tagApplet:           "applet",
	tagArea:             "area",
	tagArticle:          "article",
	tagAside:            "aside",
	tagAudio:            "audio",
	tagB:                "b",
	tagBase:             "base",
	tagBasefont:         "basefont",
	tagBgsound:          "bgsound",
	tagBig:              "big",
	tagBlockquote:       "blockquote",
	tagBody:             "body",
	tagBr:               "br",
	tagButton:           "button",
	tagCaption:          "caption",
	tagCenter:           "center",
	tagCode:             "code",
	tagCol:              "col",
	tagColgroup:         "colgroup",
	tagColorProfile:     "color-profile",
	tagCommand:          "command",
	tagCursor:           "cursor",
	tagDd:               "dd",
	tagDesc:             "desc",
	tagDetails:          "details",
	tagDialog:           "dialog",
	tagDir:              "dir",
	tagDiv:              "div",
	tagDl:               "dl",
	tagDt:               "dt",
	tagEm:               "em",
	tagEmbed:            "embed",
	tagFeImage:          "feimage",
	tagFencedframe:      "fencedframe",
	tagFieldset:         "fieldset",
	tagFigcaption:       "figcaption",
	tagFigure:           "figure",
	tagFilter:           "filter",
	tagFont:             "font",
	tagFontFaceUri:      "font-face-uri",
	tagFooter:           "footer",
	tagForeignObject:    "foreignobject",
	tagForm:             "form",
	tagFrame:            "frame",
	tagFrameset:         "frameset",
	tagH1:               "h1",
	tagH2:               "h2",
	tagH3:               "h3",
	tagH4:               "h4",
	tagH5:               "h5",
	tagH6:               "h6",
	tagHead:             "head",
	tagHeader:           "header",
	tagHgroup:           "hgroup",
	tagHr:               "hr",
	tagHtml:             "html",
	tagI:                "i",
	tagIframe:           "iframe",
	tagImage:            "image",
	tagImg:              "img",
	tagInput:            "input",
	tagIns:              "ins",
	tagIsindex:          "isindex",
	tagKeygen:           "keygen",
	tagLi:               "li",
	tagLinearGradient:   "lineargradient",
	tagLink:             "link",
	tagListing:          "listing",
	tagMain:             "main",
	tagMap:              "map",
	tagMarquee:          "marquee",
	tagMath:             "math",
	tagMenu:             "menu",
	tagMenuitem:         "menuitem",
	tagMeta:             "meta",
	tagMglyph:           "mglyph",
	tagMi:               "mi",
	tagMn:               "mn",
	tagMo:               "mo",
	tagMs:               "ms",
	tagMtext:            "mtext",
	tagMpath:            "mpath",
	tagNav:              "nav",
	tagNobr:             "nobr",
	tagNoembed:          "noembed",
	tagNoframes:         "noframes",
	tagNoscript:         "noscript",
	tagObject:           "object",
	tagOl:               "ol",
	tagOptgroup:         "optgroup",
	tagOption:           "option",
	tagP:                "p",
	tagParam:            "param",
	tagPattern:          "pattern",
	tagPicture:          "picture",
	tagPlaintext:        "plaintext",
	tagPortal:           "portal",
	tagPre:              "pre",
	tagRadialGradient:   "radialgradient",
	tagRuby:             "ruby",
	tagS:                "s",
	tagSamp:             "samp",
	tagScript:           "script",
	tagSearch:           "search",
	tagSection:          "section",
	tagSelect:           "select",
	tagSet:              "set",
	tagSmall:            "small",
	tagSource:           "source",
	tagSpan:             "span",
	tagStrike:           "strike",
	tagStrong:           "strong",
	tagStyle:            "style",
	tagSub:              "sub",
	tagSummary:          "summary",
	tagSup:              "sup",
	tagSvg:              "svg",
	tagSymbol:           "symbol",
	tagTable:            "table",
	tagTbody:            "tbody",
	tagTd:               "td",
	tagTemplate:         "template",
	tagTextarea:         "textarea",
	tagTextPath:         "textpath",
	tagTfoot:            "tfoot",
	tagTh:               "th",
	tagThead:            "thead",
	tagTitle:            "title",
	tagTr:               "tr",
	tagTrack:            "track",
	tagTref:             "tref",
	tagTt:               "tt",
	tagU:                "u",
	tagUl:               "ul",
	tagUse:              "use",
	tagVar:              "var",
	tagVideo:            "video",
	tagWbr:              "wbr",
	tagXml:              "xml",
	tagXmp:              "xmp",
}

// attrID is a known attribute name; attrOther stands for all others.
type attrID uint8

const (
	attrOther attrID = iota
	attrAction
	attrActionXhr
	attrAlt
	attrArchive
	attrAttributename
	attrAttributionsrc
	attrBackground
	attrBase
	attrBy
	attrCite
	attrClass
	attrClassid
	attrClipPath
	attrCode
	attrCodebase
	attrConfig
	attrContent
	attrCursor
	attrData
	attrDataurl
	attrDataBg
	attrDataBackground
	attrDataBackgroundImage
	attrDataLazy
	attrDataLazySrc
	attrDataOriginal
	attrDataRocketSrc
	attrDataSrc
	attrDataSrcset
	attrDynsrc
	attrFill
	attrFilter
	attrForm
	attrFormaction
	attrFrom
	attrHeight
	attrHidden
	attrHref
	attrHttpEquiv
	attrIcon
	attrId
	attrImagesrcset
	attrItemprop
	attrLongdesc
	attrLowsrc
	attrManifest
	attrMarker
	attrMarkerEnd
	attrMarkerMid
	attrMarkerStart
	attrMask
	attrMedia
	attrMovie
	attrName
	attrOHref
	attrPing
	attrPluginspage
	attrPoster
	attrProfile
	attrProperty
	attrRHref
	attrRId
	attrRel
	attrShadowrootmode
	attrSrc
	attrSrcdoc
	attrSrcset
	attrStroke
	attrStyle
	attrTo
	attrType
	attrUrl
	attrValue
	attrValues
	attrVSrc
	attrWidth
	attrXlinkHref
	attrCount
)

var attrNames = [attrCount]string{
	attrAction:              "action",
	attrActionXhr:           "action-xhr",
	attrAlt:                 "alt",
	attrArchive:             "archive",
	attrAttributename:       "attributename",
	attrAttributionsrc:      "attributionsrc",
	attrBackground:          "background",
	attrBase:                "base",
	attrBy:                  "by",
	attrCite:                "cite",
	attrClass:               "class",
	attrClassid:             "classid",
	attrClipPath:            "clip-path",
	attrCode:                "code",
	attrCodebase:            "codebase",
	attrConfig:              "config",
	attrContent:             "content",
	attrCursor:              "cursor",
	attrData:                "data",
	attrDataurl:             "dataurl",
	attrDataBg:              "data-bg",
	attrDataBackground:      "data-background",
	attrDataBackgroundImage: "data-background-image",
	attrDataLazy:            "data-lazy",
	attrDataLazySrc:         "data-lazy-src",
	attrDataOriginal:        "data-original",
	attrDataRocketSrc:       "data-rocket-src",
	attrDataSrc:             "data-src",
	attrDataSrcset:          "data-srcset",
	attrDynsrc:              "dynsrc",
	attrFill:                "fill",
	attrFilter:              "filter",
	attrForm:                "form",
	attrFormaction:          "formaction",
	attrFrom:                "from",
	attrHeight:              "height",
	attrHidden:              "hidden",
	attrHref:                "href",
	attrHttpEquiv:           "http-equiv",
	attrIcon:                "icon",
	attrId:                  "id",
	attrImagesrcset:         "imagesrcset",
	attrItemprop:            "itemprop",
	attrLongdesc:            "longdesc",
	attrLowsrc:              "lowsrc",
	attrManifest:            "manifest",
	attrMarker:              "marker",
	attrMarkerEnd:           "marker-end",
	attrMarkerMid:           "marker-mid",
	attrMarkerStart:         "marker-start",
	attrMask:                "mask",
	attrMedia:               "media",
	attrMovie:               "movie",
	attrName:                "name",
	attrOHref:               "o:href",
	attrPing:                "ping",
	attrPluginspage:         "pluginspage",
	attrPoster:              "poster",
	attrProfile:             "profile",
	attrProperty:            "property",
	attrRHref:               "r:href",
	attrRId:                 "r:id",
	attrRel:                 "rel",
	attrShadowrootmode:      "shadowrootmode",
	attrSrc:                 "src",
	attrSrcdoc:              "srcdoc",
	attrSrcset:              "srcset",
	attrStroke:              "stroke",
	attrStyle:               "style",
	attrTo:                  "to",
	attrType:                "type",
	attrUrl:                 "url",
	attrValue:               "value",
	attrValues:              "values",
	attrVSrc:                "v:src",
	attrWidth:               "width",
	attrXlinkHref:           "xlink:href",
}

// lookupTag finds an element by its name, in any case.
func lookupTag(name []byte) Tag { return Tag(tags.lookup(tagNames[:], name)) }

var tags = newNameTable(tagNames[:])

// lookupAttr finds an attribute by its name, in any case.
func lookupAttr(name []byte) attrID { return attrID(attrs.lookup(attrNames[:], name)) }

var attrs = newNameTable(attrNames[:])

// nameTable finds the place of a name in a list of fewer than 256: a hash table
// with open addressing. Place 0 stands for all names that are not in the list.
type nameTable [1024]uint8

func newNameTable(names []string) *nameTable {
	t := new(nameTable)
	for id, name := range names {
		if id == 0 || name == "" {
			continue
		}
		h := nameHash([]byte(name))
		for t[h] != 0 {
			h = (h + 1) % uint32(len(t))
		}
		t[h] = uint8(id)
	}
	return t
}

func nameHash(name []byte) uint32 {
	n := len(name)
	h := uint32(n)*0x9E37 ^ uint32(name[0]|0x20)*0x85EB ^ uint32(name[n-1]|0x20)*0xC2B3 ^ uint32(name[n/2]|0x20)*0x27D5
	return (h ^ h>>9) % uint32(len(nameTable{}))
}

func (t *nameTable) lookup(names []string, name []byte) uint8 {
	if len(name) == 0 {
		return 0
	}
	for h := nameHash(name); t[h] != 0; h = (h + 1) % uint32(len(t)) {
		if id := t[h]; equalFold(name, names[id]) {
			return id
		}
	}
	return 0
}
