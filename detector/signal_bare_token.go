package detector

import "strings"

// signalBareToken: an image without a size, a text or a link around it, whose
// address ends in nothing but a token, is not there to be seen.
func signalBareToken(m *matter) (Signal, bool) {
	if m.class != imageClass || m.token == "" || m.tokenAt != "path" || m.real.Query != "" || m.box.HasWidth || m.box.HasHeight || m.linked ||
		strings.TrimSpace(m.alt) != "" || !strings.HasPrefix(m.Vector, "img") || !strings.HasSuffix(m.real.Path, m.token) {
		return Signal{}, false
	}
	return m.signal(bareToken, "no size, and nothing but a token for a name")
}
