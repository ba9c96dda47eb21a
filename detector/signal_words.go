package detector

import "strings"

// pathWords name what an address is for when they stand alone in it.
var pathWords = map[string]bool{
	"open": true, "opens": true, "opened": true, "track": true, "tracking": true, "tracker": true, "trk": true,
	"pixel": true, "beacon": true, "imp": true, "impression": true, "wf": true, "trace": true, "readreceipt": true,
	"openrate": true, "mark_read": true, "emailopen": true, "email_open": true, "track_open": true, "opentrack": true,
	"opentracking": true, "emimp": true, "webbug": true, "log": true, "px": true, "seen": true, "stat": true, "collect": true, "ping": true, "hit": true, "counter": true, "dot": true, "telemetry": true, "eventtracker": true, "o": true, "op": true, "eo": true, "oo": true,
}

// maxPathWord is the length of the longest of pathWords.
const maxPathWord = 12

// pathWordShapes has a bit for each length that pathWords have, by their first
// letter.
var pathWordShapes = func() (shapes [256]uint16) {
	for w := range pathWords {
		shapes[w[0]] |= 1 << len(w)
	}
	return shapes
}()

// pathWord returns the first of pathWords that stands alone in a path.
func pathWord(path string) string {
	whole := path
	for path != "" {
		n := 0
		for n < len(path) && path[n] != '/' && path[n] != '.' && path[n] != '-' {
			n++
		}
		if n > 0 && n <= maxPathWord && pathWordShapes[lowerByte(path[0])]&(1<<n) != 0 {
			var low [maxPathWord]byte
			for i := range n {
				c := path[i]
				if c >= 'A' && c <= 'Z' {
					c |= 0x20
				}
				low[i] = c
			}
			if pathWords[string(low[:n])] && !inTitle(whole, len(whole)-len(path), n) {
				return string(low[:n])
			}
		}
		path = path[min(n+1, len(path)):]
	}
	return ""
}

// inTitle reports whether n bytes of a path say nothing of what it is for: a word of
// a title, as in /tracking-the-candidates and /o-jamie-smith.jpg, which a word that
// ends three and more does not count as; or a folder of one or two letters, by which
// scripts and photographs are sorted.
func inTitle(path string, at, n int) bool {
	from := strings.LastIndexByte(path[:at], '/') + 1
	segment, rest, deeper := strings.Cut(path[from:], "/")
	if n <= 2 && deeper && segment == path[at:at+n] {
		switch rest[strings.LastIndexByte(rest, '.')+1:] {
		case "js", "css", "jpg", "jpeg", "webp":
			return true
		}
	}
	name, _, _ := strings.Cut(segment, ".")
	end := at - from + n
	if strings.Count(name, "-") < 2 || end >= len(name) {
		return false
	}
	words := 0
	for w := range strings.SplitSeq(name, "-") {
		if w != "" && isLetter(w[0]) && !strings.ContainsAny(w, "0123456789") {
			words++
		}
	}
	return words > 2
}

// plays reports whether m is a player in a frame that is seen: what it opens is a
// track of music.
func plays(m *matter) bool {
	if m.Vector != "iframe[src]" || m.box.Hidden != "" || m.box.HasWidth && m.box.Width < 50 || m.box.HasHeight && m.box.Height < 50 {
		return false
	}
	return strings.HasPrefix(m.real.Path, "/embed/") || strings.HasPrefix(m.real.Path, "/widget/")
}

// signalPath: a word of the path or host says what the URL is for.
func signalPath(m *matter) (Signal, bool) {
	if m.class == styleClass || m.Trigger == Auto && m.page || plays(m) {
		return Signal{}, false
	}
	if word := pathWord(m.real.Path); word != "" {
		return m.signal(pathWordFound, word)
	}
	label, _, _ := strings.Cut(m.real.Host, ".")
	switch label {
	case "track", "tracking", "trk", "open", "opens", "pixel", "beacon", "click", "clicks", "links", "link", "metrics", "trck", "trc":
		return m.signal(hostWord, strings.Clone(label))
	}
	return Signal{}, false
}
