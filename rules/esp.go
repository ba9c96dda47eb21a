package rules

import "strings"

// mailer holds how the mail of a service is recognised by its headers.
type mailer struct {
	service *Service

	// Headers are "Name", which must be present, or "Name: pattern".
	headers []string

	// Domains are host patterns for the domains of the DKIM signatures, the
	// return path, the message ID and the unsubscribe links.
	domains []string
}

// mailIndex holds mailers, platforms before transports.
type mailIndex struct {
	names   []string   // header names, each once
	headers [][]header // of each name
	domains index      // of mailers, by host key
	mailers []mailer
}

type header struct {
	pattern string // empty: the header is present
	mailer  uint16
}

func newMailIndex(mailers []mailer) mailIndex {
	x := mailIndex{mailers: mailers}
	domains := make(builder, 0, 4*len(mailers))
	at := make(map[string]int)
	for i, m := range mailers {
		for _, h := range m.headers {
			name, pattern, _ := strings.Cut(h, ":")
			n, ok := at[name]
			if !ok {
				n = len(x.names)
				at[name] = n
				x.names = append(x.names, name)
				x.headers = append(x.headers, nil)
			}
			x.headers[n] = append(x.headers[n], header{strings.TrimSpace(pattern), uint16(i)})
		}
		for _, d := range m.domains {
			if key, ok := hostKey(d); ok {
				domains.add(hashText(key), i)
			}
		}
	}
	x.domains = domains.index()
	return x
}

// ESP returns the service that sent a message, nil if none is recognised. Header returns the value of a field of the message, "" if it has
// none; dkimDomains are the d= of its signatures.
//
// Platforms go before the transports that they send through. Among equals a
// signature or a header of the service's own goes before the domains of the
// return path, the message ID and the unsubscribe links.
func (s *Set) ESP(header func(name string) string, dkimDomains []string) *Service {
	x := &s.mail
	strong := x.byHeader(header)
	for _, d := range dkimDomains {
		strong = min(strong, x.byDomain(d))
	}
	if strong != none && !x.mailers[strong].service.Transport {
		return x.mailers[strong].service
	}
	best := strong
	for _, name := range hostFields {
		weak := x.byHosts(header(name))
		if weak == none {
			continue
		}
		if best == none || !x.mailers[weak].service.Transport {
			best = weak
			break
		}
	}
	if best == none {
		return nil
	}
	return x.mailers[best].service
}

// hostFields name hosts of the service that sent a message, best first.
var hostFields = [...]string{"Return-Path", "Message-ID", "List-Unsubscribe"}

// byHeader returns the first mailer with a header that the message has.
func (x *mailIndex) byHeader(value func(name string) string) uint16 {
	best := uint16(none)
	for i, name := range x.names {
		v := value(name)
		if v == "" {
			continue
		}
		for _, h := range x.headers[i] {
			if h.mailer < best && (h.pattern == "" || matchGlob(h.pattern, v, 0)) {
				best = h.mailer
			}
		}
	}
	return best
}

// byDomain returns the first mailer that has a pattern for domain.
func (x *mailIndex) byDomain(domain string) uint16 {
	best := uint16(none)
	if len(domain) > 255 {
		return best
	}
	domain = strings.ToLower(bareHost(domain))
	h := newTailHash()
	for i := len(domain) - 1; i >= 0; i-- {
		h.add(domain[i])
		if i > 0 && domain[i-1] != '.' {
			continue
		}
		plain, collapsed := x.domains.lookupTail(&h)
		best = min(best, x.among(plain, domain), x.among(collapsed, domain))
	}
	return best
}

// among returns the first of refs that has a pattern for domain.
func (x *mailIndex) among(refs []uint16, domain string) uint16 {
	for _, i := range refs {
		for _, p := range x.mailers[i].domains {
			if matchHost(p, domain) {
				return i
			}
		}
	}
	return none
}

// byHosts returns the first mailer of the hosts that value names: what follows
// an @ or //. Of a long value the first kilobyte counts.
func (x *mailIndex) byHosts(value string) uint16 {
	best := uint16(none)
	value = value[:min(len(value), 1024)]
	for value != "" {
		i := strings.IndexAny(value, "@/")
		if i < 0 {
			break
		}
		slashes := strings.HasPrefix(value[i:], "//")
		at := value[i] == '@'
		value = value[i+1:]
		if slashes {
			value = value[1:]
		}
		if !at && !slashes {
			continue
		}
		end := strings.IndexAny(value, "/@>?:, \t\r\n\"")
		if end < 0 {
			end = len(value)
		}
		best = min(best, x.byDomain(value[:end]))
		value = value[end:]
	}
	return best
}
