package detector

// signalStatic: a plain file is the same for everybody.
func signalStatic(m *matter) (Signal, bool) {
	if m.class == imageClass && m.static() && m.token == "" && !m.known() {
		return Signal{"plain-file", -25, "a file without a query or token"}, true
	}
	return Signal{}, false
}
