package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pixelsweep/pixelsweep/internal/outfile"
)

// restore undoes what a journal tells.
func (o *rewriteOptions) restore(paths []string, rep *rewriteReport, s streams) error {
	entries, damaged := outfile.ReadJournal(o.journal)
	if len(entries) == 0 {
		return &exitError{exitUsage, fmt.Errorf("--journal: %w", pathError(damaged))}
	}
	if damaged != nil {
		for text := range strings.SplitSeq(damaged.Error(), "\n") {
			rep.fail(text)
		}
	}
	wanted := newSelection(paths)
	restored := 0
	for i := range entries {
		e := &entries[i]
		if !wanted.takes(e.Path) {
			continue
		}
		switch err := restoreFile(e, s); {
		case errors.Is(err, outfile.ErrRestored) && e.Path == "-":
			restored++ // given back as it came
		case errors.Is(err, outfile.ErrRestored):
		case err != nil:
			rep.fail(fmt.Sprintf("%s: %v", e.Path, bare(err)))
		default:
			restored++
		}
	}
	for _, p := range wanted.unused() {
		rep.fail(p + ": the journal tells nothing of it")
	}
	if !o.quiet {
		fmt.Fprintf(rep.out, "%s restored\n", count(restored, "file"))
	}
	if err := rep.out.close(); err != nil {
		return &exitError{exitPartial, err}
	}
	if rep.partial {
		return &exitError{code: exitPartial}
	}
	return nil
}

// A selection is the paths that an undo is for: files, folders and "-". None
// stands for all but standard input.
type selection struct {
	paths, full []string
	used        []bool
}

func newSelection(paths []string) *selection {
	s := &selection{paths: paths, used: make([]bool, len(paths))}
	for _, p := range paths {
		if p != "-" {
			p = real(p)
		}
		s.full = append(s.full, p)
	}
	return s
}

// takes reports whether the file at path, as a journal names it, is meant.
func (s *selection) takes(path string) bool {
	if len(s.full) == 0 {
		return path != "-"
	}
	if path != "-" {
		path = real(path)
	}
	taken := false
	for i, p := range s.full {
		if p == path || strings.HasPrefix(path, strings.TrimSuffix(p, string(filepath.Separator))+string(filepath.Separator)) {
			s.used[i], taken = true, true
		}
	}
	return taken
}

// unused lists the paths of which the journal tells nothing.
func (s *selection) unused() (list []string) {
	for i, used := range s.used {
		if !used {
			list = append(list, s.paths[i])
		}
	}
	return list
}

// restoreFile undoes one entry of a journal.
func restoreFile(e *outfile.Entry, s streams) error {
	if e.Path == "-" {
		var in outfile.Spool
		defer in.Close()
		if _, err := io.Copy(&in, s.in); err != nil {
			return err
		}
		err := e.Restore(s.out, &in, in.Size())
		if errors.Is(err, outfile.ErrRestored) {
			if err := outfile.Apply(s.out, &in, in.Size(), nil); err != nil {
				return err
			}
		}
		return err
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
	attr := outfile.Attr{Mode: info.Mode(), Time: info.ModTime(), Like: info}
	return outfile.Write(root, filepath.Base(e.Path), attr, func(w io.Writer) error { return e.Restore(w, f, info.Size()) }, nil)
}
