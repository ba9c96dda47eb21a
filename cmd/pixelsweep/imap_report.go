package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/pixelsweep/pixelsweep/internal/auditreport"
	"github.com/pixelsweep/pixelsweep/internal/auditstore"
)

// auditReportOptions are what imap audit --report needs. It reads the store and
// connects to nobody.
type auditReportOptions struct {
	store   string // path; "" for the default
	account string // only this one; "" for all
	format  string
	output  string // file; "" for standard output
	table   string
	top     int
	redact  bool
	color   string
}

// AddFlags defines the flags that only the report has.
func (o *auditReportOptions) AddFlags(f *pflag.FlagSet) {
	f.StringVar(&o.table, "table", "senders", "the table of --report --format csv: "+strings.Join(auditreport.Tables(), ", "))
	f.IntVar(&o.top, "top", 20, "how many `ROWS` each table of the report has in text and html")
}

// check rejects flags that make no sense.
func (o *auditReportOptions) check() error {
	if o.top < 1 {
		return fmt.Errorf("--top: %d is no number of rows", o.top)
	}
	if !slices.Contains(auditreport.Tables(), o.table) {
		return fmt.Errorf("--table: unknown table %q; known are %s", o.table, strings.Join(auditreport.Tables(), ", "))
	}
	return nil
}

func (o *auditReportOptions) options() *auditreport.Options {
	return &auditreport.Options{Account: o.account, Table: o.table, Top: o.top, Redact: o.redact}
}

// runAuditReport writes the report of an audit store.
func runAuditReport(ctx context.Context, o *auditReportOptions, s streams) error {
	if err := o.options().Check(o.format); err != nil {
		return &exitError{exitUsage, fmt.Errorf("--report: %w", err)}
	}
	if err := checkColor(o.color); err != nil {
		return &exitError{exitUsage, err}
	}
	if o.top < 0 {
		return &exitError{exitUsage, fmt.Errorf("--top: %d is no number of rows", o.top)}
	}
	path := o.store
	if path == "" {
		var err error
		if path, err = auditstore.DefaultPath(); err != nil {
			return &exitError{exitUsage, err}
		}
	}
	if o.output != "" {
		if err := checkReportOutput(o.output, path); err != nil {
			return &exitError{exitUsage, err}
		}
	}
	store, err := auditstore.OpenExisting(path)
	if errors.Is(err, os.ErrNotExist) {
		return &exitError{exitPartial, fmt.Errorf("%s: no audit store yet; run pixelsweep imap audit first, or name one with --store", path)}
	}
	if err != nil {
		return &exitError{exitPartial, err}
	}
	defer store.Close()
	return writeAuditReport(ctx, store, o, s)
}

// writeAuditReport reports what a store that is open holds.
func writeAuditReport(ctx context.Context, store *auditstore.Store, o *auditReportOptions, s streams) error {
	if o.account != "" {
		if err := hasAccount(ctx, store, o.account); err != nil {
			return &exitError{exitPartial, err}
		}
	}
	opts := o.options()
	opts.Color, opts.Width = o.output == "" && colored(o.color, s.out) || o.color == "always", terminalWidth(s.out)
	var out bytes.Buffer // whole or nothing
	if err := auditreport.Write(ctx, &out, o.format, store, opts); err != nil {
		if ctx.Err() != nil {
			err = errors.New("interrupted: no report was written")
		}
		return &exitError{exitPartial, err}
	}
	if err := o.write(out.Bytes(), s.out); err != nil {
		return &exitError{exitPartial, err}
	}
	return nil
}

// write puts the report where it belongs. A file that is new can be read by its
// owner alone: it tells whom they get mail from.
func (o *auditReportOptions) write(text []byte, w io.Writer) error {
	if o.output == "" {
		_, err := w.Write(text)
		return err
	}
	f, err := os.OpenFile(o.output, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("--output: %w", pathError(err))
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("--output: %w", pathError(err))
	}
	return nil
}

// checkReportOutput refuses to write the report over the store or mail.
func checkReportOutput(output, store string) error {
	for _, name := range []string{store, store + "-wal", store + "-shm"} {
		a, err1 := filepath.Abs(output)
		b, err2 := filepath.Abs(name)
		if err1 == nil && err2 == nil && a == b {
			return fmt.Errorf("--output: %s is the audit store, the report would overwrite it", output)
		}
	}
	return checkOutput(output, []string{store})
}

// hasAccount reports an error when a store holds nothing of an account.
func hasAccount(ctx context.Context, s *auditstore.Store, name string) error {
	folders, err := s.Folders(ctx)
	if err != nil {
		return err
	}
	var known []string
	for _, f := range folders {
		if f.Account == name {
			return nil
		}
		if len(known) == 0 || known[len(known)-1] != f.Account {
			known = append(known, f.Account)
		}
	}
	if len(known) == 0 {
		return errors.New("the audit store is empty; run pixelsweep imap audit first")
	}
	return fmt.Errorf("--account: nothing of %q in the audit store; it holds %s", name, strings.Join(known, ", "))
}
