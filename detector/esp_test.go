package detector_test

import (
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/detector"
)

// TestESP names the sender from headers and URLs together.
func TestESP(t *testing.T) {
	const (
		klaviyo  = `<img src="https://trk.shop.example/o/01W064QE8FSNP8JVNW39EXZ0VB">`
		sendgrid = `<img src="https://url4821.shop.example/wf/open?upn=u001.AeluZuvrnxbvFKR9OAweqiLPAin2kik0gZgqe2RuxAYZoc28">`
		mailgun  = `<a href="https://email.shop.example/c/eJ3kIhHHR_ge_FK536JZfE0yEvbzxXgw_rMLcoq-AQvqPDsOSA1h9X">`
		litmus   = `<img src="https://a1b2c3d4.emltrk.com/a1b2c3d4?d=reader">`
		plain    = `<a href="https://www.shop.example/">`
	)
	tests := []struct{ name, headers, html, want string }{
		{"nothing", "", plain, ""},
		{"headers alone", "X-MC-User: 0a1b\r\n", plain, "Mailchimp"},
		{"URLs alone", "", klaviyo + plain, "Klaviyo"},
		{"a transport alone", "X-SG-EID: x\r\n", plain, "SendGrid"},
		{"a transport's URLs", "", sendgrid, "SendGrid"},
		{"URLs before a transport", "X-SG-EID: x\r\n", klaviyo, "Klaviyo"},
		{"headers before URLs", "X-MC-User: 0a1b\r\n", klaviyo, "Mailchimp"},
		{"headers' transport before the URLs'", "X-SES-Outgoing: 2026.01.01-192.0.2.1\r\n", sendgrid, "Amazon SES"},
		{"links", "", mailgun + mailgun + mailgun + plain, "Mailgun"},
		{"few links", "", mailgun + mailgun, ""},
		{"quoted links", "", strings.Repeat(mailgun, 3) + strings.Repeat(plain, 7), ""},
		{"opens before links", "", mailgun + mailgun + klaviyo, "Klaviyo"},
		{"no sender", "", litmus, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			msg := "From: a@shop.example\r\n" + tt.headers + "Content-Type: text/html\r\n\r\n" + tt.html
			rep, err := detector.New(nil).Scan(detector.Source{}, []byte(msg))
			if err != nil {
				t.Fatal(err)
			}
			if rep.Message.ESP != tt.want {
				t.Errorf("ESP = %q, want %q", rep.Message.ESP, tt.want)
			}
		})
	}
}

// TestESPOfNext checks that a message's votes do not count for the next one.
func TestESPOfNext(t *testing.T) {
	d := detector.New(nil)
	for _, html := range []string{`<img src="https://trk.shop.example/o/01W064QE8FSNP8JVNW39EXZ0VB">`, "<p>Hello"} {
		rep, err := d.Scan(detector.Source{}, []byte("From: a@shop.example\r\nContent-Type: text/html\r\n\r\n"+html))
		if err != nil {
			t.Fatal(err)
		}
		if want := map[bool]string{true: "Klaviyo"}[strings.Contains(html, "trk")]; rep.Message.ESP != want {
			t.Errorf("ESP of %q = %q, want %q", html, rep.Message.ESP, want)
		}
	}
}
