package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pixelsweep/pixelsweep/internal/outfile"
)

// restore undoes what a journal tells.
func (o *rewriteOptions) restore(paths []string, rep *rewriteReport, s streams) error {
	entries, err := outfile.ReadJournal(o.journal)
	if err != nil {
		return &exitError{exitUsage, fmt.Errorf("--journal: %w", pathError(err))}
	}
	only, err := absolute(paths)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	restored := 0
	for i := range entries {
		e := &entries[i]
		if len(only) > 0 && !only[e.Path] || len(only) == 0 && e.Path == "-" {
			continue
		}
		switch err := restoreFile(e, s); {
		case errors.Is(err, outfile.ErrRestored):
		case err != nil:
			rep.fail(fmt.Sprintf("%s: %v", e.Path, bare(err)))
		default:
			restored++
		}
	}
	if !o.quiet {
		fmt.Fprintf(rep.out, "%s restored\n", count(restored, "file"))
	}
	if err := rep.flush(); err != nil {
		return &exitError{exitPartial, err}
	}
	if rep.partial {
		return &exitError{code: exitPartial}
	}
	return nil
}

// absolute is the set of paths as a journal names them.
func absolute(paths []string) (map[string]bool, error) {
	set := map[string]bool{}
	for _, p := range paths {
		abs := p
		if p != "-" {
			var err error
			if abs, err = filepath.Abs(p); err != nil {
				return nil, err
			}
		}
		set[abs] = true
	}
	return set, nil
}

// restoreFile undoes one entry of a journal.
func restoreFile(e *outfile.Entry, s streams) error {
	if e.Path == "-" {
		var in outfile.Spool
		defer in.Close()
		if _, err := io.Copy(&in, s.in); err != nil {
			return err
		}
		return e.Restore(s.out, &in, in.Size())
	}
	f, err := os.Open(e.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(filepath.Dir(e.Path))
	if err != nil {
		return err
	}
	defer root.Close()
	attr := outfile.Attr{Mode: info.Mode(), Time: info.ModTime()}
	return outfile.Write(root, filepath.Base(e.Path), attr, func(w io.Writer) error { return e.Restore(w, f, info.Size()) }, nil)
}
