package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/imapscan"
	"github.com/pixelsweep/pixelsweep/internal/auditstore"
	"github.com/pixelsweep/pixelsweep/internal/config"
)

// imapAuditOptions are the flags of imap audit.
type imapAuditOptions struct {
	scanOptions
	account         accountOptions
	folders         []string
	exclude         []string
	since, before   string
	limit           int
	store           string
	noStore         bool
	sinceT, beforeT time.Time
}

// AddFlags defines the flags with their defaults.
func (o *imapAuditOptions) AddFlags(f *pflag.FlagSet) {
	o.account.AddFlags(f)
	f.StringArrayVar(&o.folders, "folder", nil, `a folder: a name, a pattern with * and ?, or a use such as \Sent (repeatable; default: all)`)
	f.StringArrayVar(&o.exclude, "exclude", nil, "leave out such folders (repeatable)")
	f.StringVar(&o.since, "since", "", "only what arrived on this `DAY` or later: 2026-01-31")
	f.StringVar(&o.before, "before", "", "only what arrived before this `DAY`")
	f.IntVar(&o.limit, "limit", 0, "only the newest `N` messages of each folder that are not known yet")
	f.StringVar(&o.store, "store", "", "the `FILE` that keeps what was found (default: audit.db in your data folder)")
	f.BoolVar(&o.noStore, "no-store", false, "keep nothing, and read all")
	o.scanOptions.addOutput(f)
	o.lists.AddFlags(f)
	f.StringArrayVar(&o.recipients, "recipient", nil, "an `ADDRESS` of the reader beyond those in the headers and --user (repeatable)")
	f.IntVarP(&o.jobs, "jobs", "j", 0, "how many messages are scanned at a time (default: one per CPU)")
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
Interrupted, it goes on where it was.`,
		Example: "  pixelsweep imap audit --user ann@mail.example --server imap.mail.example\n  pixelsweep imap audit --account home --since 2026-01-01 --format jsonl",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runIMAPAudit(cmd.Context(), o, s) },
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// check rejects flags that make no sense before anybody is connected to.
func (o *imapAuditOptions) check() error {
	o.failOn, o.as, o.gzipRatio, o.maxMessageBytes = "never", "mail", 1, 1
	if err := o.scanOptions.check(); err != nil {
		return err
	}
	for _, d := range []struct {
		flag, text string
		day        *time.Time
	}{{"since", o.since, &o.sinceT}, {"before", o.before, &o.beforeT}} {
		if d.text == "" {
			continue
		}
		var err error
		if *d.day, err = time.Parse(time.DateOnly, d.text); err != nil {
			return fmt.Errorf("--%s: %q is no day; write it as 2026-01-31", d.flag, d.text)
		}
	}
	switch {
	case o.limit < 0:
		return fmt.Errorf("--limit: %d is no number of messages", o.limit)
	case o.noStore && o.store != "":
		return errors.New("--store and --no-store: name one of them")
	case o.account.connections < 1 || o.account.connections > 10:
		return errors.New("--connections: from 1 to 10")
	}
	return nil
}

func runIMAPAudit(ctx context.Context, o *imapAuditOptions, s streams) error {
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
	store, err := o.openStore(acc)
	if err != nil {
		return &exitError{exitUsage, fmt.Errorf("--store: %w", err)}
	}
	if store != nil {
		defer store.Close()
	}
	e, finish, err := o.open(nil, s)
	if err != nil {
		return err
	}
	limitMemory(o.workers())
	sc.Workers = o.workers()
	sc.Say = func(text string) { e.progress.clear(); say(s.err, text) }
	sc.Detector = detector.New(&detector.Options{
		NoReferences: !o.references || o.format != "json" && o.format != "jsonl" && o.verbose < 2,
		Recipients:   append(o.recipients, acc.User), Filters: filters, Limits: o.limits,
	})
	audit := &imapscan.Audit{Include: acc.Folders, Exclude: acc.Exclude, Since: o.sinceT, Before: o.beforeT, Limit: o.limit, Store: store}
	if len(o.folders) > 0 {
		audit.Include = o.folders
	}
	if len(o.exclude) > 0 {
		audit.Exclude = o.exclude
	}
	_, auditErr := sc.Audit(ctx, audit, func(folder string, r imapscan.Result) error { return e.emit(auditResult(folder, r)) })
	if err := finish(); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		return &exitError{exitPartial, errors.New("interrupted: the rest was not read; the next run goes on")}
	case auditErr != nil:
		return failure(auditErr)
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

// openStore opens the store that the flags or the account name; nil for none.
func (o *imapAuditOptions) openStore(a *config.Account) (*auditstore.Store, error) {
	if o.noStore {
		return nil, nil
	}
	path := cmp.Or(o.store, a.Store)
	if path == "" {
		var err error
		if path, err = auditstore.DefaultPath(); err != nil {
			return nil, err
		}
	}
	return auditstore.Open(path)
}
