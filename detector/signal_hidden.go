package detector

// signalHidden: a style or an attribute hides the image from everybody.
func signalHidden(m *matter) (Signal, bool) {
	if m.box.Hidden == "" || m.box.Device {
		return Signal{}, false
	}
	return m.signal(hidden, m.box.Hidden)
}
