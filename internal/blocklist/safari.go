package blocklist

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/pixelsweep/pixelsweep/rules/ruleyaml"
)

// A safariRule is a rule of a WebKit content blocker.
type safariRule struct {
	Trigger safariTrigger `json:"trigger"`
	Action  safariAction  `json:"action"`
}

type safariTrigger struct {
	URLFilter    string   `json:"url-filter"`
	ResourceType []string `json:"resource-type"`
}

type safariAction struct {
	Type string `json:"type"`
}

// maxSafariRules is how many rules Safari takes from one blocker.
const maxSafariRules = 150000

// writeSafari writes the rules of a content blocker.
func writeSafari(list []entry) (x Export, err error) {
	var all []safariRule
	for i := range list {
		e := &list[i]
		own := e.safari()
		if own == nil {
			x.LeftOut = append(x.LeftOut, e.id())
		}
		all = append(all, own...)
	}
	if len(all) > maxSafariRules {
		return Export{}, fmt.Errorf("%d rules, of which Safari takes %d", len(all), maxSafariRules)
	}
	x.Entries = len(all)
	x.Text, err = lines(all)
	return x, err
}

// lines writes a JSON array with one element a line.
func lines[T any](all []T) ([]byte, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	b.WriteString("[\n")
	for i, v := range all {
		if i > 0 {
			b.WriteString(",")
		}
		if err := enc.Encode(v); err != nil {
			return nil, err
		}
	}
	b.WriteString("]\n")
	return []byte(b.String()), nil
}

// safari returns the rules for e, nil when none do. WebKit knows no alternatives,
// so each host, path and order of parameters is a rule.
func (e *entry) safari() []safariRule {
	d := dialect{plain: true, slash: "/", loose: 40}
	types := e.types([]string{"image", "media", "style-sheet", "font"}, []string{"script", "raw"}, []string{"script"})
	var own []safariRule
	add := func(action string, exprs []string) {
		for _, x := range exprs {
			own = append(own, safariRule{safariTrigger{x, types}, safariAction{action}})
		}
	}
	add("block", d.parts(e.Rule, e.Path))
	if len(e.Asset) > 0 {
		assets := *e.Rule
		assets.Query = nil
		add("ignore-previous-rules", d.parts(&assets, e.Asset))
	}
	for _, o := range e.except {
		add("ignore-previous-rules", d.parts(o.Rule, o.Path))
	}
	if !e.holds(safariBlocks(own)) {
		return nil
	}
	return own
}

// parts writes a rule with the given paths as expressions without alternatives.
func (d dialect) parts(r *ruleyaml.Rule, paths []string) (exprs []string) {
	hosts := []string{"[^/]+"}
	if len(r.Hosts) > 0 {
		hosts = nil
		for _, h := range r.Hosts {
			hosts = append(hosts, d.host(h)+"(:[0-9]+)?")
		}
	}
	for _, h := range hosts {
		for _, p := range paths {
			for _, params := range d.orders(r) {
				exprs = append(exprs, "^https?://"+h+d.path(p, params))
			}
		}
	}
	return exprs
}

// safariBlocks returns whether rules block a URL, by Go's reading of the
// expressions; the last rule that matches counts.
func safariBlocks(all []safariRule) func(string) bool {
	exprs := make([]func(string) bool, len(all))
	for i, r := range all {
		if err := checkWebKit(r.Trigger.URLFilter); err != nil {
			return func(string) bool { return false }
		}
		exprs[i], _ = matcher(r.Trigger.URLFilter)
	}
	return func(url string) (blocked bool) {
		for i, r := range all {
			if exprs[i](url) {
				blocked = r.Action.Type == "block"
			}
		}
		return blocked
	}
}

// checkWebKit refuses what WebKit does not take in an expression: all but ASCII
// text, sets, groups, "?", "+", "*", "." and anchors at both ends.
func checkWebKit(expr string) error {
	if _, err := compiles(expr); err != nil {
		return err
	}
	set := false
	for i := 0; i < len(expr); i++ {
		c := expr[i]
		switch {
		case c < ' ' || c > '~':
			return errors.New("not ASCII")
		case c == '\\':
			if i++; i < len(expr) && (expr[i]|0x20 >= 'a' && expr[i]|0x20 <= 'z' || expr[i] >= '0' && expr[i] <= '9') {
				return fmt.Errorf("escape \\%c", expr[i])
			}
		case set:
			set = c != ']'
		case c == '[':
			set = true
		case c == '|' || c == '{' || c == '}':
			return fmt.Errorf("%q", c)
		case c == '(' && strings.HasPrefix(expr[i:], "(?"):
			return errors.New("a group that is more than one")
		case c == '^' && i > 0, c == '$' && i < len(expr)-1:
			return errors.New("an anchor inside")
		}
	}
	return nil
}
