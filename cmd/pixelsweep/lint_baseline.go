package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/internal/lint"
)

// maxBaseline is how large a baseline may be.
const maxBaseline = 64 << 20

// readBaseline reads the file of --baseline, nil for none. A missing one is an error
// unless it is to be written.
func (o *lintOptions) readBaseline() (*lint.Baseline, error) {
	if o.baseline == "" {
		return nil, nil
	}
	info, err := os.Stat(o.baseline)
	switch {
	case errors.Is(err, fs.ErrNotExist) && o.update:
		return nil, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: there is no such file; --update-baseline writes it", o.baseline)
	case err != nil:
		return nil, pathError(err)
	case !info.Mode().IsRegular() || info.Size() > maxBaseline:
		return nil, fmt.Errorf("%s: not a regular file of at most %d bytes", o.baseline, maxBaseline)
	}
	data, err := os.ReadFile(o.baseline)
	if err != nil {
		return nil, pathError(err)
	}
	b, err := lint.ReadBaseline(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.baseline, err)
	}
	return b, nil
}

// settle marks what the baseline has, or writes it anew.
func (o *lintOptions) settle(old *lint.Baseline, files []*lint.File, sum *report.ProblemSummary) error {
	if o.baseline == "" {
		return nil
	}
	dir := filepath.Dir(o.baseline)
	// JSON holds no bytes that are not UTF-8.
	name := func(path string) string { return string([]rune(relativeTo(dir, path))) }
	read := map[string]bool{}
	for _, f := range files {
		read[name(f.Path)] = true
	}
	checked := func(path string) bool {
		if read[path] {
			return true
		}
		_, err := os.Stat(filepath.Join(dir, filepath.FromSlash(path)))
		return o.since == "" && errors.Is(err, fs.ErrNotExist)
	}
	if o.update {
		old = old.Update(files, name, checked)
		data, err := old.JSON()
		if err != nil {
			return err
		}
		if err := os.WriteFile(o.baseline, data, 0o644); err != nil {
			return err
		}
	}
	sum.Stale = old.Mark(files, name, checked)
	return nil
}
