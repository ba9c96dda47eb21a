package detector

// signalHidden: a style or an attribute hides the image from everybody.
func signalHidden(m *matter) (Signal, bool) {
	if m.box.Hidden == "" || m.box.Device {
		return Signal{}, false
	}
	return Signal{"hidden", 30, m.box.Hidden}, true
}
