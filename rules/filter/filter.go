package filter

import (
	"fmt"
	"slices"
	"strings"
)

// A Filter is a network filter: one line of a list that blocks requests, or as
// an exception allows them.
type Filter struct {
	Line int    // in its list, from 1
	Text string // as it stands in the list

	// Pattern is what the URL must hold, without anchors and in lower case
	// unless MatchCase is set; of a Regexp it is the expression. An empty
	// pattern matches every URL.
	Pattern string
	Anchor  Anchor

	Types       Type
	Party       Party
	Exception   bool // starts with "@@"
	Important   bool // no exception cancels it
	MatchCase   bool
	BadFilter   bool // cancels the same filter without this option
	RemoveParam bool // removeparam: says which parameter to remove, blocks nothing

	// Param is the parameter that removeparam names: a name, "/expression/",
	// either of them after "~"; empty means all parameters.
	Param string

	// Domains are the sites that the filter is for, and those with "~" that it
	// is not for. An entity ends with ".*": the name below any public suffix.
	Domains []string
	// Hosts are the hosts of requests that the filter is for or, with "~", not
	// for: the options "to" and "denyallow".
	Hosts []string
}

// An Anchor says where a pattern is fixed in the URL.
type Anchor uint8

const (
	AnchorStart    Anchor = 1 << iota // "|" before the pattern
	AnchorEnd                         // "|" after it
	AnchorHostname                    // "||": at the start of a label of the host name
	Regexp                            // the pattern is a regular expression
)

// A Party narrows a filter to requests of the message's own site, or of others.
type Party uint8

const (
	ThirdParty  Party = 1 << iota // another site
	FirstParty                    // the same site
	StrictThird                   // another host
	StrictFirst                   // the same host
)

// IsHost reports whether the filter matches all of a host and those below it.
func (f *Filter) IsHost() bool {
	return f.Anchor == AnchorHostname && hostLen(f.Pattern) == len(f.Pattern)-1 && strings.HasSuffix(f.Pattern, "^")
}

// String returns the filter in one canonical spelling; parsed again, it is the
// same filter.
func (f *Filter) String() string {
	var b strings.Builder
	if f.Exception {
		b.WriteString("@@")
	}
	switch {
	case f.Anchor&Regexp != 0:
		b.WriteString("/" + f.Pattern + "/")
	case f.Pattern == "" && f.Anchor == 0:
		b.WriteString("*")
	default:
		f.writePattern(&b)
	}
	if opts := f.options(); len(opts) > 0 {
		b.WriteString("$" + strings.Join(opts, ","))
	}
	return b.String()
}

func (f *Filter) writePattern(b *strings.Builder) {
	switch {
	case f.Anchor&AnchorHostname != 0:
		b.WriteString("||")
	case f.Anchor&AnchorStart != 0:
		b.WriteString("|")
	case f.Pattern != "" && (strings.IndexByte("!#[@|{", f.Pattern[0]) >= 0 || isCosmetic(f.Pattern)):
		b.WriteString("*") // or it would be read as a comment or an anchor
	}
	b.WriteString(f.Pattern)
	switch {
	case f.Anchor&AnchorEnd != 0:
		b.WriteString("|")
	case looksSpecial(f.Pattern, f.Anchor):
		b.WriteString("*")
	}
}

// looksSpecial reports whether a pattern printed bare would be read as
// something else: a regular expression, a host, an anchor or an option.
func looksSpecial(p string, a Anchor) bool {
	if a == 0 && (len(p) > 2 && p[0] == '/' && p[len(p)-1] == '/' || isHostname(p)) {
		return true
	}
	_, _, ok := cutOptions(p)
	return ok || strings.HasSuffix(p, "|")
}

func (f *Filter) options() []string {
	var o []string
	add := func(on bool, s string) {
		if on {
			o = append(o, s)
		}
	}
	if f.RemoveParam {
		add(f.Types != Resources|Document, f.Types.String())
		add(f.Param == "", "removeparam")
		add(f.Param != "", "removeparam="+f.Param)
	} else {
		o = append(o, typeOptions(f.Types)...)
	}
	add(f.Party&ThirdParty != 0, "third-party")
	add(f.Party&FirstParty != 0, "first-party")
	add(f.Party&StrictThird != 0, "strict3p")
	add(f.Party&StrictFirst != 0, "strict1p")
	add(f.MatchCase, "match-case")
	add(f.Important, "important")
	add(len(f.Hosts) > 0, "to="+strings.Join(f.Hosts, "|"))
	add(len(f.Domains) > 0, "domain="+strings.Join(f.Domains, "|"))
	add(f.BadFilter, "badfilter")
	return o
}

// typeOptions spells a set of types with the fewest options.
func typeOptions(t Type) []string {
	switch missing := Resources &^ t; {
	case t == Resources:
		return nil
	case t == AllTypes:
		return []string{"all"}
	case t&^Resources == 0 && len(names(missing)) < len(names(t)):
		var o []string
		for _, n := range names(missing) {
			o = append(o, "~"+n)
		}
		return o
	}
	return names(t)
}

func names(t Type) []string {
	if t == 0 {
		return nil
	}
	return strings.Split(t.String(), ",")
}

// key identifies what a badfilter cancels: the filter without the option.
func (f *Filter) key() string {
	g := *f
	g.BadFilter = false
	g.Domains = slices.Sorted(slices.Values(f.Domains))
	g.Hosts = slices.Sorted(slices.Values(f.Hosts))
	return g.String()
}

// A ParseError is a line of a list that was left out, and why.
type ParseError struct {
	List   string
	Line   int
	Text   string
	Reason string
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("%s:%d: %s: %q", e.List, e.Line, e.Reason, shorten(e.Text))
}

func shorten(s string) string {
	if len(s) <= 200 {
		return s
	}
	return s[:200] + "…"
}
