package lint

import (
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/internal/lint/template"
)

// siteOf is the registrable domain of a host, or the host where it has none.
func siteOf(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if site, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return site
	}
	return host
}

// party says whose a reference is.
type party uint8

const (
	unknownParty party = iota // the sender is not known, or a tag writes the host
	firstParty
	thirdParty
)

// party compares the site of a reference with those of the sender: what the policy
// names, and the From of a message. Where neither says, a known service is a third
// party and everything else is unknown.
func (d *document) party(r *ref) party {
	if r.Host == "" || !r.known() {
		return unknownParty
	}
	site := siteOf(r.Host)
	from := ""
	if m := d.report.Message; m != nil {
		from = siteOf(m.FromDomain)
	}
	switch {
	case d.rules.own[site] || site == from:
		return firstParty
	case len(d.rules.own) > 0 || from != "":
		return thirdParty
	case r.finding != nil && r.finding.Service != nil:
		return thirdParty
	}
	return unknownParty
}

// whose names the service behind a reference, or its host.
func (r *ref) whose() string {
	if r.finding != nil && r.finding.Service != nil {
		return r.finding.Service.Name
	}
	if r.Host == "" {
		return "a host that the URL does not name"
	}
	if !r.known() {
		return "a host that a tag writes"
	}
	return r.Host
}

// reports says whether the reference exists to report that it was loaded.
func (r *ref) beacon() bool {
	if r.finding == nil || !r.loads() {
		return false
	}
	switch r.finding.Kind {
	case detector.Pixel, detector.ScriptBeacon, detector.FrameBeacon, detector.Probe:
		return true
	}
	return false
}

// sure reports whether the reference is a beacon beyond doubt: the score says so, or
// its URL is one reader's.
func (r *ref) sure() bool {
	return r.beacon() && (r.finding.Severity.Rank() >= detector.SeverityMedium.Rank() || r.individual() != "")
}

// why lists the signals of a finding that speak for it.
func (r *ref) why() string {
	var words []string
	for _, s := range r.finding.Signals {
		if s.Points > 0 && s.Detail != "" && s.Name != "known-service" {
			words = append(words, s.Detail)
		}
	}
	if len(words) == 0 {
		return ""
	}
	return " (" + strings.Join(words, ", ") + ")"
}

func openPixel(d *document) {
	for _, r := range d.refs {
		if r.finding == nil || r.finding.Kind != detector.Pixel || r.Trigger != detector.Open && r.Trigger != detector.Auto {
			continue
		}
		if r.sure() {
			d.add("open-pixel", r.spot(), "tracking pixel of "+r.whose()+" reports the opening"+r.why(), r)
		} else {
			d.less("open-pixel", r.spot(), "perhaps a tracking pixel of "+r.whose()+r.why(), r)
		}
	}
}

func thirdPartyPixel(d *document) {
	for _, r := range d.refs {
		if r.sure() && d.party(r) == thirdParty {
			d.add("third-party-pixel", r.spot(), "a third party, "+r.whose()+", learns that the message was opened", r)
		}
	}
}

// individual says by what the URL of a reference tells one reader from the others,
// "" where nothing is known.
func (r *ref) individual() string {
	switch {
	case r.person.What != template.Nobody:
		return "tag " + r.tagText() + " writes " + r.person.What.String() + " of the reader"
	case r.finding != nil && r.finding.Recipient.Evidence == detector.Proven:
		return r.finding.Recipient.How
	case r.likely():
		return "likely: " + r.finding.Recipient.How
	}
	return ""
}

// likely reports whether a token looks like one reader's. In what is sent to all as it
// stands, a token that is written out is the same for all, unless it has the shape that
// a service gives to the tokens of readers.
func (r *ref) likely() bool {
	if r.finding == nil || r.finding.Recipient.Evidence != detector.Likely || r.person.What != template.Nobody {
		return false
	}
	return !r.html || r.finding.Rule != "" && r.finding.Kind.Decides()
}

// tagText is the first tag that names a person, as written, with whose tag it is.
func (r *ref) tagText() string {
	for i := range r.tags {
		t := &r.tags[i]
		if p, ok := r.part.doc.Person(t); ok && p.What == r.person.What {
			text := string(squeezed(r.part.text[t.Start:t.End]))
			if p.Service != "" {
				text += " (" + p.Service + ")"
			}
			return text
		}
	}
	return r.person.Name
}

func individualURL(d *document) {
	for _, r := range d.refs {
		switch how := r.individual(); {
		case how == "" || !r.loads():
		case r.likely():
			d.less("individual-url", r.spot(), "a URL that loads by itself may identify one reader: "+how, r)
		default:
			d.add("individual-url", r.spot(), "a URL that loads by itself identifies one reader: "+how, r)
		}
	}
}

func addressLeak(d *document) {
	for _, r := range d.refs {
		if r.Scheme() == "mailto" || r.Trigger == detector.Receipt {
			continue
		}
		how := ""
		switch {
		case r.person.What == template.Address || r.person.What == template.Hash:
			how = "tag " + r.tagText() + " writes " + r.person.What.String() + " into it"
		case r.finding != nil && r.finding.Recipient.Evidence == detector.Proven:
			how = r.finding.Recipient.How
		}
		if how == "" {
			continue
		}
		if r.loads() {
			d.add("address-leak", r.spot(), "the reader's address leaves with this URL, "+r.Vector+": "+how, r)
		} else if !d.isOwnBusiness(r) {
			d.less("address-leak", r.spot(), "the reader's address leaves with this link when it is followed: "+how, r)
		}
	}
}

// Scheme is the scheme of the URL.
func (r *ref) Scheme() string {
	scheme, _, _ := strings.Cut(r.URL, ":")
	return strings.ToLower(scheme)
}

func probes(d *document) {
	for _, r := range d.refs {
		if !r.loads() {
			continue
		}
		what := ""
		switch r.Trigger {
		case detector.Print:
			what = "that the message is printed"
		case detector.Forward:
			what = "that the message is answered or forwarded"
		}
		switch {
		case r.finding != nil && r.finding.Kind == detector.Probe && what == "":
			what = "more than the opening (" + strings.Join(r.finding.Events, ", ") + ")"
		case what != "" && !strings.HasPrefix(r.Vector, "css:"):
			what = "" // a style sheet for printing
		}
		if what != "" {
			d.add("probe", r.spot(), r.whose()+" learns "+what, r)
		}
	}
}
