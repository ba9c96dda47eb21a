package detector

import (
	"strings"
	"testing"
)

func TestExplain(t *testing.T) {
	d := New(&Options{Recipients: []string{"ann@reader.example"}})
	tests := []struct{ url, resource, want, service, rule string }{
		{" HTTPS://Acme.us9.List-Manage.com/track/open.php?u=1&id=2&e=3", "image",
			"https://acme.us9.list-manage.com/track/open.php?u=1&id=2&e=3", "Mailchimp", "mailchimp/open"},
		{"https://acme.us9.list-manage.com/track/click?u=1&id=2&e=3", "image",
			"https://acme.us9.list-manage.com/track/click?u=1&id=2&e=3", "Mailchimp", "mailchimp/click"},
		{"https://acme.us9.list-manage.com/track/open.php?u=1&id=2&e=3", "document",
			"https://acme.us9.list-manage.com/track/open.php?u=1&id=2&e=3", "Mailchimp", "mailchimp/open"},
		{"//news.example/a\"b<c&amp;d", "stylesheet", "https://news.example/a%22b%3Cc&amp;d", "", ""},
		{"https://news.example/x", "subdocument", "https://news.example/x", "", ""},
		{"https://news.example/x", "script", "https://news.example/x", "", ""},
		{"https://news.example/x", "media", "https://news.example/x", "", ""},
		{"https://news.example/x", "document", "https://news.example/x", "", ""},
	}
	for _, tt := range tests {
		e, err := d.Explain(tt.url, tt.resource)
		if err != nil {
			t.Errorf("%s: %v", tt.url, err)
			continue
		}
		name := ""
		if e.Service != nil {
			name = e.Service.Name
		}
		if e.URL != tt.want || name != tt.service || e.Rule != tt.rule {
			t.Errorf("%s as %s: got %+v", tt.url, tt.resource, e)
		}
	}
	if e, err := d.Explain("https://t.example/o?e=ann%40reader.example", "image"); err != nil || e.Recipient.Evidence != Proven {
		t.Errorf("got %+v, %v", e, err)
	}
	for _, bad := range []string{"", "http://", "https://a b/", "mailto:ann@reader.example", "/o.gif", "news.example/x", "http://a.example/" + strings.Repeat("x", 70<<10)} {
		if e, err := d.Explain(bad, "image"); err == nil {
			t.Errorf("%.40q: got %+v", bad, e)
		}
	}
}
