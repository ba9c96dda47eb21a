package detector

// signalCondition: a picture for paper or for a forwarded copy only is there
// to tell that the message was printed or forwarded.
func signalCondition(m *matter) (Signal, bool) {
	switch {
	case m.class != imageClass || m.static():
	case m.Trigger == Print:
		return m.signal(conditional, "loaded when the message is printed")
	case m.Trigger == Forward:
		return m.signal(conditional, "loaded when the message is answered or forwarded")
	case m.dark && m.real.Query != "":
		return m.signal(conditionalScheme, "loaded in dark or in light mode only")
	}
	return Signal{}, false
}
