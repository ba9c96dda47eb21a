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
	codeURL  = "data:text/javascript," // about:blank makes importScripts throw
	emptyURL = "data:,"                // about:blank makes fetch reject
)

// resourceType is what a reference loads.
type resourceType uint8

const (
	image resourceType = iota
	sheet
	font
	media
	blank // frames, scripts, hints: what may be empty
	code  // what scripts load and run
	data  // what scripts ask for
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
	case "script:importScripts", "script:getScript", "script:addModule", "script:serviceWorker":
		return code
	case "script:fetch", "script:XMLHttpRequest", "script:ajax", "script:post", "script:get", "script:getJSON":
		return data
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
	case code:
		return codeURL
	case data:
		return emptyURL
	}
	return blankURL
}
