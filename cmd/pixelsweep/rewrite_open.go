package main

import (
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pixelsweep/pixelsweep/internal/outfile"
)

// stdin is what the source reads in place of "-".
func (w *rewriter) stdin() io.Reader { return io.TeeReader(w.streams.in, w.spool) }

// open prepares where files go.
func (w *rewriter) open(paths []string) error {
	w.seed, w.written, w.spool = maphash.MakeSeed(), map[string]bool{}, &outfile.Spool{}
	w.prefix, w.folders = map[string]string{}, make([]outFolder, w.opts.jobs.workers()+1)
	bases := map[string]string{}
	for _, p := range paths {
		base := filepath.Base(p)
		if abs, err := filepath.Abs(p); err == nil {
			base = filepath.Base(abs)
		}
		if other, ok := bases[base]; ok && len(paths) > 1 && (w.opts.out != "" || w.opts.backup != "") {
			return fmt.Errorf("%s and %s have the same name; give them one after the other", other, p)
		}
		bases[base], w.prefix[p] = p, base
	}
	if in, err := os.Stat(paths[0]); len(paths) == 1 && err == nil && in.IsDir() {
		w.prefix[paths[0]] = ""
	}
	if err := w.openOut(paths); err != nil {
		return err
	}
	if b := w.opts.backup; b != "" && (b[0] != '.' && b[0] != '~' || strings.ContainsRune(b, filepath.Separator) || b == "." || b == "..") {
		if err := nested("--backup", b, paths); err != nil {
			return err
		}
		root, err := openDir(b)
		if err != nil {
			return fmt.Errorf("--backup: %w", pathError(err))
		}
		w.backup = root
	}
	if w.opts.journal != "" && !w.opts.dryRun && !w.opts.verify {
		j, err := outfile.OpenJournal(w.opts.journal)
		if err != nil {
			return fmt.Errorf("--journal: %w", pathError(err))
		}
		w.journal = j
	}
	return nil
}

// openOut opens the folder that is written to.
func (w *rewriter) openOut(paths []string) error {
	if w.opts.out == "" {
		return nil
	}
	info, err := os.Stat(w.opts.out)
	folder := err == nil && info.IsDir() || strings.HasSuffix(w.opts.out, string(filepath.Separator))
	single := len(paths) == 1
	if single {
		if in, err := os.Stat(paths[0]); paths[0] != "-" && err == nil && in.IsDir() {
			folder = true
		} else if !folder {
			return w.openFile()
		} else if paths[0] == "-" {
			w.prefix["-"] = "stdin.eml"
		}
	}
	if err == nil && !info.IsDir() {
		return fmt.Errorf("--out: %s is no folder", w.opts.out)
	}
	if err := nested("--out", w.opts.out, paths); err != nil {
		return err
	}
	if w.root, err = openDir(w.opts.out); err != nil {
		return fmt.Errorf("--out: %w", pathError(err))
	}
	return nil
}

func (w *rewriter) openFile() error {
	root, err := os.OpenRoot(filepath.Dir(w.opts.out))
	if err != nil {
		return fmt.Errorf("--out: %w", pathError(err))
	}
	w.root, w.file = root, filepath.Base(w.opts.out)
	return nil
}

func openDir(path string) (*os.Root, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	return os.OpenRoot(path)
}

// nested refuses a folder to write to inside what is read.
func nested(flag, dir string, paths []string) error {
	out := real(dir)
	for _, p := range paths {
		if info, err := os.Stat(p); err != nil || !info.IsDir() {
			continue
		}
		in := real(p)
		if out == in || strings.HasPrefix(out, strings.TrimSuffix(in, string(filepath.Separator))+string(filepath.Separator)) {
			return fmt.Errorf("%s: %s lies inside %s, which is read", flag, dir, p)
		}
	}
	return nil
}

// real is the absolute path without symbolic links, as far as it exists.
func real(path string) string {
	path, _ = filepath.Abs(path)
	rest := ""
	for dir := path; ; dir = filepath.Dir(dir) {
		if r, err := filepath.EvalSymlinks(dir); err == nil {
			return filepath.Join(r, rest)
		}
		if dir == filepath.Dir(dir) {
			return path
		}
		rest = filepath.Join(filepath.Base(dir), rest)
	}
}

func (w *rewriter) close() {
	for _, f := range w.folders {
		if f.root != nil {
			f.root.Close()
		}
	}
	for _, r := range []*os.Root{w.root, w.backup} {
		if r != nil {
			r.Close()
		}
	}
	w.journal.Close()
	w.spool.Close()
}
