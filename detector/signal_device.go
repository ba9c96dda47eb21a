package detector

// signalDevice: an image hidden on one kind of device is a variant of another.
func signalDevice(m *matter) (Signal, bool) {
	switch {
	case !m.box.Device && !m.box.Mso:
		return Signal{}, false
	case !m.box.Device && m.tiny() && !m.static():
		return m.signal(deviceMso, "hidden from Outlook only")
	}
	return m.signal(deviceVariant, "hidden on one kind of device only")
}
