package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pixelsweep/pixelsweep/internal/rulecache"
	"github.com/pixelsweep/pixelsweep/internal/subscription"
	"github.com/pixelsweep/pixelsweep/rules/filter"
)

// engine makes one engine of the lists that can be used, nil if there are none.
// Of the others it is said to w why not; unusable counts them, unread those among
// them that could not be read at all. A subscribed list that was never fetched is
// neither. Lists that are kept compiled are not read, but for a glance.
func engine(sources []ruleSource, w io.Writer) (e *filter.Engine, unusable, unread int, err error) {
	var good []rulecache.Source
	for _, src := range sources {
		if src.url != "" && src.at.IsZero() {
			continue // rules list says so
		}
		full, err := filepath.Abs(src.path)
		if err == nil {
			err = readable(full)
		}
		switch {
		case errors.Is(err, subscription.ErrNoList):
			unusable++
			say(w, src.name+": "+err.Error())
			continue
		case err != nil:
			unread++
			say(w, src.path+": "+err.Error())
			continue
		}
		good = append(good, rulecache.Source{Name: src.name, Path: full})
	}
	if len(good) == 0 {
		return nil, unusable + unread, unread, nil
	}
	res, err := rulecache.Load(cacheDir(), good...)
	if errors.Is(res.Cache, rulecache.ErrUntrusted) || errors.Is(res.Cache, filter.ErrTable) {
		say(w, "compiled lists are made again: "+res.Cache.Error())
	}
	for i, l := range res.Lists {
		if len(l.Filters) > 0 {
			continue
		}
		unusable++
		if _, err := readList(ruleSource{name: l.Name, path: good[i].Path}); err != nil {
			say(w, l.Name+": "+reason(err).Error())
		}
	}
	return res.Engine, unusable + unread, unread, err
}

// engine makes the engine of the lists that the flags and the config name, for a
// command that scans. A list that cannot be read is an error of usage, one that
// holds nothing is not.
func (o *sourceOptions) engine(w io.Writer) (*filter.Engine, error) {
	sources, err := o.sources()
	if err != nil {
		return nil, err
	}
	e, _, unread, err := engine(sources, w)
	switch {
	case err != nil:
		return nil, &exitError{exitUsage, fmt.Errorf("--rules: %w", err)}
	case unread > 0:
		return nil, &exitError{exitUsage, errors.New("--rules: a filter list cannot be read; nothing was scanned")}
	}
	return e, nil
}

// glance is how much of a list is read to tell it from other kinds of files.
const glance = 4 << 10

// readable reports why a list cannot be read or is none, from its first bytes.
func readable(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return reason(err)
	case info.IsDir():
		return errors.New("is a folder")
	case info.Size() > maxList:
		return fmt.Errorf("larger than %d bytes", maxList)
	case !info.Mode().IsRegular():
		return nil // a pipe can be opened once only
	}
	f, err := os.Open(path)
	if err != nil {
		return reason(err)
	}
	defer f.Close()
	head := make([]byte, glance)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return reason(err)
	}
	return subscription.Look(head[:n])
}

// reason is an error without the path that it is about.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	if errors.Is(err, subscription.ErrNoList) {
		return errors.New(err.Error()[max(0, strings.Index(err.Error(), subscription.ErrNoList.Error())):])
	}
	return err
}
