package detector

// signalWebFont: style sheets and fonts are there to be used.
func signalWebFont(m *matter) (Signal, bool) {
	if m.class == styleClass && !m.reports() {
		return m.signal(styleOrFont, "a style sheet or font")
	}
	return Signal{}, false
}
