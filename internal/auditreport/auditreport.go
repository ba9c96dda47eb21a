// Package auditreport tells from an audit store, and from nothing else, who tracks
// the owner of a mailbox: by sender, by service and by month, who received their
// address and in which form, and which senders started or stopped.
//
// A message counts once, in however many folders it stands. It is tracked when its
// verdict says so: what loads by itself decides, wrapped links and read receipts
// are counted beside it. A sender is the site of the address in From; where many
// people share a site (mail providers, newsletter hosts) it is the address.
package auditreport

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/internal/auditstore"
)

// Options direct Write. A nil *Options means the zero value.
type Options struct {
	Account string    // only this one; "" is all
	Now     time.Time // when the report is made; zero is now
	Color   bool      // in text
	Width   int       // of the terminal in columns; 0 means 100, at least 40
	Top     int       // rows of each table in text and html; 0 means 20
	Table   string    // of csv: one of Tables(); "" is senders
	Redact  bool      // of unsubscribe links only the host, and no subjects
}

// Formats lists the formats that Write takes.
func Formats() []string { return []string{"text", "json", "csv", "html"} }

// Tables lists the tables that csv can hold.
func Tables() []string { return []string{"senders", "services", "months", "addresses", "changes"} }

// Write writes the report of a store to w. It reads the store only.
func Write(ctx context.Context, w io.Writer, format string, s *auditstore.Store, o *Options) error {
	opts := o.withDefaults()
	if err := opts.Check(format); err != nil {
		return err
	}
	a, err := Collect(ctx, s, &opts)
	if err != nil {
		return err
	}
	switch format {
	case "json":
		b, err := report.JSON(a)
		if err != nil {
			return err
		}
		_, err = w.Write(append(b, '\n'))
		return err
	case "csv":
		return writeCSV(w, a, opts.Table)
	case "html":
		return writeHTML(w, a, &opts)
	}
	return writeText(w, a, &opts)
}

// Check says what is wrong with a format or with the options.
func (o *Options) Check(format string) error {
	if !slices.Contains(Formats(), format) {
		return fmt.Errorf("unknown format %q; known are %s", format, strings.Join(Formats(), ", "))
	}
	if o != nil && o.Table != "" && !slices.Contains(Tables(), o.Table) {
		return fmt.Errorf("unknown table %q; known are %s", o.Table, strings.Join(Tables(), ", "))
	}
	return nil
}

func (o *Options) withDefaults() Options {
	var opts Options
	if o != nil {
		opts = *o
	}
	if opts.Now.IsZero() {
		opts.Now = time.Now()
	}
	opts.Now = opts.Now.UTC().Truncate(time.Second)
	if opts.Width <= 0 {
		opts.Width = 100
	}
	opts.Width = max(opts.Width, 40)
	if opts.Top <= 0 {
		opts.Top = 20
	}
	if opts.Table == "" {
		opts.Table = "senders"
	}
	return opts
}
