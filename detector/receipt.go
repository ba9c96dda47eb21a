package detector

import (
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/weburl"
)

// receiptFinding judges a header that asks for a receipt. The answer names the
// reader by itself; that the address it goes to does so too shows intent, and so
// does one of another site than the sender's (RFC 8098 section 2.1 wants clients
// to ask the reader then).
func (s *scan) receiptFinding(m *matter) Finding {
	m.recipient.Evidence = NoEvidence
	s.signals = append(s.signals, Signal{"receipt-header", 30, strings.TrimPrefix(m.Vector, "header:")})
	address, ok := strings.CutPrefix(m.URL, "mailto:")
	if !ok {
		return s.build(m, ReadReceipt)
	}
	local, domain, _ := strings.Cut(address, "@")
	if site := weburl.Site(domainOf(domain)); site != "" && s.reader.site != "" && site != s.reader.site {
		s.signals = append(s.signals, Signal{"receipt-elsewhere", 10, "goes to " + strings.Clone(site) + ", not to the sender"})
	}
	if h := s.know().find(bytesOf(local)); h.evidence != NoEvidence && h.evidence != "" {
		m.recipient = Recipient{h.evidence, "address of the receipt: " + h.what}
	}
	if sig, ok := signalRecipient(m); ok {
		s.signals = append(s.signals, sig)
	}
	return s.build(m, ReadReceipt)
}
