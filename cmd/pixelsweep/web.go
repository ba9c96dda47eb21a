package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/internal/browser"
	"github.com/pixelsweep/pixelsweep/internal/har"
	"github.com/pixelsweep/pixelsweep/rules/filter"
)

// webOptions are the flags of web: those of scan, and its own.
type webOptions struct {
	scanOptions
	browser, har          bool
	harOut, screenshots   string
	chromium, userAgent   string
	allowLocal, once      bool
	quietFor, loadTimeout time.Duration
	dial                  func(*browser.Options) // for tests
}

func newWebCommand(s streams) *cobra.Command {
	o := &webOptions{}
	cmd := &cobra.Command{
		Use:   "web PATH…",
		Short: "Scan web pages: from their source, from an HTTP archive, or in a real browser",
		Long: `Scan saved web pages for conversion pixels, script and frame beacons, and say
what they send and whether they wait for consent. Nothing is fetched.

With --har, PATHs are HTTP archives (HAR) that a browser's developer tools wrote.

With --browser, the one argument is a URL or an HTML file that is opened in your
Chromium: everything the page names is loaded. The page is opened once untouched,
and, where it shows the banner of a known consent platform, twice again: after
refusing and after accepting. Chromium gets a fresh profile, which is deleted.
Private addresses are not asked unless --allow-local; a file reaches no other
file; downloads and new windows are refused.`,
		Example: "  pixelsweep web saved/thanks.html\n  pixelsweep web --har trace.har\n  pixelsweep web --browser https://shop.example/ --har-out shop.har --screenshots shots/",
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return errors.New("web: no PATH given; name HTML files or folders, or - for standard input")
			case o.browser && o.har:
				return errors.New("web: --browser and --har go apart")
			case o.browser && len(args) != 1:
				return errors.New("web --browser: takes one URL or file")
			case !o.browser && (o.harOut != "" || o.screenshots != ""):
				return errors.New("web: --har-out and --screenshots need --browser")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runWeb(cmd.Context(), o, args, s) },
	}
	f := cmd.Flags()
	o.scanOptions.AddFlags(f)
	o.as = "page"
	_ = f.MarkHidden("as")
	f.BoolVar(&o.browser, "browser", false, "open the URL or FILE in Chromium, which loads what it names")
	f.BoolVar(&o.har, "har", false, "read PATHs as HTTP archives")
	f.StringVar(&o.harOut, "har-out", "", "with --browser, write an HTTP archive to `FILE`")
	f.StringVar(&o.screenshots, "screenshots", "", "with --browser, write a screenshot of each phase to `DIR`")
	f.StringVar(&o.chromium, "chromium", "", "`PATH` of Chromium (default: looked for)")
	f.StringVar(&o.userAgent, "user-agent", "", "`TEXT` that the browser calls itself (default: its own)")
	f.BoolVar(&o.allowLocal, "allow-local", false, "let the page ask private addresses")
	f.BoolVar(&o.once, "once", false, "open the page once; answer no banner")
	f.DurationVar(&o.quietFor, "settle", 1500*time.Millisecond, "how long nothing must happen until a page counts as loaded")
	f.DurationVar(&o.loadTimeout, "load-timeout", 30*time.Second, "time for one load")
	return cmd
}

func runWeb(ctx context.Context, o *webOptions, args []string, s streams) error {
	o.as = "page"
	if !o.browser && !o.har {
		return runScan(ctx, &o.scanOptions, args, s)
	}
	if err := o.configure(); err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return &exitError{exitUsage, err}
	}
	if o.quietFor <= 0 || o.loadTimeout <= 0 {
		return &exitError{exitUsage, errors.New("--settle, --load-timeout: a time must be more than 0")}
	}
	filters, err := o.lists.engine(s.err)
	if err != nil {
		return err
	}
	out, err := openOutput(o.output, args, s.out)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	defer out.close()
	h, err := report.New(o.format, out, &report.Options{
		Color: colored(o.color, out.to), Width: terminalWidth(out.to), Verbose: o.verbose, FullURLs: o.fullURLs, Redact: o.redact,
	})
	if err != nil {
		return &exitError{exitUsage, fmt.Errorf("--format: %w", err)}
	}
	e := &emitter{opts: &o.scanOptions, out: out.Writer, handler: h, errs: s.err, sum: &report.Summary{}}
	for _, arg := range args {
		r, err := o.requests(ctx, arg, filters, s)
		if ctx.Err() != nil {
			return &exitError{exitPartial, errors.New("interrupted")}
		}
		if err := e.emit(scanned{report: r, err: err, place: arg}); err != nil {
			return &exitError{exitPartial, err}
		}
	}
	if !o.quiet || o.format != "text" {
		if err := h.Close(e.sum); err != nil {
			return &exitError{exitPartial, err}
		}
	}
	if err := out.close(); err != nil {
		return &exitError{exitPartial, err}
	}
	switch {
	case e.partial:
		return &exitError{code: exitPartial}
	case e.failed:
		return &exitError{code: exitFindings}
	}
	return nil
}

// requests judges the requests of an archive or of a page in the browser.
func (o *webOptions) requests(ctx context.Context, arg string, filters *filter.Engine, s streams) (*detector.Report, error) {
	det := detector.New(&detector.Options{
		NoReferences: !o.references || o.format != "json" && o.format != "jsonl" && o.verbose < 2,
		Recipients:   o.recipients, Filters: filters, Limits: o.limits,
	})
	if o.har {
		f, size, err := openArchive(arg, s.in)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		page, reqs, skipped, err := har.Read(f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", arg, err)
		}
		rep := det.ScanRequests(detector.Source{Path: arg, Bytes: size}, page, reqs)
		for _, text := range skipped {
			rep.Complete = false
			rep.Warnings = append(rep.Warnings, detector.Warning{Text: text})
		}
		return rep, nil
	}
	return o.open(ctx, arg, det, s)
}

func openArchive(path string, stdin io.Reader) (io.ReadCloser, int64, error) {
	if path == "-" {
		return io.NopCloser(stdin), 0, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, pathError(err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, pathError(err)
	}
	if info.IsDir() {
		f.Close()
		return nil, 0, fmt.Errorf("%s: a folder; name the archives in it", path)
	}
	return f, info.Size(), nil
}

// open opens a URL or file in Chromium.
func (o *webOptions) open(ctx context.Context, target string, det *detector.Detector, s streams) (*detector.Report, error) {
	opts := &browser.Options{
		Chromium: o.chromium, UserAgent: o.userAgent, AllowLocal: o.allowLocal, OneLoad: o.once,
		Shots: o.screenshots != "", Quiet: o.quietFor, Timeout: o.loadTimeout,
	}
	if o.dial != nil {
		o.dial(opts)
	}
	var file []byte
	if low := strings.ToLower(target); !strings.HasPrefix(low, "http://") && !strings.HasPrefix(low, "https://") {
		path := strings.TrimPrefix(target, "file://")
		data, err := readPage(path, int64(o.limits.HTMLBytes))
		if err != nil {
			return nil, err
		}
		file = data
	}
	res, err := browser.Open(ctx, target, file, opts)
	if err != nil {
		return nil, err
	}
	for _, w := range res.Warnings {
		say(s.err, w)
	}
	if file != nil {
		res.Page.URL = target
	}
	for _, shot := range res.Shots {
		name := filepath.Join(o.screenshots, strings.ReplaceAll(string(shot.Phase), " ", "-")+".png")
		err := os.MkdirAll(o.screenshots, 0o755)
		if err == nil {
			err = os.WriteFile(name, shot.PNG, 0o644)
		}
		if err != nil {
			return nil, pathError(err)
		}
		res.Page.Screenshots = append(res.Page.Screenshots, name)
	}
	if o.harOut != "" {
		if err := writeArchive(o.harOut, res); err != nil {
			return nil, err
		}
	}
	rep := det.ScanRequests(detector.Source{Path: target, Bytes: int64(len(file))}, res.Page, res.Requests)
	rep.Complete = rep.Complete && !res.Cut
	for _, w := range res.Warnings {
		rep.Warnings = append(rep.Warnings, detector.Warning{Text: w})
	}
	return rep, nil
}

// readPage reads the file that is to be opened.
func readPage(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, pathError(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	switch {
	case err != nil:
		return nil, pathError(err)
	case int64(len(data)) > most:
		return nil, fmt.Errorf("%s: larger than %d bytes; --max-html-bytes permits more", path, most)
	}
	if len(data) == 0 {
		return nil, fmt.Errorf("%s: is empty", path)
	}
	return data, nil
}

func writeArchive(path string, res *browser.Result) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("--har-out: %w", pathError(err))
	}
	w := bufio.NewWriter(f)
	err = har.Write(w, version, res.Page, res.Entries)
	if err == nil {
		err = w.Flush()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}
