package token

import (
	"strconv"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/weburl"
)

// Part is a part of a URL.
type Part uint8

// The parts.
const (
	Host Part = iota
	Path
	Query
	Fragment
)

// A Place is a label of the host, a segment of the path, a parameter of the query,
// or the fragment. Labels and segments count from 1, as in the rules.
type Place struct {
	Part  Part
	Index int
	Name  string // of a parameter; "" where it has none
}

// String names p shortly: "host[1]", "path[2]", "query[e]", "query", "fragment".
func (p Place) String() string {
	switch {
	case p.Part == Host:
		return "host[" + strconv.Itoa(p.Index) + "]"
	case p.Part == Path:
		return "path[" + strconv.Itoa(p.Index) + "]"
	case p.Part == Fragment:
		return "fragment"
	case p.Name == "":
		return "query"
	}
	return "query[" + p.Name + "]"
}

// Words names p for people: "parameter e". A name that may be the token itself
// is cut.
func (p Place) Words() string {
	switch {
	case p.Part == Host:
		return "host label " + strconv.Itoa(p.Index)
	case p.Part == Path:
		return "path segment " + strconv.Itoa(p.Index)
	case p.Part == Fragment:
		return "fragment"
	case p.Name == "":
		return "query"
	}
	return "parameter " + brief(p.Name)
}

// longName is the length of the longest name of a parameter that is told whole.
const longName = 24

// brief cuts a name that is long or holds an address.
func brief(name string) string {
	switch {
	case strings.Contains(name, "@"), strings.Contains(name, "%40"):
		return strings.ToValidUTF8(name[:1], "") + "…"
	case len(name) > longName:
		return strings.ToValidUTF8(name[:4], "") + "…" + strings.ToValidUTF8(name[len(name)-2:], "")
	}
	return name
}

// At returns the place of a byte of u.Full.
func At(u *weburl.URL, offset int) Place {
	full := u.Full
	if i := strings.IndexByte(full, '#'); i >= 0 && offset > i {
		return Place{Part: Fragment}
	}
	if i := strings.IndexByte(full, '?'); i >= 0 && offset > i {
		from := i + 1 + strings.LastIndexByte(full[i+1:offset], '&') + 1
		pair, _, _ := strings.Cut(full[from:], "#")
		pair, _, _ = strings.Cut(pair, "&")
		name, _, ok := strings.Cut(pair, "=")
		if !ok {
			name = ""
		}
		return Place{Part: Query, Name: name}
	}
	from := strings.Index(full, "://")
	if from < 0 {
		return Place{Part: Path, Index: 1 + strings.Count(full[:offset], "/")}
	}
	from += len("://")
	slash := strings.IndexByte(full[from:], '/')
	if slash < 0 || offset < from+slash {
		return Place{Part: Host, Index: 1 + strings.Count(full[from:max(from, offset)], ".")}
	}
	return Place{Part: Path, Index: strings.Count(full[from+slash:offset], "/")}
}
