package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/internal/lint"
	"github.com/pixelsweep/pixelsweep/internal/source"
)

// lintOptions are the flags of lint.
type lintOptions struct {
	format, output string
	profile        string
	failOn         string
	senders        []string
	baseline       string
	update         bool
	since          string
	declaration    bool
	explain        string
	jobs, verbose  int
	color          string
	quiet          bool
	fullURLs       bool
	redact         bool
	lists          sourceOptions
}

// AddFlags defines the flags with their defaults.
func (o *lintOptions) AddFlags(f *pflag.FlagSet) {
	f.StringVarP(&o.format, "format", "f", "text", "output format: "+strings.Join(report.ProblemFormats(), ", "))
	f.StringVarP(&o.output, "output", "o", "", "write the report to `FILE` instead of standard output")
	f.StringVar(&o.profile, "profile", "", "which rules count and how much: "+strings.Join(profileNames(), ", ")+" (default: of the config, else strict)")
	f.StringVar(&o.failOn, "fail-on", "", "exit with 1 from this level on: note, warning, error, never (default: of the config, else error)")
	f.StringArrayVar(&o.senders, "sender", nil, "a `HOST` of the sender, which is no third party (repeatable)")
	f.StringVar(&o.baseline, "baseline", "", "let pass the problems that `FILE` has")
	f.BoolVar(&o.update, "update-baseline", false, "write the problems that are there now to the file of --baseline")
	f.StringVar(&o.since, "changed-since", "", "check only files that changed since the commit `REF`, by git")
	f.BoolVar(&o.declaration, "declaration", false, "print what is loaded by whom, for a privacy notice (text, markdown or json)")
	f.StringVar(&o.explain, "explain", "", "print what `RULE` means and how to fix it; all lists the rules")
	o.lists.AddFlags(f)
	f.IntVarP(&o.jobs, "jobs", "j", 0, "how many files are checked at a time (default: one per CPU)")
	f.StringVar(&o.color, "color", "auto", "colour: auto, always, never")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "no summary in text")
	f.CountVarP(&o.verbose, "verbose", "v", "show what is ignored and what the baseline has")
	f.BoolVar(&o.fullURLs, "full-urls", false, "show URLs whole")
	f.BoolVar(&o.redact, "redact", false, "shorten the tokens in URLs in json and sarif too")
}

func profileNames() []string {
	var names []string
	for _, p := range lint.Profiles() {
		names = append(names, p.Name)
	}
	return names
}

// templateNames are the endings of files that hold HTML with the tags of a template
// language, besides .html.
var templateNames = []string{
	".hbs", ".handlebars", ".mustache", ".liquid", ".j2", ".jinja", ".jinja2", ".njk", ".twig", ".erb", ".ejs", ".gohtml", ".tmpl", ".tpl",
	".amp", ".ampscript", ".mjml", ".ftl", ".vm",
}

func newLintCommand(s streams) *cobra.Command {
	o := &lintOptions{}
	cmd := &cobra.Command{
		Use:   "lint PATH…",
		Short: "Check outgoing mail and its templates",
		Long: `Check outgoing mail and its templates: HTML, messages, and templates of
Handlebars, Liquid, Jinja, Twig, Go, ERB, Mailchimp, AMPscript, Braze and others,
whose tags are understood. In a folder, files that are neither mail, HTML nor a
template are counted and skipped.

A comment <!-- pixelsweep-ignore RULE: reason --> lets one problem pass. The policy
of a project stands under the key lint in .pixelsweep.yaml. The result is a technical
indicator, not legal advice.`,
		Example: "  pixelsweep lint templates/\n  pixelsweep lint --profile cnil --format sarif -o lint.sarif templates/\n  pixelsweep lint --baseline lint.json --changed-since origin/main templates/\n  pixelsweep lint --explain open-pixel",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 && o.explain == "" {
				return errors.New("lint: no PATH given; name files or folders, or - for standard input")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.explain != "" {
				return explainRule(o.explain, s)
			}
			return runLint(cmd.Context(), o, args, s)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// explainRule prints the documentation of a rule, or the list of all.
func explainRule(id string, s streams) error {
	if id == "all" {
		for _, r := range lint.Rules() {
			if _, err := fmt.Fprintf(s.out, "%-24s %s\n", r.ID, r.Title()); err != nil {
				return &exitError{exitPartial, err}
			}
		}
		return nil
	}
	r, ok := lint.RuleByID(id)
	if !ok {
		return &exitError{exitUsage, fmt.Errorf("--explain: unknown rule %q%s", id, lint.Suggest(id))}
	}
	if _, err := io.WriteString(s.out, r.Doc()); err != nil {
		return &exitError{exitPartial, err}
	}
	return nil
}

// check rejects flags that make no sense before anything is read.
func (o *lintOptions) check() error {
	if o.failOn != "never" && report.Level(o.failOn).Rank() < report.Note.Rank() {
		return fmt.Errorf("--fail-on: unknown level %q; known are note, warning, error, never", o.failOn)
	}
	if o.update && o.baseline == "" {
		return errors.New("--update-baseline: which file? name it with --baseline FILE")
	}
	if o.jobs < 0 {
		return fmt.Errorf("--jobs: %d is not a number of workers", o.jobs)
	}
	for _, h := range o.senders {
		if what := lint.CheckSender(h); what != "" {
			return fmt.Errorf("--sender: %s", what)
		}
	}
	if o.declaration {
		switch o.format {
		case "text", "markdown", "json":
		default:
			return fmt.Errorf("--format: a declaration has no format %q; known are text, markdown, json", o.format)
		}
	} else if _, err := report.Problems(o.format, io.Discard, nil, nil); err != nil {
		return fmt.Errorf("--format: %w", err)
	}
	return checkColor(o.color)
}

// linter makes the linter of flags and config, and says which files below paths count.
func (o *lintOptions) linter(ctx context.Context, paths []string, s streams) (*lint.Linter, func(string) bool, error) {
	c, _, err := o.lists.load()
	if err != nil {
		return nil, nil, err
	}
	policy := c.Lint
	if policy == nil {
		policy = &lint.Policy{}
	}
	o.failOn = cmp.Or(o.failOn, string(policy.FailOn), string(report.Error))
	if err := o.check(); err != nil {
		return nil, nil, &exitError{exitUsage, err}
	}
	filters, err := o.lists.engine(s.err)
	if err != nil {
		return nil, nil, err
	}
	relative := func(path string) string { return relativeTo(c.LintDir, path) }
	l, err := lint.New(&lint.Options{Policy: policy, Profile: o.profile, Senders: o.senders, Filters: filters, Declare: o.declaration, Relative: relative})
	if err != nil {
		return nil, nil, &exitError{exitUsage, fmt.Errorf("--profile: %w", err)}
	}
	only := func(path string) bool { return !policy.Excludes(relative(path)) }
	if o.since != "" {
		changed, err := changedSince(ctx, o.since, paths)
		if err != nil {
			return nil, nil, &exitError{exitUsage, fmt.Errorf("--changed-since: %w", err)}
		}
		wanted := only
		only = func(path string) bool { return changed[realPath(path)] && wanted(path) }
	}
	return l, only, nil
}

// relativeTo is a path as seen from a folder, with slashes.
func relativeTo(dir, path string) string {
	full, err := filepath.Abs(path)
	if err != nil || path == "-" {
		return path
	}
	if dir, err = filepath.Abs(dir); err == nil {
		if rel, err := filepath.Rel(dir, full); err == nil {
			full = rel
		}
	}
	return filepath.ToSlash(full)
}

// linted is what a worker hands over: a file with its problems, or why there is none.
type linted struct {
	file *lint.File
	err  error
}

// lintItem checks one item.
func lintItem(l *lint.Linter, it *source.Item) (r linted) {
	if it.Err != nil {
		return linted{err: pathError(it.Err)}
	}
	path := it.Path
	if it.Index > 0 {
		path = fmt.Sprintf("%s#%d", it.Path, it.Index)
	}
	defer func() {
		// A defect that one file shows must not lose the others.
		if p := recover(); p != nil {
			r = linted{err: fmt.Errorf("%s: cannot be checked, a defect of pixelsweep: %v", path, p)}
		}
	}()
	f, err := l.File(path, it.Data, it.Kind == source.HTML, it.Warnings)
	if err != nil {
		return linted{err: fmt.Errorf("%s: %w", path, err)}
	}
	return linted{file: f}
}

func runLint(ctx context.Context, o *lintOptions, paths []string, s streams) error {
	l, only, err := o.linter(ctx, paths, s)
	if err != nil {
		return err
	}
	old, err := o.readBaseline()
	if err != nil {
		return &exitError{exitUsage, fmt.Errorf("--baseline: %w", err)}
	}
	if o.output != "" {
		if err := checkOutput(o.output, paths); err != nil {
			return &exitError{exitUsage, err}
		}
	}
	workers := o.jobs
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	limitMemory(workers)
	var files []*lint.File
	sum := &report.ProblemSummary{Profile: l.Profile().Name, Basis: l.Profile().Basis, Disclaimer: lint.Disclaimer}
	src := &source.Options{Workers: workers, Stdin: s.in, Only: only, Pages: templateNames}
	stats, err := source.Run(ctx, paths, src, func(_ int, it *source.Item) linted { return lintItem(l, it) }, func(r linted) error {
		if r.err != nil {
			sum.Unread++
			say(s.err, r.err.Error())
		} else {
			files = append(files, r.file)
		}
		return nil
	})
	if err != nil && ctx.Err() != nil {
		return &exitError{exitPartial, errors.New("interrupted: nothing is reported")}
	} else if err != nil {
		return &exitError{exitPartial, err}
	}
	sum.Skipped = stats.Skipped
	if err := o.settle(old, files, sum); err != nil {
		return &exitError{exitPartial, fmt.Errorf("--update-baseline: %w", pathError(err))}
	}
	if err := o.write(files, l, sum, s); err != nil {
		return err
	}
	return o.verdict(files, sum)
}

// verdict is the exit code.
func (o *lintOptions) verdict(files []*lint.File, sum *report.ProblemSummary) error {
	if sum.Unread > 0 {
		return &exitError{code: exitPartial}
	}
	for _, f := range files {
		if !f.Complete {
			return &exitError{code: exitPartial}
		}
	}
	if o.failOn == "never" || o.declaration || o.update {
		return nil
	}
	for _, f := range files {
		for i := range f.Problems {
			if p := &f.Problems[i]; p.Open() && p.Level.Rank() >= report.Level(o.failOn).Rank() {
				return &exitError{code: exitFindings}
			}
		}
	}
	return nil
}

// write reports the files in the format that is asked for.
func (o *lintOptions) write(files []*lint.File, l *lint.Linter, sum *report.ProblemSummary, s streams) error {
	out, err := openOutput(o.output, nil, s.out)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	err = o.emit(files, l, sum, out.to, out)
	if e := out.close(); err == nil {
		err = e
	}
	if err != nil {
		return &exitError{exitPartial, err}
	}
	return nil
}

func (o *lintOptions) emit(files []*lint.File, l *lint.Linter, sum *report.ProblemSummary, w, out io.Writer) error {
	if o.declaration {
		return writeDeclaration(out, o.format, lint.Declare(files), l.Profile())
	}
	h, err := report.Problems(o.format, out, lint.ReportRules(l.Profile()), &report.Options{
		Color: colored(o.color, w), Width: terminalWidth(w), Verbose: o.verbose, FullURLs: o.fullURLs, Redact: o.redact, Baseline: o.baseline != "",
	})
	if err != nil {
		return err
	}
	repo := repository{}
	for i := range sum.Stale {
		if e := &sum.Stale[i]; placed[o.format] { // which the baseline knows from its folder on
			e.Path = repo.place(filepath.Join(filepath.Dir(o.baseline), filepath.FromSlash(e.Path)))
		}
	}
	for _, f := range files {
		sum.Add(f.Problems)
		path, problems := f.Path, f.Problems
		if placed[o.format] {
			path, problems = repo.place(path), repo.problems(problems)
		}
		if err := h.File(path, problems); err != nil {
			return err
		}
	}
	if o.quiet && o.format == "text" {
		return nil
	}
	return h.Close(sum)
}
