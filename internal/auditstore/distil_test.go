package auditstore

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pixelsweep/pixelsweep/detector"
)

func TestForm(t *testing.T) {
	for how, want := range map[string]string{
		"parameter mail: the recipient's address":                         "plain",
		"parameter h: sha256 of the recipient's address":                  "sha256",
		"path segment 2: base64 of zlib of the recipient's address":       "base64 of zlib",
		"parameter x: base64 of md5 of sha256 of the recipient's address": "base64 of md5 of sha256",
		"path segment 1: the recipient's address backwards":               "backwards",
		"path: the recipient's address, with = for @":                     "with = for @",
		"parameter h: md5 of the recipient's address in upper case":       "md5, in upper case",
		"what is this": "what is this",
	} {
		if got := formOf(how); got != want {
			t.Errorf("%q: got %q, want %q", how, got, want)
		}
	}
}

func TestSender(t *testing.T) {
	for _, tt := range []struct {
		from, domain string
		want         Sender
	}{
		{"Ann <ann@Shop.example>", "shop.example", Sender{"ann@shop.example", "shop.example", "Ann"}},
		{"ann@shop.example", "shop.example", Sender{"ann@shop.example", "shop.example", ""}},
		{`"Shop, Ltd" <a.b+c@shop.example>`, "shop.example", Sender{"a.b+c@shop.example", "shop.example", "Shop, Ltd"}},
		{`"Ann \"The Shop\"" <ann@shop.example>`, "shop.example", Sender{"ann@shop.example", "shop.example", `Ann "The Shop"`}},
		{`"O\'Brien \\ Sons" <ann@shop.example>`, "shop.example", Sender{"ann@shop.example", "shop.example", `O'Brien \ Sons`}},
		{`"open \" <ann@shop.example>`, "shop.example", Sender{"ann@shop.example", "shop.example", `open "`}},
		{`Bare \ name <ann@shop.example>`, "shop.example", Sender{"ann@shop.example", "shop.example", `Bare \ name`}},
		{"<ann@shop.example> (Ann)", "shop.example", Sender{"ann@shop.example", "shop.example", ""}},
		{"Nobody", "", Sender{"", "", "Nobody"}},
		{"", "", Sender{}},
		{"broken <ann @ shop", "shop.example", Sender{"", "shop.example", ""}},
	} {
		if got := senderOf(&detector.Message{From: tt.from, FromDomain: tt.domain}); got != tt.want {
			t.Errorf("%q: got %+v, want %+v", tt.from, got, tt.want)
		}
	}
}

func TestSite(t *testing.T) {
	s := &Store{sites: map[string]string{}}
	for url, want := range map[string]string{
		"https://a.b.shop.co.uk/x?y=https://z.example": "shop.co.uk",
		"https://user:pass@T.example:8443/":            "T.example",
		"https://192.0.2.1/x":                          "192.0.2.1",
		"https://[2001:db8::1]:80/x":                   "[2001:db8::1]",
		"https://[2001":                                "",
		"mailto:back@mail.shop.example?subject=a@b.c":  "shop.example",
		"relative/x.gif":                               "",
		"//":                                           "",
		"https://example?q=a@b.example":                "example",
	} {
		if got := s.site(url); got != want {
			t.Errorf("%q: got %q, want %q", url, got, want)
		}
	}
}

// TestHostile checks that what mail can make long is cut, and valid UTF-8.
func TestHostile(t *testing.T) {
	s := &Store{sites: map[string]string{}}
	r := row(1, 0)
	long := strings.Repeat("é\xff", 4000)
	r.Unsubscribe, r.Report.Message.Subject, r.Report.Message.From = long, long, long+" <"+long+"@shop.example>"
	for i := range 20000 {
		r.Report.Findings = append(r.Report.Findings, detector.Finding{URL: fmt.Sprintf("https://t%d.example/%s", i, long), Kind: detector.Pixel})
	}
	m := s.distil(1, &r)
	for _, text := range []string{m.Unsubscribe, m.Subject, m.Sender.Address, m.Sender.Name} {
		if len(text) > 4*maxUnsubscribe || !utf8.ValidString(text) {
			t.Errorf("%d bytes, valid %v", len(text), utf8.ValidString(text))
		}
	}
	if len(m.Sightings) != maxSightings || m.Complete {
		t.Errorf("%d sightings, complete %v", len(m.Sightings), m.Complete)
	}
}
