package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/diff"
	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/internal/source"
)

// diffOptions are the flags of diff.
type diffOptions struct {
	format, output string
	readers        []string
	all, fullURLs  bool
	find           bool
	maxCopies      int
	jobs           jobs
	color          string
	quiet          bool

	memory int // bytes set aside for copies
	named  []namedReader
}

// namedReader says who the copies in a file or folder were for.
type namedReader struct{ path, address string }

// AddFlags defines the flags with their defaults.
func (o *diffOptions) AddFlags(f *pflag.FlagSet) {
	f.StringVarP(&o.format, "format", "f", "text", "output format: "+strings.Join(report.DiffFormats(), ", "))
	f.StringVarP(&o.output, "output", "o", "", "write the comparison to `FILE` instead of standard output")
	f.StringArrayVar(&o.readers, "reader", nil, "who the copy, or all in a mailbox or folder, was for: `FILE=ADDRESS` (repeatable)")
	f.BoolVar(&o.all, "all", false, "show what is the same in all copies too, and every link")
	f.BoolVar(&o.fullURLs, "full-urls", false, "show URLs whole, with the tokens that identify the reader")
	f.BoolVar(&o.find, "find", false, "find what belongs together among files that are named, too")
	f.IntVar(&o.maxCopies, "max-copies", 64, "how many copies of a group are compared: the latest")
	addJobs(f, &o.jobs, "read")
	f.StringVar(&o.color, "color", "auto", "colour: auto, always, never")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "no progress and no summary")
}

func newDiffCommand(s streams) *cobra.Command {
	o := &diffOptions{memory: keptBytes}
	cmd := &cobra.Command{
		Use:   "diff A.eml B.eml… | FOLDER | MBOX",
		Short: "Compare copies of a mailing: which bytes identify the reader",
		Long: `Compare copies of one mailing to different readers, or its issues over time, and
show which bytes of which URLs identify the reader, the issue, or nobody.

Messages that are named one by one are compared with each other. In a folder or
mbox, what belongs together is found: from one site, with nearly the same
subject or built in the same way, and not more than 35 days after each other.

Exit codes: 0 done, 2 wrong usage or fewer than two messages, 3 something could
not be read (the rest is still compared).`,
		Example: "  pixelsweep diff mine.eml hers.eml\n  pixelsweep diff --reader a.html=ann@x.example --reader b.html=bob@x.example a.html b.html\n  pixelsweep diff -f jsonl ~/Maildir",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("diff: no PATH given; name two messages, or a folder or mbox that holds them")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runDiff(cmd.Context(), o, args, s) },
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// check rejects flags that make no sense before anything is read.
func (o *diffOptions) check(paths []string) error {
	if _, err := report.NewDiff(o.format, io.Discard, nil); err != nil {
		return fmt.Errorf("--format: %w", err)
	}
	if err := checkColor(o.color); err != nil {
		return err
	}
	switch {
	case o.maxCopies < 2:
		return errors.New("--max-copies: two is the least that can be compared")
	}
	for _, r := range o.readers {
		n, err := parseReader(r)
		if err != nil {
			return err
		}
		o.named = append(o.named, n)
	}
	if o.output != "" {
		return checkOutput(o.output, paths)
	}
	return nil
}

// parseReader reads FILE=ADDRESS; both may hold an equals sign.
func parseReader(s string) (namedReader, error) {
	for i := range len(s) {
		if s[i] != '=' || i == 0 || i == len(s)-1 {
			continue
		}
		path := s[:i]
		if _, err := os.Stat(path); err == nil || path == "-" {
			return namedReader{path: filepath.Clean(path), address: s[i+1:]}, nil
		}
	}
	if path, address, ok := strings.Cut(s, "="); ok && path != "" && address != "" {
		return namedReader{}, fmt.Errorf("--reader: %s: no such file or directory", path)
	}
	return namedReader{}, fmt.Errorf("--reader: %q is not FILE=ADDRESS", s)
}

func runDiff(ctx context.Context, o *diffOptions, paths []string, s streams) error {
	if err := o.check(paths); err != nil {
		return &exitError{exitUsage, err}
	}
	d := &differ{opts: o, in: s.in, det: detector.New(nil), finder: diff.NewFinder(nil), errs: s.err, readers: map[namedReader]bool{}, scans: &report.Summary{}, budget: o.memory}
	if !o.quiet && isTerminal(s.err) {
		d.progress = &progress{w: s.err, width: terminalWidth(s.err)}
	}
	err := d.read(ctx, paths)
	d.progress.clear()
	switch {
	case ctx.Err() != nil:
		return &exitError{exitPartial, errors.New("interrupted: nothing was compared")}
	case err != nil:
		return &exitError{exitPartial, err}
	}
	if n := len(d.entries); n < 2 {
		code := exitUsage
		if d.partial {
			code = exitPartial
		}
		return &exitError{code, fmt.Errorf("diff: two messages are the least that can be compared, there are %d", n)}
	}
	for _, n := range o.named {
		if !d.readers[n] {
			return &exitError{exitUsage, fmt.Errorf("--reader: no message was read from %s", n.path)}
		}
	}
	out, err := openOutput(o.output, nil, s.out)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	defer out.close()
	h, _ := report.NewDiff(o.format, out, &report.DiffOptions{
		Color: colored(o.color, out.to), Width: terminalWidth(out.to), All: o.all, FullURLs: o.fullURLs,
	})
	err = d.compare(ctx, h)
	if err != nil && ctx.Err() == nil {
		return &exitError{exitPartial, err}
	}
	if !o.quiet || o.format != "text" {
		if err := h.Close(&d.sum); err != nil {
			return &exitError{exitPartial, err}
		}
	}
	if err := out.close(); err != nil {
		return &exitError{exitPartial, err}
	}
	switch {
	case ctx.Err() != nil:
		return &exitError{exitPartial, errors.New("interrupted: the rest was not compared")}
	case d.partial:
		return &exitError{code: exitPartial}
	}
	return nil
}

// A differ reads messages, finds the groups among them and compares each. It keeps
// the references of as many as memory is set aside for, and a sketch of all; the
// others are read once more, group after group.
type differ struct {
	opts     *diffOptions
	in       io.Reader
	det      *detector.Detector
	finder   *diff.Finder
	errs     io.Writer
	progress *progress

	entries []entry
	readers map[namedReader]bool // whose messages were read
	budget  int                  // of memory for copies, in bytes
	kept    int                  // bytes of those that are kept
	full    bool                 // no more are kept
	apart   bool                 // some were found in a folder or mbox
	partial bool                 // something could not be read
	sum     report.DiffSummary
	scans   *report.Summary
}

// entry is a message that was read.
type entry struct {
	place
	size int
	copy *diff.Copy // nil if it is to be read again
}

// place says where a message stands.
type place struct {
	path  string
	index int
}

// keptBytes is how much memory is set aside for copies.
const keptBytes = 64 << 20

// readCopy is what a worker hands over.
type readCopy struct {
	scanned
	root   string
	reader namedReader // that the flags name
	copy   *diff.Copy
	sketch diff.Sketch
	skip   bool
}

// read reads everything below paths once.
func (d *differ) read(ctx context.Context, paths []string) error {
	src := &source.Options{Workers: d.opts.jobs.workers(), Stdin: d.in}
	stats, err := source.Run(ctx, paths, src, func(_ int, it *source.Item) readCopy { return d.item(it) }, func(r readCopy) error {
		if !d.tell(&r) {
			return nil
		}
		d.add(&r)
		return nil
	})
	d.sum.Skipped = stats.Skipped
	return err
}

// item reads one message.
func (d *differ) item(it *source.Item) readCopy {
	r := readCopy{scanned: scanItem(d.det, it, "mail"), root: it.Root}
	if r.err != nil {
		return r
	}
	r.copy = diff.NewCopy(r.report)
	r.copy.Delivered = delivered(it.Data)
	for _, n := range d.opts.named {
		if p := filepath.Clean(it.Path); p == n.path || strings.HasPrefix(p, strings.TrimSuffix(n.path, "/")+"/") || n.path == "." && !filepath.IsAbs(p) {
			r.reader, r.copy.Reader = n, n.address
		}
	}
	r.sketch = r.copy.Sketch()
	return r
}

// tell says what could not be read, and reports whether there is a message.
func (d *differ) tell(r *readCopy) bool {
	for _, w := range r.warnings {
		d.say(r.place + ": " + w)
	}
	if r.err != nil {
		d.sum.Errors++
		d.say(r.err.Error())
		return false
	}
	if !r.report.Complete && len(r.warnings) == 0 {
		d.say(r.place + ": not read whole")
	}
	return true
}

func (d *differ) say(text string) {
	d.partial = true
	d.progress.clear()
	say(d.errs, text)
}

// add takes over a message that was read.
func (d *differ) add(r *readCopy) {
	src := r.report.Source
	d.scans.Add(r.report)
	d.sum.Messages++
	d.finder.Add(r.sketch)
	d.apart = d.apart || src.Index > 0 || src.Path != r.root
	d.readers[r.reader] = true
	e := entry{place{src.Path, src.Index}, r.copy.Size(), r.copy}
	d.kept += e.size
	if d.full || d.kept > d.budget {
		if !d.full {
			d.full = true
			for i := range d.entries {
				d.entries[i].drop()
			}
		}
		e.drop()
	}
	d.entries = append(d.entries, e)
	d.progress.show(d.scans, src.Path)
}

// drop forgets the copy of a message that can be read again.
func (e *entry) drop() {
	if e.path == "-" {
		return
	}
	if info, err := os.Stat(e.path); err == nil && info.Mode().IsRegular() {
		e.copy = nil
	}
}

// groups lists what is to be compared with each other.
func (d *differ) groups() [][]int {
	if d.apart || d.opts.find {
		return d.finder.Groups()
	}
	all := make([]int, len(d.entries))
	for i := range all {
		all[i] = i
	}
	return [][]int{all}
}

// compare compares group after group, as many at a time as memory allows.
func (d *differ) compare(ctx context.Context, h report.DiffHandler) error {
	groups := d.groups()
	d.sum.Single = len(d.entries)
	for _, g := range groups {
		d.sum.Single -= len(g)
	}
	for len(groups) > 0 {
		size, n := 0, 0
		for n < len(groups) && (n == 0 || size < d.budget) {
			for _, i := range d.latest(groups[n]) {
				size += d.entries[i].size
			}
			n++
		}
		if err := d.batch(ctx, groups[:n], h); err != nil {
			return err
		}
		groups = groups[n:]
	}
	return nil
}

// latest are the members of a group that are compared.
func (d *differ) latest(group []int) []int { return group[max(0, len(group)-d.opts.maxCopies):] }

func (d *differ) batch(ctx context.Context, groups [][]int, h report.DiffHandler) error {
	wanted := map[place][]int{}
	for _, g := range groups {
		for _, i := range d.latest(g) {
			if d.entries[i].copy == nil {
				wanted[d.entries[i].place] = append(wanted[d.entries[i].place], i)
			}
		}
	}
	if err := d.again(ctx, wanted); err != nil {
		return err
	}
	for _, group := range groups {
		var copies []*diff.Copy
		for _, i := range d.latest(group) {
			if c := d.entries[i].copy; c != nil {
				copies = append(copies, c)
			}
		}
		if len(copies) > 1 {
			g := diff.Compare(copies)
			g.Left = len(group) - len(copies)
			d.sum.Add(g)
			if err := h.Group(g); err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	for _, list := range wanted {
		for _, i := range list {
			d.entries[i].drop()
		}
	}
	return nil
}

// again reads messages that were forgotten.
func (d *differ) again(ctx context.Context, wanted map[place][]int) error {
	if len(wanted) == 0 {
		return nil
	}
	var paths []string
	seen := map[string]bool{}
	for i := range d.entries { // in their order
		e := &d.entries[i]
		if len(wanted[e.place]) > 0 && !seen[e.path] {
			seen[e.path] = true
			paths = append(paths, e.path)
		}
	}
	work := func(_ int, it *source.Item) readCopy {
		if it.Err == nil && len(wanted[place{it.Path, it.Index}]) == 0 {
			return readCopy{skip: true}
		}
		return d.item(it)
	}
	_, err := source.Run(ctx, paths, &source.Options{Workers: d.opts.jobs.workers()}, work, func(r readCopy) error {
		switch {
		case r.skip:
		case r.err != nil:
			d.sum.Errors++
			d.say(r.err.Error())
		default:
			for _, i := range wanted[place{r.report.Source.Path, r.report.Source.Index}] {
				d.entries[i].copy = r.copy
			}
		}
		return nil
	})
	return err
}

// maxHead is how much of a header is searched for the mailbox.
const maxHead = 64 << 10

// delivered is the address of the mailbox that a message was delivered to, "" if
// its header does not say.
func delivered(message []byte) string {
	for line := range bytes.Lines(message[:min(len(message), maxHead)]) {
		if len(bytes.TrimSpace(line)) == 0 {
			break // the header ends here
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok {
			continue
		}
		switch strings.ToLower(string(name)) {
		case "delivered-to", "x-original-to", "envelope-to", "x-envelope-to":
			return strings.Trim(strings.TrimSpace(string(value)), "<>")
		}
	}
	return ""
}
