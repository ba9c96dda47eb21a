package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/imapscan"
)

// imapWatchOptions are the flags of imap watch.
type imapWatchOptions struct {
	scanOptions
	account  accountOptions
	folders  []string
	when     string
	keyword  string
	label    string
	exec     []string
	execTime time.Duration
	poll     time.Duration
	renew    time.Duration
}

// AddFlags defines the flags with their defaults.
func (o *imapWatchOptions) AddFlags(f *pflag.FlagSet) {
	o.account.AddFlags(f)
	f.StringArrayVar(&o.folders, "folder", nil, "a folder: a name, a pattern with * and ?, or a use such as \\Junk (repeatable; default: INBOX); up to 8")
	f.StringVar(&o.when, "when", "tracked", "mark and --exec messages that are: tracked, suspicious (or tracked), any")
	f.StringVar(&o.keyword, "keyword", "", "set a `KEYWORD` on them, such as $Tracked")
	f.StringVar(&o.label, "label", "", "give them a `LABEL`, at Gmail")
	f.StringSliceVar(&o.exec, "exec", nil, "run a `PROGRAM` for each of them, with its arguments after commas; the report comes to its standard input as JSON")
	f.DurationVar(&o.execTime, "exec-time", 30*time.Second, "how long that may take; what it leaves running ends with it")
	f.DurationVar(&o.poll, "poll", time.Minute, "how often to ask a server that cannot speak up (IDLE)")
	f.DurationVar(&o.renew, "renew", 10*time.Minute, "how often IDLE begins anew")
	o.addOutput(f)
	o.lists.AddFlags(f)
	f.Var(&o.recipients, "recipient", "an `ADDRESS` of the reader beyond those in the headers and --user (repeatable)")
	addJobs(f, &o.jobs, "scanned")
}

func newIMAPWatchCommand(s streams) *cobra.Command {
	o := &imapWatchOptions{}
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Scan messages as they arrive",
		Long: `Scan messages of a mailbox on an IMAP server as they arrive, until interrupted.
The server speaks up by itself (IDLE) on one connection for each folder, or is
asked every --poll where it cannot; NOTIFY (RFC 5465) is not used. A connection
that breaks is made anew, and what arrived meanwhile is read then.

Folders are opened for reading only and no flag changes, but with --keyword or
--label: these are set on messages that --when names, and nothing else; the
folder is then opened as any mail client does, which ends \Recent.

--exec runs a program without a shell. Its standard output goes to standard
error, and its environment holds what a desktop needs and no secrets.`,
		Example: "  pixelsweep imap watch --account home\n  pixelsweep imap watch --account home --keyword '$Tracked' --exec notify-send,'Tracked mail'",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runIMAPWatch(cmd.Context(), o, s) },
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// maxWatched is how many folders are watched at a time; providers allow about 15
// connections, and other clients want some.
const maxWatched = 8

func (o *imapWatchOptions) check() error {
	o.failOn, o.as, o.gzipRatio, o.maxMessageBytes = "never", "mail", 1, 1
	if err := o.scanOptions.check(); err != nil {
		return err
	}
	switch {
	case !slices.Contains([]string{"text", "line", "jsonl", "csv"}, o.format):
		return fmt.Errorf("--format: %s has an end, which watch has not; use text, line, jsonl or csv", o.format)
	case !slices.Contains([]string{"tracked", "suspicious", "any"}, o.when):
		return fmt.Errorf("--when: unknown choice %q; known are tracked, suspicious, any", o.when)
	case o.keyword != "" && strings.ContainsFunc(o.keyword, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`(){%*"\]`, r) }):
		return fmt.Errorf("--keyword: %q is no keyword of IMAP: letters, digits, $ and _, no space and no backslash", o.keyword)
	case o.execTime <= 0 || o.poll < time.Second || o.renew < time.Second:
		return errors.New("--exec-time, --poll, --renew: too short")
	case o.renew >= 29*time.Minute:
		return errors.New("--renew: servers end IDLE after 30 minutes; name less than 29m")
	}
	return checkCreate(o.output)
}

// chosen reports whether a message is to be marked.
func (o *imapWatchOptions) chosen(r *detector.Report) bool {
	switch o.when {
	case "any":
		return true
	case "suspicious":
		return r.Verdict != detector.Clean
	}
	return r.Verdict == detector.Tracked
}

func runIMAPWatch(ctx context.Context, o *imapWatchOptions, s streams) error {
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
	hook := &hook{program: o.exec, time: o.execTime, errs: s.err}
	if err := hook.find(); err != nil {
		return &exitError{exitUsage, fmt.Errorf("--exec: %w", err)}
	}
	sc.Connections, sc.Workers = 1, o.jobs.workers()
	sc.Say = func(text string) { say(s.err, text) }
	sc.Detector = detector.New(&detector.Options{
		NoReferences: !o.references || o.format != "jsonl" && o.verbose < 2,
		Recipients:   append(o.recipients, acc.User), Filters: filters, Limits: o.limits,
	})
	limitMemory(sc.Workers)
	folders, err := o.names(ctx, sc)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return failure(err, acc)
	}
	quiet := o.quiet
	o.quiet = true // no line about how far it is, for there is no end
	e, finish, err := o.open(nil, s)
	o.quiet = quiet
	if err != nil {
		return err
	}
	e.live = true
	if !quiet {
		say(s.err, "watching "+strings.Join(folders, ", ")+"; an interrupt ends it")
	}
	w := &imapscan.Watcher{Scanner: sc, Keyword: o.keyword, Label: o.label, Mark: o.chosen, Poll: o.poll, Renew: o.renew}
	watchErr := w.Watch(ctx, folders, func(folder string, r imapscan.Result) error {
		if err := e.emit(auditResult(folder, r)); err != nil {
			return err
		}
		if r.Report != nil && o.chosen(r.Report) {
			hook.run(ctx, r.Report)
		}
		return nil
	})
	if err := finish(); err != nil {
		return err
	}
	if watchErr != nil {
		return failure(watchErr, acc)
	}
	if e.partial {
		return &exitError{code: exitPartial}
	}
	return nil
}

// names are the folders to watch.
func (o *imapWatchOptions) names(ctx context.Context, sc *imapscan.Scanner) ([]string, error) {
	all, err := sc.Folders(ctx)
	if err != nil {
		return nil, err
	}
	if len(o.folders) == 0 {
		o.folders = []string{"INBOX"}
	}
	list, err := imapscan.Choose(all, o.folders, nil)
	if err != nil {
		return nil, err
	}
	if len(list) > maxWatched {
		return nil, &exitError{exitUsage, fmt.Errorf("--folder: %d folders; each needs a connection of its own, so %d at most", len(list), maxWatched)}
	}
	var names []string
	for _, f := range list {
		names = append(names, f.Name)
	}
	return names, nil
}
