package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/rules"
)

// rulesListOptions are the flags of rules list.
type rulesListOptions struct {
	sourceOptions
	format   string
	category []string
	counts   bool
}

// AddFlags defines the flags with their defaults.
func (o *rulesListOptions) AddFlags(f *pflag.FlagSet) {
	f.StringVarP(&o.format, "format", "f", "text", "output format: text, json")
	f.StringSliceVar(&o.category, "category", nil, "only services of a `CATEGORY` (repeatable)")
	f.BoolVar(&o.counts, "counts", false, "only how many there are, by category")
	o.sourceOptions.AddFlags(f)
}

func newRulesListCommand(s streams) *cobra.Command {
	o := &rulesListOptions{}
	cmd := &cobra.Command{
		Use:   "list [WORD]",
		Short: "List services and filter lists",
		Long: `List the services that pixelsweep knows, those with WORD in their name, operator,
category or one of their hosts; and the filter lists of --rules, the config and
its subscriptions.`,
		Example: "  pixelsweep rules list mailchimp\n  pixelsweep rules list --category advertising --counts\n  pixelsweep rules list --rules easylist.txt --format json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("rules list: one WORD at most, got %d", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			return runRulesList(o, strings.Join(args, ""), s)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// listedService is a service in the output.
type listedService struct {
	Name     string   `json:"name"`
	Operator string   `json:"operator"`
	Category string   `json:"category"`
	Homepage string   `json:"homepage,omitempty"`
	Rules    []string `json:"rules"`
	hosts    []string
}

// listedList is a filter list in the output.
type listedList struct {
	Name        string `json:"name"`
	Path        string `json:"path"`
	URL         string `json:"url,omitempty"`
	Fetched     string `json:"fetched,omitempty"`
	Title       string `json:"title"`
	Format      string `json:"format"`
	Filters     int    `json:"filters"`
	Unsupported int    `json:"unsupported"`
	Cosmetic    int    `json:"cosmetic"`
}

func runRulesList(o *rulesListOptions, word string, s streams) error {
	if err := checkFormat(o.format, "text", "json"); err != nil {
		return err
	}
	if err := checkCategories(o.category); err != nil {
		return err
	}
	sources, err := o.sources()
	if err != nil {
		return err
	}
	services := slices.DeleteFunc(embeddedServices(), func(v listedService) bool {
		return len(o.category) > 0 && !slices.Contains(o.category, v.Category) || !v.has(word)
	})
	lists, failed := listLists(sources, s)
	w := bufio.NewWriter(s.out)
	switch {
	case o.format == "json":
		err = printJSON(w, struct {
			Services []listedService `json:"services"`
			Lists    []listedList    `json:"lists"`
		}{services, lists})
	case o.counts:
		printCounts(w, services, lists)
	default:
		printServices(w, services)
		printLists(w, lists)
		printCounts(w, services, nil)
	}
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		return &exitError{exitPartial, err}
	}
	return ended(failed)
}

// embeddedServices are the services by name, with their rules and hosts.
func embeddedServices() []listedService {
	set := rules.Default()
	all := make([]listedService, 0, len(set.Services()))
	at := make(map[*rules.Service]int)
	for _, v := range set.Services() {
		at[v] = len(all)
		all = append(all, listedService{Name: v.Name, Operator: v.Operator, Category: v.Category, Homepage: v.Homepage, Rules: []string{}})
	}
	for _, r := range set.Rules() {
		v := &all[at[r.Service]]
		v.Rules = append(v.Rules, r.ID)
		v.hosts = append(v.hosts, r.Hosts...)
	}
	for i := range all {
		slices.Sort(all[i].Rules)
	}
	return all
}

// has reports whether a word stands in what identifies the service. A host name
// also finds the service whose rules are for the host above it.
func (v *listedService) has(word string) bool {
	word = strings.ToLower(word)
	for _, text := range []string{v.Name, v.Operator, v.Category} {
		if strings.Contains(strings.ToLower(text), word) {
			return true
		}
	}
	return slices.ContainsFunc(v.hosts, func(h string) bool {
		h = strings.TrimLeft(h, "=*.")
		return strings.Contains(h, word) || strings.HasSuffix(word, "."+h)
	})
}

// listLists reads the lists; what is wrong with one is said.
func listLists(sources []ruleSource, s streams) (lists []listedList, failed bool) {
	lists = []listedList{}
	for _, src := range sources {
		if src.url != "" && src.at.IsZero() {
			lists = append(lists, listedList{Name: src.name, Path: src.path, URL: src.url})
			continue
		}
		l, err := readList(src)
		if err != nil {
			say(s.err, err.Error())
			failed = true
		}
		if l == nil {
			continue
		}
		e := listedList{
			Name: src.name, Path: src.path, URL: src.url, Title: l.Title, Format: l.Format.String(),
			Filters: len(l.Filters), Unsupported: len(l.Unsupported), Cosmetic: l.Cosmetic,
		}
		if !src.at.IsZero() {
			e.Fetched = src.at.UTC().Format(time.RFC3339)
		}
		lists = append(lists, e)
	}
	return lists, failed
}

func printServices(w io.Writer, services []listedService) {
	rows := [][]string{{"SERVICE", "OPERATOR", "CATEGORY", "RULES"}}
	for _, v := range services {
		ids := make([]string, len(v.Rules))
		for i, id := range v.Rules {
			_, ids[i], _ = strings.Cut(id, "/")
		}
		rows = append(rows, []string{v.Name, v.Operator, v.Category, strings.Join(ids, " ")})
	}
	if len(services) > 0 {
		printTable(w, rows)
		fmt.Fprintln(w)
	}
}

func printLists(w io.Writer, lists []listedList) {
	for _, l := range lists {
		if l.URL != "" && l.Fetched == "" {
			fmt.Fprintf(w, "list %s: not fetched yet; run pixelsweep rules update\n", report.Clean(l.Name))
			continue
		}
		fmt.Fprintf(w, "list %s: ", report.Clean(l.Name))
		if l.Title != "" {
			fmt.Fprintf(w, "%s, ", report.Clean(l.Title))
		}
		fmt.Fprintf(w, "%s, %s, %s unsupported, %s cosmetic", l.Format, plural(l.Filters, "filter"), thousands(l.Unsupported), thousands(l.Cosmetic))
		if l.Fetched != "" {
			fmt.Fprintf(w, ", fetched %s", l.Fetched)
		}
		fmt.Fprintln(w)
	}
	if len(lists) > 0 {
		fmt.Fprintln(w)
	}
}

// printCounts says how many services and rules there are, and with lists also by
// category and list.
func printCounts(w io.Writer, services []listedService, lists []listedList) {
	n, by := 0, map[string][2]int{}
	for _, v := range services {
		n += len(v.Rules)
		c := by[v.Category]
		by[v.Category] = [2]int{c[0] + 1, c[1] + len(v.Rules)}
	}
	if lists != nil {
		rows := [][]string{{"CATEGORY", "SERVICES", "RULES"}}
		for _, v := range services {
			if c, ok := by[v.Category]; ok {
				rows = append(rows, []string{v.Category, thousands(c[0]), thousands(c[1])})
				delete(by, v.Category)
			}
		}
		slices.SortFunc(rows[1:], func(a, b []string) int { return strings.Compare(a[0], b[0]) })
		printTable(w, rows)
		fmt.Fprintln(w)
		printLists(w, lists)
	}
	fmt.Fprintf(w, "%s, %s\n", plural(len(services), "service"), plural(n, "rule"))
}

// printTable writes rows with aligned columns.
func printTable(w io.Writer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			row[i] = report.Clean(cell)
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	for _, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			b.WriteString(cell)
			if i < len(row)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
			}
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
}
