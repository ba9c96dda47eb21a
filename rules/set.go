package rules

import "sync"

//go:generate go run ./gen

// Set is a set of rules, indexed. It is immutable and safe for concurrent use.
type Set struct {
	rules    []Rule
	services []Service
	hosts    index // by the last labels of a host pattern
	paths    index // of generic rules, by a segment of the path
	mail     mailIndex
}

// Default returns the embedded rules. The first call indexes them; nothing is
// parsed.
func Default() *Set { return defaultSet() }

var defaultSet = sync.OnceValue(func() *Set {
	return newSet(services[:], table[:], mailers[:])
})

// newSet indexes rules, which are in their order of precedence.
func newSet(services []Service, rules []Rule, mailers []mailer) *Set {
	var hosts, paths builder
	for i := range rules {
		r := &rules[i]
		byPath := len(r.Hosts) == 0
		for _, p := range r.Hosts {
			if key, ok := hostKey(p); ok {
				hosts.add(hashBackward(key), i)
			} else {
				byPath = true
			}
		}
		if byPath {
			for _, p := range r.Paths {
				if h, ok := pathKey(p); ok {
					paths.add(h, i)
				}
			}
		}
	}
	return &Set{
		rules: rules, services: services,
		hosts: hosts.index(), paths: paths.index(), mail: newMailIndex(mailers),
	}
}

// Services returns the services, by name.
func (s *Set) Services() []*Service {
	all := make([]*Service, len(s.services))
	for i := range s.services {
		all[i] = &s.services[i]
	}
	return all
}

// Rules returns the rules in their order of precedence.
func (s *Set) Rules() []*Rule {
	all := make([]*Rule, len(s.rules))
	for i := range s.rules {
		all[i] = &s.rules[i]
	}
	return all
}

// Match returns the rule that u matches, nil if there is none. Of several it is
//
//  1. a rule that names hosts before one for every host;
//  2. of those, the one that names more labels of u's host;
//  3. then the one with more text in its path and query patterns;
//  4. then the first by ID.
//
// The table is sorted by the last two, so that the first match of a group wins.
// Match does not allocate.
func (s *Set) Match(u URL) *Rule {
	u.Host = bareHost(u.Host)
	if r := s.matchHosts(&u); r != nil {
		return r
	}
	return s.matchPaths(&u)
}

// matchHosts asks the index at each label of the host, the last one first. The
// later a rule is found, the more labels it names.
func (s *Set) matchHosts(u *URL) (found *Rule) {
	plain, collapsed := uint32(hashStart), uint32(hashStart)
	digit := false // the byte after this one is a digit
	for i := len(u.Host) - 1; i >= 0; i-- {
		c := u.Host[i]
		plain = hashByte(plain, c)
		switch {
		case !isDigit(c):
			collapsed, digit = hashByte(collapsed, c), false
		case !digit:
			collapsed, digit = hashByte(collapsed, '#'), true
		}
		if i > 0 && u.Host[i-1] != '.' {
			continue
		}
		a, b := s.hosts.lookup(plain), []uint16(nil)
		if collapsed != plain {
			b = s.hosts.lookup(collapsed)
		}
		if r := s.first(a, b, u); r != nil {
			found = r
		}
	}
	return found
}

// matchPaths asks the index for the first and the last segment of the path.
func (s *Set) matchPaths(u *URL) *Rule {
	if len(u.Path) == 0 {
		return nil
	}
	var a, b []uint16
	if seg := firstSegment(u.Path); len(seg) <= maxSegment {
		a = s.paths.lookup(firstHash(seg))
	}
	if seg := lastSegment(u.Path); len(seg) <= maxSegment {
		b = s.paths.lookup(lastHash(seg))
	}
	return s.first(a, b, u)
}

// first returns the first rule in the order of precedence, out of two lists in
// that order, which matches u.
func (s *Set) first(a, b []uint16, u *URL) *Rule {
	for len(a) > 0 || len(b) > 0 {
		var i uint16
		if len(b) == 0 || len(a) > 0 && a[0] <= b[0] {
			i, a = a[0], a[1:]
		} else {
			i, b = b[0], b[1:]
		}
		if r := &s.rules[i]; r.matches(u) {
			return r
		}
	}
	return nil
}
