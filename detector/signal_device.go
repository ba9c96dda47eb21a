package detector

// signalDevice: an image hidden on one kind of device is a variant of another.
func signalDevice(m *matter) (Signal, bool) {
	if !m.box.Device && !m.box.Mso {
		return Signal{}, false
	}
	return m.signal(deviceVariant, "hidden on one kind of device only")
}
