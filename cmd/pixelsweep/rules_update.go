package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/internal/subscription"
)

// rulesUpdateOptions are the flags of rules update.
type rulesUpdateOptions struct {
	sourceOptions
	maxBytes int64
	maxTime  time.Duration
}

// AddFlags defines the flags with their defaults.
func (o *rulesUpdateOptions) AddFlags(f *pflag.FlagSet) {
	f.Int64Var(&o.maxBytes, "max-bytes", 32<<20, "bytes of a list")
	f.DurationVar(&o.maxTime, "max-time", time.Minute, "time for a list")
	o.addConfigFlags(f)
}

func newRulesUpdateCommand(s streams) *cobra.Command {
	o := &rulesUpdateOptions{}
	cmd := &cobra.Command{
		Use:   "update",
		Short: "Fetch the filter lists that the config subscribes to",
		Long: `Fetch the filter lists that the config subscribes to, if they have changed:

  subscriptions:
  - name: EasyPrivacy
    url: https://lists.example/easyprivacy.txt

in config.yaml in the folder pixelsweep of your config folder, or in --config
FILE. A list that cannot be fetched or read leaves the last good copy in place.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runRulesUpdate(cmd.Context(), o, s) },
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

func runRulesUpdate(ctx context.Context, o *rulesUpdateOptions, s streams) error {
	if o.maxBytes <= 0 || o.maxTime <= 0 {
		return &exitError{exitUsage, errors.New("--max-bytes, --max-time: a limit must be more than 0")}
	}
	c, dir, err := o.load()
	if err != nil {
		return err
	}
	if len(c.Subscriptions) == 0 {
		say(s.err, "no subscriptions in the config; pixelsweep rules update --help says how to write them")
		return nil
	}
	failed := false
	for _, sub := range c.Subscriptions {
		src := subscription.Source{Name: sub.Name, URL: sub.URL, Insecure: sub.Insecure}
		res := subscription.Update(ctx, dir, src, &subscription.Options{
			MaxBytes: o.maxBytes, MaxTime: o.maxTime, UserAgent: "pixelsweep/" + version,
		})
		failed = failed || res.Err != nil
		line := report.Clean(sub.Name) + ": " + string(res.Status)
		switch res.Status {
		case subscription.Updated:
			line += ", " + plural(res.Filters, "filter")
		case subscription.Kept:
			line += " as of " + res.Fetched.UTC().Format(time.RFC3339)
		}
		if res.Err != nil {
			line += ": " + report.Clean(res.Err.Error())
		}
		if _, err := fmt.Fprintln(s.out, line); err != nil {
			return &exitError{exitPartial, err}
		}
		if ctx.Err() != nil {
			return &exitError{exitPartial, errors.New("interrupted: the rest was not fetched")}
		}
	}
	return ended(failed)
}
