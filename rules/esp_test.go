package rules

import "testing"

func TestESP(t *testing.T) {
	tests := []struct {
		name   string
		fields map[string]string
		dkim   []string
		want   string
	}{
		{"nothing", nil, nil, ""},
		{"header", map[string]string{"X-MC-User": "0a1b"}, nil, "Mailchimp"},
		{"header value", map[string]string{"X-Mailer": "Mailchimp Mailer - **CID0a**"}, nil, "Mailchimp"},
		{"other value", map[string]string{"X-Mailer": "Acme Mailer"}, nil, ""},
		{"transport", map[string]string{"X-SG-EID": "x"}, nil, "SendGrid"},
		{"platform before transport", map[string]string{"X-SG-EID": "x"}, []string{"acme.example", "klaviyomail.com"}, "Klaviyo"},
		{"signature", nil, []string{"Mail185.ACEMS3.com"}, "ActiveCampaign"},
		{"like a signature", nil, []string{"notklaviyomail.com"}, ""},
		{"feedback", map[string]string{"Feedback-ID": "1.eu-west-1.abc=:AmazonSES"}, nil, "Amazon SES"},
		{"return path", map[string]string{"Return-Path": "<bounce-1@mail9.mcsv.net>"}, nil, "Mailchimp"},
		{"message ID", map[string]string{"Message-ID": "<0a1b@geopod-ismtpd-3.sendgrid.net>"}, nil, "SendGrid"},
		{"unsubscribe", map[string]string{
			"X-SES-Outgoing":   "2026.11.24-54.240.0.1",
			"List-Unsubscribe": "<https://acme.us9.list-manage.com/unsubscribe?u=1>",
		}, []string{"amazonses.com"}, "Mailchimp"},
		{"behind a brand's domain", map[string]string{"Return-Path": "<bounces+4821-0a1b-ann=reader.example@em1.acme.example>"}, nil, "SendGrid"},
		{"bounce address", map[string]string{"Return-Path": "<bounce-21_HTML-48213-4077-1062-7359@bounce.mail.acme.example>"}, []string{"mail.acme.example"}, "Salesforce Marketing Cloud"},
		{"like a bounce address", map[string]string{"Return-Path": "<bounces+ann=reader.example@acme.example>"}, nil, ""},
		{"feedback of a platform", map[string]string{"X-SES-Outgoing": "2026.11.24-192.0.2.1", "Feedback-ID": "4821:21:aidf:HubSpot"}, nil, "HubSpot"},
		{"hostile", map[string]string{"Return-Path": "@@@///<>@", "List-Unsubscribe": "//"}, []string{"", "...", "@"}, ""},
	}
	s := Default()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if v := s.ESP(func(name string) string { return tt.fields[name] }, tt.dkim); v != nil {
				got = v.Name
			}
			if got != tt.want {
				t.Errorf("ESP = %q, want %q", got, tt.want)
			}
		})
	}
}
