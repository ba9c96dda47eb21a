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

// lookupTag finds a lower-case element name.
func lookupTag(name []byte) Tag {
	switch string(name) {
	case "a":
		return tagA
	case "abbr":
		return tagAbbr
	case "address":
		return tagAddress
	case "amp-anim":
		return tagAmpAnim
	case "amp-img":
		return tagAmpImg
	case "amp-pixel":
		return tagAmpPixel
	case "amp-list":
		return tagAmpList
	case "amp-video":
		return tagAmpVideo
	case "amp-audio":
		return tagAmpAudio
	case "amp-iframe":
		return tagAmpIframe
	case "amp-analytics":
		return tagAmpAnalytics
	case "animate":
		return tagAnimate
	case "animatecolor":
		return tagAnimateColor
	case "animatemotion":
		return tagAnimateMotion
	case "animatetransform":
		return tagAnimateTransform
	case "annotation-xml":
		return tagAnnotationXml
	case "applet":
		return tagApplet
	case "area":
		return tagArea
	case "article":
		return tagArticle
	case "aside":
		return tagAside
	case "audio":
		return tagAudio
	case "b":
		return tagB
	case "base":
		return tagBase
	case "basefont":
		return tagBasefont
	case "bgsound":
		return tagBgsound
	case "big":
		return tagBig
	case "blockquote":
		return tagBlockquote
	case "body":
		return tagBody
	case "br":
		return tagBr
	case "button":
		return tagButton
	case "caption":
		return tagCaption
	case "center":
		return tagCenter
	case "code":
		return tagCode
	case "col":
		return tagCol
	case "colgroup":
		return tagColgroup
	case "color-profile":
		return tagColorProfile
	case "command":
		return tagCommand
	case "cursor":
		return tagCursor
	case "dd":
		return tagDd
	case "desc":
		return tagDesc
	case "details":
		return tagDetails
	case "dialog":
		return tagDialog
	case "dir":
		return tagDir
	case "div":
		return tagDiv
	case "dl":
		return tagDl
	case "dt":
		return tagDt
	case "em":
		return tagEm
	case "embed":
		return tagEmbed
	case "feimage":
		return tagFeImage
	case "fencedframe":
		return tagFencedframe
	case "fieldset":
		return tagFieldset
	case "figcaption":
		return tagFigcaption
	case "figure":
		return tagFigure
	case "filter":
		return tagFilter
	case "font":
		return tagFont
	case "font-face-uri":
		return tagFontFaceUri
	case "footer":
		return tagFooter
	case "foreignobject":
		return tagForeignObject
	case "form":
		return tagForm
	case "frame":
		return tagFrame
	case "frameset":
		return tagFrameset
	case "h1":
		return tagH1
	case "h2":
		return tagH2
	case "h3":
		return tagH3
	case "h4":
		return tagH4
	case "h5":
		return tagH5
	case "h6":
		return tagH6
	case "head":
		return tagHead
	case "header":
		return tagHeader
	case "hgroup":
		return tagHgroup
	case "hr":
		return tagHr
	case "html":
		return tagHtml
	case "i":
		return tagI
	case "iframe":
		return tagIframe
	case "image":
		return tagImage
	case "img":
		return tagImg
	case "input":
		return tagInput
	case "ins":
		return tagIns
	case "isindex":
		return tagIsindex
	case "keygen":
		return tagKeygen
	case "li":
		return tagLi
	case "lineargradient":
		return tagLinearGradient
	case "link":
		return tagLink
	case "listing":
		return tagListing
	case "main":
		return tagMain
	case "map":
		return tagMap
	case "marquee":
		return tagMarquee
	case "math":
		return tagMath
	case "menu":
		return tagMenu
	case "menuitem":
		return tagMenuitem
	case "meta":
		return tagMeta
	case "mglyph":
		return tagMglyph
	case "mi":
		return tagMi
	case "mn":
		return tagMn
	case "mo":
		return tagMo
	case "ms":
		return tagMs
	case "mtext":
		return tagMtext
	case "mpath":
		return tagMpath
	case "nav":
		return tagNav
	case "nobr":
		return tagNobr
	case "noembed":
		return tagNoembed
	case "noframes":
		return tagNoframes
	case "noscript":
		return tagNoscript
	case "object":
		return tagObject
	case "ol":
		return tagOl
	case "optgroup":
		return tagOptgroup
	case "option":
		return tagOption
	case "p":
		return tagP
	case "param":
		return tagParam
	case "pattern":
		return tagPattern
	case "picture":
		return tagPicture
	case "plaintext":
		return tagPlaintext
	case "portal":
		return tagPortal
	case "pre":
		return tagPre
	case "radialgradient":
		return tagRadialGradient
	case "ruby":
		return tagRuby
	case "s":
		return tagS
	case "samp":
		return tagSamp
	case "script":
		return tagScript
	case "search":
		return tagSearch
	case "section":
		return tagSection
	case "select":
		return tagSelect
	case "set":
		return tagSet
	case "small":
		return tagSmall
	case "source":
		return tagSource
	case "span":
		return tagSpan
	case "strike":
		return tagStrike
	case "strong":
		return tagStrong
	case "style":
		return tagStyle
	case "sub":
		return tagSub
	case "summary":
		return tagSummary
	case "sup":
		return tagSup
	case "svg":
		return tagSvg
	case "symbol":
		return tagSymbol
	case "table":
		return tagTable
	case "tbody":
		return tagTbody
	case "td":
		return tagTd
	case "template":
		return tagTemplate
	case "textarea":
		return tagTextarea
	case "textpath":
		return tagTextPath
	case "tfoot":
		return tagTfoot
	case "th":
		return tagTh
	case "thead":
		return tagThead
	case "title":
		return tagTitle
	case "tr":
		return tagTr
	case "track":
		return tagTrack
	case "tref":
		return tagTref
	case "tt":
		return tagTt
	case "u":
		return tagU
	case "ul":
		return tagUl
	case "use":
		return tagUse
	case "var":
		return tagVar
	case "video":
		return tagVideo
	case "wbr":
		return tagWbr
	case "xml":
		return tagXml
	case "xmp":
		return tagXmp
	}
	return tagUnknown
}

// lookupAttr finds a lower-case attribute name.
func lookupAttr(name []byte) attrID {
	switch string(name) {
	case "action":
		return attrAction
	case "action-xhr":
		return attrActionXhr
	case "alt":
		return attrAlt
	case "archive":
		return attrArchive
	case "attributename":
		return attrAttributename
	case "attributionsrc":
		return attrAttributionsrc
	case "background":
		return attrBackground
	case "base":
		return attrBase
	case "by":
		return attrBy
	case "cite":
		return attrCite
	case "class":
		return attrClass
	case "classid":
		return attrClassid
	case "clip-path":
		return attrClipPath
	case "code":
		return attrCode
	case "codebase":
		return attrCodebase
	case "content":
		return attrContent
	case "cursor":
		return attrCursor
	case "data":
		return attrData
	case "dataurl":
		return attrDataurl
	case "data-bg":
		return attrDataBg
	case "data-background":
		return attrDataBackground
	case "data-background-image":
		return attrDataBackgroundImage
	case "data-lazy":
		return attrDataLazy
	case "data-lazy-src":
		return attrDataLazySrc
	case "data-original":
		return attrDataOriginal
	case "data-src":
		return attrDataSrc
	case "data-srcset":
		return attrDataSrcset
	case "dynsrc":
		return attrDynsrc
	case "fill":
		return attrFill
	case "filter":
		return attrFilter
	case "form":
		return attrForm
	case "formaction":
		return attrFormaction
	case "from":
		return attrFrom
	case "height":
		return attrHeight
	case "hidden":
		return attrHidden
	case "href":
		return attrHref
	case "http-equiv":
		return attrHttpEquiv
	case "icon":
		return attrIcon
	case "id":
		return attrId
	case "imagesrcset":
		return attrImagesrcset
	case "itemprop":
		return attrItemprop
	case "longdesc":
		return attrLongdesc
	case "lowsrc":
		return attrLowsrc
	case "manifest":
		return attrManifest
	case "marker":
		return attrMarker
	case "marker-end":
		return attrMarkerEnd
	case "marker-mid":
		return attrMarkerMid
	case "marker-start":
		return attrMarkerStart
	case "mask":
		return attrMask
	case "media":
		return attrMedia
	case "movie":
		return attrMovie
	case "name":
		return attrName
	case "o:href":
		return attrOHref
	case "ping":
		return attrPing
	case "pluginspage":
		return attrPluginspage
	case "poster":
		return attrPoster
	case "profile":
		return attrProfile
	case "property":
		return attrProperty
	case "r:href":
		return attrRHref
	case "r:id":
		return attrRId
	case "rel":
		return attrRel
	case "shadowrootmode":
		return attrShadowrootmode
	case "src":
		return attrSrc
	case "srcdoc":
		return attrSrcdoc
	case "srcset":
		return attrSrcset
	case "stroke":
		return attrStroke
	case "style":
		return attrStyle
	case "to":
		return attrTo
	case "type":
		return attrType
	case "url":
		return attrUrl
	case "value":
		return attrValue
	case "values":
		return attrValues
	case "v:src":
		return attrVSrc
	case "width":
		return attrWidth
	case "xlink:href":
		return attrXlinkHref
	}
	return attrOther
}
