package detector

import "strings"

// signalAddress: an address in a URL that is loaded names somebody, be it this
// reader or the one that the message was first sent to.
func signalAddress(m *matter) (Signal, bool) {
	if m.recipient.Evidence == Proven {
		return Signal{}, false
	}
	if holdsAddress(m.real.Query) || holdsAddress(m.real.Path) {
		return m.signal(address, "an e-mail address in the URL")
	}
	if m.address {
		return m.signal(address, "an e-mail address, encoded in the URL")
	}
	if m.body != nil && m.body.address && m.ThirdParty {
		return m.signal(address, "an e-mail address in what is posted")
	}
	return Signal{}, false
}

// holdsAddress reports whether s holds an address, plain or percent-encoded.
func holdsAddress(s string) bool {
	for _, at := range [...]string{"@", "%40"} {
		i := strings.Index(s, at)
		if i < 2 || !wordByte(s[i-1]) {
			continue
		}
		domain := s[i+len(at):]
		n := strings.IndexAny(domain, "&/?=%;,")
		if n < 0 {
			n = len(domain)
		}
		if dot := strings.LastIndexByte(domain[:n], '.'); dot > 0 && n-dot > 2 && wordByte(domain[0]) && !isDigit(domain[0]) {
			return true
		}
	}
	return false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
