package detector

// signalVisible: the image has room to be seen.
func signalVisible(m *matter) (Signal, bool) {
	if m.class != imageClass || m.reports() {
		return Signal{}, false
	}
	if b := &m.box; m.roomy() {
		return m.signal(visibleSize, dimension(b.Width, b.HasWidth)+"×"+dimension(b.Height, b.HasHeight))
	}
	return Signal{}, false
}

// roomy reports whether a stated size leaves room to be seen.
func (m *matter) roomy() bool {
	b := &m.box
	return b.HasWidth && b.Width > 10 && (!b.HasHeight || b.Height > 3) || b.HasHeight && b.Height > 10 && (!b.HasWidth || b.Width > 3)
}
