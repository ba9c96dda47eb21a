package detector

// signalStatic: a plain file is the same for everybody.
func signalStatic(m *matter) (Signal, bool) {
	if m.class == imageClass && m.static() && m.token == "" && m.rule == nil {
		return m.signal(plainFile, "a file without a query or token")
	}
	return Signal{}, false
}
