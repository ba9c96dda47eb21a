package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pixelsweep/pixelsweep/corpus"
)

// evalOptions are the flags of eval.
type evalOptions struct {
	format, output string
	failUnder      string
	baselines      bool
	ablation       bool
	verbose        bool
	recipients     addresses
	jobs           jobs
}

// AddFlags defines the flags with their defaults.
func (o *evalOptions) AddFlags(f *pflag.FlagSet) {
	f.StringVarP(&o.format, "format", "f", "text", "output format: text, json")
	f.StringVarP(&o.output, "output", "o", "", "write the result to `FILE` instead of standard output")
	f.StringVar(&o.failUnder, "fail-under", "", "exit with 1 when precision or recall is below `P[,R]`; one number is for both")
	f.BoolVar(&o.baselines, "baselines", false, "show what simple rules reach on the same messages")
	f.BoolVar(&o.ablation, "ablation", false, "measure again without each signal, and without the services")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "list each error with the signals that decided")
	f.Var(&o.recipients, "recipient", "an `ADDRESS` of the reader beyond those in the headers (repeatable)")
	addJobs(f, &o.jobs, "scanned")
}

func newEvalCommand(s streams) *cobra.Command {
	o := &evalOptions{}
	cmd := &cobra.Command{
		Use:   "eval DIR|labels.csv",
		Short: "Measure precision and recall on labelled messages",
		Long: `Measure precision and recall on labelled messages: a folder with tracked/ and
ok/, where beside each tracked/NAME.eml stands NAME.want with a line for each
finding that must be made (kind, severity, vector, rule, evidence, URL), or a
table with the columns file, url and label (tracker, spacer, content, unknown)
beside a folder labelled/ with the messages.

A load counts as found when a finding of a kind that decides the verdict stands
on it with medium severity or higher. Intervals are Wilson's, 95 %.`,
		Example: "  pixelsweep eval corpus/testdata\n  pixelsweep eval --baselines --fail-under 0.98,0.96 mail/labels.csv",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("eval: name one folder or table of labels")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return runEval(o, args[0], s) },
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

func runEval(o *evalOptions, path string, s streams) (err error) {
	precision, recall, err := parseFailUnder(o.failUnder)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	if err := checkFormat(o.format, "text", "json"); err != nil {
		return err
	}
	if o.output != "" {
		if err := checkOutput(o.output, []string{path}); err != nil {
			return &exitError{exitUsage, err}
		}
	}
	set, err := readSet(path)
	if err != nil {
		return &exitError{exitPartial, err}
	}
	for _, err := range set.Errors {
		say(s.err, pathError(err).Error())
	}
	out, failed := openOutput(o.output, nil, s.out)
	if failed != nil {
		return &exitError{exitUsage, failed}
	}
	defer func() { err = errors.Join(err, out.close()) }()
	opts := &corpus.EvaluateOptions{Ablation: o.ablation, Workers: int(o.jobs)}
	opts.Detector.Recipients = o.recipients
	m := corpus.Evaluate(set, opts)
	if err := o.write(out, s.err, m); err != nil {
		return &exitError{exitPartial, err}
	}
	switch {
	case len(set.Errors) > 0:
		return &exitError{code: exitPartial}
	case m.Total.Precision() < precision || m.Total.Recall() < recall:
		return &exitError{exitFindings, fmt.Errorf("precision %.4f and recall %.4f; --fail-under asks for %g and %g",
			m.Total.Precision(), m.Total.Recall(), precision, recall)}
	}
	return nil
}

// write writes a measure in the wanted format. Errors in detail are a part of
// the text, and beside the JSON.
func (o *evalOptions) write(w, beside io.Writer, m *corpus.Measure) error {
	out := bufio.NewWriter(w)
	show := &corpus.OutputOptions{Baselines: o.baselines}
	if o.format == "json" {
		if err := corpus.WriteJSON(out, m, show); err != nil {
			return err
		}
		if o.verbose {
			if err := corpus.WriteErrors(beside, m); err != nil {
				return err
			}
		}
		return out.Flush()
	}
	if o.verbose {
		if err := corpus.WriteErrors(out, m); err != nil {
			return err
		}
	}
	if err := corpus.WriteTable(out, m, show); err != nil {
		return err
	}
	return out.Flush()
}

// readSet reads a folder or a table.
func readSet(path string) (*corpus.Set, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, pathError(err)
	}
	if st.IsDir() {
		set, err := corpus.ReadFolder(os.DirFS(path))
		if errors.Is(err, corpus.ErrNoLabels) {
			if _, missing := os.Stat(filepath.Join(path, "labels.csv")); missing == nil {
				return corpus.ReadTable(os.DirFS(path), "labels.csv")
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return set, nil
	}
	return corpus.ReadTable(os.DirFS(filepath.Dir(path)), filepath.Base(path))
}

// parseFailUnder reads the least precision and recall.
func parseFailUnder(s string) (precision, recall float64, err error) {
	if s == "" {
		return 0, 0, nil
	}
	p, r, two := strings.Cut(s, ",")
	if !two {
		r = p
	}
	for _, x := range []struct {
		text string
		to   *float64
	}{{p, &precision}, {r, &recall}} {
		if *x.to, err = strconv.ParseFloat(strings.TrimSpace(x.text), 64); err != nil || !(*x.to >= 0 && *x.to <= 1) {
			return 0, 0, fmt.Errorf("--fail-under: want one or two numbers from 0 to 1, got %q", s)
		}
	}
	return precision, recall, nil
}
