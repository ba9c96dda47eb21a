package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/pixelsweep/pixelsweep/internal/rulecache"
	"github.com/pixelsweep/pixelsweep/rules/filter"
)

// listOptions are the flags about filter lists.
type listOptions struct {
	files []string
	cache string
}

// AddFlags defines the flags with their defaults.
func (o *listOptions) AddFlags(f *pflag.FlagSet) {
	f.StringArrayVar(&o.files, "rules", nil, "a filter list `FILE`: Adblock syntax, hosts, Disconnect, DuckDuckGo or ClearURLs (repeatable)")
	f.StringVar(&o.cache, "rules-cache", "", "where compiled filter lists are kept: a `DIR` of your own (default: in the user's cache folder)")
}

// load returns the engine of the lists, nil if there are none. What is odd about
// them is said to w. A list that cannot be read is an error.
func (o *listOptions) load(w io.Writer) (*filter.Engine, error) {
	if len(o.files) == 0 {
		return nil, nil
	}
	sources := make([]rulecache.Source, len(o.files))
	for i, path := range o.files {
		full, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		sources[i] = rulecache.Source{Name: path, Path: full}
	}
	dir := o.cache
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			user = os.TempDir()
		}
		dir = filepath.Join(user, "pixelsweep", "rules")
	}
	res, err := rulecache.Load(dir, sources...)
	if err != nil {
		return nil, pathError(err)
	}
	for _, l := range res.Lists {
		if len(l.Filters) == 0 {
			say(w, fmt.Sprintf("%s: no filter in it that can be used; see what it holds with: pixelsweep rules check", l.Name))
		}
	}
	if res.Cache != nil {
		say(w, fmt.Sprintf("filter lists are not kept compiled: %v", res.Cache))
	}
	return res.Engine, nil
}
