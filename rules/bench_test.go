package rules

import "testing"

// BenchmarkMatch measures one URL of each way through the index.
func BenchmarkMatch(b *testing.B) {
	for _, bb := range []struct{ name, url string }{
		{"host", "https://acme.us14.list-manage.com/track/open.php?u=0c1d2e3f4a5b&id=9f8e7d6c&e=5b4a3f2e"},
		{"generic", "https://url4821.acme.example/wf/open?upn=u001.abcdefghijklmnopqrstuvwxyz0123456789"},
		{"miss", "https://cdn.acme42.example/newsletters/2026/11/images/header@2x.png?w=600&h=200&fit=crop"},
		{"miss-com", "https://images.acme.com/newsletters/2026/header.png"},
		{"miss-segment", "https://www.acme.com/open.aspx?id=4821&lang=en"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			s, u := Default(), mustURL(b, bb.url)
			b.ReportAllocs()
			for b.Loop() {
				s.Match(u)
			}
		})
	}
}

// BenchmarkNew measures what the first call of Default costs.
func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		newSet(services[:], table[:], mailers[:])
	}
}

func BenchmarkESP(b *testing.B) {
	s := Default()
	fields := map[string]string{
		"Return-Path":      "<bounce+4821@mail.acme.example>",
		"Message-ID":       "<20261124.4821@mail.acme.example>",
		"List-Unsubscribe": "<mailto:leave@mail.acme.example>, <https://mail.acme.example/leave?u=1>",
		"X-Mailer":         "Acme 4.2",
	}
	header := func(name string) string { return fields[name] }
	dkim := []string{"mail.acme.example"}
	b.ReportAllocs()
	for b.Loop() {
		s.ESP(header, dkim)
	}
}
