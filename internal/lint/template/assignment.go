package template

import (
	"regexp"
	"strings"
)

// isAssignment reports whether a tag sets a variable.
func isAssignment(inner string) bool {
	_, _, ok := assignment(inner)
	return ok
}

// assignment splits "e = user.email", with or without the word that sets, into name
// and value. It knows :=, and AMPscript's SET @e = EmailAddr.
func assignment(inner string) (name, value string, ok bool) {
	inner = strings.TrimSpace(inner)
	for _, word := range []string{"assign ", "set ", "SET ", "var ", "let ", "const ", "Set "} {
		inner = strings.TrimPrefix(inner, word)
	}
	name, value, ok = strings.Cut(inner, "=")
	if !ok || strings.HasPrefix(value, "=") || strings.HasPrefix(value, ">") {
		return "", "", false
	}
	name = strings.TrimSpace(strings.TrimSuffix(name, ":"))
	name = strings.TrimLeft(name, "@$ ")
	for i := range len(name) {
		if !isName(name[i]) {
			return "", "", false
		}
	}
	return strings.ToLower(name), value, name != ""
}

// ampscriptWords begin the statements of AMPscript, which may share a line ("AMPscript
// Syntax Guide", developer.salesforce.com).
var ampscriptWords = regexp.MustCompile(`(?i)(?:^|[\s;])(?:set|var|if|then|else|elseif|endif|for|do|next)\b`)

// assignments learns which variables hold something of a person.
func (d *Doc) assignments() {
	s := newScope(d)
	var open []capture
	for i := range d.Tags {
		t := &d.Tags[i]
		switch {
		case t.Kind == Output && len(open) > 0:
			if p, ok := d.person(t.Inner(d.Text), s); ok {
				open[len(open)-1].add(p)
			}
			continue
		case t.Kind != Control:
			continue
		}
		inner := t.Inner(d.Text)
		switch name, ok := captures(inner); {
		case ok:
			open = append(open, capture{name: name})
		case len(open) > 0 && (inner == "endcapture" || inner == "endset"):
			if c := open[len(open)-1]; c.person.What != Nobody {
				d.know(c.name, c.person)
			}
			open = open[:len(open)-1]
		default:
			d.assign(t, s)
		}
	}
}

// assign learns from the statements of a tag.
func (d *Doc) assign(t *Tag, s *scope) {
	statements := []string{t.Inner(d.Text)}
	if d.Text[t.Start] == '%' { // a block of AMPscript holds many
		statements = ampscriptWords.Split(t.Inner(d.Text), -1)
	}
	for _, statement := range statements {
		name, value, ok := assignment(statement)
		if !ok {
			continue
		}
		if p, found := d.person(value, s); found {
			d.know(name, p)
		}
		if path := strings.ToLower(strings.Trim(flat(value), " @$.;")); len(path) < maxPath && isPath(path) && owner(strings.Split(path, ".")) == reader {
			if d.aliases == nil {
				d.aliases = map[string]string{}
			}
			d.aliases[name] = path // u = user, so that u.id is user.id
		}
	}
}

// isPath reports whether an expression is one name, with what leads to it.
func isPath(s string) bool { return isPlainName(s) && strings.IndexByte(s, ' ') < 0 }

// know notes that a variable holds something of a person.
func (d *Doc) know(name string, p Person) {
	if d.people == nil {
		d.people = map[string]Person{}
	}
	d.people[name] = p
}

// capturing begins a block whose text goes to a variable: {% capture x %} (Liquid) and
// {% set x %} (Jinja, Twig).
var capturing = regexp.MustCompile(`^(?:capture|set)\s+["']?(\w+)["']?$`)

func captures(inner string) (name string, ok bool) {
	if !strings.HasPrefix(inner, "capture") && !strings.HasPrefix(inner, "set") || strings.IndexByte(inner, '=') >= 0 {
		return "", false
	}
	m := capturing.FindStringSubmatch(inner)
	if m == nil {
		return "", false
	}
	return strings.ToLower(m[1]), true
}

// A capture is such a block that is open.
type capture struct {
	name   string
	person Person
}

// add notes what a tag in the block writes.
func (c *capture) add(p Person) {
	if c.person.What == Nobody || p.What < c.person.What {
		c.person = p
	}
}
