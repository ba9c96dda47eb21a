package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"github.com/pixelsweep/pixelsweep/rules/ruleyaml"
)

func writeCalls(b *bytes.Buffer, services []*ruleyaml.Service) {
	fmt.Fprintf(b, "var calls = [...]Call{\n")
	for _, c := range ruleyaml.Calls(services) {
		fmt.Fprintf(b, "{ID: %q, Service: &services[%d], Names: %s", c.ID, c.Service, list(c.Names))
		if c.URL != "" {
			fmt.Fprintf(b, ", URL: %q", c.URL)
		}
		if len(c.When) > 0 {
			b.WriteString(", When: []Condition{")
			for i, at := range slices.Sorted(maps.Keys(c.When)) {
				if i > 0 {
					b.WriteString(", ")
				}
				fmt.Fprintf(b, "{%q, %s}", at, list(c.When[at]))
			}
			b.WriteString("}")
		}
		if c.Holds {
			b.WriteString(", Holds: true")
		}
		if c.Lifts {
			b.WriteString(", Lifts: true")
		}
		if c.Each {
			b.WriteString(", Each: true")
		}
		writeTag(b, &c.Tag)
		b.WriteString("},\n")
	}
	b.WriteString("}\n")
}

func writeTag(b *bytes.Buffer, t *ruleyaml.Tag) {
	if len(t.Account)+len(t.Event)+len(t.Fields)+len(t.Values) == 0 {
		return
	}
	b.WriteString(", Tag: Tag{")
	first := true
	for _, f := range []struct {
		name   string
		values []string
	}{{"Account", t.Account}, {"Event", t.Event}, {"Fields", t.Fields}} {
		if len(f.values) == 0 {
			continue
		}
		if !first {
			b.WriteString(", ")
		}
		first = false
		fmt.Fprintf(b, "%s: %s", f.name, list(f.values))
	}
	if names := t.ValueNames(); len(names) > 0 {
		if !first {
			b.WriteString(", ")
		}
		b.WriteString("Values: [][2]string{")
		for i, n := range names {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(b, "{%q, %q}", n, t.Values[n])
		}
		b.WriteString("}")
	}
	b.WriteString("}")
}

// writeExtra writes the fields and the consent platforms.
func writeExtra(b *bytes.Buffer, e *ruleyaml.Extra) {
	b.WriteString("var fields = map[string]Field{\n")
	for _, f := range e.Fields {
		fmt.Fprintf(b, "%q: {%q, %q},\n", f.Name, f.Kind, f.What)
	}
	b.WriteString("}\n\nvar cmps = [...]CMP{\n")
	for _, c := range e.CMPs {
		fmt.Fprintf(b, "{Name: %q, Hosts: %s, Auto: %s, Gates: %s, Free: %s, Accept: %s, Refuse: %s, Banner: %s, AcceptCall: %q, RefuseCall: %q},\n",
			c.Name, list(c.Hosts), list(c.Auto), list(c.Gates), list(c.Free), list(c.Accept), list(c.Refuse), list(c.Banner), c.AcceptCall, c.RefuseCall)
	}
	b.WriteString("}\n")
}
