package lint

import (
	"fmt"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/report"
)

// A Profile says which rules count and how much, and by what public text.
type Profile struct {
	Name  string
	Title string
	// Basis is the text that the profile follows, with its number and date, and URL
	// where that can be read. The levels are our reading of it.
	Basis  string
	URL    string
	levels map[string]report.Level
}

// Level is how much a rule counts.
func (p *Profile) Level(id string) report.Level {
	if l, ok := p.levels[id]; ok {
		return l
	}
	if l, ok := always[id]; ok {
		return l
	}
	return report.Off
}

// always are rules about the check itself and about what a policy asks for: they
// count in every profile.
var always = map[string]report.Level{
	"incomplete": report.Error, "suppression": report.Error, "unused-suppression": report.Warning,
	"host-not-allowed": report.Error, "service-not-allowed": report.Error, "budget": report.Error,
}

// Profiles lists the profiles.
func Profiles() []*Profile { return profiles }

// ProfileNamed finds a profile.
func ProfileNamed(name string) (*Profile, error) {
	var names []string
	for _, p := range profiles {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return nil, fmt.Errorf("unknown profile %q; known are %s", name, strings.Join(names, ", "))
}

const (
	e = report.Error
	w = report.Warning
	n = report.Note
)

var profiles = []*Profile{
	{
		Name: "strict", Title: "nothing reports back that a reader did not ask for",
		levels: map[string]report.Level{
			"open-pixel": e, "third-party-pixel": e, "individual-url": e, "address-leak": e, "script": e, "frame": e, "form": w,
			"read-receipt": e, "probe": e, "repeat-open": w, "click-wrapping": e, "personal-parameter": e, "remote-font": w,
			"remote-stylesheet": w, "transactional-tracking": e, "consent-tracking": e, "tracked-unsubscribe": e,
			"broken-unsubscribe": e, "no-list-unsubscribe": w, "no-withdrawal": e, "insecure-url": w, "switch-ignored": e,
			"tracking-marker": e,
		},
	},
	{
		// Individual measurement of opens, and of clicks in practice, needs a consent of
		// its own; aggregate rates, security and deliverability do not. Withdrawal by a
		// link in every message; the message that asks for consent has no pixel; messages
		// about a contract are not exempt.
		Name: "cnil", Title: "France: the recommendation on tracking pixels in e-mail",
		Basis: "CNIL, deliberation 2026-042 of 12 March 2026 on tracking pixels in e-mail, published 14 April 2026, existing addresses until 14 July 2026 (article 82 of the law Informatique et Libertés)",
		URL:   "https://www.cnil.fr/",
		levels: map[string]report.Level{
			"open-pixel": w, "third-party-pixel": w, "individual-url": e, "address-leak": e, "script": w, "frame": w,
			"read-receipt": w, "probe": e, "repeat-open": e, "click-wrapping": w, "personal-parameter": w, "remote-font": n,
			"remote-stylesheet": n, "transactional-tracking": e, "consent-tracking": e, "tracked-unsubscribe": e,
			"broken-unsubscribe": e, "no-list-unsubscribe": w, "no-withdrawal": e, "switch-ignored": e, "tracking-marker": w,
		},
	},
	{
		// Consent unless strictly necessary; deliverability in the aggregate, security and
		// service messages are exempt; a pixel that leads to one recipient is a tracker;
		// information is always due.
		Name: "garante", Title: "Italy: the guidelines on tracking pixels in e-mail",
		Basis: "Garante per la protezione dei dati personali, provision 284 of 17 April 2026 with guidelines on tracking pixels in e-mail, G.U. 98 of 29 April 2026, to be met within six months of that (article 122 of the Codice privacy)",
		URL:   "https://www.garanteprivacy.it/home/docweb/-/docweb-display/docweb/10241943",
		levels: map[string]report.Level{
			"open-pixel": w, "third-party-pixel": w, "individual-url": e, "address-leak": e, "script": w, "frame": w,
			"read-receipt": w, "probe": e, "repeat-open": e, "click-wrapping": w, "personal-parameter": w, "remote-font": n,
			"remote-stylesheet": n, "transactional-tracking": w, "consent-tracking": e, "tracked-unsubscribe": e,
			"broken-unsubscribe": e, "no-list-unsubscribe": w, "no-withdrawal": e, "switch-ignored": e, "tracking-marker": w,
		},
	},
	{
		// Tracking by URL and by pixel, and unique identifiers, hashed ones too, fall under
		// article 5(3): information is gained from the terminal equipment.
		Name: "edpb", Title: "European Union: the scope of article 5(3) of the ePrivacy directive",
		Basis: "EDPB, Guidelines 2/2023 on the technical scope of article 5(3) of the ePrivacy directive, version 2.0, adopted 7 October 2024",
		URL:   "https://www.edpb.europa.eu/our-work-tools/our-documents/guidelines/guidelines-22023-technical-scope-art-53-eprivacy-directive_en",
		levels: map[string]report.Level{
			"open-pixel": e, "third-party-pixel": e, "individual-url": e, "address-leak": e, "script": w, "frame": w, "read-receipt": n,
			"probe": e, "repeat-open": w, "click-wrapping": w, "personal-parameter": e, "remote-font": n, "remote-stylesheet": n,
			"transactional-tracking": w, "consent-tracking": w, "tracked-unsubscribe": w, "broken-unsubscribe": w,
			"no-withdrawal": w, "switch-ignored": e, "tracking-marker": w,
		},
	},
	{Name: "none", Title: "only what the policy asks for"},
}
