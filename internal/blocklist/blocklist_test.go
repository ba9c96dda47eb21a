package blocklist

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/internal/rulecheck"
	"github.com/pixelsweep/pixelsweep/rules/filter"
)

// blocker is what an export does to a URL.
type blocker func(url string, resource filter.Type) bool

// leftOut are the rules that a format cannot say: Chrome's expressions have no
// room for their token.
var leftOut = map[Format][]string{DNR: {"sendy/open"}}

// export writes all rules and reads them as their users do.
func export(t *testing.T, f Format) (Export, blocker) {
	t.Helper()
	x, err := Write(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(x.LeftOut, leftOut[f]) {
		t.Errorf("left out %v, want %v", x.LeftOut, leftOut[f])
	}
	switch f {
	case Safari:
		var all []safariRule
		if err := json.Unmarshal(x.Text, &all); err != nil || len(all) != x.Entries {
			t.Fatalf("%d rules, %v", len(all), err)
		}
		return x, safariVerdict(t, all)
	case DNR:
		var all []dnrRule
		if err := json.Unmarshal(x.Text, &all); err != nil || len(all) != x.Entries {
			t.Fatalf("%d rules, %v", len(all), err)
		}
		return x, dnrVerdict(t, all)
	}
	list := filter.Parse("export", x.Text)
	if len(list.Filters) != x.Entries || len(list.Unsupported) > 0 {
		t.Fatalf("%d filters of %d, unsupported %v", len(list.Filters), x.Entries, list.Unsupported)
	}
	table, err := filter.Compile(list)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := filter.Load(table)
	if err != nil {
		t.Fatal(err)
	}
	return x, func(url string, resource filter.Type) bool {
		return engine.Match(filter.NewRequest(url, resource, nil)).Blocked
	}
}

// safariVerdict compiles each expression once.
func safariVerdict(t *testing.T, all []safariRule) blocker {
	t.Helper()
	for _, r := range all {
		if err := checkWebKit(r.Trigger.URLFilter); err != nil {
			t.Errorf("%s: %v", r.Trigger.URLFilter, err)
		}
	}
	matches := safariBlocks(all)
	image, script := safariBlocks(of(all, "image")), safariBlocks(of(all, "script"))
	return func(url string, resource filter.Type) bool {
		switch resource {
		case filter.Image:
			return image(url)
		case filter.Script:
			return script(url)
		}
		return resource != filter.Document && matches(url)
	}
}

func of(all []safariRule, resource string) (some []safariRule) {
	for _, r := range all {
		if slices.Contains(r.Trigger.ResourceType, resource) {
			some = append(some, r)
		}
	}
	return some
}

func dnrVerdict(t *testing.T, all []dnrRule) blocker {
	t.Helper()
	var image, script []dnrRule
	for i, r := range all {
		c := r.Condition
		if r.ID != i+1 || (c.URLFilter == "") == (c.RegexFilter == "") || slices.Contains(c.ResourceTypes, "main_frame") {
			t.Errorf("rule %+v", r)
		}
		for _, text := range []string{c.URLFilter, c.RegexFilter} {
			if strings.ContainsFunc(text, func(r rune) bool { return r > '~' || r <= ' ' }) || strings.HasPrefix(text, "||*") {
				t.Errorf("rule %d: %q", r.ID, text)
			}
		}
		if slices.Contains(c.ResourceTypes, "image") {
			image = append(image, r)
		}
		if slices.Contains(c.ResourceTypes, "script") {
			script = append(script, r)
		}
	}
	images, scripts := dnrBlocks(image), dnrBlocks(script)
	return func(url string, resource filter.Type) bool {
		if resource == filter.Script {
			return scripts(url)
		}
		return resource == filter.Image && images(url)
	}
}

// TestSamples checks the whole of each export: what rules state as a match is
// blocked, what they state as a miss is not unless it is another tracker's, and
// who follows a link arrives.
func TestSamples(t *testing.T) {
	for _, f := range []Format{Adblock, Safari, DNR} {
		t.Run(string(f), func(t *testing.T) {
			if raced && f != Adblock {
				t.Skip("too slow")
			}
			x, blocks := export(t, f)
			once := make(map[[2]any]bool)
			cached := func(url string, resource filter.Type) bool {
				key := [2]any{url, resource}
				if v, ok := once[key]; ok {
					return v
				}
				once[key] = blocks(url, resource)
				return once[key]
			}
			for _, e := range entries(nil) {
				if slices.Contains(x.LeftOut, e.id()) {
					continue
				}
				for _, u := range e.Match {
					if !cached(u, e.resource()) {
						t.Errorf("%s: %s is not blocked", e.id(), u)
					}
				}
				for _, u := range e.Miss {
					if !tracker(u) && cached(u, e.resource()) {
						t.Errorf("%s: %s is blocked", e.id(), u)
					}
				}
			}
			for _, s := range rulecheck.Embedded() {
				for _, r := range s.Rules {
					for _, u := range r.Match {
						if blocks(u, filter.Document) {
							t.Errorf("%s/%s: the link %s is blocked", s.ID(), r.ID, u)
						}
						if r.Event == "click" && !tracker(u) && cached(u, filter.Image) {
							t.Errorf("%s/%s: the link %s is blocked as an image", s.ID(), r.ID, u)
						}
					}
				}
			}
			t.Logf("%d entries, %d bytes", x.Entries, len(x.Text))
		})
	}
}

// TestHosts checks that a host is blocked only when it serves nothing else.
func TestHosts(t *testing.T) {
	x, blocks := export(t, Hosts)
	if x.Entries < 50 {
		t.Errorf("%d hosts", x.Entries)
	}
	for _, s := range rulecheck.Embedded() {
		for _, r := range s.Rules {
			for _, u := range slices.Concat(r.Match, r.Miss) {
				if !tracker(u) && blocks(u, filter.Image) {
					t.Errorf("%s/%s: %s is blocked", s.ID(), r.ID, u)
				}
			}
		}
	}
	for _, host := range []string{"google.com", "facebook.com", "www.linkedin.com", "amazon.com", "list-manage.com"} {
		if blocks("https://"+host+"/", filter.Image) {
			t.Errorf("%s is blocked", host)
		}
	}
	if !blocks("https://pixel.adsafeprotected.com/x", filter.Image) {
		t.Error("a host that exists to measure is not blocked")
	}
}

func TestCategories(t *testing.T) {
	x, err := Write(Adblock, []string{"sales"})
	if err != nil || x.Entries == 0 || strings.Contains(string(x.Text), "! Mailchimp\n") {
		t.Errorf("got %d entries, %v", x.Entries, err)
	}
}

// TestMatcher checks that the look for text changes nothing.
func TestMatcher(t *testing.T) {
	for _, e := range entries([]string{"esp", "commerce"}) {
		for _, d := range []dialect{{plain: true, slash: "/", loose: 40}, {slash: "/"}} {
			for _, x := range d.parts(e.Rule, e.Path) {
				quick, err := matcher(x)
				if err != nil {
					t.Fatal(err)
				}
				slow, _ := compiles(x)
				for _, u := range slices.Concat(e.Match, e.Miss) {
					if quick(u) != slow.MatchString(u) {
						t.Errorf("%s on %s: %t", x, u, quick(u))
					}
				}
			}
		}
	}
}

func TestWebKit(t *testing.T) {
	for expr, good := range map[string]bool{
		`^https?://([^/:]+\.)?a\.example(:[0-9]+)?/o/[0-9a-f]+\.gif([?#].*)?$`: true,
		`a|b`: false, `a{2}`: false, `(?:a)`: false, `\d`: false, `a^b`: false, `a$b`: false, `é`: false, `(`: false, `[a`: false,
		`[|{^$]`: true,
	} {
		if err := checkWebKit(expr); (err == nil) != good {
			t.Errorf("%s: %v", expr, err)
		}
	}
}
