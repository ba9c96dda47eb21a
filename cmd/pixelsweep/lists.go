package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/pixelsweep/pixelsweep/internal/rulecache"
	"github.com/pixelsweep/pixelsweep/internal/subscription"
	"github.com/pixelsweep/pixelsweep/rules/filter"
)

// engine makes one engine of the lists that can be used, nil if there are none.
// Of the others it is said to w why not; unusable counts them, unread those among
// them that could not be read at all. A subscribed list that was never fetched is
// neither.
func engine(sources []ruleSource, w io.Writer) (e *filter.Engine, unusable, unread int, err error) {
	var good []rulecache.Source
	for _, src := range sources {
		if src.url != "" && src.at.IsZero() {
			continue // rules list says so
		}
		data, err := readListFile(src.path)
		if err != nil {
			unread++
		} else if err = subscription.Look(data); err != nil {
			err = fmt.Errorf("%s: %w", src.path, err)
		}
		if err != nil {
			unusable++
			say(w, err.Error())
			continue
		}
		full, err := filepath.Abs(src.path)
		if err != nil {
			return nil, unusable, unread, err
		}
		good = append(good, rulecache.Source{Name: src.name, Path: full})
	}
	if len(good) == 0 {
		return nil, unusable, unread, nil
	}
	res, err := rulecache.Load(cacheDir(), good...)
	if errors.Is(res.Cache, rulecache.ErrUntrusted) || errors.Is(res.Cache, filter.ErrTable) {
		say(w, "compiled lists are made again: "+res.Cache.Error())
	}
	return res.Engine, unusable, unread, err
}
