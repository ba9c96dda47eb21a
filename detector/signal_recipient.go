package detector

// signalRecipient: the URL names the reader.
func signalRecipient(m *matter) (Signal, bool) {
	if m.recipient.Evidence != Proven {
		return Signal{}, false
	}
	return m.signal(namesReader, m.recipient.How)
}
