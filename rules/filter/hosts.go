package filter

import (
	"net/netip"
	"strings"
)

// parseHosts reads a line of a hosts file or of a plain list of hosts, and
// reports whether it was one. A bare host name blocks the host and what lies
// below it, as in uBlock Origin.
//
//	0.0.0.0 ads.example track.example  # two hosts
//	ads.example
func parseHosts(l *List, line string, n int) bool {
	if c := line[0]; !isHostByte(c) && c != ':' {
		return false
	}
	i := 0
	for i < len(line) && (isHostByte(line[i]) || line[i] == ':') {
		i++
	}
	first, rest := line[:i], line[i:]
	if rest == "" || rest[0] == ' ' || rest[0] == '\t' {
		rest = trim(rest)
		if rest == "" || rest[0] == '#' {
			return addHost(l, first, line, n)
		}
		return parseHostsLine(l, first, rest, line, n)
	}
	return false
}

// addHost adds a bare host, and reports whether it was one.
func addHost(l *List, host, line string, n int) bool {
	host, ok := hostName(host)
	if !ok || !isHostname(host) {
		return false
	}
	l.add(hostFilter(host, line, n), "")
	return true
}

// parseHostsLine reads an address followed by host names.
func parseHostsLine(l *List, first, rest, line string, n int) bool {
	addr, err := netip.ParseAddr(first)
	if err != nil {
		return false
	}
	if i := strings.IndexByte(rest, '#'); i >= 0 {
		rest = rest[:i]
	}
	if !addr.IsLoopback() && !addr.IsUnspecified() {
		l.reject(n, line, "hosts entry that points to another machine")
		return true
	}
	for name := range strings.FieldsSeq(rest) {
		host, ok := hostName(name)
		switch {
		case isLocal(host):
		case ok && isHostname(host):
			l.add(hostFilter(host, first+" "+name, n), "")
		default:
			l.reject(n, name, "not a host name")
		}
	}
	return true
}

// isLocal reports whether a name in a hosts file is about the machine itself.
func isLocal(host string) bool {
	switch host {
	case "localhost", "localhost.localdomain", "local", "broadcasthost", "0.0.0.0":
		return true
	}
	return strings.HasPrefix(host, "ip6-")
}

func hostFilter(host, line string, n int) Filter {
	return Filter{Line: n, Text: line, Pattern: host + "^", Anchor: AnchorHostname, Types: Resources}
}

// isHostname reports whether s can only be a host name: labels of letters,
// digits, "-" and "_" that start with none of these two, the last one with a
// letter. Patterns such as "-ads.gif" are none.
func isHostname(s string) bool {
	label, labels := 0, 0
	for i := len(s) - 1; i >= 0; i-- {
		switch c := s[i]; {
		case c == '.':
			if label == 0 {
				return false
			}
			if c := s[i+1]; !isToken(c) || labels == 0 && !isLetter(c) {
				return false
			}
			labels, label = labels+1, 0
		case isHostByte(c) && c < 0x80:
			if label++; label > 63 {
				return false
			}
		default:
			return false
		}
	}
	return labels > 0 && label > 0 && isToken(s[0]) && len(s) <= 253
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
