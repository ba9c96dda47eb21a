package detector

import "strings"

// signalToken: the URL holds a token that no person would write.
func signalToken(m *matter) (Signal, bool) {
	if m.token == "" || m.class == styleClass {
		return Signal{}, false
	}
	detail := m.tokenAt + " " + shorten(m.token)
	if m.static() && m.rule == nil {
		return m.signal(opaqueFile, detail)
	}
	return m.signal(opaqueToken, detail)
}

func shorten(t string) string {
	if len(t) > 10 {
		return t[:4] + "…" + t[len(t)-2:]
	}
	return strings.Clone(t)
}
