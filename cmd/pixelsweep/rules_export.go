package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pixelsweep/pixelsweep/internal/blocklist"
	"github.com/pixelsweep/pixelsweep/rules"
)

// rulesExportOptions are the flags of rules export.
type rulesExportOptions struct {
	format, output string
	category       []string
}

// AddFlags defines the flags with their defaults.
func (o *rulesExportOptions) AddFlags(f *pflag.FlagSet) {
	f.StringVarP(&o.format, "format", "f", "adblock", "output format: "+strings.Join(blocklist.Formats(), ", "))
	f.StringVarP(&o.output, "output", "o", "", "write to `FILE` instead of standard output")
	f.StringSliceVar(&o.category, "category", nil, "only services of a `CATEGORY` (repeatable)")
}

func newRulesExportCommand(s streams) *cobra.Command {
	o := &rulesExportOptions{}
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the rules of services for content blockers",
		Long: `Write the rules of services for content blockers: opens, measurement calls and
scripts. Links are left alone. A rule that a format cannot say is left out and
named.

  adblock  filters for ad blockers in browsers and mail clients
  hosts    a hosts file, of hosts that exist to measure only
  safari   a content blocker for Safari and Mail
  dnr      a static ruleset of declarativeNetRequest, for Chrome`,
		Example: "  pixelsweep rules export --format adblock -o mail.txt\n  pixelsweep rules export --format dnr --category esp,sales",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return runRulesExport(o, s) },
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

func runRulesExport(o *rulesExportOptions, s streams) error {
	if err := checkFormat(o.format, blocklist.Formats()...); err != nil {
		return err
	}
	if err := checkCategories(o.category); err != nil {
		return err
	}
	x, err := blocklist.Write(blocklist.Format(o.format), o.category)
	if err != nil {
		return &exitError{exitPartial, err}
	}
	for _, id := range x.LeftOut {
		say(s.err, fmt.Sprintf("%s is left out: the format %s cannot say it", id, o.format))
	}
	if o.output == "" {
		_, err = s.out.Write(x.Text)
	} else {
		err = os.WriteFile(o.output, x.Text, 0o644)
	}
	if err != nil {
		return &exitError{exitPartial, pathError(err)}
	}
	return nil
}

// checkCategories rejects a category that no service has.
func checkCategories(names []string) error {
	var known []string
	for _, v := range rules.Default().Services() {
		known = append(known, v.Category)
	}
	slices.Sort(known)
	known = slices.Compact(known)
	for _, n := range names {
		if !slices.Contains(known, n) {
			return &exitError{exitUsage, fmt.Errorf("--category: unknown category %q; known are %s", n, strings.Join(known, ", "))}
		}
	}
	return nil
}
