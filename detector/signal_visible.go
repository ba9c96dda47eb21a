package detector

// signalVisible: the image has room to be seen.
func signalVisible(m *matter) (Signal, bool) {
	if m.class != imageClass || m.reports() {
		return Signal{}, false
	}
	b := &m.box
	if b.HasWidth && b.Width > 10 && (!b.HasHeight || b.Height > 3) || b.HasHeight && b.Height > 10 && (!b.HasWidth || b.Width > 3) {
		return m.signal(visibleSize, dimension(b.Width, b.HasWidth)+"×"+dimension(b.Height, b.HasHeight))
	}
	return Signal{}, false
}
