package rules

import "strings"

// Call is a call by which pages hand events to a service's script: fbq('track',
// 'Purchase', {value: 1}). Its arguments are found at places: "1" is the second
// argument, "1.value" a field of it, "0.2" the third element of the first.
type Call struct {
	ID      string // "meta-pixel/track"
	Service *Service

	// Names are how it stands in scripts: "fbq", "_paq.push", "new UET", or
	// "_linkedin_partner_id =" for an assignment.
	Names []string
	When  []Condition // all must hold
	Each  bool        // every argument is a command of its own, with places in it
	URL   string      // where the service's script reports to
	// Holds marks a call that reports nothing: it keeps what the operator's tags
	// report back until the reader consents.
	Holds bool
	Lifts bool // the same for a call that lets them go
	Tag   Tag
}

// Condition asks for one argument.
type Condition struct {
	At string
	// Is lists what it may be, "" for anything that is there. A star at the start or
	// end stands for anything, "!" at the start for all but this.
	Is []string
}

// Tag says where a call, or a URL, holds what a conversion pixel reports. The
// places of a URL are those of [Lookup]; "body" is all that a request posts, and
// "body:user.email" what stands in it under these keys, at any depth.
type Tag struct {
	Account []string    // the first that is there counts
	Event   []string    // likewise; "=lead" is the event itself
	Fields  []string    // where named fields stand, known by [FieldOf]
	Values  [][2]string // name and place of those that have no name
}

// Empty reports whether t says nothing.
func (t *Tag) Empty() bool {
	return len(t.Account) == 0 && len(t.Event) == 0 && len(t.Fields) == 0 && len(t.Values) == 0
}

// Holds reports whether text fulfils c; ok is false where no argument is there.
func (c *Condition) Holds(text string, ok bool) bool {
	if !ok {
		return false
	}
	if len(c.Is) == 0 {
		return true
	}
	some, refused := false, false
	for _, p := range c.Is {
		if not, found := strings.CutPrefix(p, "!"); found {
			refused = refused || likes(not, text)
			some = some || onlyNot(c.Is)
			continue
		}
		some = some || likes(p, text)
	}
	return some && !refused
}

func onlyNot(patterns []string) bool {
	for _, p := range patterns {
		if !strings.HasPrefix(p, "!") {
			return false
		}
	}
	return true
}

func likes(pattern, text string) bool {
	tail, anyHead := strings.CutPrefix(pattern, "*")
	if pattern == "*" || !anyHead {
		if head, ok := strings.CutSuffix(pattern, "*"); ok {
			return strings.HasPrefix(text, head)
		}
		return pattern == text
	}
	if middle, ok := strings.CutSuffix(tail, "*"); ok {
		return strings.Contains(text, middle)
	}
	return strings.HasSuffix(text, tail)
}

// Calls returns the calls of a name, those that ask for more first.
func (s *Set) Calls(name string) []*Call {
	if name == "" || s.callShapes[name[0]]&(1<<(len(name)&63)) == 0 {
		return nil
	}
	return s.calls[name]
}

// AllCalls returns the calls by ID.
func (s *Set) AllCalls() []*Call { return s.callList }

// HasWord reports whether a call's name starts with word; scripts that hold none
// of these words make no such call.
func (s *Set) HasWord(word []byte) bool {
	if len(word) > 31 || s.wordShapes[word[0]]&(1<<len(word)) == 0 {
		return false
	}
	return s.words[string(word)]
}

// addCalls indexes calls, which are in their order of precedence.
func (s *Set) addCalls(list []Call) {
	s.calls, s.words = make(map[string][]*Call, len(list)), make(map[string]bool, len(list))
	for i := range list {
		c := &list[i]
		s.callList = append(s.callList, c)
		for _, n := range c.Names {
			s.calls[n] = append(s.calls[n], c)
			s.callShapes[n[0]] |= 1 << (len(n) & 63)
			w := word(n)
			s.words[w] = true
			s.wordShapes[w[0]] |= 1 << len(w)
		}
	}
}

// word is the identifier that a name starts with.
func word(name string) string {
	name = strings.TrimPrefix(name, "new ")
	if i := strings.IndexAny(name, ". "); i >= 0 {
		name = name[:i]
	}
	return name
}

// Field is what a field of a call or URL says, by its name.
type Field struct {
	Kind string // value, currency, order, personal, or event: what tells hits apart where no order does
	What string // of personal data: "e-mail"
}

// FieldOf knows a field by its name, in any spelling: user_email is userEmail.
// Brackets and prefixes that services put around names are looked through.
func FieldOf(name string) (Field, bool) {
	if len(name) > 64 {
		return Field{}, false
	}
	if i := strings.LastIndexByte(name, '['); i >= 0 {
		name = strings.TrimSuffix(name[i+1:], "]")
	}
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name = name[i+1:]
	}
	var room [64]byte
	b := room[:0]
	for i := range len(name) {
		c := name[i]
		switch {
		case c >= 'A' && c <= 'Z':
			c |= 0x20
		case c == '_' || c == '-' || c == '$' || c == ' ':
			continue
		}
		b = append(b, c)
	}
	f, ok := fields[string(b)]
	return f, ok
}
