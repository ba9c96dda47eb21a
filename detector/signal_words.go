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

// pathWord returns the first of pathWords that stands alone in a path and counts where
// it stands.
func pathWord(path string, counts func(word string, at int) bool) string {
	for i := 0; i < len(path); i++ {
		n := 0
		for i+n < len(path) && path[i+n] != '/' && path[i+n] != '.' && path[i+n] != '-' {
			n++
		}
		if n > 0 && n <= maxPathWord && pathWordShapes[lowerByte(path[i])]&(1<<n) != 0 {
			var low [maxPathWord]byte
			for k := range n {
				c := path[i+k]
				if c >= 'A' && c <= 'Z' {
					c |= 0x20
				}
				low[k] = c
			}
			if pathWords[string(low[:n])] && counts(string(low[:n]), i) {
				return string(low[:n])
			}
		}
		i += n
	}
	return ""
}

// wordCounts reports whether a word says what the URL is for, by where it stands in the
// path.
func (m *matter) wordCounts(word string, at int) bool {
	path := m.real.Path
	if inTitle(path, at, len(word)) {
		return false
	}
	if !m.page {
		return true
	}
	from := strings.LastIndexByte(path, '/') + 1
	name, ext, _ := strings.Cut(path[from:], ".")
	ends := at == from && len(name) == len(word)
	switch {
	case m.pictured():
		return ends
	case m.class != scriptClass:
		return true
	case mailWords[word], !trackWords[word] && (!ends || ext == "js"), m.mayFollow() && at < from:
		return false
	}
	return true
}

// mailWords say that mail was read; a script opens menus.
var mailWords = map[string]bool{
	"open": true, "opens": true, "opened": true, "seen": true, "o": true, "op": true, "eo": true, "oo": true, "wf": true,
}

// trackWords name nothing but what tracks, wherever they stand in the address of a
// script; of the others a script has its own meaning, such as a log and a counter.
var trackWords = map[string]bool{
	"track": true, "tracking": true, "tracker": true, "trk": true, "pixel": true, "beacon": true, "impression": true, "telemetry": true,
	"eventtracker": true, "webbug": true,
}

// inTitle reports whether n bytes of a path are a word of a title, as in
// /tracking-the-candidates and /o-jamie-smith.jpg. A word that ends one names it.
func inTitle(path string, at, n int) bool {
	segment, _, _ := strings.Cut(path[strings.LastIndexByte(path[:at], '/')+1:], "/")
	name, _, _ := strings.Cut(segment, ".")
	if strings.Count(name, "-") < 2 || strings.HasSuffix(name, path[at:at+n]) {
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

// plays reports whether m is music or a film, or a player in a frame that is seen: what
// it opens is a track.
func (m *matter) plays() bool {
	if m.page && (strings.HasPrefix(m.Vector, "audio[") || strings.HasPrefix(m.Vector, "video[") || m.Vector == "source[src]") {
		return true
	}
	if m.Vector != "iframe[src]" || m.box.Hidden != "" || m.box.HasWidth && m.box.Width < 50 || m.box.HasHeight && m.box.Height < 50 {
		return false
	}
	return strings.HasPrefix(m.real.Path, "/embed/") || strings.HasPrefix(m.real.Path, "/widget/")
}

// signalPath: a word of the path or host says what the URL is for.
func signalPath(m *matter) (Signal, bool) {
	if m.class == styleClass || m.Trigger == Auto && m.page || m.plays() {
		return Signal{}, false
	}
	if word := pathWord(m.real.Path, m.wordCounts); word != "" {
		return m.signal(pathWordFound, word)
	}
	label, _, _ := strings.Cut(m.real.Host, ".")
	switch label {
	case "track", "tracking", "trk", "open", "opens", "pixel", "beacon", "click", "clicks", "links", "link", "metrics", "trck", "trc":
		return m.signal(hostWord, strings.Clone(label))
	}
	return Signal{}, false
}
