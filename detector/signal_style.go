package detector

// signalWebFont: style sheets and fonts are there to be used.
func signalWebFont(m *matter) (Signal, bool) {
	if m.class == styleClass && !m.reports() {
		return Signal{"style-or-font", -30, "a style sheet or font"}, true
	}
	return Signal{}, false
}
