package rules

import (
	"strings"
	"sync"
)

//go:generate go run ./gen

// Set is a set of rules, indexed. It is immutable and safe for concurrent use.
type Set struct {
	rules    []Rule
	services []Service
	hosts    index       // by the last labels of a host pattern
	paths    index       // of generic rules, by a segment of the path
	segments [256]uint64 // that are keys of paths: by first byte, their lengths
	mail     mailIndex

	cmps       []CMP
	calls      map[string][]*Call
	callList   []*Call
	callShapes [256]uint64 // by first byte, the lengths of names, modulo 64
	words      map[string]bool
	wordShapes [256]uint32 // by first letter, the lengths of words
}

// Default returns the embedded rules. The first call indexes them; nothing is
// parsed.
func Default() *Set { return defaultSet() }

var defaultSet = sync.OnceValue(func() *Set {
	s := newSet(services[:], table[:], mailers[:])
	s.addCalls(calls[:])
	s.cmps = cmps[:]
	return s
})

// New returns a set of rules and calls that stand in their order of precedence,
// for those who check rules that are not embedded. It knows no senders; rules
// belong to their services already.
func New(list []Rule, calls []Call) *Set {
	s := newSet(nil, list, nil)
	s.addCalls(calls)
	s.cmps = cmps[:]
	return s
}

// newSet indexes rules, which are in their order of precedence.
func newSet(services []Service, rules []Rule, mailers []mailer) *Set {
	hosts, paths := make(builder, 0, 2*len(rules)), make(builder, 0, len(rules))
	var segments [256]uint64
	for i := range rules {
		r := &rules[i]
		byPath := len(r.Hosts) == 0
		for _, p := range r.Hosts {
			if key, ok := hostKey(p); ok {
				hosts.add(hashText(key), i)
			} else {
				byPath = true
			}
		}
		if byPath {
			for _, p := range r.Paths {
				if key, ok := pathKey(p); ok {
					paths.add(hashText(key), i)
					if key != "" {
						segments[key[0]] |= 1 << len(key)
					}
				}
			}
		}
	}
	return &Set{
		rules: rules, services: services,
		hosts: hosts.index(), paths: paths.index(), segments: segments, mail: newMailIndex(mailers),
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
//  4. then the first by ID, except that a rule goes before those that its data
//     names; between services nothing else may decide.
//
// The table is sorted by the last two, so that the first match of a group wins.
// Match does not allocate.
func (s *Set) Match(u URL) *Rule {
	var m Matcher
	return m.Match(s, u)
}

// A Matcher matches URLs as [Set.Match] does, one after the other. It remembers
// that no rule names the host of the last one, as URLs of one host tend to
// stand together. The zero value is ready; it belongs to one goroutine and one
// set.
type Matcher struct {
	host    string
	unnamed bool
}

// Match returns the rule of s that u matches, nil if there is none.
func (m *Matcher) Match(s *Set, u URL) *Rule {
	u.Host = bareHost(u.Host)
	if !m.unnamed || m.host != u.Host {
		r, named := s.matchHosts(&u)
		m.host, m.unnamed = u.Host, !named
		if r != nil {
			return r
		}
	}
	return s.matchPaths(&u)
}

// matchHosts asks the index at each label of the host, the last one first. The
// later a rule is found, the more labels it names. It tells also whether any rule
// names the host, whatever else it asks for.
func (s *Set) matchHosts(u *URL) (found *Rule, named bool) {
	h := newTailHash()
	for i := len(u.Host) - 1; i >= 0; i-- {
		h.add(u.Host[i])
		if i > 0 && u.Host[i-1] != '.' {
			continue
		}
		plain, collapsed := s.hosts.lookupTail(&h)
		named = named || len(plain)+len(collapsed) > 0
		best := s.first(plain, u, none)
		if best = s.first(collapsed, u, best); best != none {
			found = &s.rules[best]
		}
	}
	return found, named
}

// matchPaths asks the index for each segment of the path.
func (s *Set) matchPaths(u *URL) *Rule {
	best, path := uint16(none), strings.TrimPrefix(u.Path, "/")
	if path == "" { // the root, which stands for itself
		best = s.firstOf("", u, best)
	}
	for n := 0; n < maxSegments && path != ""; n++ {
		seg, rest, _ := strings.Cut(path, "/")
		if seg != "" {
			best = s.firstOf(seg, u, best)
		}
		path = rest
	}
	if path != "" { // a deep path: its last segment still counts
		best = s.firstOf(path[strings.LastIndexByte(path, '/')+1:], u, best)
	}
	if best == none {
		return nil
	}
	return &s.rules[best]
}

func (s *Set) firstOf(segment string, u *URL, best uint16) uint16 {
	if len(segment) > maxSegment || segment != "" && s.segments[segment[0]]&(1<<len(segment)) == 0 {
		return best
	}
	return s.first(s.paths.lookup(hashText(segment)), u, best)
}

// none is past every rule.
const none = 1<<16 - 1

// first returns the first of refs, which are in the order of precedence, that
// matches u, or best when that goes before.
func (s *Set) first(refs []uint16, u *URL, best uint16) uint16 {
	for _, i := range refs {
		if i >= best {
			break
		}
		if s.rules[i].matches(u) {
			return i
		}
	}
	return best
}
