package main

import (
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

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
		m.Diff = rewrite.Diff(name, it.Data, res.Data, html)
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
		if !d.IsDir() && (!d.Type().IsRegular() || w.written[filepath.Join(w.opts.out, filepath.FromSlash(name))]) {
			return nil
		}
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
		default:
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
	case w.opts.verify, w.opts.dryRun:
	case w.root == nil && !w.opts.inPlace:
		return w.toStdout(j)
	default:
		if !j.put {
			j.shown, j.err = w.put(w.opts.jobs.workers(), j)
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
