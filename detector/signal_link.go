package detector

// signalLink: the image stands where the wrapped links of the message point to.
func signalLink(m *matter) (Signal, bool) {
	if m.class != imageClass || m.rule != nil || m.token == "" || m.static() {
		return Signal{}, false
	}
	m.links.collect(m.all, m.real.Host)
	switch {
	case m.links.has(m.real.Full, m.token):
		return m.signal(linkShape, "its address is made as those of the links are")
	case m.links.hosts[m.real.Host]:
		return m.signal(linkHost, "on the host of the links")
	}
	return Signal{}, false
}
