package detector_test

import (
	"html"
	"os"
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/rules/ruleyaml"
)

// scanPage scans the source of a page.
func scanPage(t *testing.T, src string) *detector.Report {
	t.Helper()
	rep, err := detector.New(nil).ScanHTML(detector.Source{Path: "page.html", Type: detector.TypePage}, []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// says writes what a finding sends as the samples of calls do.
func says(f *detector.Finding) string {
	var parts []string
	if f.Account != "" {
		parts = append(parts, "account="+f.Account)
	}
	if n := len(f.Events); n > 0 && f.Events[n-1] != "script" {
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

// TestCallSamples runs the samples of every call in rules/data: a script says
// what stands beside it, through a finding of that call, and a miss is another
// call or none.
func TestCallSamples(t *testing.T) {
	services, err := ruleyaml.Load(os.DirFS("../rules/data"))
	if err != nil {
		t.Fatal(err)
	}
	calls, samples := 0, 0
	for _, s := range services {
		for _, c := range s.Calls {
			id := s.ID() + "/" + c.ID
			calls++
			probe := ""
			if c.Holds {
				probe = probes[s.Operator]
			}
			for _, sample := range c.Samples {
				samples++
				got, before := "", 0
				rep := scanPage(t, `<script>`+sample.Script+`;`+probe+`</script>`)
				for i := range rep.Findings {
					f := &rep.Findings[i]
					switch {
					case c.Holds && f.Consent == detector.Gated:
						got = "holds"
					case f.Rule == id || c.Each && strings.HasPrefix(f.Rule, s.ID()+"/"):
						if before++; before > 1 {
							got += "|"
						}
						got += says(f)
					}
				}
				if got != sample.Says {
					t.Errorf("%s: %s\n got %q\nwant %q", id, sample.Script, got, sample.Says)
				}
			}
			for _, script := range c.Miss {
				rep := scanPage(t, "<script>"+script+";"+probe+"</script>")
				for _, f := range rep.Findings {
					if f.Rule == id || c.Holds && f.Consent == detector.Gated {
						t.Errorf("%s: %s matches, which it must miss", id, script)
					}
				}
			}
			if attr := scanPage(t, `<body onload="`+html.EscapeString(c.Samples[0].Script)+`">`); !c.Holds && len(attr.Findings) == 0 {
				t.Errorf("%s: %s is not found in an attribute", id, c.Samples[0].Script)
			}
		}
	}
	if calls < 90 {
		t.Errorf("%d calls only", calls)
	}
	t.Logf("%d calls, %d samples", calls, samples)
}

// probes are scripts of an operator that a call which holds back must gate.
var probes = map[string]string{
	"Google":    "new Image().src='https://www.google-analytics.com/collect?v=1&tid=UA-1-1'",
	"Meta":      "new Image().src='https://www.facebook.com/tr/?id=1'",
	"Microsoft": "new Image().src='https://bat.bing.com/action/0?ti=1'",
	"ByteDance": "new Image().src='https://analytics.tiktok.com/api/v2/pixel?sdkid=1'",
	"Matomo":    "new Image().src='https://stats.acme.example/matomo.php?idsite=1'",
}
