package filter

import (
	"math/bits"
	"strings"
)

// A Type is a set of resource types, as filter lists name them. A request has
// one type; a filter applies to several.
type Type uint16

const (
	Other Type = 1 << iota
	Image
	Stylesheet
	Script
	Font
	Media
	Object
	Subdocument
	XHR
	WebSocket
	Ping
	Document
	Popup
	Popunder
	InlineScript
	InlineFont

	// Resources are the types of a filter that names none: everything that a
	// page loads, without the page itself and windows it opens.
	Resources = Other | Image | Stylesheet | Script | Font | Media | Object | Subdocument | XHR | WebSocket | Ping
	// AllTypes is what the option "all" stands for.
	AllTypes = Resources | Document | Popup | Popunder | InlineScript | InlineFont
)

// typeNames lists each type by the name it is printed with.
var typeNames = []struct {
	typ  Type
	name string
}{
	{Other, "other"}, {Image, "image"}, {Stylesheet, "stylesheet"}, {Script, "script"}, {Font, "font"},
	{Media, "media"}, {Object, "object"}, {Subdocument, "subdocument"}, {XHR, "xmlhttprequest"},
	{WebSocket, "websocket"}, {Ping, "ping"}, {Document, "document"}, {Popup, "popup"}, {Popunder, "popunder"},
	{InlineScript, "inline-script"}, {InlineFont, "inline-font"},
}

// String returns the names of the types, separated by commas.
func (t Type) String() string {
	var names []string
	for _, n := range typeNames {
		if t&n.typ != 0 {
			names = append(names, n.name)
		}
	}
	return strings.Join(names, ",")
}

// typeOption returns the types that a filter option names, in the spellings of
// Adblock Plus, uBlock Origin and AdGuard.
func typeOption(name string) (Type, bool) {
	switch name {
	case "other", "xbl", "dtd":
		return Other, true
	case "image", "background":
		return Image, true
	case "stylesheet", "css":
		return Stylesheet, true
	case "script":
		return Script, true
	case "font":
		return Font, true
	case "media":
		return Media, true
	case "object", "object-subrequest":
		return Object, true
	case "subdocument", "frame":
		return Subdocument, true
	case "xmlhttprequest", "xhr":
		return XHR, true
	case "websocket":
		return WebSocket, true
	case "ping", "beacon":
		return Ping, true
	case "document", "doc":
		return Document, true
	case "popup":
		return Popup, true
	case "popunder":
		return Popunder, true
	case "inline-script":
		return InlineScript, true
	case "inline-font":
		return InlineFont, true
	case "all":
		return AllTypes, true
	}
	return 0, false
}

// ParseType returns the type of a request. Besides the names that filters use
// it knows those of browsers' logs; a name it does not know is [Other], as is a
// type that no filter can name.
func ParseType(name string) Type {
	name = strings.ToLower(name)
	if t, ok := typeOption(name); ok && t != AllTypes {
		return t
	}
	switch name {
	case "main_frame", "mainframe":
		return Document
	case "sub_frame", "subframe", "iframe", "embed":
		return Subdocument
	case "fetch":
		return XHR
	case "imageset", "img":
		return Image
	case "audio", "video":
		return Media
	}
	return Other
}

// bit returns the place of the lowest type in the set.
func (t Type) bit() int { return bits.TrailingZeros16(uint16(t)) & 15 }
