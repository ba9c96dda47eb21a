package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// newManCommand writes the manual pages of all commands. It is for packages, so it is
// not listed.
func newManCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "man FOLDER",
		Short:  "Write the manual pages into a folder",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			date, err := manDate()
			if err != nil {
				return &exitError{exitUsage, err}
			}
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return &exitError{exitPartial, pathError(err)}
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true
			plainText(root)
			header := &doc.GenManHeader{Section: "1", Source: "pixelsweep " + version, Manual: "pixelsweep", Date: date}
			if err := doc.GenManTree(root, header, args[0]); err != nil {
				return &exitError{exitPartial, pathError(err)}
			}
			return nil
		},
	}
}

// plainText keeps what stands in angle brackets, in the texts of a command and those
// below it: the pages are made from Markdown, which takes it for HTML. The texts of
// cobra's own commands are Markdown.
func plainText(cmd *cobra.Command) {
	if cmd.Name() == "completion" {
		return
	}
	cmd.Long = strings.ReplaceAll(cmd.Long, "<", `\<`)
	for _, c := range cmd.Commands() {
		plainText(c)
	}
}

// manDate is the date that the pages show: of SOURCE_DATE_EPOCH, in seconds, so that
// packages are reproducible; else today.
func manDate() (*time.Time, error) {
	now := time.Now().UTC()
	if text := os.Getenv("SOURCE_DATE_EPOCH"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("SOURCE_DATE_EPOCH: %q is no number of seconds", text)
		}
		now = time.Unix(n, 0).UTC()
	}
	return &now, nil
}
