package detector

import "strings"

// signalLabelled: an image with a text to stand for it is meant to be seen.
func signalLabelled(m *matter) (Signal, bool) {
	if m.class == imageClass && strings.TrimSpace(m.alt) != "" && !m.reports() && !m.tiny() {
		return Signal{"alt-text", -20, "has a text that stands for it"}, true
	}
	return Signal{}, false
}
