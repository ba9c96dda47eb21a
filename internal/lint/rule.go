package lint

import (
	"embed"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/report"
)

// A Rule is one thing that mail should not do. Its ID is stable: it stands in
// policies, comments and baselines.
type Rule struct {
	ID    string
	Fixed bool            // no comment lets it pass
	check func(*document) // nil where the document is not asked
}

// all lists the rules in the order of their documentation.
var all = []Rule{
	{"open-pixel", false, openPixel},
	{"third-party-pixel", false, thirdPartyPixel},
	{"individual-url", false, individualURL},
	{"address-leak", false, addressLeak},
	{"script", false, scripts},
	{"frame", false, frames},
	{"form", false, forms},
	{"read-receipt", false, readReceipt},
	{"probe", false, probes},
	{"repeat-open", false, repeatOpen},
	{"click-wrapping", false, clickWrapping},
	{"personal-parameter", false, personalParameter},
	{"remote-font", false, remoteFont},
	{"remote-stylesheet", false, remoteStylesheet},
	{"transactional-tracking", false, transactionalTracking},
	{"consent-tracking", false, consentTracking},
	{"tracked-unsubscribe", false, trackedUnsubscribe},
	{"broken-unsubscribe", false, brokenUnsubscribe},
	{"no-list-unsubscribe", false, noListUnsubscribe},
	{"no-withdrawal", false, noWithdrawal},
	{"insecure-url", false, insecureURL},
	{"switch-ignored", false, switchIgnored},
	{"tracking-marker", false, trackingMarker},
	{"host-not-allowed", false, hostNotAllowed},
	{"service-not-allowed", false, serviceNotAllowed},
	{"budget", false, overBudget},
	{"incomplete", true, nil},
	{"suppression", true, nil},
	{"unused-suppression", true, nil},
}

// Rules lists all rules.
func Rules() []Rule { return all }

// RuleByID finds a rule by its ID.
func RuleByID(id string) (*Rule, bool) {
	for i := range all {
		if all[i].ID == id {
			return &all[i], true
		}
	}
	return nil, false
}

//go:embed docs/*.md
var docs embed.FS

// Doc is the documentation of a rule in Markdown: a heading, why, before and after,
// and how to fix it. It is the text of lint --explain and of the page docs/README.md.
func (r *Rule) Doc() string {
	text, err := docs.ReadFile("docs/" + r.ID + ".md")
	if err != nil {
		panic(err) // embedded, and a test reads them all
	}
	return string(text)
}

// Title is a sentence on what the rule objects to.
func (r *Rule) Title() string {
	line, _, _ := strings.Cut(r.Doc(), "\n")
	_, title, _ := strings.Cut(line, ": ")
	return title
}

// page is where the documentation can be read.
const page = "https://github.com/pixelsweep/pixelsweep/blob/main/internal/lint/docs/"

// ReportRules are the rules as formats show them, at the levels of a profile.
func ReportRules(p *Profile) []report.Rule {
	list := make([]report.Rule, len(all))
	for i := range all {
		r := &all[i]
		list[i] = report.Rule{ID: r.ID, Title: r.Title(), Help: r.Doc(), URL: page + r.ID + ".md", Level: p.Level(r.ID)}
	}
	return list
}

// check lets every rule that is on look at the document, while the scan still knows
// its parts.
func (d *document) check() {
	if !d.html {
		d.fields = headerFields(d.data)
	}
	d.mail = d.kind()
	d.declare()
	for i := range all {
		if r := &all[i]; r.check != nil && d.rules.level(r.ID) != report.Off {
			r.check(d)
		}
	}
	d.suppress()
}

// whole reports what was not read, of which nothing can be said.
func (d *document) whole() {
	for _, what := range d.unread {
		if what == "" {
			continue // is said
		}
		d.add("incomplete", spot{}, "not read whole: "+what, nil)
	}
}
