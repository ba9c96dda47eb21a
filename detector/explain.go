package detector

import (
	"errors"
	"fmt"
	"html"

	"github.com/pixelsweep/pixelsweep/detector/internal/weburl"
	"github.com/pixelsweep/pixelsweep/rules"
)

// Explanation is what is known of one URL that stands in no message.
type Explanation struct {
	URL       string   // WHATWG-serialised
	Service   *Service // nil when no rule matches
	Rule      string
	Recipient Recipient
	Carries   []Carried
	Target    string
}

// Explain judges a URL as if it stood alone in a message, loaded as a resource
// of a type as filter lists name them: image, stylesheet, script, subdocument,
// media, or document for a link. A redirect that records clicks is judged as a
// link whatever the type. The URL is read as browsers read it; Explain fails for
// one that no client would request.
func (d *Detector) Explain(url, resource string) (Explanation, error) {
	u, ok := weburl.Parse(url, nil)
	switch {
	case !ok:
		return Explanation{}, errors.New("not a URL")
	case u.Scheme == "":
		return Explanation{}, errors.New("a relative URL; an absolute one is needed")
	case u.Scheme != "http" && u.Scheme != "https":
		return Explanation{}, fmt.Errorf("scheme %q; only http and https are requested", u.Scheme)
	case len(u.Full) > d.opts.Limits.URLBytes:
		return Explanation{}, fmt.Errorf("longer than %d bytes", d.opts.Limits.URLBytes)
	}
	e := Explanation{URL: u.Full, Recipient: Recipient{Evidence: NoEvidence}}
	f, ok := d.alone(u.Full, resource)
	if !ok { // a link that is not wrapped; its shape may be known all the same
		f, ok = d.alone(u.Full, "image")
	}
	if ok && len(f.Events) > 0 && f.Events[0] == string(rules.EventClick) {
		if link, ok := d.alone(u.Full, "document"); ok {
			f = link
		}
	}
	if ok {
		e.Service, e.Rule, e.Recipient, e.Carries, e.Target = f.Service, f.Rule, f.Recipient, f.Carries, f.Target
	}
	return e, nil
}

// alone returns the finding for a URL in a document of its own.
func (d *Detector) alone(url, resource string) (Finding, bool) {
	form := `<img src="%s">`
	switch resource {
	case "stylesheet":
		form = `<link rel="stylesheet" href="%s">`
	case "script":
		form = `<script src="%s"></script>`
	case "subdocument":
		form = `<iframe src="%s"></iframe>`
	case "media":
		form = `<video src="%s"></video>`
	case "document":
		form = `<a href="%s">link</a>`
	}
	rep, err := d.ScanHTML(Source{Type: TypeMessage}, fmt.Appendf(nil, form, html.EscapeString(url)))
	if err != nil || len(rep.Findings) == 0 {
		return Finding{}, false
	}
	return rep.Findings[0], true
}
