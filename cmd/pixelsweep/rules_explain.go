package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/rules/filter"
)

// rulesExplainOptions are the flags of rules explain.
type rulesExplainOptions struct {
	sourceOptions
	format, resource, source string
	recipients               addresses
}

// resources are the types that a request may have.
var resources = []string{
	"image", "stylesheet", "script", "font", "media", "object", "subdocument", "xhr", "websocket", "ping", "document", "popup", "other",
}

// AddFlags defines the flags with their defaults.
func (o *rulesExplainOptions) AddFlags(f *pflag.FlagSet) {
	f.StringVarP(&o.format, "format", "f", "text", "output format: text, json")
	f.StringVar(&o.resource, "type", "image", "what the URL is requested as: `TYPE` is one of "+strings.Join(resources, ", "))
	f.StringVar(&o.source, "source", "", "the `DOMAIN` of the sender, for filters that ask for it")
	f.Var(&o.recipients, "recipient", "an `ADDRESS` of the reader to look for in the URL (repeatable)")
	o.sourceOptions.AddFlags(f)
}

func newRulesExplainCommand(s streams) *cobra.Command {
	o := &rulesExplainOptions{}
	cmd := &cobra.Command{
		Use:   "explain URL…",
		Short: "Say whose a URL is, which filters match it and what it carries",
		Long: `Say which service a URL belongs to, which filters of the lists match it, and what
it carries. Nothing is fetched. For - URLs are read from standard input, one a
line. With --format json, one object a line.`,
		Example: "  pixelsweep rules explain --rules easyprivacy.txt 'https://t.example/open?id=1'\n  pixelsweep rules explain --format json - < urls.txt",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("rules explain: no URL given; name some, or - for standard input")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runRulesExplain(cmd.Context(), o, args, s) },
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// explained is the output for one URL.
type explained struct {
	Schema    string              `json:"schema"`
	URL       string              `json:"url"`
	Type      string              `json:"type"`
	Service   *explainedService   `json:"service"`
	Filters   []explainedFilter   `json:"filters"`
	Recipient *detector.Recipient `json:"recipient,omitempty"`
	Carries   []detector.Carried  `json:"carries"`
	Target    string              `json:"target"`
	blocked   bool
}

type explainedService struct {
	Name     string `json:"name"`
	Rule     string `json:"rule"`
	Operator string `json:"operator"`
	Category string `json:"category"`
}

type explainedFilter struct {
	List      string `json:"list"`
	Line      int    `json:"line"`
	Text      string `json:"text"`
	Exception bool   `json:"exception"`
}

// explainSchema names the JSON form of an explained URL.
const explainSchema = "pixelsweep.explain/1"

// An explainer explains URLs.
type explainer struct {
	opts   *rulesExplainOptions
	det    *detector.Detector
	engine *filter.Engine // nil without lists
	source *filter.Source
	out    *bufio.Writer
	errs   io.Writer
	failed bool
	n      int // URLs that were explained
}

func runRulesExplain(ctx context.Context, o *rulesExplainOptions, args []string, s streams) error {
	if err := checkFormat(o.format, "text", "json"); err != nil {
		return err
	}
	if !slices.Contains(resources, o.resource) {
		return &exitError{exitUsage, fmt.Errorf("--type: unknown type %q; known are %s", o.resource, strings.Join(resources, ", "))}
	}
	sources, err := o.sources()
	if err != nil {
		return err
	}
	e := &explainer{
		opts: o, det: detector.New(&detector.Options{Recipients: o.recipients}),
		source: filter.NewSource(o.source), out: bufio.NewWriter(s.out), errs: s.err,
	}
	if err := e.loadLists(sources); err != nil {
		return &exitError{exitPartial, err}
	}
	for _, arg := range args {
		if arg != "-" {
			err = e.explain(arg, "")
		} else {
			err = e.explainLines(ctx, s.in)
		}
		if err != nil {
			break
		}
	}
	if err == nil {
		err = e.out.Flush()
	}
	if err != nil {
		return &exitError{exitPartial, err}
	}
	return ended(e.failed)
}

// loadLists makes the engine of the lists that can be used.
func (e *explainer) loadLists(sources []ruleSource) error {
	eng, unusable, _, err := engine(sources, e.errs)
	e.engine, e.failed = eng, e.failed || unusable > 0
	return err
}

// explainLines explains the URLs of a stream, one a line.
func (e *explainer) explainLines(ctx context.Context, r io.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	n := 0
	for lines.Scan() {
		n++
		if ctx.Err() != nil {
			return errors.New("interrupted: the rest was not read")
		}
		if text := strings.TrimSpace(lines.Text()); text != "" {
			if err := e.explain(text, fmt.Sprintf("-:%d: ", n)); err != nil {
				return err
			}
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("-:%d: %w", n+1, err)
	}
	return nil
}

// explain explains one URL. The error is one of writing.
func (e *explainer) explain(url, place string) error {
	x, err := e.det.Explain(url, e.opts.resource)
	if err != nil {
		say(e.errs, fmt.Sprintf("%s%q: %v", place, report.Fit(url, 200), err))
		e.failed = true
		return nil
	}
	r := explained{
		Schema: explainSchema, URL: x.URL, Type: e.opts.resource, Filters: []explainedFilter{},
		Carries: x.Carries, Target: x.Target,
	}
	if r.Carries == nil {
		r.Carries = []detector.Carried{}
	}
	if x.Service != nil {
		r.Service = &explainedService{x.Service.Name, x.Rule, x.Service.Operator, x.Service.Category}
	}
	if x.Recipient.Evidence != detector.NoEvidence {
		r.Recipient = &x.Recipient
	}
	e.match(&r)
	e.n++
	if e.opts.format == "json" {
		return printJSON(e.out, r)
	}
	return e.text(&r)
}

// match asks the lists.
func (e *explainer) match(r *explained) {
	if e.engine == nil {
		return
	}
	req := filter.NewRequest(r.URL, filter.ParseType(r.Type), e.source)
	for _, m := range e.engine.All(req) {
		r.Filters = append(r.Filters, explainedFilter{m.List(), m.Line(), m.Text(), m.Exception()})
	}
	slices.SortStableFunc(r.Filters, func(a, b explainedFilter) int {
		return cmp.Or(strings.Compare(a.List, b.List), a.Line-b.Line)
	})
	r.blocked = e.engine.Match(req).Blocked
}

// text writes what people read.
func (e *explainer) text(r *explained) error {
	w := e.out
	if e.n > 1 {
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w, report.Clean(r.URL))
	if s := r.Service; s != nil {
		fmt.Fprintf(w, "  service  %s (%s)", report.Clean(s.Name), report.Clean(s.Category))
		if s.Operator != "" && s.Operator != s.Name {
			fmt.Fprintf(w, ", of %s", report.Clean(s.Operator))
		}
		fmt.Fprintf(w, " [%s]\n", report.Clean(s.Rule))
	} else {
		fmt.Fprintln(w, "  service  none known")
	}
	if r.Recipient != nil {
		fmt.Fprintf(w, "  reader   %s: %s\n", r.Recipient.Evidence, report.Clean(r.Recipient.How))
	}
	for _, c := range r.Carries {
		fmt.Fprintf(w, "  carries  %s: %s\n", report.Clean(c.At), report.Clean(c.Decoded))
	}
	if r.Target != "" {
		fmt.Fprintf(w, "  leads to %s\n", report.Clean(r.Target))
	}
	for _, f := range r.Filters {
		what := "filter  "
		if f.Exception {
			what = "allowed "
		}
		fmt.Fprintf(w, "  %s %s:%d: %s\n", what, report.Clean(f.List), f.Line, report.Clean(f.Text))
	}
	if e.engine != nil {
		verdict := "not blocked"
		if r.blocked {
			verdict = "blocked"
		}
		fmt.Fprintf(w, "  lists    %s as %s\n", verdict, r.Type)
	}
	return nil
}
