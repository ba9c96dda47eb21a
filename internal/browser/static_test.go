package browser

import (
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/rewrite"
)

// tag is what must be found of a service: its account, and an event with its
// value.
type tag struct{ account, event, value string }

var thanks = map[string]tag{
	"Google Analytics":      {"G-4TH4NKS01", "purchase", "49.9"},
	"Google Ads":            {"AW-204810001/tHaNkS", "conversion", "49.9"},
	"Google Tag Manager":    {"GTM-TH4NKS", "order_done", "49.9"},
	"Meta Pixel":            {"204810002", "Purchase", "49.9"},
	"TikTok Pixel":          {"C20481TH4NKS", "CompletePayment", "49.9"},
	"LinkedIn Ads":          {"2048103", "20481", ""}, // its value is set in the campaign, not on the page
	"Pinterest Tag":         {"2048104", "checkout", "49.9"},
	"Microsoft Advertising": {"2048105", "purchase", "49.9"},
	"X Ads":                 {"o2048", "tw-o2048-th4nk", "49.9"},
	"Snap Pixel":            {"20481006-aaaa-4bbb-8ccc-20481000000d", "PURCHASE", "49.9"},
	"Reddit Pixel":          {"a2_20481007", "Purchase", "49.9"},
	"Quora Pixel":           {"20481008abcdef20481008abcdef2048", "Purchase", "49.9"},
	"Criteo":                {"204809", "trackTransaction", "49.9"},
	"Taboola":               {"2048110", "make_purchase", "49.9"},
	"Outbrain":              {"2048111", "Purchase", "49.9"},
}

func static(t *testing.T, name string, doc []byte) *detector.Report {
	t.Helper()
	rep, err := detector.New(nil).ScanHTML(detector.Source{Path: name, Type: detector.TypePage}, doc)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// TestThanks reads the source of our own page: every tag is named with its
// account, event and value.
func TestThanks(t *testing.T) {
	rep := static(t, "thanks.html", read(t, "thanks.html"))
	for name, want := range thanks {
		account, event := false, false
		for _, f := range rep.Findings {
			if f.Service == nil || f.Service.Name != name {
				continue
			}
			account = account || f.Account == want.account
			value := want.value == ""
			for _, v := range f.Values {
				value = value || v.Name == "value" && strings.HasPrefix(v.Value, want.value)
			}
			event = event || value && len(f.Events) > 0 && f.Events[len(f.Events)-1] == want.event
			if f.Consent != detector.BeforeConsent {
				t.Errorf("%s [%s]: consent %q", name, f.Vector, f.Consent)
			}
		}
		if !account || !event {
			t.Errorf("%s: account %v, event with value %v; want %+v", name, account, event, want)
		}
	}
	personal := 0
	for _, f := range rep.Findings {
		personal += len(f.Personal)
	}
	if personal < 5 {
		t.Errorf("%d fields with personal data", personal)
	}
	for i := range rep.Findings {
		if f := &rep.Findings[i]; f.Kind.Decides() && thanks[f.Service.Name].account == "" {
			t.Errorf("unexpected %s", f.Service.Name)
		}
	}
}

// TestPlain: a page without trackers yields none.
func TestPlain(t *testing.T) {
	for _, f := range static(t, "plain.html", read(t, "plain.html")).Findings {
		t.Errorf("%s %s [%s]", f.Kind, f.URL, f.Vector)
	}
}

// TestConsentFromSource: what the source says of our pages with a banner.
func TestConsentFromSource(t *testing.T) {
	for page, want := range map[string]map[string]detector.Consent{
		"consent-right.html": {"facebook": detector.Gated},
		"consent-early.html": {"pinterest": detector.BeforeConsent, "bing": detector.UnknownConsent},
		"consent-deaf.html":  {"snapchat": detector.UnknownConsent, "reddit": detector.UnknownConsent},
	} {
		for _, f := range static(t, page, read(t, page)).Findings {
			for host, consent := range want {
				if f.Kind.Decides() && strings.Contains(f.URL, host) && f.Consent != consent {
					t.Errorf("%s: %s is %q, want %q", page, f.URL, f.Consent, consent)
				}
			}
		}
	}
}

// TestRewritten: the same page without its beacons has none, and keeps its
// other scripts; in Chromium it asks no tracker.
func TestRewritten(t *testing.T) {
	src := read(t, "thanks.html")
	res, err := rewrite.HTML(src, &rewrite.Options{Page: true})
	if err != nil || len(res.Left) > 0 {
		t.Fatalf("%v, left %+v", err, res.Left)
	}
	for _, f := range static(t, "thanks.html", res.Data).Findings {
		if f.Kind.Decides() {
			t.Errorf("left: %s %s [%s]", f.Kind, f.URL, f.Vector)
		}
	}
	for _, keep := range []string{"Your order A-20481", "var order = {", "function load(src, id)", `src="/logo.png"`} {
		if !strings.Contains(string(res.Data), keep) {
			t.Errorf("%q is gone", keep)
		}
	}
	for _, e := range res.Edits {
		if e.Stronger {
			t.Errorf("a stronger edit was needed for %s [%s]", e.URL, e.Vector)
		}
	}
	l := newLab(t)
	opts := *l.opts
	opts.OneLoad = true
	got, err := Open(t.Context(), "", res.Data, &opts)
	if err != nil {
		t.Fatal(err)
	}
	for phase, hosts := range phased(got) {
		t.Errorf("%s: Chromium asks %v", phase, hosts)
	}
}
