package detector

// signalHidden: a style or an attribute hides the image from everybody. What a
// script names is seen nowhere anyhow, wherever the script stands.
func signalHidden(m *matter) (Signal, bool) {
	if m.box.Hidden == "" || m.box.Device || m.class == scriptClass {
		return Signal{}, false
	}
	return m.signal(hidden, m.box.Hidden)
}
