package blocklist

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pixelsweep/pixelsweep/rules/filter"
)

// writeAdblock writes filters, the simple ones where they do.
func writeAdblock(list []entry) (x Export) {
	var b bytes.Buffer
	b.WriteString("[Adblock Plus 2.0]\n! Title: pixelsweep services\n! Opens, measurement calls and scripts of the services that pixelsweep knows.\n")
	last, seen := "", make(map[string]bool)
	for i := range list {
		e := &list[i]
		lines := e.adblock()
		if lines == nil {
			x.LeftOut = append(x.LeftOut, e.id())
			continue
		}
		if e.service.Name != last {
			last = e.service.Name
			fmt.Fprintf(&b, "! %s\n", last)
		}
		for _, l := range lines {
			if !seen[l] {
				seen[l] = true
				x.Entries++
				b.WriteString(l + "\n")
			}
		}
	}
	x.Text = b.Bytes()
	return x
}

// adblock returns the filters of a rule, nil when none do.
func (e *entry) adblock() []string {
	options := "$" + strings.Join(e.types(
		[]string{"image", "media", "stylesheet", "font", "object", "subdocument"},
		[]string{"script", "xmlhttprequest", "ping", "other"},
		[]string{"script"},
	), ",")
	var lines []string
	for _, p := range e.patterns() {
		lines = append(lines, p+options)
	}
	for _, p := range e.assets() {
		lines = append(lines, "@@"+p+options)
	}
	for _, o := range e.except {
		for _, p := range o.patterns() {
			lines = append(lines, "@@"+p+options)
		}
	}
	if !e.holds(blocks(lines, e.resource())) {
		return nil
	}
	return lines
}

// patterns returns the patterns of a rule's filters.
func (e *entry) patterns() []string {
	if simple := e.simple(); simple != nil {
		return simple
	}
	return []string{"/" + dialect{slash: `\/`}.whole(e.Rule) + "/"}
}

// blocks returns whether filters block a URL.
func blocks(lines []string, resource filter.Type) func(string) bool {
	never := func(string) bool { return false }
	list := filter.Parse("export", []byte(strings.Join(lines, "\n")))
	if len(list.Filters) != len(lines) {
		return never
	}
	table, err := filter.Compile(list)
	if err != nil {
		return never
	}
	engine, err := filter.Load(table)
	if err != nil {
		return never
	}
	return func(url string) bool { return engine.Match(filter.NewRequest(url, resource, nil)).Blocked }
}

// plainHost matches host patterns that stand for a host and all below it.
var plainHost = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)+$`)

// named reports whether all host patterns are names.
func (e *entry) named() bool {
	return len(e.Hosts) > 0 && !slices.ContainsFunc(e.Hosts, func(h string) bool { return !plainHost.MatchString(h) })
}

// simple returns patterns without expressions for a rule: one for each of its
// hosts and paths. Runs become "*", so there are none where text alone would say
// too little, and none that the rule's samples refute.
func (e *entry) simple() (patterns []string) {
	if !e.named() || len(e.Query) > 0 {
		return nil
	}
	for _, p := range e.Path {
		path, ok := simplePath(p, e.Measures)
		if !ok {
			return nil
		}
		for _, h := range e.Hosts {
			patterns = append(patterns, "||"+h+path)
		}
	}
	withAssets := slices.Clone(patterns)
	for _, a := range e.assets() {
		withAssets = append(withAssets, "@@"+a)
	}
	if !e.holds(blocks(withAssets, e.resource())) {
		return nil
	}
	return patterns
}

// letters finds text that says something.
var letters = regexp.MustCompile(`[A-Za-z]{2}|[A-Za-z]/`)

// simplePath writes a path pattern for what follows a host in a filter.
func simplePath(pattern string, measures bool) (string, bool) {
	if pattern == "/**" {
		return "^", true
	}
	path := runRE.ReplaceAllString(pattern, "*")
	text := strings.ReplaceAll(path, "*", "")
	switch {
	case strings.ContainsAny(text, "|^$ "), !strings.HasPrefix(path, "/"):
		return "", false
	case !measures && !letters.MatchString(text):
		return "", false
	case strings.HasSuffix(path, "*"):
		return strings.TrimRight(path, "*") + trailing(pattern), true
	case strings.HasSuffix(path, "/"): // the folder, and not what is in it
		return "", false
	}
	return path + "^", true
}

// trailing is what a run at the end of a pattern needs: something must follow,
// unless the run takes nothing too.
func trailing(pattern string) string {
	if strings.HasSuffix(pattern, "**") {
		return ""
	}
	return "*"
}

// assets returns patterns of what the rule leaves out.
func (e *entry) assets() (patterns []string) {
	for _, a := range e.Asset {
		for _, h := range e.Hosts {
			patterns = append(patterns, "||"+h+"^"+strings.TrimPrefix(runRE.ReplaceAllString(a, "*"), "/"))
		}
	}
	return patterns
}
