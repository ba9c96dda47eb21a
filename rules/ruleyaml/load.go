// Package ruleyaml reads services as a contributor writes them: in YAML, one a
// file. It checks what is written and says in which line it is wrong. Package
// rules describes the form; it is compiled from these files and reads none.
//
// The package performs no I/O but through the [fs.FS] it is given.
package ruleyaml

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
)

// Load reads the services in the folders of dir, CATEGORY/NAME.yaml, and returns
// them by ID. Files that are wrong are left out; the error joins an [*Error] for
// each of them.
func Load(dir fs.FS) ([]*Service, error) {
	names, err := fs.Glob(dir, "*/*.yaml")
	if err != nil {
		return nil, err
	}
	var all []*Service
	var errs []error
	for _, name := range names {
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		s, err := Parse(name, text)
		if err == nil {
			if want := s.Category + "/" + s.ID() + ".yaml"; name != want {
				err = &Error{File: name, Text: "holds what belongs to " + want}
			}
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all = append(all, s)
	}
	all, err = Sort(all)
	return all, errors.Join(append(errs, err)...)
}

// Sort orders services by ID. It leaves out those whose ID stands before; the
// error joins an [*Error] for each of them.
func Sort(all []*Service) ([]*Service, error) {
	slices.SortStableFunc(all, func(a, b *Service) int { return strings.Compare(a.ID(), b.ID()) })
	var errs []error
	once := all[:0]
	for _, s := range all {
		if n := len(once); n > 0 && once[n-1].ID() == s.ID() {
			errs = append(errs, s.Errorf("$.name", "service %q stands twice, also in %s", s.Name, once[n-1].file))
			continue
		}
		once = append(once, s)
	}
	return once, errors.Join(errs...)
}
