package main

import (
	"bytes"
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
	"strconv"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/rewrite"
	"github.com/pixelsweep/pixelsweep/internal/outfile"
	"github.com/pixelsweep/pixelsweep/internal/source"
)

// A rewriter takes messages from the workers and writes their files, one after
// the other, when it has all messages of one.
type rewriter struct {
	opts    *rewriteOptions
	policy  *rewrite.Options
	report  *rewriteReport
	streams streams

	root    *os.Root    // of the output; nil for standard output and in place
	folders []outFolder // in it, of each worker and of who takes from them
	file    string      // the output's name in root, where it is one file
	prefix  map[string]string
	backup  *os.Root
	journal *outfile.Journal
	spool   *outfile.Spool // what came from standard input
	seed    maphash.Seed
	written map[string]bool
	job     *fileJob
}

// A fileJob is what is to be done about one file.
type fileJob struct {
	root, path string
	gzip       bool
	keep       bool // not read whole: copied as it is
	failed     bool // said already; copied if it can be
	info       fs.FileInfo
	changes    []outfile.Change
	checks     []checkSum
	messages   []*rewritten
	diff       string

	put   bool // written already: as shown, or err
	shown string
	err   error
}

// checkSum tells whether a message is still the one that was rewritten.
type checkSum struct {
	offset, size int64
	sum          uint64
}

// rewriteItem is what a worker hands over.
type rewriteItem struct {
	root, path string
	index      int
	other      bool
	gzip       bool
	keep       bool
	err        error
	warnings   []string
	info       fs.FileInfo
	message    *rewritten
	changes    []outfile.Change
	check      checkSum
	found      bool
	diff       string
	job        *fileJob // of a file that is written already
}

// work rewrites one item, and writes its file where it is alone in it.
func (w *rewriter) work(worker int, it *source.Item) rewriteItem {
	r := w.item(it)
	if it.Index == 0 && it.Path != "-" && !w.opts.verify && !w.opts.dryRun {
		j := &fileJob{root: r.root, path: r.path, info: r.info}
		j.add(&r)
		j.put = true
		j.shown, j.err = w.put(worker, j)
		r.job = j
	}
	return r
}

// item rewrites one item in memory.
func (w *rewriter) item(it *source.Item) (r rewriteItem) {
	r = rewriteItem{root: it.Root, path: it.Path, index: it.Index, gzip: it.Gzip, err: it.Err, warnings: it.Warnings}
	if it.Index <= 1 && it.Path != "-" {
		r.info, _ = os.Stat(it.Path)
	}
	if it.Err != nil || it.Kind == source.Other {
		r.other = it.Err == nil
		return r
	}
	defer func() {
		// A defect that one message shows must not lose the others.
		if p := recover(); p != nil {
			r.err = fmt.Errorf("%s: cannot be rewritten, a defect of pixelsweep: %v", it.Path, p)
		}
	}()
	html := it.Kind == source.HTML
	m := &rewritten{Source: detector.Source{Path: it.Path, Index: it.Index, Type: detector.TypeMessage, Bytes: int64(len(it.Data))}}
	r.message = m
	if r.keep = len(it.Warnings) > 0 && (it.Gzip || int64(len(it.Data)) >= w.opts.maxMessageBytes); r.keep {
		return r
	}
	if w.opts.verify {
		w.look(&r, it.Data, html)
		return r
	}
	do := rewrite.Message
	if html {
		do = rewrite.HTML
	}
	res, err := do(it.Data, w.policy)
	if errors.Is(err, rewrite.ErrEmpty) {
		err = nil
	}
	if err != nil {
		r.err = fmt.Errorf("%s: %w", it.Path, err)
		return r
	}
	m.Changed, m.Edits, m.Kept, m.Left, m.Warnings = res.Changed, res.Edits, res.Kept, res.Left, res.Warnings
	if !res.Changed {
		return r
	}
	if w.opts.dryRun {
		name := it.Path
		if it.Index > 0 {
			name += ":" + strconv.Itoa(it.Index)
		}
		r.diff = rewrite.Diff(name, it.Data, res.Data, html)
		return r
	}
	r.changes = w.count(it, len(res.Data)-len(it.Data))
	for _, s := range res.Splices {
		r.changes = append(r.changes, outfile.Change{Offset: it.Offset + int64(s.Offset), Len: int64(s.Len), New: s.New})
	}
	r.check = checkSum{it.Offset, int64(len(it.Data)), maphash.Bytes(w.seed, it.Data)}
	return r
}

// count corrects the number of bytes that an .emlx begins with.
func (w *rewriter) count(it *source.Item, delta int) []outfile.Change {
	digits := bytes.TrimSpace(it.Before)
	n, err := strconv.Atoi(string(digits))
	if it.Index > 0 || err != nil || len(digits) == 0 {
		return nil
	}
	at := bytes.Index(it.Before, digits)
	text := strconv.Itoa(n + delta)
	end := at + len(digits)
	for end-at < len(text) && end < len(it.Before) && it.Before[end] == ' ' {
		end++
	}
	for len(text) < end-at {
		text += " "
	}
	return []outfile.Change{{Offset: it.Offset - int64(len(it.Before)) + int64(at), Len: int64(end - at), New: []byte(text)}}
}

// look lists what would load.
func (w *rewriter) look(r *rewriteItem, data []byte, html bool) {
	trackers, err := rewrite.Verify(data, html, w.policy)
	if err == nil {
		all := *w.policy
		all.BlockAll = true
		r.message.Left, err = rewrite.Verify(data, html, &all)
	}
	r.found = len(trackers) > 0
	if err != nil && !errors.Is(err, rewrite.ErrEmpty) {
		r.err = fmt.Errorf("%s: %w", r.path, err)
	}
}

// emit gathers the items of one file.
func (w *rewriter) emit(r rewriteItem) error {
	if w.job == nil || w.job.path != r.path || w.job.root != r.root || r.index <= 1 && len(w.job.messages) > 0 {
		if err := w.commit(); err != nil {
			return err
		}
		w.job = &fileJob{root: r.root, path: r.path, info: r.info}
	}
	for _, text := range r.warnings {
		w.report.fail(r.path + ": " + text)
	}
	if r.err != nil && !r.nothing() {
		w.report.fail(pathError(r.err).Error())
	}
	w.report.found = w.report.found || r.found
	if r.job != nil {
		w.job = r.job
		return nil
	}
	w.job.add(&r)
	return nil
}

// nothing reports whether an item is an empty file in a folder.
func (r *rewriteItem) nothing() bool { return errors.Is(r.err, source.ErrEmpty) && r.path != r.root }

// add gathers what is to be done about one item of the file.
func (j *fileJob) add(r *rewriteItem) {
	j.gzip = j.gzip || r.gzip
	j.keep = j.keep || r.keep && r.gzip
	j.failed = j.failed || r.err != nil && !r.nothing()
	if r.err != nil || r.other {
		return
	}
	j.messages = append(j.messages, r.message)
	j.diff += r.diff
	if len(r.changes) > 0 {
		j.changes = append(j.changes, r.changes...)
		j.checks = append(j.checks, r.check)
	}
	if j.keep {
		j.changes, j.checks = nil, nil
		for _, m := range j.messages {
			m.Changed, m.Edits = false, nil
		}
	}
}

// finish writes the last file and what was not looked at.
func (w *rewriter) finish() error {
	if err := w.commit(); err != nil {
		return err
	}
	if w.root == nil || w.file != "" {
		return nil
	}
	for _, arg := range sorted(keys(w.prefix)) {
		if info, err := os.Stat(arg); err == nil && info.IsDir() {
			w.rest(arg)
		}
	}
	return nil
}

func keys(m map[string]string) map[string]bool {
	set := map[string]bool{}
	for k := range m {
		set[k] = true
	}
	return set
}

// rest copies the files and folders below dir that nobody read.
func (w *rewriter) rest(dir string) {
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // said already
		}
		name := w.name(dir, path)
		info, err := d.Info()
		switch {
		case err != nil:
			return nil
		case d.IsDir():
			if name != "." && name != "" {
				if err := w.root.MkdirAll(name, 0o700); err != nil {
					w.report.fail(fmt.Sprintf("%s: %v", filepath.Join(w.opts.out, name), bare(err)))
				}
				w.root.Chmod(name, info.Mode().Perm()|0o700)
			}
		case d.Type().IsRegular() && !w.written[filepath.Join(w.opts.out, filepath.FromSlash(name))]:
			w.job = &fileJob{root: dir, path: path, info: info}
			w.commit()
		}
		return nil
	})
}

// name is where a file goes below the output.
func (w *rewriter) name(root, path string) string {
	if w.file != "" {
		return w.file
	}
	rel, err := filepath.Rel(root, path)
	if err != nil || rel == "." {
		rel = ""
	}
	return filepath.ToSlash(filepath.Join(w.prefix[root], rel))
}

// commit writes the file of the current job.
func (w *rewriter) commit() error {
	j := w.job
	w.job = nil
	if j == nil {
		return nil
	}
	switch {
	case w.opts.verify:
	case w.opts.dryRun:
		io.WriteString(w.report.out, j.diff)
	case w.root == nil && !w.opts.inPlace:
		return w.toStdout(j)
	default:
		if !j.put {
			j.shown, j.err = w.put(w.opts.workers(), j)
		}
		if j.err != nil {
			if full(j.err) {
				return fmt.Errorf("%s: %w", j.path, bare(j.err))
			}
			if !j.failed {
				w.report.fail(fmt.Sprintf("%s: %v", j.path, bare(j.err)))
			}
			return nil
		}
		if j.shown != "" {
			w.written[j.shown] = true
		}
		for _, m := range j.messages {
			m.Output = j.shown
		}
	}
	for _, m := range j.messages {
		w.report.message(m)
	}
	return nil
}

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
	if info != nil {
		if old, err := root.Lstat(name); err == nil && os.SameFile(old, info) && !w.opts.inPlace {
			return errors.New("the output would overwrite what is read; use --in-place")
		}
	}
	attr := outfile.Attr{Mode: 0o600}
	if info != nil {
		attr = outfile.Attr{Mode: info.Mode(), Time: info.ModTime()}
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
		return fmt.Errorf("%s exists already", to)
	}
	attr.Mode = 0o600
	return outfile.Write(root, to, attr, func(out io.Writer) error { return outfile.Apply(out, src, size, nil) }, nil)
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

// stdin is what the source reads in place of "-".
func (w *rewriter) stdin() io.Reader { return io.TeeReader(w.streams.in, w.spool) }

// open prepares where files go.
func (w *rewriter) open(paths []string) error {
	w.seed, w.written, w.spool = maphash.MakeSeed(), map[string]bool{}, &outfile.Spool{}
	w.prefix, w.folders = map[string]string{}, make([]outFolder, w.opts.workers()+1)
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
