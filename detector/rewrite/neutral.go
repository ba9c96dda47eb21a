package rewrite

import (
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
)

// What URLs become. None of them needs quotes or escapes anywhere.
const (
	pixelURL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7" // transparent, 1×1
	sheetURL = "data:text/css,"
	fontURL  = "data:font/woff2,"
	mediaURL = "data:,"
	blankURL = "about:blank"
)

// resourceType is what a reference loads.
type resourceType uint8

const (
	image resourceType = iota
	sheet
	font
	media
	blank // frames, scripts, hints: what may be empty
)

// resource derives what a vector loads.
func resource(vector, trigger string) resourceType {
	if detector.Trigger(trigger) == detector.DNS || detector.Trigger(trigger) == detector.Click {
		return blank
	}
	if property, ok := strings.CutPrefix(vector, "css:"); ok {
		switch property {
		case "@import":
			return sheet
		case "@font-face":
			return font
		case "cursor", "behavior", "-moz-binding", "src":
			return blank
		}
		return image
	}
	element, attribute, _ := strings.Cut(vector, "[")
	switch element {
	case "link", "?xml-stylesheet":
		return sheet
	case "video", "audio", "source", "track", "bgsound", "amp-video", "amp-audio":
		if attribute == "poster]" || strings.HasSuffix(attribute, "srcset]") {
			return image
		}
		return media
	case "iframe", "frame", "object", "embed", "portal", "fencedframe", "amp-iframe", "amp-list", "amp-analytics", "applet", "param", "meta",
		"script", "script:string", "script:json-ld", "html", "svg:script", "svg:use", "xml", "mime:certificate":
		return blank
	}
	if strings.HasPrefix(element, "script:") || strings.HasPrefix(attribute, "on") || strings.HasPrefix(attribute, "attributionsrc") ||
		strings.HasPrefix(element, "svg:") && !strings.Contains(strings.ToLower(element), "image") {
		return blank
	}
	return image
}

// neutral is what a URL becomes that must not load.
func neutral(vector, trigger string) string {
	switch resource(vector, trigger) {
	case image:
		return pixelURL
	case sheet:
		return sheetURL
	case font:
		return fontURL
	case media:
		return mediaURL
	}
	return blankURL
}

// noCall is an expression that stands for a call, or an assignment, and does
// nothing. It needs no quotes, and no brackets that a line before could take for
// arguments of its own.
func noCall(call []byte) string {
	text := string(call)
	if strings.HasPrefix(text, "new ") {
		return "[]" // which takes what is pushed
	}
	n := 0
	for n < len(text) && (isLetter(text[n]) || text[n] >= '0' && text[n] <= '9' || strings.IndexByte("_$.[]'\"", text[n]) >= 0) {
		n++
	}
	if rest := strings.TrimLeft(text[n:], " \t\r\n"); strings.HasPrefix(rest, "=") && !strings.HasPrefix(rest, "==") {
		return text[:len(text)-len(rest)] + "=void(0)"
	}
	return "void(0)"
}
