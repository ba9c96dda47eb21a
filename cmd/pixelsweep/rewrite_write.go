package main

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/pixelsweep/pixelsweep/internal/outfile"
)

// put writes the file of a job and returns what it is called. In place, what
// does not change is not written.
func (w *rewriter) put(worker int, j *fileJob) (string, error) {
	if w.opts.inPlace && len(j.changes) == 0 {
		return "", nil
	}
	name, root, shown, err := w.place(worker, j)
	if err == nil {
		err = w.write(j, root, name)
	}
	if w.opts.inPlace && root != nil {
		root.Close()
	}
	return shown, err
}

// place says where the file of a job goes.
func (w *rewriter) place(worker int, j *fileJob) (name string, root *os.Root, shown string, err error) {
	if !w.opts.inPlace {
		name = w.name(j.root, j.path)
		if w.file != "" {
			return name, w.root, w.opts.out, nil
		}
		shown = filepath.Join(w.opts.out, filepath.FromSlash(name))
		root, err := w.folder(worker, path.Dir(name))
		return path.Base(name), root, shown, err
	}
	to := j.path
	if j.path != j.root && !inside(j.root, j.path) {
		return "", nil, to, errors.New("reached through a symbolic link; what it leads to is left alone")
	}
	if info, err := os.Lstat(to); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if j.path != j.root {
			return "", nil, to, errors.New("a symbolic link in a folder; what it leads to is left alone")
		}
		if to, err = filepath.EvalSymlinks(to); err != nil {
			return "", nil, to, err
		}
	}
	root, err = os.OpenRoot(filepath.Dir(to))
	return filepath.Base(to), root, j.path, err
}

// inside reports whether the folder of path lies in root when no symbolic link is
// followed below root.
func inside(root, path string) bool {
	top, err := filepath.EvalSymlinks(root)
	if err != nil {
		return false
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(root, filepath.Dir(path))
	return err == nil && dir == filepath.Join(top, rel)
}

// An outFolder is a folder of the output, kept open: files come folder by folder.
type outFolder struct {
	root *os.Root
	name string
}

// folder opens a folder of the output for a worker.
func (w *rewriter) folder(worker int, name string) (*os.Root, error) {
	if name == "." {
		return w.root, nil
	}
	f := &w.folders[worker]
	if f.root != nil && f.name == name {
		return f.root, nil
	}
	if err := w.root.MkdirAll(name, 0o700); err != nil {
		return nil, err
	}
	root, err := w.root.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	if f.root != nil {
		f.root.Close()
	}
	*f = outFolder{root, name}
	return root, nil
}

var errChanged = errors.New("the file was changed while it was read, it is left alone")

// write writes the file of a job as name below root.
func (w *rewriter) write(j *fileJob, root *os.Root, name string) error {
	src, size, info, err := w.openSource(j)
	if err != nil {
		return err
	}
	if c, ok := src.(io.Closer); ok && j.path != "-" {
		defer c.Close()
	}
	attr := outfile.Attr{Mode: 0o600}
	if info != nil {
		attr = outfile.Attr{Mode: info.Mode(), Time: info.ModTime()}
		if w.opts.inPlace {
			attr.Like, j.linked = info, outfile.Links(info) > 1
		}
	}
	old, err := root.Lstat(name)
	attr.New = errors.Is(err, fs.ErrNotExist)
	if err == nil && info != nil && os.SameFile(old, info) && !w.opts.inPlace {
		return errors.New("the output would overwrite what is read; use --in-place")
	}
	abs, err := filepath.Abs(filepath.Join(root.Name(), filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	h := sha256.New()
	fill := func(out io.Writer) error {
		if w.journal != nil && len(j.changes) > 0 {
			out = io.MultiWriter(out, h)
		}
		return j.apply(out, src, size, w.seed)
	}
	before := func() error {
		if info != nil {
			now, err := os.Stat(j.path)
			if err != nil || now.Size() != info.Size() || !now.ModTime().Equal(info.ModTime()) || !os.SameFile(now, info) {
				return errChanged
			}
		}
		if w.opts.inPlace && w.opts.backup != "" {
			if err := w.keepOriginal(j, root, name, src, size, attr); err != nil {
				return fmt.Errorf("backup: %w", bare(err))
			}
		}
		if len(j.changes) == 0 {
			return nil
		}
		return w.note(j, abs, src, size, hex.EncodeToString(h.Sum(nil)))
	}
	return outfile.Write(root, name, attr, fill, before)
}

// note adds the change of a file to the journal. What gzip makes of a change is
// not local, so the whole file is kept.
func (w *rewriter) note(j *fileJob, path string, src io.ReaderAt, size int64, after string) error {
	if w.journal == nil {
		return nil
	}
	changes := j.changes
	if j.gzip {
		changes = []outfile.Change{{Len: size, New: nil}}
	}
	e, err := outfile.Record(path, src, size, changes, after)
	if err != nil {
		return err
	}
	if j.gzip {
		e.Taken[0].Length = -1 // to the end
	}
	if err := w.journal.Add(e); err != nil {
		return fmt.Errorf("journal: %w", bare(err))
	}
	return nil
}

// openSource opens what a job was read from.
func (w *rewriter) openSource(j *fileJob) (io.ReaderAt, int64, fs.FileInfo, error) {
	if j.path == "-" {
		// What was not read belongs to the message all the same.
		if _, err := io.Copy(w.spool, w.streams.in); err != nil {
			return nil, 0, nil, err
		}
		return w.spool, w.spool.Size(), nil, nil
	}
	if info, err := os.Stat(j.path); err == nil && !info.Mode().IsRegular() {
		return nil, 0, nil, errors.New("not a regular file; give it on standard input: rewrite - < FILE")
	}
	f, err := os.Open(j.path)
	if err != nil {
		return nil, 0, nil, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = errors.New("not a regular file")
	case j.info != nil && (j.info.Size() != info.Size() || !j.info.ModTime().Equal(info.ModTime())):
		err = errChanged
	}
	if err != nil {
		f.Close()
		return nil, 0, nil, err
	}
	return f, info.Size(), info, nil
}

// apply writes the file of a job to out.
func (j *fileJob) apply(out io.Writer, src io.ReaderAt, size int64, seed maphash.Seed) error {
	if len(j.changes) == 0 {
		return outfile.Apply(out, src, size, nil)
	}
	if !j.gzip {
		if err := j.verify(src, seed); err != nil {
			return err
		}
		return outfile.Apply(out, src, size, j.changes)
	}
	z, err := gzip.NewReader(io.NewSectionReader(src, 0, size))
	if err != nil {
		return err
	}
	var plain outfile.Spool
	defer plain.Close()
	if _, err := io.Copy(&plain, z); err != nil {
		return err
	}
	if err := j.verify(&plain, seed); err != nil {
		return err
	}
	g := gzip.NewWriter(out)
	g.Header = z.Header
	if err := outfile.Apply(g, &plain, plain.Size(), j.changes); err != nil {
		return err
	}
	return g.Close()
}

// verify checks that the messages are still those that were rewritten.
func (j *fileJob) verify(src io.ReaderAt, seed maphash.Seed) error {
	var b []byte
	for _, c := range j.checks {
		if int64(cap(b)) < c.size {
			b = make([]byte, c.size)
		}
		b = b[:c.size]
		if n, _ := src.ReadAt(b, c.offset); int64(n) < c.size || maphash.Bytes(seed, b) != c.sum {
			return errChanged
		}
	}
	return nil
}

// keepOriginal writes the backup of a file, for its owner alone.
func (w *rewriter) keepOriginal(j *fileJob, root *os.Root, name string, src io.ReaderAt, size int64, attr outfile.Attr) error {
	to := name + w.opts.backup
	if w.backup != nil {
		root, to = w.backup, w.name(j.root, j.path)
	} else if d := filepath.Base(filepath.Dir(j.path)); d == "cur" || d == "new" {
		return errors.New("a suffix would make a message of it in a Maildir; name a folder")
	}
	if _, err := root.Lstat(to); err == nil {
		if same(root, to, src, size) {
			return nil // of a run that was ended before it wrote the file
		}
		return fmt.Errorf("%s exists already", to)
	}
	attr.Mode, attr.New = 0o600, false // it must last when the original goes
	return outfile.Write(root, to, attr, func(out io.Writer) error { return outfile.Apply(out, src, size, nil) }, nil)
}

// same reports whether a file below root holds what src does.
func same(root *os.Root, name string, src io.ReaderAt, size int64) bool {
	f, err := root.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() != size || !info.Mode().IsRegular() {
		return false
	}
	a, err := outfile.Hash(f, size)
	if err != nil {
		return false
	}
	b, err := outfile.Hash(src, size)
	return err == nil && a == b
}

// toStdout writes what came from standard input.
func (w *rewriter) toStdout(j *fileJob) error {
	src, size, _, err := w.openSource(j)
	if err != nil {
		return pathError(err)
	}
	h := sha256.New()
	if err := j.apply(io.MultiWriter(w.streams.out, h), src, size, w.seed); err != nil {
		return fmt.Errorf("standard output: %w", bare(err))
	}
	if len(j.changes) > 0 {
		if err := w.note(j, "-", src, size, hex.EncodeToString(h.Sum(nil))); err != nil {
			return err
		}
	}
	for _, m := range j.messages {
		m.Output = "-"
		w.report.message(m)
	}
	return nil
}
