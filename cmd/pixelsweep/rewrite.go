package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/rewrite"
	"github.com/pixelsweep/pixelsweep/internal/source"
)

// rewriteOptions are the flags of rewrite.
type rewriteOptions struct {
	out, backup, journal  string
	inPlace, undo         bool
	dryRun, verify, force bool
	modes                 []string
	severity              string
	proxy, proxyKey       string
	securityLinks         bool
	format, output        string
	jobs                  jobs
	quiet                 bool
	recipients            addresses
	gzipRatio             int
	maxMessageBytes       int64
	lists                 sourceOptions
}

// AddFlags defines the flags with their defaults.
func (o *rewriteOptions) AddFlags(f *pflag.FlagSet) {
	f.StringVarP(&o.out, "out", "o", "", "write to `DIR`, the same tree as was read, or to FILE for one file")
	f.BoolVar(&o.inPlace, "in-place", false, "replace the files themselves; needs --backup or --journal")
	f.StringVar(&o.backup, "backup", "", "with --in-place, keep the originals in `DIR`, or beside them under a suffix like .orig")
	f.StringVar(&o.journal, "journal", "", "keep what is taken out in `FILE`, for --undo")
	f.BoolVar(&o.undo, "undo", false, "restore the files that --journal names, byte for byte; with PATHs those only")
	f.BoolVar(&o.dryRun, "dry-run", false, "write nothing; print a diff of the decoded parts")
	f.BoolVar(&o.verify, "verify", false, "write nothing; say what of the files would load; exit with 1 if a tracker would")
	f.StringArrayVarP(&o.modes, "mode", "m", nil, "what to do, as `MODE` or KIND=MODE (repeatable): neutralise, remove, keep, block-all, proxy, scrub, links")
	f.StringVar(&o.severity, "severity", "medium", "rewrite findings from this severity on: low, medium, high")
	f.StringVar(&o.proxy, "proxy", "", "load images through `URL` with {sig} and {url}, as camo takes them")
	f.StringVar(&o.proxyKey, "proxy-key", "", "read the key that signs URLs for the proxy from `FILE` (default: $PIXELSWEEP_PROXY_KEY)")
	f.BoolVar(&o.securityLinks, "security-links", false, "with the mode links, unwrap the links of security services too")
	f.BoolVar(&o.force, "force", false, "rewrite signed and encrypted messages too, which breaks them")
	f.StringVarP(&o.format, "format", "f", "text", "report format: text, jsonl")
	f.StringVar(&o.output, "output", "", "write the report to `FILE` instead of standard output")
	addJobs(f, &o.jobs, "rewritten")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "no summary, and nothing about what went well")
	f.Var(&o.recipients, "recipient", "an `ADDRESS` of the reader beyond those in the headers (repeatable)")
	f.IntVar(&o.gzipRatio, "max-gzip-ratio", 200, "how far a gzip'd file may expand")
	f.Int64Var(&o.maxMessageBytes, "max-message-bytes", 256<<20, "bytes of a message; larger ones are left as they are")
	o.lists.AddFlags(f)
}

func newRewriteCommand(s streams) *cobra.Command {
	o := &rewriteOptions{}
	cmd := &cobra.Command{
		Use:   "rewrite PATH…",
		Short: "Write the same messages without their beacons",
		Long: `Write the same messages without their beacons. Only the bytes that track are
changed; the result is scanned again before it is written. Standard input goes
to standard output, so that rewrite fits a pipe or a Sieve filter; without
-o nothing else does.

Every file of a folder is written: those without beacons, unreadable to us or no
mail byte for byte. A gzip'd file that changes is compressed anew. Signed and
encrypted messages are left alone unless --force.

Exit codes: 0 done, 2 wrong usage, 3 something could not be done or would still
load; with --verify 1 when a tracker would.`,
		Example: "  pixelsweep rewrite ~/Maildir -o clean/\n  pixelsweep rewrite --in-place --backup originals/ inbox.mbox\n  pixelsweep rewrite - < message.eml > clean.eml",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 && !o.undo {
				return errors.New("rewrite: no PATH given; name files or folders, or - for standard input")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runRewrite(cmd.Context(), o, args, s) },
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// check rejects flags that make no sense before anything is read.
func (o *rewriteOptions) check(paths []string) error {
	writes := 0
	for _, set := range []bool{o.out != "", o.inPlace, o.dryRun, o.verify, o.undo} {
		if set {
			writes++
		}
	}
	stdin := false
	for _, p := range paths {
		stdin = stdin || p == "-"
	}
	switch {
	case writes > 1:
		return errors.New("only one of --out, --in-place, --dry-run, --verify and --undo can be given")
	case writes == 0 && !(stdin && len(paths) == 1):
		return errors.New("rewrite: say where to: -o DIR, -o FILE or --in-place (or --dry-run to see what would change)")
	case o.inPlace && o.backup == "" && o.journal == "":
		return errors.New("--in-place: needs --backup DIR, --backup .SUFFIX or --journal FILE, so that nothing is lost")
	case o.inPlace && stdin:
		return errors.New("--in-place: standard input has no place")
	case o.backup != "" && !o.inPlace:
		return errors.New("--backup: goes with --in-place only")
	case o.undo && o.journal == "":
		return errors.New("--undo: needs the --journal that the rewrite wrote")
	case stdin && len(paths) > 1:
		return errors.New("-: standard input goes alone")
	case o.format != "text" && o.format != "jsonl":
		return fmt.Errorf("--format: unknown format %q; known are text, jsonl", o.format)
	case o.gzipRatio <= 0 || o.maxMessageBytes <= 0:
		return errors.New("--max-…: a limit must be more than 0")
	}
	return nil
}

// policy reads the flags that say what becomes of findings.
func (o *rewriteOptions) policy(errs io.Writer) (*rewrite.Options, error) {
	p := &rewrite.Options{
		Kinds: map[detector.Kind]rewrite.Mode{}, Severity: detector.Severity(o.severity),
		Force: o.force, SecurityLinks: o.securityLinks,
	}
	if r := p.Severity.Rank(); r < detector.SeverityLow.Rank() {
		return nil, fmt.Errorf("--severity: unknown severity %q; known are low, medium, high", o.severity)
	}
	if o.proxy != "" {
		key, err := o.key()
		if err != nil {
			return nil, err
		}
		if p.Proxy, err = rewrite.NewProxy(o.proxy, key); err != nil {
			return nil, fmt.Errorf("--proxy: %w", err)
		}
		if len(o.modes) == 0 {
			o.modes = []string{"proxy"}
		}
	}
	for _, text := range o.modes {
		for _, m := range strings.Split(text, ",") {
			if err := setMode(p, m); err != nil {
				return nil, err
			}
		}
	}
	filters, err := o.lists.engine(errs)
	if err != nil {
		return nil, err
	}
	p.Detector = detector.New(&detector.Options{NoReferences: true, Recipients: o.recipients, Filters: filters})
	return p, nil
}

// key reads the key for the proxy.
func (o *rewriteOptions) key() ([]byte, error) {
	if o.proxyKey == "" {
		if key := os.Getenv("PIXELSWEEP_PROXY_KEY"); key != "" {
			return []byte(key), nil
		}
		return nil, errors.New("--proxy: needs a key: --proxy-key FILE or $PIXELSWEEP_PROXY_KEY")
	}
	key, err := os.ReadFile(o.proxyKey)
	if err != nil {
		return nil, fmt.Errorf("--proxy-key: %w", pathError(err))
	}
	return bytes.TrimRight(key, "\r\n"), nil
}

var beacons = []detector.Kind{detector.Pixel, detector.ScriptBeacon, detector.FrameBeacon, detector.Probe}

var allKinds = append(beacons[:len(beacons):len(beacons)],
	detector.TrackedContent, detector.ClickTracker, detector.ReadReceipt, detector.RemoteContent)

// setMode reads MODE or KIND=MODE.
func setMode(p *rewrite.Options, text string) error {
	kind, mode, ok := strings.Cut(text, "=")
	if !ok {
		kind, mode = "", text
	}
	m := rewrite.Mode(mode)
	known := mode == "block-all"
	for _, k := range rewrite.Modes() {
		known = known || k == m
	}
	if !known {
		return fmt.Errorf("--mode: unknown mode %q; known are neutralise, remove, keep, block-all, proxy, scrub, links", mode)
	}
	if m == rewrite.Proxy && p.Proxy == nil {
		return errors.New("--mode proxy: needs --proxy URL")
	}
	if kind != "" {
		k := detector.Kind(kind)
		for _, a := range allKinds {
			if a == k && mode != "block-all" {
				p.Kinds[k] = m
				return nil
			}
		}
		return fmt.Errorf("--mode: %q is no kind of finding that can be set to %q", kind, mode)
	}
	switch mode {
	case "block-all":
		p.BlockAll = true
	case "proxy":
		p.Kinds[detector.TrackedContent], p.Kinds[detector.RemoteContent] = m, m
	case "scrub":
		p.Kinds[detector.TrackedContent] = m
	case "links":
		p.Kinds[detector.ClickTracker] = m
	default:
		for _, k := range beacons {
			p.Kinds[k] = m
		}
	}
	return nil
}

func runRewrite(ctx context.Context, o *rewriteOptions, paths []string, s streams) error {
	if err := o.check(paths); err != nil {
		return &exitError{exitUsage, err}
	}
	policy, err := o.policy(s.err)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	rep, err := o.reporter(paths, s)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	defer rep.close()
	if o.undo {
		return o.restore(paths, rep, s)
	}
	w := &rewriter{opts: o, policy: policy, report: rep, streams: s}
	if err := w.open(paths); err != nil {
		return &exitError{exitUsage, err}
	}
	defer w.close()
	limitMemory(o.jobs.workers())
	src := &source.Options{
		Workers: o.jobs.workers(), Stdin: w.stdin(), GzipRatio: o.gzipRatio, MaxMessage: o.maxMessageBytes, Others: true,
	}
	_, err = source.Run(ctx, paths, src, w.work, w.emit)
	if err == nil {
		err = w.finish()
	}
	if ctx.Err() != nil {
		return &exitError{exitPartial, errors.New("interrupted: the rest was not rewritten")}
	}
	if err != nil {
		return &exitError{exitPartial, err}
	}
	if err := rep.end(); err != nil {
		return &exitError{exitPartial, err}
	}
	switch {
	case rep.partial:
		return &exitError{code: exitPartial}
	case o.verify && rep.found:
		return &exitError{code: exitFindings}
	}
	return nil
}

// reporter opens where the report goes.
func (o *rewriteOptions) reporter(paths []string, s streams) (*rewriteReport, error) {
	r := &rewriteReport{opts: o, errs: s.err}
	w := s.out
	toStdout := len(paths) == 1 && paths[0] == "-" && o.out == "" && !o.dryRun && !o.verify
	if toStdout {
		w, r.loud = io.Discard, o.output == "" && !o.quiet // the message itself goes there
	}
	if o.output != "" {
		if err := checkOutput(o.output, paths); err != nil {
			return nil, err
		}
		f, err := os.Create(o.output)
		if err != nil {
			return nil, fmt.Errorf("--output: %w", pathError(err))
		}
		r.file, w = f, f
	}
	r.out = bufio.NewWriterSize(w, 64<<10)
	return r, nil
}
