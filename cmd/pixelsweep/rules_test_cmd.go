package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/internal/rulecheck"
	"github.com/pixelsweep/pixelsweep/rules/ruleyaml"
)

func newRulesTestCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "test [FILE.yaml|FOLDER…]",
		Short: "Run the samples of services: every match must match, every miss must not",
		Long: `Run the samples of services written in YAML: each URL under match must be the
rule's own among all rules, each under miss must not. A script under calls must say what
its sample says, and one under miss must not make the call. A service that is
given replaces the embedded one of that name. Without a FILE the embedded services
are tested.`,
		Example: "  pixelsweep rules test\n  pixelsweep rules test rules/data/esp/acme-mail.yaml",
		RunE:    func(_ *cobra.Command, args []string) error { return runRulesTest(args, s) },
	}
}

func runRulesTest(paths []string, s streams) error {
	w := bufio.NewWriter(s.out)
	services, failed := rulecheck.Embedded(), false
	if len(paths) > 0 {
		var errs []error
		services, errs = readServices(paths)
		for _, err := range errs {
			say(s.err, err.Error())
			failed = true
		}
	}
	res := rulecheck.Run(services)
	for _, p := range res.Problems {
		fmt.Fprintln(w, report.Clean(p.Error()))
	}
	if len(services) > 0 {
		fmt.Fprintf(w, "%s, %s, ", plural(res.Services, "service"), plural(res.Rules, "rule"))
		if res.Calls > 0 {
			fmt.Fprintf(w, "%s, ", plural(res.Calls, "call"))
		}
		fmt.Fprintf(w, "%s: ", plural(res.Samples, "sample"))
		if n := len(res.Problems); n > 0 {
			fmt.Fprintf(w, "%s\n", plural(n, "problem"))
		} else {
			fmt.Fprintln(w, "all as written")
		}
	}
	if err := w.Flush(); err != nil {
		return &exitError{exitPartial, err}
	}
	return ended(failed || len(res.Problems) > 0)
}

// readServices reads YAML files and those in folders; a file that is wrong is an
// error and leaves the others as they are.
func readServices(paths []string) (all []*ruleyaml.Service, errs []error) {
	for _, path := range paths {
		files, err := yamlFiles(path)
		if err != nil {
			errs = append(errs, pathError(err))
			continue
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				errs = append(errs, pathError(err))
				continue
			}
			s, err := ruleyaml.Parse(f, text)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			all = append(all, s)
		}
	}
	all, err := ruleyaml.Sort(all)
	if err != nil {
		errs = append(errs, unjoin(err)...)
	}
	return all, errs
}

// unjoin takes apart what errors.Join made.
func unjoin(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

// yamlFiles returns path itself, or the YAML files below it.
func yamlFiles(path string) (files []string, err error) {
	fi, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case fi.Mode().IsRegular():
		return []string{path}, nil
	case !fi.IsDir():
		return nil, fmt.Errorf("%s: neither a file nor a folder", path)
	}
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && (strings.HasSuffix(p, ".yaml") || strings.HasSuffix(p, ".yml")) {
			files = append(files, p)
		}
		return err
	})
	if err == nil && len(files) == 0 {
		err = &fs.PathError{Op: "read", Path: path, Err: errors.New("no YAML file in it")}
	}
	return files, err
}
