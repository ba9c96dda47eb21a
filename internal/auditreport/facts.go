package auditreport

import (
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/net/publicsuffix"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/internal/auditstore"
)

// facts are what one message tells.
type facts struct {
	links, receipt bool
	address        bool // opening it gives away the address
	third          bool // to another site than the sender's
	forms          map[string]bool
	services       map[string]*uses // whose trackers made it tracked
	receivers      map[string]*gift
}

// uses are what a service does in a message.
type uses struct {
	service detector.Service
	kinds   map[detector.Kind]bool
	address bool
}

// gift is how somebody gets the address.
type gift struct {
	known       bool
	open, click bool
	sites       map[string]bool
	forms       map[string]bool
}

// factsOf reads the sightings of a message. A tracker counts from the severity on
// that makes a message tracked.
func factsOf(m *auditstore.Message, sender string) (f facts) {
	for i := range m.Sightings {
		s := &m.Sightings[i]
		name := report.Clean(s.Service.Name)
		if name == "" {
			name = report.Clean(s.Site)
		}
		if name == "" {
			name = "unknown"
		}
		switch s.Kind {
		case detector.ClickTracker:
			f.links = true
		case detector.ReadReceipt:
			f.receipt = true
			continue
		}
		proven := s.Evidence == detector.Proven
		decides := s.Kind.Decides() && s.Severity.Rank() >= detector.SeverityMedium.Rank()
		if decides {
			u := at(&f.services, name)
			u.service = s.Service
			set(&u.kinds, s.Kind)
			u.address = u.address || proven
		}
		if !proven {
			continue
		}
		g := at(&f.receivers, name)
		g.known = s.Service.Name != ""
		g.open, g.click = g.open || s.Kind.Decides(), g.click || !s.Kind.Decides()
		set(&g.sites, s.Site)
		set(&g.forms, s.Form)
		set(&f.forms, s.Form)
		if s.Kind.Decides() {
			f.address = true
			f.third = f.third || s.Site != siteOf(sender)
		}
	}
	return f
}

// at returns the entry of a name, made where there is none.
func at[T any](m *map[string]*T, name string) *T {
	if *m == nil {
		*m = make(map[string]*T)
	}
	if (*m)[name] == nil {
		(*m)[name] = new(T)
	}
	return (*m)[name]
}

func set[K comparable](m *map[K]bool, key K) {
	if *m == nil {
		*m = make(map[K]bool)
	}
	(*m)[key] = true
}

// shared are sites under which each address is a sender of its own: mail providers
// for everybody, and hosts of newsletters. Their customers have nothing to do with
// each other.
var shared = map[string]bool{
	"gmail.com": true, "googlemail.com": true, "outlook.com": true, "hotmail.com": true, "live.com": true, "msn.com": true,
	"icloud.com": true, "me.com": true, "mac.com": true, "yahoo.com": true, "ymail.com": true, "aol.com": true, "gmx.de": true,
	"gmx.net": true, "web.de": true, "t-online.de": true, "freenet.de": true, "proton.me": true, "protonmail.com": true, "pm.me": true,
	"fastmail.com": true, "fastmail.fm": true, "posteo.de": true, "mailbox.org": true, "zoho.com": true, "yandex.ru": true,
	"mail.ru": true, "qq.com": true, "163.com": true, "126.com": true, "orange.fr": true, "free.fr": true, "laposte.net": true,
	"libero.it": true, "comcast.net": true, "hotmail.co.uk": true, "yahoo.co.uk": true, "yahoo.fr": true, "yahoo.de": true,
	"substack.com": true, "beehiiv.com": true, "buttondown.email": true, "ghost.io": true, "tinyletter.com": true,
	"convertkit-mail.com": true, "convertkit-mail2.com": true, "mailchimpapp.net": true, "medium.com": true, "patreon.com": true,
}

// senderKey names a sender: the site of its address, or the address.
func senderKey(s auditstore.Sender) string {
	site := siteOf(s.Domain)
	switch {
	case s.Domain == "":
		return "(no address)"
	case shared[site] && s.Address != "":
		return report.Clean(s.Address)
	}
	return report.Clean(site)
}

// siteOf returns the registrable domain of an address or host.
func siteOf(s string) string {
	host := strings.ToLower(s[strings.LastIndexByte(s, '@')+1:])
	if site, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return site
	}
	return host
}

const maxLinks = 2

// unsubscribe reads the links of List-Unsubscribe (RFC 2369 section 3.2) that a
// person can use: https and mailto. They are text, to be opened by hand: a click
// tells the sender that somebody reads.
func unsubscribe(value string, redact bool) []string {
	list := []string{}
	for len(list) < maxLinks {
		_, rest, ok := strings.Cut(value, "<")
		link, after, closed := strings.Cut(rest, ">")
		if !ok || !closed {
			break
		}
		value = after
		link = strings.TrimSpace(link)
		u, err := url.Parse(link)
		if err != nil || strings.ContainsFunc(link, func(r rune) bool { return r <= ' ' || r > '~' || unicode.IsControl(r) }) {
			continue
		}
		switch strings.ToLower(u.Scheme) {
		case "https":
			if u.Host == "" {
				continue
			}
			if redact {
				link = "https://" + u.Host + "/…"
			}
		case "mailto":
			if !strings.Contains(u.Opaque, "@") {
				continue
			}
			if redact {
				link = "mailto:…" + u.Opaque[strings.LastIndexByte(u.Opaque, '@'):]
			}
		default:
			continue
		}
		list = append(list, link)
	}
	return list
}
