package rulecheck

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/rules"
	"github.com/pixelsweep/pixelsweep/rules/ruleyaml"
)

// newCalls makes calls as the compiled table has them.
func newCalls(services []*ruleyaml.Service, own []rules.Service) []rules.Call {
	var list []rules.Call
	for _, c := range ruleyaml.Calls(services) {
		call := rules.Call{
			ID: c.ID, Service: &own[c.Service], Names: c.Names, Each: c.Each, URL: c.URL, Holds: c.Holds, Lifts: c.Lifts, Tag: newTag(&c.Tag),
		}
		for _, at := range slices.Sorted(maps.Keys(c.When)) {
			call.When = append(call.When, rules.Condition{At: at, Is: c.When[at]})
		}
		list = append(list, call)
	}
	return list
}

func newTag(t *ruleyaml.Tag) rules.Tag {
	tag := rules.Tag{Account: t.Account, Event: t.Event, Fields: t.Fields}
	for _, name := range t.ValueNames() {
		tag.Values = append(tag.Values, [2]string{name, t.Values[name]})
	}
	return tag
}

// calls runs the samples of calls: a page with the script of a sample says what
// stands beside it, through a finding of that call, and a miss is another call or
// none.
func (res *Result) calls(set *rules.Set, tested, all []*ruleyaml.Service) {
	det := detector.New(&detector.Options{Services: set, NoReferences: true})
	for _, s := range tested {
		for i := range s.Calls {
			c := &s.Calls[i]
			t := callTest{det: det, call: c, id: s.ID() + "/" + c.ID}
			if c.Holds || c.Lifts {
				t.probe = probe(s, all)
			}
			if c.Lifts {
				t.holds = holds(s, all)
			}
			res.Calls++
			for k, sample := range c.Samples {
				res.Samples++
				at := fmt.Sprintf("$.calls[%d].samples[%d]", i, k)
				switch got, found := t.says(sample.Script); {
				case !found:
					res.Problems = append(res.Problems, s.Errorf(at, "call %s: %s: makes no such call", t.id, sample.Script))
				case got != sample.Says:
					res.Problems = append(res.Problems, s.Errorf(at, "call %s: %s: says %q, must say %q", t.id, sample.Script, got, sample.Says))
				}
			}
			for k, script := range c.Miss {
				res.Samples++
				if _, found := t.says(script); found {
					res.Problems = append(res.Problems, s.Errorf(fmt.Sprintf("$.calls[%d].miss[%d]", i, k), "call %s: must not match %s", t.id, script))
				}
			}
		}
	}
}

// probe makes a script from where one of the rules of the operator listens, whose tags
// a call holds back. Images ask no call.
func probe(s *ruleyaml.Service, all []*ruleyaml.Service) string {
	for _, other := range append([]*ruleyaml.Service{s}, all...) {
		if other.Operator != s.Operator || other != s && s.Operator == "" {
			continue
		}
		for i := range other.Rules {
			if r := &other.Rules[i]; r.Event == string(rules.EventMeasure) && len(r.Match) > 0 {
				return "document.createElement('script').src=" + fmt.Sprintf("%q", r.Match[0])
			}
		}
	}
	return ""
}

// holds are scripts by which a page keeps back the tags of an operator.
func holds(s *ruleyaml.Service, all []*ruleyaml.Service) (scripts []string) {
	for _, other := range append([]*ruleyaml.Service{s}, all...) {
		for i := range other.Calls {
			if c := &other.Calls[i]; c.Holds && other.Operator == s.Operator {
				scripts = append(scripts, c.Samples[0].Script)
			}
		}
	}
	return scripts
}

// callTest reads scripts for one call.
type callTest struct {
	det   *detector.Detector
	call  *ruleyaml.Call
	id    string
	probe string // what it must hold back, or let go
	holds []string
}

// says writes what a script tells through the call, "holds" where it keeps a tag
// back, "lifts" where it lets go one that is kept back, and reports whether it makes the call. Commands of a queue are joined by a
// bar.
func (t *callTest) says(script string) (text string, found bool) {
	if t.call.Lifts {
		for _, h := range t.holds {
			if t.gated(h) && !t.gated(h+";"+script) {
				return "lifts", true
			}
		}
		return "", false
	}
	page := "<script>" + script + ";" + t.probe + "</script>"
	rep, err := t.det.ScanHTML(detector.Source{Type: detector.TypePage}, []byte(page))
	if err != nil {
		return err.Error(), true
	}
	service, _, _ := strings.Cut(t.id, "/")
	var all []string
	for i := range rep.Findings {
		f := &rep.Findings[i]
		switch {
		case t.call.Holds && f.Consent == detector.Gated:
			return "holds", true
		case f.Rule == t.id || t.call.Each && strings.HasPrefix(f.Rule, service+"/"):
			found = found || f.Rule == t.id
			all = append(all, said(f))
		}
	}
	if !found {
		return "", false
	}
	return strings.Join(all, "|"), true
}

// gated reports whether a script keeps back the probe.
func (t *callTest) gated(script string) bool {
	rep, err := t.det.ScanHTML(detector.Source{Type: detector.TypePage}, []byte("<script>"+script+";"+t.probe+"</script>"))
	return err == nil && slices.ContainsFunc(rep.Findings, func(f detector.Finding) bool { return f.Consent == detector.Gated })
}

// said writes what a finding sends as samples do.
func said(f *detector.Finding) string {
	var parts []string
	if f.Account != "" {
		parts = append(parts, "account="+f.Account)
	}
	if n := len(f.Events); n > 0 && f.Events[n-1] != string(rules.EventScript) {
		parts = append(parts, "event="+f.Events[n-1])
	}
	for _, name := range []string{"value", "currency", "order"} {
		for _, v := range f.Values {
			if v.Name == name {
				parts = append(parts, name+"="+v.Value)
			}
		}
	}
	for _, p := range f.Personal {
		parts = append(parts, "personal="+p.What+":"+p.Name+":"+p.Form)
	}
	return strings.Join(parts, " ")
}
