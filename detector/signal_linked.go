package detector

// signalLinked: an image inside a link is there to be clicked.
func signalLinked(m *matter) (Signal, bool) {
	if m.class != imageClass || !m.linked || m.reports() || m.tiny() {
		return Signal{}, false
	}
	return m.signal(inLink, "stands in a link")
}
