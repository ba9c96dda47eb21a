package lint

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/internal/lint/template"
	"github.com/pixelsweep/pixelsweep/rules"
)

// signal finds a signal of a finding.
func (r *ref) signal(name string) (string, bool) {
	if r.finding == nil {
		return "", false
	}
	for _, s := range r.finding.Signals {
		if s.Name == name {
			return s.Detail, true
		}
	}
	return "", false
}

func clickWrapping(d *document) {
	for _, r := range d.refs {
		if r.finding == nil || r.finding.Kind != detector.ClickTracker {
			continue
		}
		if how, ok := r.signal("wrapped-link"); ok {
			d.add("click-wrapping", r.spot(), "this link records the click: "+how, r)
		}
	}
}

func personalParameter(d *document) {
	for _, r := range d.refs {
		if r.Trigger != detector.Click || r.part == nil || d.isOwnBusiness(r) {
			continue
		}
		switch how, ok := r.signal("personal-parameter"); {
		case ok:
			d.add("personal-parameter", r.spot(), "this link tells the site who the reader is: parameter "+how, r)
		case r.person.What != template.Nobody && r.Scheme() != "mailto":
			d.add("personal-parameter", r.spot(), "this link tells the site who the reader is: tag "+r.tagText()+" writes "+r.person.What.String(), r)
		}
	}
}

// businessWords stand in the address or the text of links that must know the reader:
// to unsubscribe, to confirm, to see the message in a browser.
var businessWords = []string{
	"unsub", "opt-out", "optout", "opt_out", "preferenc", "confirm", "verif", "reset", "activat", "webversion", "web-version",
	"view-in-browser", "view_in_browser", "viewonline", "browser", "magic", "login", "signin", "sign-in", "invit", "accept",
}

// isOwnBusiness reports whether a link needs to know who follows it.
func (d *document) isOwnBusiness(r *ref) bool {
	if r.part == nil {
		return r.Part == "HEADER"
	}
	lower := strings.ToLower(r.written())
	for _, w := range businessWords {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return isUnsubscribing(linkText(r.part, r.Offset))
}

// linkText is the text of the link whose attribute holds an offset.
func linkText(p *part, at int) string {
	e := elementAt(p.doc, at)
	if e == nil || e.Name != "a" && e.Name != "area" {
		return ""
	}
	return textOf(p, e)
}

// maxLinkText is how far the end of a link is looked for.
const maxLinkText = 2000

// textOf is the text between a link and its end, without markup.
func textOf(p *part, link *template.Element) string {
	var b strings.Builder
	at := link.End
	for i := indexAfter(p.doc, link.Start) + 1; i < len(p.doc.Elements) && at-link.End < maxLinkText; i++ {
		e := &p.doc.Elements[i]
		b.Write(p.text[at:max(at, e.Start)])
		at = max(at, e.End)
		if e.Name == "/a" || e.Name == "a" {
			return b.String()
		}
		b.WriteByte(' ')
	}
	b.Write(p.text[at:max(at, min(len(p.text), link.End+maxLinkText))])
	return b.String()
}

// indexAfter is the place of the first element that begins at an offset or after it.
func indexAfter(doc *template.Doc, at int) int {
	return sort.Search(len(doc.Elements), func(i int) bool { return doc.Elements[i].Start >= at })
}

// unsubscribeWords say in many languages that a link ends a subscription or changes
// what comes.
var unsubscribeWords = []string{
	"unsubscribe", "opt out", "opt-out", "email preferences", "manage preferences", "mail preferences", "subscription preferences",
	"update your preferences", "stop receiving", "abmelden", "abbestellen", "austragen", "désabonn", "désinscri", "se desabonner",
	"disiscriv", "cancella l", "annulla l", "darse de baja", "darte de baja", "cancelar la suscripci", "cancelar suscripci",
	"afmelden", "uitschrijven", "avregistrera", "avsluta prenumeration", "afmeld", "avmeld", "meld av", "peruuta tilaus",
	"wypisz", "odhlásit", "leiratkoz", "dezabon", "cancelar inscri", "cancelar a subscri", "отписа", "配信停止", "退订", "구독 취소",
}

// isUnsubscribing reports whether the text of a link says that it ends a subscription.
func isUnsubscribing(text string) bool {
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	for _, w := range unsubscribeWords {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// namesUnsubscribe reports whether an address or a tag is one for unsubscribing.
func namesUnsubscribe(href string) bool {
	href = strings.ToLower(href)
	for _, w := range []string{"unsub", "optout", "opt-out", "opt_out", "abmeld", "desabon", "desinscri"} {
		if strings.Contains(href, w) {
			return true
		}
	}
	return false
}

// An unsubscribe is a link that ends a subscription.
type unsubscribe struct {
	part *part
	attr template.Attr
	has  bool // an href
	href string
	elem *template.Element
	ref  *ref // nil where the link leads nowhere
}

// unsubscribes finds the links of the body by their text, or by what they name.
func (d *document) unsubscribes() []unsubscribe {
	if d.leaving == nil {
		d.leaving = d.findUnsubscribes()
	}
	return d.leaving
}

func (d *document) findUnsubscribes() []unsubscribe {
	found := []unsubscribe{}
	d.elements(func(p *part, e *template.Element) {
		if e.Name != "a" && e.Name != "area" {
			return
		}
		a, has := p.doc.Attr(e, "href")
		href := ""
		if has {
			href = strings.TrimSpace(string(p.text[a.From:a.To]))
		}
		if !namesUnsubscribe(href) && !isUnsubscribing(textOf(p, e)) {
			return
		}
		u := unsubscribe{part: p, attr: a, has: has, href: href, elem: e}
		if has {
			u.ref = d.refAt(p, a.From, a.To)
		}
		found = append(found, u)
	})
	return found
}

// refAt finds the reference that stands in a value of a part.
func (d *document) refAt(p *part, from, to int) *ref {
	if d.places == nil {
		d.places = map[*part][]*ref{}
		for _, r := range d.refs {
			d.places[r.part] = append(d.places[r.part], r)
		}
		for _, list := range d.places {
			slices.SortStableFunc(list, func(a, b *ref) int { return cmp.Compare(a.Offset, b.Offset) })
		}
	}
	list := d.places[p]
	i := sort.Search(len(list), func(i int) bool { return list[i].Offset >= from })
	if i < len(list) && list[i].Offset <= to {
		return list[i]
	}
	return nil
}

func (u *unsubscribe) spot() spot {
	if u.has {
		return attribute(u.part, u.attr)
	}
	return tag(u.part, u.elem)
}

func trackedUnsubscribe(d *document) {
	for _, u := range d.unsubscribes() {
		if u.ref == nil {
			continue
		}
		if how, ok := u.ref.signal("wrapped-link"); ok {
			d.add("tracked-unsubscribe", u.spot(), "the link to unsubscribe records the click: "+how, u.ref)
		}
	}
	for _, r := range d.refs {
		if r.Vector != "header:List-Unsubscribe" {
			continue
		}
		m := rules.Default().Match(rules.URL{Full: r.URL, Host: r.Host, Path: pathOf(r.URL), Query: queryOf(r.URL)})
		if m != nil && m.Event == rules.EventClick {
			d.add("tracked-unsubscribe", r.spot(), "List-Unsubscribe records the click: redirect of "+m.Service.Name, r)
		}
	}
}

func pathOf(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	i := strings.IndexByte(rest, '/')
	if i < 0 {
		return "/"
	}
	rest, _, _ = strings.Cut(rest[i:], "#")
	path, _, _ := strings.Cut(rest, "?")
	return path
}

func queryOf(url string) string {
	url, _, _ = strings.Cut(url, "#")
	_, query, _ := strings.Cut(url, "?")
	return query
}

// encodedTags are tags as editors break them when they escape an href.
var encodedTags = []string{"%7b%7b", "*%7c", "%7b%25", "%25%25", "&#123;", "&lbrace;", "%5b%5b", "%5blink:"}

func brokenUnsubscribe(d *document) {
	finished := d.finished()
	for _, u := range d.unsubscribes() {
		lower := strings.ToLower(u.href)
		switch {
		case !u.has || u.href == "" || u.href == "#" || strings.HasPrefix(lower, "javascript:") || lower == "http://" || lower == "https://":
			if finished {
				d.add("broken-unsubscribe", u.spot(), "the link to unsubscribe leads nowhere", nil)
			} else {
				d.less("broken-unsubscribe", u.spot(), "the link to unsubscribe leads nowhere yet", nil)
			}
		case finished && len(u.part.doc.Within(u.attr.From, u.attr.To)) > 0:
			d.add("broken-unsubscribe", u.spot(), "the link to unsubscribe holds a tag that nobody filled in: "+u.href, nil)
		default:
			for _, c := range encodedTags {
				if strings.Contains(lower, c) {
					d.add("broken-unsubscribe", u.spot(), "the tag in the link to unsubscribe is escaped, so it will not be filled in: "+u.href, nil)
					break
				}
			}
		}
	}
	if f := d.field("List-Unsubscribe"); f != nil && finished && len(template.Read([]byte(f.value)).Tags) > 0 {
		d.add("broken-unsubscribe", f.spot(), "List-Unsubscribe holds a tag that nobody filled in: "+f.value, nil)
	}
}
