package detector

import "strings"

// signalLabelled: an image with a text to stand for it is meant to be seen.
func signalLabelled(m *matter) (Signal, bool) {
	if m.class == imageClass && strings.TrimSpace(m.alt) != "" && !m.reports() && !m.tiny() {
		return m.signal(altText, "has a text that stands for it")
	}
	return Signal{}, false
}
