package detector

// signalPersonal: a parameter by which a service knows its readers again.
func signalPersonal(m *matter) (Signal, bool) {
	name, service := personal(m.real.Query)
	if name == "" {
		return Signal{}, false
	}
	return Signal{"personal-parameter", 20, name + ", by which " + service + " knows the reader again"}, true
}
