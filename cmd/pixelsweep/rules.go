package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/internal/config"
	"github.com/pixelsweep/pixelsweep/internal/subscription"
	"github.com/pixelsweep/pixelsweep/rules/filter"
)

func newRulesCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "Look at services and filter lists, test, update and export them",
		Long: `Look at the services that pixelsweep knows and at filter lists, test, update and
export them. These commands end with 0 when all was done, with 3 when something
could not be.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			var names []string
			for _, c := range cmd.Commands() {
				names = append(names, c.Name())
			}
			known := "known are " + strings.Join(names, ", ")
			if len(args) == 0 {
				return errors.New("rules: no command given; " + known)
			}
			return fmt.Errorf("rules: unknown command %q; %s", args[0], known)
		},
	}
	cmd.AddCommand(newRulesListCommand(s), newRulesExplainCommand(s), newRulesTestCommand(s),
		newRulesCheckCommand(s), newRulesUpdateCommand(s), newRulesExportCommand(s))
	return cmd
}

// A ruleSource is a filter list that a command uses.
type ruleSource struct {
	name string // in results
	path string
	url  string    // of a subscribed list
	at   time.Time // when that was fetched; zero when never
}

// sourceOptions are the flags that name filter lists.
type sourceOptions struct {
	files  []string
	config string
	dir    string
}

// AddFlags defines the flags with their defaults.
func (o *sourceOptions) AddFlags(f *pflag.FlagSet) {
	f.StringArrayVar(&o.files, "rules", nil, "a filter list: `FILE` (repeatable)")
	o.addConfigFlags(f)
}

func (o *sourceOptions) addConfigFlags(f *pflag.FlagSet) {
	f.StringVar(&o.config, "config", "", "read this config `FILE` only")
	f.StringVar(&o.dir, "dir", "", "the `FOLDER` of subscribed lists (default: in your cache folder)")
}

// load reads the config and finds the folder of subscribed lists. Its errors are
// those of usage.
func (o *sourceOptions) load() (c *config.Config, dir string, err error) {
	c, err = config.Load(o.config, ".")
	if err != nil {
		return nil, "", &exitError{exitUsage, fmt.Errorf("config: %w", pathError(err))}
	}
	if o.dir == "" {
		if o.dir, err = subscription.Dir(); err != nil && len(c.Subscriptions) > 0 {
			return nil, "", &exitError{exitUsage, fmt.Errorf("no folder for subscribed lists, name one with --dir: %w", err)}
		}
	}
	return c, o.dir, nil
}

// sources returns the lists that the flags, the config and the subscriptions name.
func (o *sourceOptions) sources() ([]ruleSource, error) {
	c, dir, err := o.load()
	if err != nil {
		return nil, err
	}
	var all []ruleSource
	for _, path := range append(append([]string{}, o.files...), c.Rules...) {
		all = append(all, ruleSource{name: path, path: path})
	}
	for _, s := range c.Subscriptions {
		have := subscription.Find(dir, subscription.Source{Name: s.Name, URL: s.URL})
		all = append(all, ruleSource{name: s.Name, path: have.Path, url: s.URL, at: have.Fetched})
	}
	return all, nil
}

// maxList is how large a filter list may be.
const maxList = 256 << 20

// readList reads a file that is a filter list. Of one without a filter it still
// returns what that holds.
func readList(src ruleSource) (*filter.List, error) {
	data, err := readListFile(src.path)
	if err != nil {
		return nil, err
	}
	list, err := subscription.Read(src.name, data)
	if err != nil {
		return list, fmt.Errorf("%s: %w", src.path, err)
	}
	return list, nil
}

func readListFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, pathError(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxList+1))
	switch {
	case err != nil:
		return nil, pathError(err)
	case len(data) > maxList:
		return nil, fmt.Errorf("%s: larger than %d bytes", path, maxList)
	}
	return data, nil
}

// cacheDir is the folder of compiled lists, "" when the user has none.
func cacheDir() string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(cache, "pixelsweep", "rules")
}

// checkFormat rejects a format that a command has not.
func checkFormat(format string, known ...string) error {
	for _, k := range known {
		if format == k {
			return nil
		}
	}
	return &exitError{exitUsage, fmt.Errorf("--format: unknown format %q; known are %s", format, strings.Join(known, ", "))}
}

// printJSON writes v as one line.
func printJSON(w io.Writer, v any) error {
	b, err := report.JSON(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// ended returns nil when all was done, and the exit code for the rest.
func ended(failed bool) error {
	if failed {
		return &exitError{code: exitPartial}
	}
	return nil
}

// plural returns "1 rule", "2 rules", "1,642 rules".
func plural(n int, one string) string {
	if n != 1 {
		one += "s"
	}
	return thousands(n) + " " + one
}

// thousands writes 12345 as 12,345.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
