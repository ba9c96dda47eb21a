package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/internal/source"
	"github.com/pixelsweep/pixelsweep/rules/filter"
)

// scanOptions are the flags of scan.
type scanOptions struct {
	format, output  string
	failOn, as      string
	failOnLinks     bool
	references      bool
	recipients      addresses
	jobs            jobs
	verbose         int
	color           string
	quiet           bool
	fullURLs        bool
	redact          bool
	limits          detector.Limits
	gzipRatio       int
	maxMessageBytes int64
	lists           sourceOptions
}

// AddFlags defines the flags with their defaults.
func (o *scanOptions) AddFlags(f *pflag.FlagSet) {
	o.addOutput(f)
	f.StringVar(&o.failOn, "fail-on", "", "exit with 1 from this severity on: info, low, medium, high, never (default: of the config, else medium)")
	f.BoolVar(&o.failOnLinks, "fail-on-links", false, "let wrapped links, receipts and remote content count for --fail-on")
	o.lists.AddFlags(f)
	f.Var(&o.recipients, "recipient", "an `ADDRESS` of the reader beyond those in the headers (repeatable)")
	f.StringVar(&o.as, "as", "mail", "read HTML files as: mail (the body of a message), page")
	addJobs(f, &o.jobs, "scanned")
	f.IntVar(&o.gzipRatio, "max-gzip-ratio", 200, "how far a gzip'd file may expand")
	f.Int64Var(&o.maxMessageBytes, "max-message-bytes", 256<<20, "bytes of a message")
}

// addOutput defines the flags of how reports are written and of the limits for a
// message.
func (o *scanOptions) addOutput(f *pflag.FlagSet) {
	f.StringVarP(&o.format, "format", "f", "text", "output format: "+strings.Join(report.Formats(), ", "))
	f.StringVarP(&o.output, "output", "o", "", "write the report to `FILE` instead of standard output")
	f.BoolVar(&o.references, "references", true, "list every reference in json and jsonl")
	f.StringVar(&o.color, "color", "auto", "colour: auto, always, never")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "no progress and no summary")
	f.CountVarP(&o.verbose, "verbose", "v", "show signals and clean messages; twice: references too")
	f.BoolVar(&o.fullURLs, "full-urls", false, "show URLs whole, with the tokens that identify the reader")
	f.BoolVar(&o.redact, "redact", false, "shorten those tokens in json, jsonl and csv too")
	f.IntVar(&o.limits.Nesting, "max-nesting", 64, "MIME parts inside one another")
	f.IntVar(&o.limits.Parts, "max-parts", 2000, "MIME parts of a message")
	f.IntVar(&o.limits.Headers, "max-headers", 10000, "header fields of a part")
	f.IntVar(&o.limits.HeaderBytes, "max-header-bytes", 1<<20, "bytes of a header")
	f.IntVar(&o.limits.HTMLBytes, "max-html-bytes", 16<<20, "bytes of a decoded part")
	f.IntVar(&o.limits.DataNesting, "max-data-nesting", 8, "data: and srcdoc documents inside one another")
	f.IntVar(&o.limits.References, "max-references", 20000, "references of a message")
	f.IntVar(&o.limits.URLBytes, "max-url-bytes", 64<<10, "bytes of a URL")
	f.DurationVar(&o.limits.CPU, "max-time", 10*time.Second, "time for a message")
}

func newScanCommand(s streams) *cobra.Command {
	o := &scanOptions{}
	cmd := &cobra.Command{
		Use:   "scan PATH…",
		Short: "Scan messages, mailboxes, folders and HTML files",
		Long: `Scan messages (.eml, .emlx), mbox files, Maildirs, HTML files, folders of any of
these, all also gzip'd, or - for standard input. In a folder the content says
what a file is; what is neither mail nor HTML is counted and skipped.`,
		Example: "  pixelsweep scan ~/Maildir\n  pixelsweep scan --format jsonl inbox.mbox > report.jsonl\n  pixelsweep scan -v - < message.eml",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("scan: no PATH given; name files or folders, or - for standard input")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runScan(cmd.Context(), o, args, s) },
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// check rejects flags that make no sense before anything is read.
func (o *scanOptions) check() error {
	if o.failOn != "never" && detector.Severity(o.failOn).Rank() < 0 {
		return fmt.Errorf("--fail-on: unknown severity %q; known are info, low, medium, high, never", o.failOn)
	}
	if o.as != "mail" && o.as != "page" {
		return fmt.Errorf("--as: unknown type %q; known are mail, page", o.as)
	}
	if err := checkColor(o.color); err != nil {
		return err
	}
	l := &o.limits
	for _, f := range []struct {
		name string
		n    int64
	}{
		{"nesting", int64(l.Nesting)}, {"parts", int64(l.Parts)}, {"headers", int64(l.Headers)}, {"header-bytes", int64(l.HeaderBytes)},
		{"html-bytes", int64(l.HTMLBytes)}, {"data-nesting", int64(l.DataNesting)}, {"references", int64(l.References)},
		{"url-bytes", int64(l.URLBytes)}, {"time", int64(l.CPU)}, {"gzip-ratio", int64(o.gzipRatio)}, {"message-bytes", o.maxMessageBytes},
	} {
		if f.n <= 0 {
			return fmt.Errorf("--max-%s: a limit must be more than 0", f.name)
		}
	}
	return nil
}

func checkColor(choice string) error {
	if choice != "auto" && choice != "always" && choice != "never" {
		return fmt.Errorf("--color: unknown choice %q; known are auto, always, never", choice)
	}
	return nil
}

// configure takes from the config what no flag says.
func (o *scanOptions) configure() error {
	if o.failOn != "" {
		return nil
	}
	c, _, err := o.lists.load()
	if err != nil {
		return err
	}
	o.failOn = cmp.Or(c.FailOn, "medium")
	return nil
}

func runScan(ctx context.Context, o *scanOptions, paths []string, s streams) error {
	if err := o.configure(); err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return &exitError{exitUsage, err}
	}
	if _, err := report.New(o.format, io.Discard, nil); err != nil {
		return &exitError{exitUsage, fmt.Errorf("--format: %w", err)}
	}
	filters, err := o.lists.engine(s.err)
	if err != nil {
		return err
	}
	e, finish, err := o.open(paths, s)
	if err != nil {
		return err
	}
	limitMemory(o.jobs.workers())
	err = o.scan(ctx, paths, filters, s, e)
	if err != nil && ctx.Err() == nil {
		e.progress.clear()
		return &exitError{exitPartial, err}
	}
	if err := finish(); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		return &exitError{exitPartial, errors.New("interrupted: the rest was not read")}
	case e.partial:
		return &exitError{code: exitPartial}
	case e.failed:
		return &exitError{code: exitFindings}
	}
	return nil
}

// open makes what reports are given to. finish writes the end and closes the
// file, if it is one. paths are not overwritten.
func (o *scanOptions) open(paths []string, s streams) (e *emitter, finish func() error, err error) {
	if _, err := report.New(o.format, io.Discard, nil); err != nil {
		return nil, nil, &exitError{exitUsage, fmt.Errorf("--format: %w", err)}
	}
	out, err := openOutput(o.output, paths, s.out)
	if err != nil {
		return nil, nil, &exitError{exitUsage, err}
	}
	h, _ := report.New(o.format, out, &report.Options{
		Color: colored(o.color, out.to), Width: terminalWidth(out.to), Verbose: o.verbose, FullURLs: o.fullURLs, Redact: o.redact,
	})
	e = &emitter{opts: o, out: out.Writer, live: isTerminal(out.to), handler: h, errs: s.err, sum: &report.Summary{}}
	if !o.quiet && isTerminal(s.err) {
		e.progress = &progress{w: s.err, width: terminalWidth(s.err)}
	}
	return e, func() error {
		e.progress.clear()
		var err error
		if !o.quiet || o.format != "text" {
			err = h.Close(e.sum)
		}
		if e := out.close(); err == nil {
			err = e
		}
		if err != nil {
			return &exitError{exitPartial, err}
		}
		return nil
	}, nil
}

// limitMemory keeps memory small however large the input: the collector may be
// lazy while little is used, and works more when that grows. The environment of
// the user, if set, rules.
func limitMemory(workers int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(48+8*workers) << 20)
	}
}

// scan runs the workers, which give their reports to e in order.
func (o *scanOptions) scan(ctx context.Context, paths []string, filters *filter.Engine, s streams, e *emitter) error {
	det := detector.New(&detector.Options{
		NoReferences: !byLine[o.format] && (!o.references || o.format != "json" && o.format != "jsonl" && o.verbose < 2),
		Recipients:   o.recipients, Filters: filters, Limits: o.limits,
	})
	src := &source.Options{Workers: o.jobs.workers(), Stdin: s.in, GzipRatio: o.gzipRatio, MaxMessage: o.maxMessageBytes, AsPages: o.as == "page"}
	work := func(_ int, it *source.Item) scanned {
		r := scanItem(det, it, o.as)
		if byLine[o.format] && r.report != nil {
			inFile(r.report, it)
		}
		return r
	}
	stats, err := source.Run(ctx, paths, src, work, e.emit)
	e.sum.Skipped = stats.Skipped
	return err
}

// scanned is what a worker hands over: a report, or why there is none.
type scanned struct {
	report   *detector.Report
	err      error
	warnings []string // of the source; the report has them too
	place    string
}

// scanItem turns one item into a report.
func scanItem(det *detector.Detector, it *source.Item, as string) (r scanned) {
	if it.Err != nil {
		return scanned{err: pathError(it.Err)}
	}
	r = scanned{place: it.Path, warnings: it.Warnings}
	if it.Index > 0 {
		r.place = fmt.Sprintf("%s: message %d", it.Path, it.Index)
	}
	defer func() {
		// A defect that one message shows must not lose the others.
		if p := recover(); p != nil {
			r = scanned{err: fmt.Errorf("%s: cannot be scanned, a defect of pixelsweep: %v", r.place, p)}
		}
	}()
	src := detector.Source{Path: it.Path, Index: it.Index, Type: detector.TypeMessage}
	if it.Kind == source.HTML {
		if as == "page" {
			src.Type = detector.TypePage
		}
		r.report, r.err = det.ScanHTML(src, it.Data)
	} else {
		r.report, r.err = det.Scan(src, it.Data)
	}
	switch {
	case errors.Is(r.err, detector.ErrEmpty) && r.report != nil:
		r.err, r.warnings = nil, append(r.warnings, "empty message")
	case r.err != nil:
		r.err = fmt.Errorf("%s: %w", r.place, r.err)
		return r
	}
	for _, w := range r.warnings {
		r.report.Complete = false
		r.report.Warnings = append(r.report.Warnings, detector.Warning{Text: w})
	}
	return r
}

// pathError says a path first and then what is wrong with it.
func pathError(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		if p.Path == "" {
			return fmt.Errorf(`"": %w`, p.Err)
		}
		return fmt.Errorf("%s: %w", p.Path, p.Err)
	}
	return err
}
