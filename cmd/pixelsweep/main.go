// Command pixelsweep finds what in mail and web pages reports back to its
// sender.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	exitOK       = 0 // nothing at or above the threshold
	exitFindings = 1
	exitUsage    = 2 // flags, config or format are wrong, nothing was read
	exitPartial  = 3 // a path is missing, unreadable or only partly read
)

// exitError carries an exit code; its message, if any, is printed.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	os.Exit(run(os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// run executes the command line and returns the exit code.
func run(args []string, s streams) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	root := newRoot(s)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	var exit *exitError
	if errors.As(err, &exit) {
		if exit.err != nil {
			say(s.err, exit.err.Error())
		}
		return exit.code
	}
	say(s.err, parsing.ReplaceAllString(oneLine.Replace(err.Error()), ": "))
	return exitUsage
}

// parsing is what the messages of flags say of the function that read a number.
var parsing = regexp.MustCompile(`: strconv\.\w+: parsing "[^"]*": `)

// oneLine joins the lines in which cobra suggests a command.
var oneLine = strings.NewReplacer("\n\nDid you mean this?\n\t", "; did you mean: ", "\n\t", ", ", "\n", "")

// say prints one line for the user to standard error, safe for a terminal.
func say(w io.Writer, text string) {
	q := strconv.QuoteToGraphic(text)
	text = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(q[1 : len(q)-1])
	fmt.Fprintf(w, "pixelsweep: %s\n", text)
}

// version is set by the linker for releases.
var version = "devel"

func newRoot(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:           "pixelsweep",
		Short:         "Find what in mail and web pages reports back to its sender",
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
		Long: `pixelsweep finds what in an email or a web page reports back to its sender:
tracking pixels, script and frame beacons, tracked images, wrapped links and
read receipts. It says whose it is, how sure, and on what evidence. It never
fetches anything that a message names.

Exit codes: 0 nothing found, 1 findings, 2 wrong usage, 3 something could not
be read (the rest is still reported).`,
	}
	cmd.SetIn(s.in)
	cmd.SetOut(s.out)
	cmd.SetErr(s.err)
	cmd.AddCommand(newScanCommand(s), newWebCommand(s), newRewriteCommand(s), newLintCommand(s), newDiffCommand(s), newRulesCommand(s),
		newIMAPCommand(s), newEvalCommand(s), newManCommand())
	return cmd
}
