package config

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// known names the keys of each kind of file, for messages.
const (
	ownKeys    = "rules, fail-on, subscriptions, accounts, lint"
	policyKeys = "rules, fail-on, lint"
)

// keysBelow are the keys that may stand under others.
var keysBelow = map[string]string{
	"subscriptions":     "name, url, insecure",
	"accounts":          accountKeys,
	"accounts.oauth":    "provider, client-id, client-secret-env, tenant",
	"lint":              "profile, fail-on, sender, exclude, hosts, services, rules, budget, paths",
	"lint.budget":       budgetKeys,
	"lint.paths":        "glob, mail, hosts, services, rules, budget",
	"lint.paths.budget": budgetKeys,
}

const budgetKeys = "hosts, third-party-hosts, loads, pixels, third-party-pixels, wrapped-links, individual"

// line returns the line of what a YAML path names, or of what is around it.
func line(doc *ast.File, path string) int {
	for path != "" {
		if p, err := yaml.PathString(path); err == nil {
			if node, err := p.FilterFile(doc); err == nil && node != nil {
				return node.GetToken().Position.Line
			}
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return 1
}

// locate says in one line where the parser stopped, under which keys, and why. doc may
// be nil.
func locate(path string, err error, doc *ast.File, policy bool) error {
	text, place, under := err.Error(), path, ""
	if y, ok := err.(yaml.Error); ok {
		text = y.GetMessage()
		if t := y.GetToken(); t != nil && t.Position != nil {
			place = fmt.Sprintf("%s:%d:%d", path, t.Position.Line, t.Position.Column)
			keys := keysAt(doc, t.Position)
			if t.Value == "password" && len(keys) > 1 && keys[0] == "accounts" {
				return fmt.Errorf("%s: password: no password is read from here; use keyring, password-command, password-file or password-env", place)
			}
			var wrong *yaml.TypeError
			var node *yaml.UnexpectedNodeTypeError
			switch {
			case errors.As(err, new(*yaml.UnknownFieldError)):
				keys = keys[:max(len(keys)-1, 0)]
				text += "; known are " + keysOf(strings.Join(keys, "."), policy)
			case errors.As(err, &wrong):
				text = wanted(wrong.DstType.Kind()) + " is wanted here"
			case errors.As(err, &node) && node.Expected == ast.SequenceType:
				text = wanted(reflect.Slice) + " is wanted here"
			case errors.As(err, &node) && node.Expected == ast.MappingType:
				text = wanted(reflect.Map) + " is wanted here"
			}
			if len(keys) > 0 {
				under = strings.Join(keys, ".") + ": "
			}
		}
	}
	text, _, _ = strings.Cut(text, "\n")
	return fmt.Errorf("%s: %s%s", place, under, text)
}

// wanted says what a value of Go is in YAML.
func wanted(k reflect.Kind) string {
	switch k {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a text"
	case reflect.Slice:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "a list of keys with values"
	}
	return "a number"
}

// keysAt returns the keys that a place stands under, the outermost first. The last may
// be the one that stands there.
func keysAt(doc *ast.File, p *token.Position) []string {
	if doc == nil || len(doc.Docs) == 0 {
		return nil
	}
	var keys []string
	for node := doc.Docs[0].Body; node != nil; {
		switch n := node.(type) {
		case ast.MapNode:
			node = nil
			key := ""
			for it := n.MapRange(); it.Next(); {
				if k := it.Key().GetToken(); !after(k.Position, p) {
					key, node = k.Value, it.Value()
				}
			}
			if node != nil {
				keys = append(keys, key)
			}
		case *ast.SequenceNode:
			node = nil
			for _, v := range n.Values {
				if !after(start(v), p) {
					node = v
				}
			}
		default:
			node = nil
		}
	}
	return keys
}

// start is where a node begins.
func start(n ast.Node) *token.Position {
	if m, ok := n.(ast.MapNode); ok {
		if it := m.MapRange(); it.Next() {
			return it.Key().GetToken().Position
		}
	}
	return n.GetToken().Position
}

func after(a, b *token.Position) bool {
	return a.Line > b.Line || a.Line == b.Line && a.Column > b.Column
}

// keysOf lists the keys that are known under others of a file.
func keysOf(under string, policy bool) string {
	if below, ok := keysBelow[under]; ok {
		return below
	}
	if policy {
		return policyKeys
	}
	return ownKeys
}
