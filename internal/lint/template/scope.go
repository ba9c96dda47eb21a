package template

import (
	"regexp"
	"strings"
)

// A scope knows what blocks mean for the names in them: {{#with user}}{{id}} is user.id,
// {% with e=user.email %}{{ e }} is user.email, and in {% for user in team %} a user is
// anybody of a team.
type scope struct {
	doc   *Doc
	here  *region
	open  []*region           // around here, the outermost first
	names map[string][]string // what a name stands for, the last word first
	about []string            // what names without an owner belong to
}

// A region is a block as its beginning is written, in what it stands in: the same text
// means the same there.
type region struct {
	binding
	known map[string]Person // tags as written
	inner map[string]*region
}

// A binding is what a block adds.
type binding struct {
	name, path string // what a name stands for; "" for none
	about      string // what names without an owner belong to
}

func newScope(d *Doc) *scope { return &scope{doc: d, here: &region{known: map[string]Person{}}} }

// The ways of blocks to bind names, without the signs around a tag.
var (
	// {% for x in xs %}, {{ range $i, $x := .Xs }}, {{#each xs as |x|}}, <% xs.each do |x| %>,
	// foreach ($xs as $x), <#list xs as x>
	looping = regexp.MustCompile(`^(?:for\s+(?:\w+\s*,\s*)?(?P<x1>\w+)\s+in\s+(?P<y1>.+)|range\s+(?:\$\w+\s*,\s*)?\$(?P<x2>\w+)\s*:=\s*(?P<y2>.+)|#?each\s+(?P<y3>.+?)\s+as\s+\|\s*(?P<x3>\w+)[^|]*\||(?P<y4>\S+?)\.each\s+(?:do|\{)\s*\|\s*(?P<x4>\w+)[^|]*\||(?:foreach\s*\(\s*|list\s+)(?P<y5>\S+)\s+as\s+\$?(?P<x5>\w+).*)$`)
	// {{#with user}}, {{ with .User }}, {{#user}}
	about = regexp.MustCompile(`^(?:#?with\s+\.?([\w.]+)|#\s*([\w.]+))$`)
	// {% with user.email as e %}, {% with e=user.email %}, {{#with user as |u|}}, {{ with $u := .User }}
	named1 = regexp.MustCompile(`^#?(?:with|let)\s+\.?([\w.]+)\s+as\s+\|?(\w+)\|?$`)
	named2 = regexp.MustCompile(`^with\s+\$?(\w+)\s*:?=\s*\.?([\w.]+)$`)
)

// enter notes what a control tag begins or ends.
func (s *scope) enter(t *Tag) {
	switch t.role {
	case opens:
		s.open = append(s.open, s.here)
		text := s.doc.Text[t.From:t.To]
		to, ok := s.here.inner[string(text)]
		if !ok {
			to = s.here // which binds nothing more
			if b := s.bind(string(text)); b != (binding{}) {
				to = &region{binding: b, known: map[string]Person{}}
			}
			if s.here.inner == nil {
				s.here.inner = map[string]*region{}
			}
			s.here.inner[string(text)] = to
		}
		if to == s.here {
			return
		}
		s.here = to
		if to.name != "" {
			if s.names == nil {
				s.names = map[string][]string{}
			}
			s.names[to.name] = append(s.names[to.name], to.path)
		}
		if to.about != "" {
			s.about = append(s.about, to.about)
		}
	case ends:
		if len(s.open) == 0 {
			return
		}
		left := s.here
		s.here, s.open = s.open[len(s.open)-1], s.open[:len(s.open)-1]
		if left == s.here {
			return
		}
		if left.name != "" {
			s.names[left.name] = s.names[left.name][:len(s.names[left.name])-1]
		}
		if left.about != "" {
			s.about = s.about[:len(s.about)-1]
		}
	}
}

// maxBlock is how long the tag of a block is at most that binds a name.
const maxBlock = 200

// bind reads what a block binds.
func (s *scope) bind(inner string) binding {
	if len(inner) > maxBlock {
		return binding{}
	}
	inner = strings.TrimSpace(flatten.Replace(inner))
	if m := looping.FindStringSubmatch(inner); m != nil {
		x, xs := "", ""
		for i, group := range looping.SubexpNames() {
			switch {
			case strings.HasPrefix(group, "x"):
				x += m[i]
			case strings.HasPrefix(group, "y"):
				xs += m[i]
			}
		}
		if p, ok := s.doc.person(xs, s); ok { // in something of the reader
			s.doc.know(strings.ToLower(x), p)
			return binding{}
		}
		return s.name(x, anyOne)
	}
	if m := named1.FindStringSubmatch(inner); m != nil {
		return s.name(m[2], m[1])
	}
	if m := named2.FindStringSubmatch(inner); m != nil {
		b := s.name(m[1], m[2])
		b.about = b.path // of Go
		return b
	}
	if m := about.FindStringSubmatch(inner); m != nil {
		return binding{about: s.resolve(strings.ToLower(m[1] + m[2]))}
	}
	return binding{}
}

// anyOne is what the variable of a loop stands for: somebody or something of many.
const anyOne = "team.each"

// name binds a name to a path.
func (s *scope) name(name, path string) binding {
	return binding{name: strings.ToLower(name), path: s.resolve(strings.ToLower(path))}
}

// binds reports whether the first name of an expression is bound.
func (s *scope) binds(inner string) bool {
	inner = strings.ToLower(strings.TrimLeft(inner, "$@."))
	first := inner
	for i := range len(inner) {
		if !isName(inner[i]) {
			first = inner[:i]
			break
		}
	}
	return len(s.names[first]) > 0
}

// resolve is a path without bound names.
func (s *scope) resolve(path string) string {
	if s == nil {
		return path
	}
	first, rest, dotted := strings.Cut(path, ".")
	list := s.names[first]
	if alias, ok := s.doc.aliases[first]; ok && len(list) == 0 {
		list = []string{alias}
	}
	if len(list) == 0 {
		return path
	}
	path = list[len(list)-1]
	if dotted {
		path += "." + rest
	}
	if len(path) > maxPath {
		return anyOne
	}
	return path
}

// maxPath is how long a path is at most; one that is bound to itself again and again
// would grow.
const maxPath = 300

// within is a path as the block around it reads it.
func (s *scope) within(path string) string {
	if s == nil || len(s.about) == 0 {
		return ""
	}
	return s.about[len(s.about)-1] + "." + strings.TrimPrefix(path, "this.")
}
