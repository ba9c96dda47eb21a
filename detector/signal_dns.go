package detector

// signalName: looking up a name that holds the reader tells its name server who
// reads, without any request.
func signalName(m *matter) (Signal, bool) {
	if m.class != hintClass || !m.named() {
		return Signal{}, false
	}
	return m.signal(ownName, "a host name of this reader's own")
}
