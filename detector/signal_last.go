package detector

// signalLast: pixels stand at the end, most of them, and in no link. An image
// without another trait of a pixel is not one for its place.
func signalLast(m *matter) (Signal, bool) {
	if !m.last || m.linked || m.static() || m.box.HasWidth && m.box.Width > 5 || m.box.HasHeight && m.box.Height > 5 {
		return Signal{}, false
	}
	if m.page && !m.tiny() && m.box.Hidden == "" { // a page ends with whatever it ends with
		return Signal{}, false
	}
	if m.token == "" && m.real.Query == "" && !m.tiny() && m.box.Hidden == "" {
		return Signal{}, false
	}
	return m.signal(lastImage, "last image of the message")
}
