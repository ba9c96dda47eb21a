package ruleyaml

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// Extra is what is known beside services: the names of fields, and consent
// platforms.
type Extra struct {
	Fields []Field
	CMPs   []CMP
}

// Field is a field of a call or URL, by its name in lower case without marks.
type Field struct{ Name, Kind, What string }

// CMP is a consent management platform as written in YAML; package rules says
// what its fields mean.
type CMP struct {
	Name       string
	Homepage   string
	Hosts      []string
	Auto       []string
	Gates      []string
	Free       []string
	Banner     []string
	Accept     []string
	Refuse     []string
	AcceptCall string `yaml:"accept_call"`
	RefuseCall string `yaml:"refuse_call"`
}

// LoadExtra reads fields.yaml and consent.yaml of dir.
func LoadExtra(dir fs.FS) (*Extra, error) {
	var kinds struct {
		Value, Currency, Order, Event []string
		Personal                      map[string][]string
	}
	e := &Extra{}
	for name, to := range map[string]any{"fields.yaml": &kinds, "consent.yaml": &e.CMPs} {
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		if err := yaml.UnmarshalWithOptions(text, to, yaml.Strict()); err != nil {
			return nil, locate(name, err)
		}
	}
	seen := map[string]bool{}
	add := func(kind, what string, names []string) error {
		for _, n := range names {
			if n != strings.ToLower(n) || strings.ContainsAny(n, "_-$ ") {
				return &Error{File: "fields.yaml", Text: fmt.Sprintf("field %q: in lower case, without marks", n)}
			}
			if seen[n] {
				return &Error{File: "fields.yaml", Text: fmt.Sprintf("field %q stands twice", n)}
			}
			seen[n] = true
			e.Fields = append(e.Fields, Field{n, kind, what})
		}
		return nil
	}
	for kind, names := range map[string][]string{"value": kinds.Value, "currency": kinds.Currency, "order": kinds.Order, "event": kinds.Event} {
		if err := add(kind, "", names); err != nil {
			return nil, err
		}
	}
	for what, names := range kinds.Personal {
		if err := add("personal", what, names); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(e.Fields, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	for _, c := range e.CMPs {
		if c.Name == "" || c.Homepage == "" || len(c.Accept) == 0 {
			return nil, &Error{File: "consent.yaml", Text: fmt.Sprintf("platform %q needs a name, a homepage and what accepts", c.Name)}
		}
	}
	return e, nil
}
