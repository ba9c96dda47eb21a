package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/rules/filter"
)

// rulesCheckOptions are the flags of rules check.
type rulesCheckOptions struct {
	format string
	lines  int
}

// AddFlags defines the flags with their defaults.
func (o *rulesCheckOptions) AddFlags(f *pflag.FlagSet) {
	f.StringVarP(&o.format, "format", "f", "text", "output format: text, json")
	f.IntVar(&o.lines, "lines", 3, "how many lines to show for each reason")
}

func newRulesCheckCommand(s streams) *cobra.Command {
	o := &rulesCheckOptions{}
	cmd := &cobra.Command{
		Use:   "check FILE…",
		Short: "Say what filter lists hold and what of it is not supported",
		Long: `Say what filter lists hold: format, title, filters by kind, what is not supported
and why, and filters that match everything. With --format json, one object a
line.`,
		Example: "  pixelsweep rules check easylist.txt",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("rules check: no FILE given")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return runRulesCheck(o, args, s) },
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// checked is the output for one list.
type checked struct {
	Schema      string         `json:"schema"`
	List        string         `json:"list"`
	Format      string         `json:"format"`
	Title       string         `json:"title,omitempty"`
	Version     string         `json:"version,omitempty"`
	Modified    string         `json:"modified,omitempty"`
	Homepage    string         `json:"homepage,omitempty"`
	Licence     string         `json:"licence,omitempty"`
	Counts      map[string]int `json:"counts"`
	Unsupported []reasonGroup  `json:"unsupported"`
	Everything  []checkedLine  `json:"everything"` // filters that match every URL
}

// checkSchema names the JSON form of a checked list.
const checkSchema = "pixelsweep.check/1"

// reasonGroup is what is not supported for one reason.
type reasonGroup struct {
	Reason string        `json:"reason"`
	Count  int           `json:"count"`
	First  []checkedLine `json:"first"`
}

type checkedLine struct {
	Line int    `json:"line"`
	Text string `json:"text"`
}

func runRulesCheck(o *rulesCheckOptions, paths []string, s streams) error {
	if err := checkFormat(o.format, "text", "json"); err != nil {
		return err
	}
	if o.lines < 0 {
		return &exitError{exitUsage, fmt.Errorf("--lines: %d is not a number of lines", o.lines)}
	}
	w := bufio.NewWriter(s.out)
	failed, n := false, 0
	for _, path := range paths {
		list, err := readList(ruleSource{name: path, path: path})
		if err != nil {
			say(s.err, err.Error())
			failed = true
		}
		if list == nil {
			continue
		}
		c := checkList(list, o.lines)
		if o.format == "json" {
			err = printJSON(w, c)
		} else {
			if n++; n > 1 {
				fmt.Fprintln(w)
			}
			err = c.text(w)
		}
		if err != nil {
			return &exitError{exitPartial, err}
		}
	}
	if err := w.Flush(); err != nil {
		return &exitError{exitPartial, err}
	}
	return ended(failed)
}

// listKinds are the counts of a list in the order of the output. A filter is
// counted once in each kind that it is of.
var listKinds = []string{
	"filters", "hosts", "patterns", "regular expressions", "exceptions", "important", "badfilter", "removeparam",
	"for some sites", "unsupported", "cosmetic", "comments", "inactive",
}

func checkList(l *filter.List, lines int) *checked {
	c := &checked{
		Schema: checkSchema, List: l.Name, Format: l.Format.String(), Title: l.Title, Version: l.Version,
		Modified: l.Modified, Homepage: l.Homepage, Licence: l.Licence,
		Counts: map[string]int{
			"filters": len(l.Filters), "unsupported": len(l.Unsupported), "cosmetic": l.Cosmetic,
			"comments": l.Comments, "inactive": l.Inactive,
		},
		Everything: []checkedLine{},
	}
	for i := range l.Filters {
		f := &l.Filters[i]
		for kind, is := range map[string]bool{
			"hosts": f.IsHost(), "regular expressions": f.Anchor&filter.Regexp != 0,
			"patterns":   !f.IsHost() && f.Anchor&filter.Regexp == 0,
			"exceptions": f.Exception, "important": f.Important, "badfilter": f.BadFilter, "removeparam": f.RemoveParam,
			"for some sites": len(f.Domains) > 0,
		} {
			if is {
				c.Counts[kind]++
			}
		}
		if matchesEverything(f) {
			c.Everything = append(c.Everything, checkedLine{f.Line, f.Text})
		}
	}
	c.Unsupported = groupReasons(l.Unsupported, lines)
	return c
}

// groupReasons groups what is not supported, the most frequent reason first.
func groupReasons(all []*filter.ParseError, lines int) []reasonGroup {
	groups, at := []reasonGroup{}, map[string]int{}
	for _, e := range all {
		i, ok := at[e.Reason]
		if !ok {
			i = len(groups)
			at[e.Reason] = i
			groups = append(groups, reasonGroup{Reason: e.Reason, First: []checkedLine{}})
		}
		g := &groups[i]
		if g.Count++; g.Count <= lines {
			g.First = append(g.First, checkedLine{e.Line, e.Text})
		}
	}
	slices.SortStableFunc(groups, func(a, b reasonGroup) int { return cmp.Compare(b.Count, a.Count) })
	return groups
}

// probes are URLs that have nothing in common but that they are some.
var probes = []string{
	"https://a.example/", "http://192.0.2.1:8080/q?z=7", "https://www.bücher-kvm.test/img/logo.png", "http://x/_~%20",
	"https://cdn.news.example/2026/11/Story-of-W.html?utm_source=mail&jkoy=5#top", "https://zzz.invalid/0123456789abcdef",
}

// matchesEverything reports whether a filter matches every URL, or every one of
// its types and party. The sites and hosts that a filter is for make it narrow.
func matchesEverything(f *filter.Filter) bool {
	if len(f.Pattern) > 8 && f.Anchor&filter.Regexp == 0 || f.BadFilter || f.RemoveParam && f.Param != "" || isFor(f.Domains) || isFor(f.Hosts) {
		return false
	}
	table, err := filter.Compile(&filter.List{Filters: []filter.Filter{*f}})
	if err != nil {
		return false
	}
	engine, err := filter.Load(table)
	if err != nil {
		return false
	}
	resource := f.Types & -f.Types // one of them
	for _, url := range probes {
		if !matches(engine, url, resource) {
			return false
		}
	}
	return true
}

// matches tries a URL as third party and as first party.
func matches(engine *filter.Engine, url string, resource filter.Type) bool {
	return len(engine.All(filter.NewRequest(url, resource, nil))) > 0 ||
		len(engine.All(filter.NewRequest(url, resource, filter.NewSource(url)))) > 0
}

// isFor reports whether a list of sites names one that is not excluded.
func isFor(sites []string) bool {
	return slices.ContainsFunc(sites, func(s string) bool { return s == "" || s[0] != '~' })
}

func (c *checked) text(w io.Writer) error {
	fmt.Fprintf(w, "%s: %s\n", report.Clean(c.List), c.Format)
	for _, f := range []struct{ name, value string }{
		{"title", c.Title}, {"version", c.Version}, {"modified", c.Modified}, {"homepage", c.Homepage}, {"licence", c.Licence},
	} {
		if f.value != "" {
			fmt.Fprintf(w, "  %s: %s\n", f.name, report.Clean(f.value))
		}
	}
	for _, kind := range listKinds {
		if n := c.Counts[kind]; n > 0 || kind == "filters" {
			fmt.Fprintf(w, "  %9s %s\n", thousands(n), kind)
		}
	}
	for _, g := range c.Unsupported {
		fmt.Fprintf(w, "not supported, %s: %s\n", thousands(g.Count), report.Clean(g.Reason))
		for _, l := range g.First {
			fmt.Fprintf(w, "  %s:%d: %s\n", report.Clean(c.List), l.Line, report.Fit(l.Text, 100))
		}
	}
	for _, l := range c.Everything {
		if _, err := fmt.Fprintf(w, "matches everything\n  %s:%d: %s\n", report.Clean(c.List), l.Line, report.Fit(l.Text, 100)); err != nil {
			return err
		}
	}
	return nil
}
