package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/internal/source"
)

// scanOptions are the flags of scan.
type scanOptions struct {
	format, output  string
	failOn, as      string
	failOnLinks     bool
	references      bool
	recipients      []string
	jobs, verbose   int
	color           string
	quiet           bool
	fullURLs        bool
	redact          bool
	limits          detector.Limits
	gzipRatio       int
	maxMessageBytes int64
}

// AddFlags defines the flags with their defaults.
func (o *scanOptions) AddFlags(f *pflag.FlagSet) {
	f.StringVarP(&o.format, "format", "f", "text", "output format: "+strings.Join(report.Formats(), ", "))
	f.StringVarP(&o.output, "output", "o", "", "write the report to `FILE` instead of standard output")
	f.StringVar(&o.failOn, "fail-on", "medium", "exit with 1 from this severity on: info, low, medium, high, never")
	f.BoolVar(&o.failOnLinks, "fail-on-links", false, "let wrapped links, receipts and remote content count for --fail-on")
	f.BoolVar(&o.references, "references", true, "list every reference in json and jsonl")
	f.StringArrayVar(&o.recipients, "recipient", nil, "an `ADDRESS` of the reader beyond those in the headers (repeatable)")
	f.StringVar(&o.as, "as", "mail", "read HTML files as: mail (the body of a message), page")
	f.IntVarP(&o.jobs, "jobs", "j", 0, "how many messages are scanned at a time (default: one per CPU)")
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
	f.IntVar(&o.gzipRatio, "max-gzip-ratio", 200, "how far a gzip'd file may expand")
	f.Int64Var(&o.maxMessageBytes, "max-message-bytes", 256<<20, "bytes of a message")
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
	if o.color != "auto" && o.color != "always" && o.color != "never" {
		return fmt.Errorf("--color: unknown choice %q; known are auto, always, never", o.color)
	}
	if o.jobs < 0 {
		return fmt.Errorf("--jobs: %d is not a number of workers", o.jobs)
	}
	return nil
}

// scanned is what a worker hands over: a report, or why there is none.
type scanned struct {
	report   *detector.Report
	err      error
	warnings []string
	path     string
}

func runScan(ctx context.Context, o *scanOptions, paths []string, s streams) (err error) {
	if err := o.check(); err != nil {
		return &exitError{exitUsage, err}
	}
	if _, err := report.New(o.format, io.Discard, nil); err != nil {
		return &exitError{exitUsage, fmt.Errorf("--format: %w", err)}
	}
	w := s.out
	if o.output != "" {
		f, err := os.Create(o.output)
		if err != nil {
			return &exitError{exitUsage, fmt.Errorf("--output: %w", err)}
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		w = f
	}
	out := bufio.NewWriterSize(w, 64<<10)
	h, _ := report.New(o.format, out, &report.Options{
		Color: o.colored(w), Width: terminalWidth(w), Verbose: o.verbose, FullURLs: o.fullURLs, Redact: o.redact,
	})
	debug.SetGCPercent(200)
	sum, failed, bad, err := o.scan(ctx, paths, s, h)
	if err != nil {
		return &exitError{exitPartial, err}
	}
	if !o.quiet || o.format != "text" {
		if err := h.Close(sum); err != nil {
			return &exitError{exitPartial, err}
		}
	}
	if err := out.Flush(); err != nil {
		return &exitError{exitPartial, err}
	}
	switch {
	case bad:
		return &exitError{code: exitPartial}
	case failed:
		return &exitError{code: exitFindings}
	}
	return nil
}

// scan runs the workers and gives their reports to h in order. It returns the
// summary, whether a finding reached the threshold, and whether something
// could not be read.
func (o *scanOptions) scan(ctx context.Context, paths []string, s streams, h report.Handler) (*report.Summary, bool, bool, error) {
	det := detector.New(&detector.Options{
		NoReferences: !o.references || o.format != "json" && o.format != "jsonl" && o.verbose < 2,
		Recipients:   o.recipients, Limits: o.limits,
	})
	src := &source.Options{Workers: o.jobs, Stdin: s.in, GzipRatio: o.gzipRatio, MaxMessage: o.maxMessageBytes}
	if src.Workers == 0 {
		src.Workers = runtime.GOMAXPROCS(0)
	}
	sum := &report.Summary{}
	failed, bad := false, false
	work := func(_ int, it *source.Item) scanned { return scanItem(det, it, o.as) }
	emit := func(r scanned) error {
		for _, w := range r.warnings {
			bad = true
			say(s.err, r.path+": "+w)
		}
		if r.err != nil {
			bad = true
			say(s.err, r.err.Error())
			return nil
		}
		sum.Add(r.report)
		failed = failed || o.fails(r.report)
		bad = bad || !r.report.Complete
		return h.Report(r.report)
	}
	stats, err := source.Run(ctx, paths, src, work, emit)
	sum.Skipped, sum.Errors = stats.Skipped, stats.Errors
	return sum, failed, bad || stats.Errors > 0, err
}

// scanItem turns one item into a report.
func scanItem(det *detector.Detector, it *source.Item, as string) scanned {
	r := scanned{path: it.Path, warnings: it.Warnings}
	if it.Err != nil {
		r.err = pathError(it.Err)
		return r
	}
	src := detector.Source{Path: it.Path, Index: it.Index, Type: detector.TypeMessage}
	if it.Kind == source.HTML {
		if as == "page" {
			src.Type = detector.TypePage
		}
		r.report, r.err = det.ScanHTML(src, it.Data)
	} else {
		r.report, r.err = det.Scan(src, it.Data)
	}
	if r.err != nil {
		r.err = fmt.Errorf("%s: %w", it.Path, r.err)
	}
	return r
}

// pathError says a path first and then what is wrong with it.
func pathError(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", p.Path, p.Err)
	}
	return err
}

// fails reports whether a report reaches the threshold.
func (o *scanOptions) fails(r *detector.Report) bool {
	if o.failOn == "never" {
		return false
	}
	least := detector.Severity(o.failOn).Rank()
	for i := range r.Findings {
		f := &r.Findings[i]
		if (f.Kind.Decides() || o.failOnLinks) && f.Severity.Rank() >= least {
			return true
		}
	}
	return false
}

// colored reports whether to write colours to w.
func (o *scanOptions) colored(w io.Writer) bool {
	switch o.color {
	case "always":
		return true
	case "never":
		return false
	}
	return isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0
}
