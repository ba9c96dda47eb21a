package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/rewrite"
	"github.com/pixelsweep/pixelsweep/imapscan"
	"github.com/pixelsweep/pixelsweep/internal/auditstore"
	"github.com/pixelsweep/pixelsweep/internal/config"
)

// imapCleanOptions are the flags of imap clean.
type imapCleanOptions struct {
	account    accountOptions
	selected   selectOptions
	apply      bool
	undo       bool
	backup     string
	forceGmail bool
	store      string
	format     string
	quiet      bool
	jobs       jobs
	policyOptions
}

// AddFlags defines the flags with their defaults.
func (o *imapCleanOptions) AddFlags(f *pflag.FlagSet) {
	o.account.AddFlags(f)
	o.selected.AddFlags(f)
	f.BoolVar(&o.apply, "apply", false, "change the mailbox; without this nothing is changed, and what would be is listed")
	f.BoolVar(&o.undo, "undo", false, "put the originals back, with --apply")
	f.StringVar(&o.backup, "backup", "", "keep the originals and the journal below `DIR` (default: originals in your data folder)")
	f.StringVar(&o.store, "store", "", "the `FILE` that keeps what audits found, to be told what is changed (default: audit.db in your data folder, if it is there)")
	f.BoolVar(&o.forceGmail, "force-gmail", false, "change messages at Gmail too, which can double them and lose labels")
	f.StringVarP(&o.format, "format", "f", "text", "report format: text, jsonl")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "no summary, and nothing about what went well")
	addJobs(f, &o.jobs, "scanned")
	o.policyOptions.AddFlags(f)
}

func newIMAPCleanCommand(s streams) *cobra.Command {
	o := &imapCleanOptions{}
	cmd := &cobra.Command{
		Use:   "clean",
		Short: "Put the same messages without their beacons in their places",
		Long: `Put the same messages without their beacons in the places of those on an IMAP
server. Only with --apply; else what would go is listed, folder by folder.

A message cannot be changed on a server, only replaced by another one. Each step
is safe to be the last: the original is written to the backup and the replacement
noted in a journal; the copy is added with the same flags, keywords and date,
fetched back and compared; only then is the original deleted, by its number
alone. A run that was cut off is finished by the next one. What somebody else
changes or removes meanwhile is left as they want it. A server with REPLACE (RFC
8508) does it in one step, and the comparison follows. Servers without UIDPLUS
(RFC 4315) are refused, for there other deleted messages would go too.

Gmail is only read, unless --force-gmail: there a message is one thing with
several labels, each a folder here, and all of them stand in All Mail. A copy
would have the label of one folder only, the original would keep the others or
stay in All Mail, and so both would be there.

--undo puts the originals back where the cleaned messages still are.

Exit codes: 0 done, 2 wrong usage, 3 something could not be done.`,
		Example: "  pixelsweep imap clean --account home --folder INBOX\n  pixelsweep imap clean --account home --folder INBOX --apply\n  pixelsweep imap clean --account home --undo --apply",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runIMAPClean(cmd.Context(), o, s) },
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

func (o *imapCleanOptions) check() error {
	switch {
	case o.format != "text" && o.format != "jsonl":
		return fmt.Errorf("--format: unknown format %q; known are text, jsonl", o.format)
	case o.undo && (o.selected.since != "" || o.selected.before != "" || o.selected.limit != 0):
		return errors.New("--undo: goes with --folder and --exclude only, not with days or --limit")
	}
	return o.selected.check()
}

func runIMAPClean(ctx context.Context, o *imapCleanOptions, s streams) error {
	if err := o.check(); err != nil {
		return &exitError{exitUsage, err}
	}
	c, _, err := o.lists.load()
	if err != nil {
		return err
	}
	sc, acc, done, err := o.account.open(c, s)
	if err != nil {
		return err
	}
	defer done()
	o.recipients = append(o.recipients, acc.User)
	policy, err := o.policy(s.err)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	if o.backup == "" {
		path, err := auditstore.DefaultPath()
		if err != nil {
			return &exitError{exitUsage, fmt.Errorf("--backup: %w", err)}
		}
		o.backup = filepath.Join(filepath.Dir(path), "originals")
	}
	sc.Detector, sc.Workers = policy.Detector, o.jobs.workers()
	sc.Say = func(text string) { say(s.err, text) }
	limitMemory(sc.Workers)
	cl := &imapscan.Cleaner{
		Scanner: sc, Policy: policy, Dir: o.backup, Apply: o.apply, ForceGmail: o.forceGmail,
		Since: o.selected.sinceT, Before: o.selected.beforeT, Limit: o.selected.limit,
	}
	if o.apply {
		if cl.Store, err = o.openStore(acc); err != nil {
			return &exitError{exitUsage, fmt.Errorf("--store: %w", err)}
		}
		if cl.Store != nil {
			defer cl.Store.Close()
		}
	}
	cl.Include, cl.Exclude = o.selected.patterns(acc)
	rep := &cleanReport{opts: o, out: bufio.NewWriter(s.out), errs: s.err, dir: o.backup}
	work := cl.Clean
	if o.undo {
		work = cl.Undo
	}
	workErr := work(ctx, rep.message)
	if err := rep.end(workErr == nil); err != nil {
		return &exitError{exitPartial, err}
	}
	switch {
	case ctx.Err() != nil && !o.apply:
		return &exitError{exitPartial, errors.New("interrupted: nothing was changed, and the rest was not looked at")}
	case ctx.Err() != nil:
		return &exitError{exitPartial, errors.New("interrupted: the message at hand was brought to an end or is finished by the next run; the rest is as it was")}
	case errors.Is(workErr, imapscan.ErrLocked):
		return &exitError{exitPartial, fmt.Errorf("--backup: %w; wait for it", workErr)}
	case workErr != nil:
		return failure(workErr, acc)
	case rep.partial:
		return &exitError{code: exitPartial}
	}
	return nil
}

// openStore opens the audit store of the account; nil where there is none.
func (o *imapCleanOptions) openStore(a *config.Account) (*auditstore.Store, error) {
	path := cmp.Or(o.store, a.Store)
	if path == "" {
		var err error
		if path, err = auditstore.DefaultPath(); err != nil {
			return nil, nil // --backup is named, and there is no data folder
		}
	}
	store, err := auditstore.OpenExisting(path)
	if errors.Is(err, os.ErrNotExist) && o.store == "" {
		return nil, nil
	}
	return store, err
}

// cleanSchema names the JSON form of a cleaned message.
const cleanSchema = "pixelsweep.clean/1"

// cleanedMessage is what the report says of one message.
type cleanedMessage struct {
	Schema   string             `json:"schema"`
	Source   detector.Source    `json:"source"`
	Subject  string             `json:"subject"`
	State    string             `json:"state"`             // "would change", "changed", "kept", "left"
	NewUID   uint32             `json:"new_uid,omitempty"` // of what stands in its place
	Edits    []rewrite.Edit     `json:"edits"`
	Kept     []rewrite.Edit     `json:"kept"`
	Left     []rewrite.Edit     `json:"left"`
	Warnings []detector.Warning `json:"warnings"`
	Error    string             `json:"error,omitempty"`
}

// cleanReport prints what was done or would be, and knows whether all could be.
type cleanReport struct {
	opts *imapCleanOptions
	out  *bufio.Writer
	errs io.Writer
	dir  string

	changed, would, left, edits, kept int
	partial                           bool
}

func (r *cleanReport) message(m imapscan.Cleaned) error {
	place := m.Source.Place()
	if m.Source.UID == 0 {
		place = m.Source.Account + "/" + m.Source.Mailbox
	}
	state := "left"
	switch {
	case m.Err != nil:
		r.left++
		r.partial = true
		err := m.Err
		var folder *imapscan.FolderError
		if errors.As(err, &folder) { // place names it
			err = folder.Err
		}
		say(r.errs, place+": "+err.Error())
	case m.Would:
		state = "would change"
		r.would++
	case m.Copy != 0:
		state = "changed"
		r.changed++
	case len(m.Result.Kept) > 0 && len(m.Result.Left) == 0:
		state = "kept"
	}
	if m.Err == nil {
		r.edits += len(m.Result.Edits)
		r.kept += len(m.Result.Kept)
		if n := len(m.Result.Left); n > 0 {
			r.partial = true
			say(r.errs, fmt.Sprintf("%s: %s would still load", place, count(n, "reference")))
		}
	}
	if r.opts.format == "jsonl" {
		return r.json(m, state)
	}
	if r.opts.quiet || m.Err != nil {
		return nil
	}
	line := []string{place}
	if m.Subject != "" {
		line = append(line, m.Subject)
	}
	switch {
	case m.Resumed && m.Would:
		line = append(line, "an earlier run began to change it; --apply finishes that")
	case m.Resumed:
		line = append(line, "finished, as an earlier run began it")
	case r.opts.undo && m.Would:
		line = append(line, "the original would be put back")
	case r.opts.undo:
		line = append(line, "the original is back")
	}
	fmt.Fprintln(r.out, clean(strings.Join(line, "  ")))
	listEdits(r.out, "", m.Result.Edits)
	listEdits(r.out, "kept: ", m.Result.Kept)
	listEdits(r.out, "would still load: ", m.Result.Left)
	for _, w := range m.Result.Warnings {
		fmt.Fprintln(r.out, clean("  warning: "+w.Text))
	}
	// Long work is followed line by line.
	return r.out.Flush()
}

func (r *cleanReport) json(m imapscan.Cleaned, state string) error {
	j := cleanedMessage{
		Schema: cleanSchema, Source: m.Source, Subject: m.Subject, State: state, NewUID: m.Copy,
		Edits: m.Result.Edits, Kept: m.Result.Kept, Left: m.Result.Left, Warnings: m.Result.Warnings,
	}
	fill(&j.Edits)
	fill(&j.Kept)
	fill(&j.Left)
	if j.Warnings == nil {
		j.Warnings = []detector.Warning{}
	}
	if m.Err != nil {
		j.Error = m.Err.Error()
	}
	b, err := json.Marshal(j)
	if err != nil {
		return err
	}
	r.out.Write(append(b, '\n'))
	return r.out.Flush()
}

// end writes the summary. whole is false where the run ended early.
func (r *cleanReport) end(whole bool) error {
	if r.opts.format == "text" && !r.opts.quiet {
		for _, line := range r.summary(whole) {
			fmt.Fprintln(r.out, clean(line))
		}
	}
	return r.out.Flush()
}

func (r *cleanReport) summary(whole bool) []string {
	kept := ""
	if r.kept > 0 {
		kept = fmt.Sprintf(", %d kept", r.kept)
	}
	switch {
	case !whole && r.changed+r.would+r.left == 0:
		return nil
	case !r.opts.apply && r.would == 0 && whole:
		return []string{"nothing would change" + kept}
	case !r.opts.apply && r.would == 0:
		return nil
	case !r.opts.apply && r.opts.undo:
		return []string{count(r.would, "original") + " would be put back; nothing was changed, --apply does it"}
	case !r.opts.apply:
		return []string{fmt.Sprintf("%s would change, %s would go%s; nothing was changed, --apply does it", count(r.would, "message"), count(r.edits, "reference"), kept)}
	case r.opts.undo:
		return []string{fmt.Sprintf("%s put back, %d not", count(r.changed, "original"), r.left)}
	}
	lines := []string{fmt.Sprintf("%s changed, %s gone%s, %d left as they were", count(r.changed, "message"), count(r.edits, "reference"), kept, r.left)}
	if r.changed > 0 {
		lines = append(lines, "the originals are kept in "+r.dir)
	}
	return lines
}
