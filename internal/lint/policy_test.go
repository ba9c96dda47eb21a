package lint

import "testing"

// TestExcludes checks that a folder is left out however it is written.
func TestExcludes(t *testing.T) {
	for _, tt := range []struct {
		glob, path string
		want       bool
	}{
		{"auth", "auth/a.html", true}, {"auth/", "auth/b/a.html", true}, {"./auth/**", "auth/a.html", true}, {"./auth", "auth/a.html", true},
		{"auth/**", "auth/b/a.html", true}, {"auth/*.html", "auth/a.html", true}, {"**/old", "mail/old/a.html", true}, {"./", "a.html", true},
		{"auth", "authors/a.html", false}, {"auth", "mail/auth/a.html", false}, {"auth/*.html", "auth/b/a.html", false}, {"./auth/", "a.html", false},
	} {
		p := &Policy{Exclude: []string{tt.glob}}
		if _, what := p.Check(); what != "" || p.Excludes(tt.path) != tt.want {
			t.Errorf("%s, %s: %v %s", tt.glob, tt.path, !tt.want, what)
		}
	}
}

// TestNearest checks what a misspelt word is taken for.
func TestNearest(t *testing.T) {
	names := []string{"Mailchimp", "Mailjet", "SendGrid", "Salesforce Marketing Cloud", "Wix", "open-pixel", "third-party-pixel"}
	for _, tt := range [][2]string{
		{"mailchmip", "Mailchimp"}, {"MailJets", "Mailjet"}, {"Send-Grid", "SendGrid"}, {"Marketing Cloud", "Salesforce Marketing Cloud"},
		{"pixel", "open-pixel"}, {"thirdparty pixel", "third-party-pixel"}, {"Wax", "Wix"},
		{"a", ""}, {"", ""}, {"-", ""}, {"Postmark", ""}, {"\xff\xfe", ""},
	} {
		if got := nearest(tt[0], names); got != tt[1] {
			t.Errorf("%q: got %q, want %q", tt[0], got, tt[1])
		}
	}
}
