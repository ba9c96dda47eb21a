package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/imapscan"
	"github.com/pixelsweep/pixelsweep/internal/auditreport"
	"github.com/pixelsweep/pixelsweep/internal/auditstore"
	"github.com/pixelsweep/pixelsweep/internal/config"
)

// imapAuditOptions are the flags of imap audit.
type imapAuditOptions struct {
	scanOptions
	account  accountOptions
	selected selectOptions
	store    string
	noStore  bool
	report   bool
	reports  auditReportOptions
}

// AddFlags defines the flags with their defaults.
func (o *imapAuditOptions) AddFlags(f *pflag.FlagSet) {
	o.account.AddFlags(f)
	o.selected.AddFlags(f)
	f.StringVar(&o.store, "store", "", "the `FILE` that keeps what was found (default: audit.db in your data folder)")
	f.BoolVar(&o.report, "report", false, "connect to nobody: report what the store holds (formats: "+strings.Join(auditreport.Formats(), ", ")+")")
	o.reports.AddFlags(f)
	f.BoolVar(&o.noStore, "no-store", false, "keep nothing, and read all")
	o.scanOptions.addOutput(f)
	o.lists.AddFlags(f)
	f.Var(&o.recipients, "recipient", "an `ADDRESS` of the reader beyond those in the headers and --user (repeatable)")
	addJobs(f, &o.jobs, "scanned")
}

func newIMAPAuditCommand(s streams) *cobra.Command {
	o := &imapAuditOptions{}
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Scan the messages of a mailbox, without touching it",
		Long: `Scan the messages of a mailbox on an IMAP server. Folders are opened for reading
only (EXAMINE) and messages fetched without marking them as seen (BODY.PEEK).
Of each message the structure is read first, then its header and the parts that
can track, never pictures or attachments that cannot.

What was found is kept in a store, so that the next run reads only what is new.
Interrupted, it goes on where it was. As text or html it ends with a report on
all that the store holds of the account; with -v, and in the other formats, it
prints the messages that this run has read, as scan does.`,
		Example: "  pixelsweep imap audit --user ann@mail.example --server imap.mail.example\n  pixelsweep imap audit --account home --since 2026-01-01 --format jsonl",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runIMAPAudit(cmd.Context(), o, s) },
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// check rejects flags that make no sense before anybody is connected to.
func (o *imapAuditOptions) check() error {
	if o.format == "html" {
		o.verbose = 0
		if o.noStore {
			return errors.New("--format html: reports what a store holds; leave out --no-store")
		}
	} else if _, err := report.New(o.format, io.Discard, nil); err != nil {
		return fmt.Errorf("--format: %w", err)
	}
	o.failOn, o.as, o.gzipRatio, o.maxMessageBytes = "never", "mail", 1, 1
	if err := o.scanOptions.check(); err != nil {
		return err
	}
	if err := o.selected.check(); err != nil {
		return err
	}
	if o.noStore && o.store != "" {
		return errors.New("--store and --no-store: name one of them")
	}
	if err := checkCreate(o.output); err != nil {
		return err
	}
	return o.reports.check()
}

func runIMAPAudit(ctx context.Context, o *imapAuditOptions, s streams) error {
	if o.report {
		a, sel := &o.account, &o.selected
		if a.user != "" || a.server != "" || sel.since != "" || sel.before != "" || len(sel.folders) > 0 || len(sel.exclude) > 0 || sel.limit != 0 || o.noStore {
			return &exitError{exitUsage, errors.New("--report: tells of all that the store holds; only --account, --store, --format, --table, --top and --output go with it")}
		}
		if err := o.reports.check(); err != nil {
			return &exitError{exitUsage, err}
		}
		return runAuditReport(ctx, o.reportOf(o.store, o.account.name), s)
	}
	if err := o.check(); err != nil {
		return &exitError{exitUsage, err}
	}
	c, _, err := o.lists.load()
	if err != nil {
		return err
	}
	filters, err := o.lists.engine(s.err)
	if err != nil {
		return err
	}
	sc, acc, done, err := o.account.open(c, s)
	if err != nil {
		return err
	}
	defer done()
	path, err := o.storePath(acc)
	if err != nil {
		return &exitError{exitUsage, fmt.Errorf("--store: %w", err)}
	}
	if o.output != "" && path != "" {
		if err := checkReportOutput(o.output, path); err != nil {
			return &exitError{exitUsage, err}
		}
	}
	var store *auditstore.Store
	if path != "" {
		if store, err = auditstore.Open(path); err != nil {
			return &exitError{exitUsage, fmt.Errorf("--store: %w", err)}
		}
		defer store.Close()
	}
	summary := store != nil && o.verbose == 0 && (o.format == "text" || o.format == "html")
	open := o.scanOptions.open
	if summary {
		open = o.count
	}
	e, finish, err := open(nil, s)
	if err != nil {
		return err
	}
	limitMemory(o.jobs.workers())
	sc.Workers = o.jobs.workers()
	sc.Say = func(text string) { e.progress.clear(); say(s.err, text) }
	sc.Detector = detector.New(&detector.Options{
		NoReferences: !o.references || o.format != "json" && o.format != "jsonl" && o.verbose < 2,
		Recipients:   append(o.recipients, acc.User), Filters: filters, Limits: o.limits,
	})
	audit := &imapscan.Audit{Since: o.selected.sinceT, Before: o.selected.beforeT, Limit: o.selected.limit, Store: store}
	audit.Include, audit.Exclude = o.selected.patterns(acc)
	_, auditErr := sc.Audit(ctx, audit, func(folder string, r imapscan.Result) error { return e.emit(auditResult(folder, r)) })
	if err := finish(); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		return &exitError{exitPartial, errors.New("interrupted: the rest was not read; the next run goes on")}
	case auditErr != nil:
		return failure(auditErr, acc)
	}
	if summary && !o.quiet {
		if err := writeAuditReport(ctx, store, o.reportOf(path, acc.Name), s); err != nil {
			return err
		}
	}
	switch {
	case e.partial:
		return &exitError{code: exitPartial}
	}
	return nil
}

// auditResult is what the emitter takes.
func auditResult(folder string, r imapscan.Result) scanned {
	var whole *imapscan.FolderError
	if errors.As(r.Err, &whole) {
		return scanned{err: r.Err}
	}
	if r.Err != nil {
		return scanned{err: fmt.Errorf("%s/;UID=%d: %w", folder, r.UID, r.Err)}
	}
	return scanned{report: r.Report, place: r.Report.Source.Place()}
}

// storePath is the store that the flags or the account name; "" for none.
func (o *imapAuditOptions) storePath(a *config.Account) (string, error) {
	if o.noStore {
		return "", nil
	}
	if path := cmp.Or(o.store, a.Store); path != "" {
		return path, nil
	}
	return auditstore.DefaultPath()
}

// reportOf says what is reported of a store.
func (o *imapAuditOptions) reportOf(store, account string) *auditReportOptions {
	r := o.reports
	r.store, r.account, r.format, r.output, r.redact, r.color = store, account, o.format, o.output, o.redact, o.color
	return &r
}

// count makes an emitter that counts reports and writes none.
func (o *imapAuditOptions) count(_ []string, s streams) (*emitter, func() error, error) {
	e := &emitter{opts: &o.scanOptions, handler: silent{}, errs: s.err, sum: &report.Summary{}}
	if !o.quiet && isTerminal(s.err) {
		e.progress = &progress{w: s.err, width: terminalWidth(s.err)}
	}
	return e, func() error { e.progress.clear(); return nil }, nil
}

// silent is a handler that writes nothing.
type silent struct{}

func (silent) Report(*detector.Report) error { return nil }
func (silent) Close(*report.Summary) error   { return nil }
