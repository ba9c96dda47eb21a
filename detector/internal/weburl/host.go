package weburl

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// profile maps a domain to ASCII as browsers do: it forgives hyphens, underscores
// and lengths, and keeps ß and the like apart.
var profile = idna.New(
	idna.MapForLookup(),
	idna.BidiRule(),
	idna.CheckJoiners(true),
	idna.Transitional(false),
	idna.StrictDomainName(false),
	idna.CheckHyphens(false),
	idna.VerifyDNSLength(false),
)

// maxUnicodeHost is the longest host that is mapped from Unicode or checked as
// Punycode, whose decoding takes quadratic time. No such host resolves.
const maxUnicodeHost = 1024

// appendHost writes the host s as serialised, or returns false.
func appendHost(out []byte, s string, special bool) ([]byte, bool) {
	if s != "" && s[0] == '[' {
		return appendIPv6(out, s)
	}
	if !special {
		if strings.ContainsAny(s, "\x00\t\n\r #/:<>?@[\\]^|") {
			return out, false
		}
		return escape(out, s, inOpaque), true
	}
	if strings.IndexByte(s, '%') >= 0 {
		s = Unescape(s)
	}
	domain, ok := toASCII(s)
	if !ok || domain == "" || strings.ContainsFunc(domain, forbidden) {
		return out, false
	}
	if endsInNumber(domain) {
		return appendIPv4(out, domain)
	}
	return append(out, domain...), true
}

// forbidden reports whether r may not stand in a domain.
func forbidden(r rune) bool {
	return r <= ' ' || r == 0x7f || strings.ContainsRune("#/:<>?@[\\]^|%", r)
}

// toASCII maps a domain to ASCII.
//
// QUIRK: the standard fails invalid Punycode (section 3.3); Chromium asks for
// such a host all the same, so it is kept as written.
func toASCII(s string) (string, bool) {
	ascii := true
	for i := 0; i < len(s); i++ {
		ascii = ascii && s[i] < utf8.RuneSelf
	}
	if ascii {
		s = strings.ToLower(s)
		if len(s) > maxUnicodeHost || !strings.Contains(s, "xn--") {
			return s, true
		}
	} else if len(s) > maxUnicodeHost || !utf8.ValidString(s) {
		return "", false
	}
	domain, err := profile.ToASCII(s)
	if err != nil && ascii {
		return s, true
	}
	return domain, err == nil
}

// Unescape decodes the percent-encoded bytes of s.
func Unescape(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			hi, lo := hexDigit(s[i+1]), hexDigit(s[i+2])
			if hi >= 0 && lo >= 0 {
				out = append(out, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return view(out)
}

func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// endsInNumber reports whether the last label of a domain is a number, so that
// the whole must be an IPv4 address.
func endsInNumber(s string) bool {
	s = strings.TrimSuffix(s, ".")
	last := s[strings.LastIndexByte(s, '.')+1:]
	if last == "" {
		return false
	}
	if strings.Trim(last, "0123456789") == "" {
		return true
	}
	_, ok := number(last)
	return ok
}

// number reads one part of an IPv4 address: decimal, octal with a leading 0, or
// hexadecimal with a leading 0x. Values past 32 bits are capped.
func number(s string) (uint64, bool) {
	base := 10
	switch {
	case s == "":
		return 0, false
	case len(s) >= 2 && s[0] == '0' && s[1]|0x20 == 'x':
		s, base = s[2:], 16
	case len(s) >= 2 && s[0] == '0':
		s, base = s[1:], 8
	}
	n := uint64(0)
	for i := 0; i < len(s); i++ {
		d := hexDigit(s[i])
		if d < 0 || d >= base {
			return 0, false
		}
		if n = n*uint64(base) + uint64(d); n > 1<<32 {
			n = 1 << 32
		}
	}
	return n, true
}

func appendIPv4(out []byte, s string) ([]byte, bool) {
	parts := strings.SplitN(strings.TrimSuffix(s, "."), ".", 5)
	if len(parts) > 4 {
		return out, false
	}
	ip := uint64(0)
	for i, part := range parts {
		n, ok := number(part)
		last := i == len(parts)-1
		if !ok || !last && n > 255 || last && n >= 1<<(8*(5-len(parts))) {
			return out, false
		}
		if last {
			ip |= n
		} else {
			ip |= n << (8 * (3 - i))
		}
	}
	for shift := 24; shift >= 0; shift -= 8 {
		out = strconv.AppendUint(out, ip>>shift&255, 10)
		if shift > 0 {
			out = append(out, '.')
		}
	}
	return out, true
}

// appendIPv6 reads an address in brackets and writes it in its shortest form.
func appendIPv6(out []byte, s string) ([]byte, bool) {
	if len(s) < 4 || s[len(s)-1] != ']' || strings.IndexByte(s, '%') >= 0 {
		return out, false
	}
	addr, err := netip.ParseAddr(s[1 : len(s)-1])
	if err != nil || !addr.Is6() {
		return out, false
	}
	b := addr.As16()
	var words [8]uint16
	for i := range words {
		words[i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
	}
	at, length := longestZeros(words)
	out = append(out, '[')
	for i := 0; i < len(words); i++ {
		if length > 1 && i == at {
			out = append(out, "::"...)
			i += length - 1
			continue
		}
		if i > 0 && out[len(out)-1] != ':' {
			out = append(out, ':')
		}
		out = strconv.AppendUint(out, uint64(words[i]), 16)
	}
	return append(out, ']'), true
}

func longestZeros(words [8]uint16) (at, length int) {
	for i := 0; i < len(words); i++ {
		n := 0
		for i+n < len(words) && words[i+n] == 0 {
			n++
		}
		if n > length {
			at, length = i, n
		}
		i += n
	}
	return at, length
}
