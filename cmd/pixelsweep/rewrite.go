package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pixelsweep/pixelsweep/internal/source"
)

// rewriteOptions are the flags of rewrite.
type rewriteOptions struct {
	out, backup, journal string
	inPlace, undo        bool
	dryRun, verify       bool
	format, output, as   string
	jobs                 jobs
	quiet                bool
	gzipRatio            int
	maxMessageBytes      int64
	policyOptions
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
	f.StringVar(&o.as, "as", "mail", "read HTML files as: mail (the body of a message), page")
	f.StringVarP(&o.format, "format", "f", "text", "report format: text, jsonl")
	f.StringVar(&o.output, "output", "", "write the report to `FILE` instead of standard output")
	addJobs(f, &o.jobs, "rewritten")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "no summary, and nothing about what went well")
	f.IntVar(&o.gzipRatio, "max-gzip-ratio", 200, "how far a gzip'd file may expand")
	f.Int64Var(&o.maxMessageBytes, "max-message-bytes", 256<<20, "bytes of a message; larger ones are left as they are")
	o.policyOptions.AddFlags(f)
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
	case o.as != "mail" && o.as != "page":
		return fmt.Errorf("--as: unknown type %q; known are mail, page", o.as)
	case o.gzipRatio <= 0 || o.maxMessageBytes <= 0:
		return errors.New("--max-…: a limit must be more than 0")
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
	policy.Page = o.as == "page"
	w := &rewriter{opts: o, policy: policy, streams: s}
	if !o.undo {
		defer w.close()
		if err := w.open(paths); err != nil {
			return &exitError{exitUsage, err}
		}
	}
	rep, err := o.reporter(paths, s)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	defer rep.out.close()
	if o.undo {
		return o.restore(paths, rep, s)
	}
	w.report = rep
	limitMemory(o.jobs.workers())
	src := &source.Options{
		Workers: o.jobs.workers(), Stdin: w.stdin(), GzipRatio: o.gzipRatio, MaxMessage: o.maxMessageBytes, Others: true, AsPages: o.as == "page",
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
	var err error
	if r.out, err = openOutput(o.output, paths, w); err != nil {
		return nil, err
	}
	return r, nil
}
