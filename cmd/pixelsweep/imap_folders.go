package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/imapscan"
)

// imapFoldersOptions are the flags of imap folders.
type imapFoldersOptions struct {
	account accountOptions
	lists   sourceOptions
	format  string
}

func newIMAPFoldersCommand(s streams) *cobra.Command {
	o := &imapFoldersOptions{}
	cmd := &cobra.Command{
		Use:     "folders",
		Short:   "List the folders of a mailbox",
		Args:    cobra.NoArgs,
		Example: "  pixelsweep imap folders --user ann@mail.example --server imap.mail.example",
		RunE:    func(cmd *cobra.Command, _ []string) error { return runIMAPFolders(cmd.Context(), o, s) },
	}
	o.account.AddFlags(cmd.Flags())
	cmd.Flags().StringVar(&o.lists.config, "config", "", "the config `FILE` (default: your own, see the README)")
	cmd.Flags().StringVarP(&o.format, "format", "f", "text", "output format: text, json")
	return cmd
}

func runIMAPFolders(ctx context.Context, o *imapFoldersOptions, s streams) error {
	if o.format != "text" && o.format != "json" {
		return &exitError{exitUsage, fmt.Errorf("--format: unknown format %q; known are text, json", o.format)}
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
	sc.Say = func(text string) { say(s.err, text) }
	list, err := sc.Folders(ctx)
	if err != nil {
		return failure(err, acc)
	}
	if o.format == "json" {
		err = foldersJSON(s.out, sc.Account, list)
	} else {
		err = foldersText(s.out, list)
	}
	if err != nil {
		return &exitError{exitPartial, err}
	}
	return nil
}

func foldersText(w io.Writer, list []imapscan.Folder) error {
	for _, f := range list {
		use := ""
		if f.Use != "" {
			use = "  " + report.Clean(f.Use)
		}
		if _, err := fmt.Fprintf(w, "%8d  %s%s\n", f.Messages, report.Clean(f.Name), use); err != nil {
			return err
		}
	}
	return nil
}

// foldersJSON writes what programs read.
func foldersJSON(w io.Writer, account string, list []imapscan.Folder) error {
	type folder struct {
		Name        string `json:"name"`
		Use         string `json:"use,omitempty"`
		Messages    uint32 `json:"messages"`
		UIDValidity uint32 `json:"uidvalidity"`
		UIDNext     uint32 `json:"uidnext"`
	}
	out := struct {
		Schema  string   `json:"schema"`
		Account string   `json:"account"`
		Folders []folder `json:"folders"`
	}{"pixelsweep.folders/1", account, []folder{}}
	for _, f := range list {
		out.Folders = append(out.Folders, folder{f.Name, f.Use, f.Messages, f.UIDValidity, f.UIDNext})
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(out)
}
