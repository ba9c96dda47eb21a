package rewrite

import (
	"bytes"
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

// noCall is an expression that stands for a call, or an assignment, at [start,
// end) of a script, and does nothing. It needs no quotes, and no brackets that a
// line before could take for arguments of its own. What goes on with the result
// still can: a promise for what is called then, the object of the method for
// the next one of a chain, and an empty value of its kind for one that is assigned.
func noCall(script []byte, start, end int) string {
	text := string(script[start:end])
	switch {
	case strings.HasPrefix(text, "new "):
		return "[]" // which takes what is pushed
	case strings.HasPrefix(text, "."), strings.HasPrefix(text, "?."):
		return "" // a link of a chain
	}
	n := 0
	for n < len(text) && (isName(text[n]) || strings.IndexByte(".[]'\"", text[n]) >= 0) {
		n++
	}
	if rest := strings.TrimLeft(text[n:], " \t\r\n"); strings.HasPrefix(rest, "=") && !strings.HasPrefix(rest, "==") {
		return text[:len(text)-len(rest)] + "=" + empty(strings.TrimLeft(rest[1:], " \t\r\n"))
	}
	after := bytes.TrimLeft(script[end:], " \t\r\n")
	if !bytes.HasPrefix(after, []byte(".")) {
		return "void(0)"
	}
	for _, method := range []string{".then(", ".catch(", ".finally("} {
		if bytes.HasPrefix(after, []byte(method)) {
			return "Promise.resolve()"
		}
	}
	n = 0
	for n < len(text) && (isName(text[n]) || text[n] == '.') {
		n++
	}
	if dot := strings.LastIndexByte(text[:n], '.'); dot > 0 {
		return text[:dot]
	}
	return "void(0)"
}

// empty is an empty value of the kind that an expression is written as.
func empty(value string) string {
	switch {
	case strings.HasPrefix(value, "{"):
		return "{}"
	case strings.HasPrefix(value, "["):
		return "[]"
	}
	return "void(0)"
}

// maxCall is how long a call may be that is taken away whole, and how far from
// its URL it may stand.
const maxCall = 8 << 10

// sent are the calls that a reference's URL, at [start, end) of text, is handed
// to and that are to become void(0): sendBeacon, which throws for every URL that
// is not http or https (Beacon section 4.1), and fetch where nothing takes what
// it returns. They are the call around the URL, or, for a URL that a variable
// holds, those calls of sendBeacon after it that name the variable.
func sent(text []byte, vector string, start, end int) [][2]int {
	attribute := strings.Contains(vector, "[on")
	from := max(0, start-maxCall)
	if vector == "script:sendBeacon" || attribute {
		if at := bytes.LastIndex(text[from:start], []byte("sendBeacon")); at >= 0 {
			if a, b, ok := call(text, from+at, len("sendBeacon")); ok && b >= end {
				return [][2]int{{a, b}}
			}
		}
	}
	if vector == "script:fetch" || attribute {
		if at := bytes.LastIndex(text[from:start], []byte("fetch")); at >= 0 {
			if a, b, ok := call(text, from+at, len("fetch")); ok && b >= end && unused(text, a, b) {
				return [][2]int{{a, b}}
			}
		}
	}
	if vector != "script:sendBeacon" {
		return nil
	}
	name := variable(text[from:start])
	if len(name) == 0 {
		return nil
	}
	var calls [][2]int
	till := min(len(text), end+maxCall)
	for at := end; at < till; {
		n := bytes.Index(text[at:till], []byte("sendBeacon"))
		if n < 0 {
			break
		}
		at += n
		a, b, ok := call(text, at, len("sendBeacon"))
		at += len("sendBeacon")
		if !ok {
			continue
		}
		args := bytes.TrimLeft(bytes.TrimLeft(text[at:b], "])'\" \t\r\n")[1:], " \t\r\n")
		if rest, ok := bytes.CutPrefix(args, name); ok && len(rest) > 0 && !isName(rest[0]) {
			calls = append(calls, [2]int{a, b})
		}
	}
	return calls
}

// socket is the class and the arguments of new WebSocket(…) around a URL at
// [start, end). It throws for a URL that is none of a server (WebSockets section
// 3.1); an EventTarget takes the same listeners and never calls them.
func socket(text []byte, vector string, start, end int) (from, to int, ok bool) {
	if vector != "script:WebSocket" {
		return 0, 0, false
	}
	at := bytes.LastIndex(text[max(0, start-maxCall):start], []byte("new WebSocket"))
	if at < 0 {
		return 0, 0, false
	}
	from, to, ok = call(text, max(0, start-maxCall)+at+len("new "), len("WebSocket"))
	return from, to, ok && to >= end
}

// variable is the name that is assigned the literal which follows text.
func variable(text []byte) []byte {
	text = bytes.TrimRight(text, "'\"`")
	text, ok := bytes.CutSuffix(bytes.TrimRight(text, " \t\r\n"), []byte("="))
	if !ok {
		return nil
	}
	text = bytes.TrimRight(text, " \t\r\n")
	n := len(text)
	for n > 0 && isName(text[n-1]) {
		n--
	}
	return text[n:]
}

func isName(c byte) bool { return isLetter(c) || c >= '0' && c <= '9' || c == '_' || c == '$' }

// call is the range of the call whose function's last name stands at an offset,
// with what the name is a property of. It reports false for what is no call, or
// none that can be told without reading the script.
func call(text []byte, at, n int) (start, end int, ok bool) {
	start, end = at, at+n
	if start >= 2 && text[start-2] == '[' && (text[start-1] == '\'' || text[start-1] == '"') {
		if end+1 >= len(text) || text[end] != text[start-1] || text[end+1] != ']' {
			return 0, 0, false
		}
		start, end = start-2, end+2
	}
	for start > 0 && (isName(text[start-1]) || text[start-1] == '.' || text[start-1] == '?' && text[start] == '.') {
		start--
	}
	if start > 0 && (text[start-1] == ')' || text[start-1] == ']') && text[start] == '.' {
		return 0, 0, false // of what something returned
	}
	for end < len(text) && strings.IndexByte(" \t\r\n", text[end]) >= 0 {
		end++
	}
	if end == len(text) || text[end] != '(' {
		return 0, 0, false
	}
	depth, last := 0, byte(0)
	for i, till := end, min(len(text), end+maxCall); i < till; i++ {
		c := text[i]
		switch c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth == 0 {
				return start, i + 1, c == ')'
			}
		case '\'', '"', '`':
			for i++; i < till && text[i] != c; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case '/':
			switch {
			case i+1 < till && text[i+1] == '/':
				for i < till && text[i] != '\n' {
					i++
				}
			case i+1 < till && text[i+1] == '*':
				k := bytes.Index(text[i+2:till], []byte("*/"))
				if k < 0 {
					return 0, 0, false
				}
				i += k + 3
			case !isName(last) && last != ')' && last != ']':
				return 0, 0, false // a regular expression
			}
			continue
		}
		if strings.IndexByte(" \t\r\n", c) < 0 {
			last = c
		}
	}
	return 0, 0, false
}

// unused reports whether a call is a statement of its own.
func unused(text []byte, start, end int) bool {
	before := bytes.TrimRight(text[:start], " \t\r\n")
	after := bytes.TrimLeft(text[end:], " \t\r\n")
	if len(after) > 0 && strings.IndexByte(";}<", after[0]) < 0 {
		return false
	}
	return len(before) == 0 || strings.IndexByte(";{})", before[len(before)-1]) >= 0 || bytes.HasSuffix(before, []byte(">")) && !bytes.HasSuffix(before, []byte("=>"))
}
