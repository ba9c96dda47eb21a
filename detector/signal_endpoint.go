package detector

// signalEndpoint: an image that no file name stands for is made by a program.
func signalEndpoint(m *matter) (Signal, bool) {
	if m.class != imageClass || m.static() || m.token == "" && m.real.Query == "" {
		return Signal{}, false
	}
	return m.signal(endpoint, "no plain file")
}
