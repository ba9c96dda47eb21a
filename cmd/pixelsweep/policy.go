package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/rewrite"
)

// policyOptions are the flags that say what becomes of findings, wherever messages
// are rewritten.
type policyOptions struct {
	modes           []string
	severity        string
	proxy, proxyKey string
	securityLinks   bool
	force           bool
	recipients      addresses
	lists           sourceOptions
}

// AddFlags defines the flags with their defaults.
func (o *policyOptions) AddFlags(f *pflag.FlagSet) {
	f.StringArrayVarP(&o.modes, "mode", "m", nil, "what to do, as `MODE` or KIND=MODE (repeatable): neutralise, remove, keep, block-all, proxy, scrub, links")
	f.StringVar(&o.severity, "severity", "medium", "rewrite findings from this severity on: low, medium, high")
	f.StringVar(&o.proxy, "proxy", "", "load images through `URL` with {sig} and {url}, as camo takes them")
	f.StringVar(&o.proxyKey, "proxy-key", "", "read the key that signs URLs for the proxy from `FILE` (default: $PIXELSWEEP_PROXY_KEY)")
	f.BoolVar(&o.securityLinks, "security-links", false, "with the mode links, unwrap the links of security services too")
	f.BoolVar(&o.force, "force", false, "rewrite signed and encrypted messages too, which breaks them")
	f.Var(&o.recipients, "recipient", "an `ADDRESS` of the reader beyond those in the headers (repeatable)")
	o.lists.AddFlags(f)
}

// policy reads the flags that say what becomes of findings.
func (o *policyOptions) policy(errs io.Writer) (*rewrite.Options, error) {
	p := &rewrite.Options{
		Kinds: map[detector.Kind]rewrite.Mode{}, Severity: detector.Severity(o.severity),
		Force: o.force, SecurityLinks: o.securityLinks,
	}
	if r := p.Severity.Rank(); r < detector.SeverityLow.Rank() {
		return nil, fmt.Errorf("--severity: unknown severity %q; known are low, medium, high", o.severity)
	}
	if o.proxy != "" {
		key, err := o.key()
		if err != nil {
			return nil, err
		}
		if p.Proxy, err = rewrite.NewProxy(o.proxy, key); err != nil {
			return nil, fmt.Errorf("--proxy: %w", err)
		}
		if len(o.modes) == 0 {
			o.modes = []string{"proxy"}
		}
	}
	for _, text := range o.modes {
		for _, m := range strings.Split(text, ",") {
			if err := setMode(p, m); err != nil {
				return nil, err
			}
		}
	}
	filters, err := o.lists.engine(errs)
	if err != nil {
		return nil, err
	}
	p.Detector = detector.New(&detector.Options{NoReferences: true, Recipients: o.recipients, Filters: filters})
	return p, nil
}

// key reads the key for the proxy.
func (o *policyOptions) key() ([]byte, error) {
	if o.proxyKey == "" {
		if key := os.Getenv("PIXELSWEEP_PROXY_KEY"); key != "" {
			return []byte(key), nil
		}
		return nil, errors.New("--proxy: needs a key: --proxy-key FILE or $PIXELSWEEP_PROXY_KEY")
	}
	key, err := os.ReadFile(o.proxyKey)
	if err != nil {
		return nil, fmt.Errorf("--proxy-key: %w", pathError(err))
	}
	return bytes.TrimRight(key, "\r\n"), nil
}

var beacons = []detector.Kind{detector.Pixel, detector.ScriptBeacon, detector.FrameBeacon, detector.Probe}

var allKinds = append(beacons[:len(beacons):len(beacons)],
	detector.TrackedContent, detector.ClickTracker, detector.ReadReceipt, detector.RemoteContent)

// setMode reads MODE or KIND=MODE.
func setMode(p *rewrite.Options, text string) error {
	kind, mode, ok := strings.Cut(text, "=")
	if !ok {
		kind, mode = "", text
	}
	m := rewrite.Mode(mode)
	known := mode == "block-all"
	for _, k := range rewrite.Modes() {
		known = known || k == m
	}
	if !known {
		return fmt.Errorf("--mode: unknown mode %q; known are neutralise, remove, keep, block-all, proxy, scrub, links", mode)
	}
	if m == rewrite.Proxy && p.Proxy == nil {
		return errors.New("--mode proxy: needs --proxy URL")
	}
	if kind != "" {
		k := detector.Kind(kind)
		for _, a := range allKinds {
			if a == k && mode != "block-all" {
				p.Kinds[k] = m
				return nil
			}
		}
		return fmt.Errorf("--mode: %q is no kind of finding that can be set to %q", kind, mode)
	}
	switch mode {
	case "block-all":
		p.BlockAll = true
	case "proxy":
		p.Kinds[detector.TrackedContent], p.Kinds[detector.RemoteContent] = m, m
	case "scrub":
		p.Kinds[detector.TrackedContent] = m
	case "links":
		p.Kinds[detector.ClickTracker] = m
	default:
		for _, k := range beacons {
			p.Kinds[k] = m
		}
	}
	return nil
}
