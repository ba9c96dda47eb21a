package main

import (
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/pixelsweep/pixelsweep/internal/config"
)

// selectOptions are the flags that say which messages of a mailbox are meant.
type selectOptions struct {
	folders         []string
	exclude         []string
	since, before   string
	limit           int
	sinceT, beforeT time.Time
}

// AddFlags defines the flags with their defaults.
func (o *selectOptions) AddFlags(f *pflag.FlagSet) {
	f.StringArrayVar(&o.folders, "folder", nil, `a folder: a name, a pattern with * and ?, or a use such as \Sent (repeatable; default: all)`)
	f.StringArrayVar(&o.exclude, "exclude", nil, "leave out such folders (repeatable)")
	f.StringVar(&o.since, "since", "", "only what arrived on this `DAY` or later: 2026-01-31")
	f.StringVar(&o.before, "before", "", "only what arrived before this `DAY`")
	f.IntVar(&o.limit, "limit", 0, "only the newest `N` messages of each folder, in an audit of those that are not known yet")
}

// check reads the days.
func (o *selectOptions) check() error {
	for _, d := range []struct {
		flag, text string
		day        *time.Time
	}{{"since", o.since, &o.sinceT}, {"before", o.before, &o.beforeT}} {
		if d.text == "" {
			continue
		}
		var err error
		if *d.day, err = time.Parse(time.DateOnly, d.text); err != nil {
			return fmt.Errorf("--%s: %q is no day; write it as 2026-01-31", d.flag, d.text)
		}
	}
	if !o.sinceT.IsZero() && !o.beforeT.IsZero() && !o.sinceT.Before(o.beforeT) {
		return fmt.Errorf("--since, --before: no day is between %s and %s", o.since, o.before)
	}
	if o.limit < 0 {
		return fmt.Errorf("--limit: %d is no number of messages", o.limit)
	}
	return nil
}

// patterns are the folders that are meant, of the flags or else of the account.
func (o *selectOptions) patterns(a *config.Account) (include, exclude []string) {
	include, exclude = a.Folders, a.Exclude
	if len(o.folders) > 0 {
		include = o.folders
	}
	if len(o.exclude) > 0 {
		exclude = o.exclude
	}
	return include, exclude
}
