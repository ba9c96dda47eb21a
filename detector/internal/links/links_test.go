package links

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/detector/internal/weburl"
)

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func deflated(s string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b64(b.String())
}

const shop = "https://www.shop.example/sale?a=1&b=2"

var esc = url.QueryEscape(shop)

var targets = []struct{ name, url, want string }{
	{"Safe Links", "https://nam02.safelinks.protection.outlook.com/?url=" + esc + "&data=05%7C02%7Cann%40reader.example%7C0a1b&sdata=x&reserved=0", shop},
	{"Safe Links, escaped twice", "https://eur01.safelinks.protection.outlook.com/?url=" + url.QueryEscape(esc) + "&amp;data=x", shop},
	{"Safe Links, ampersands escaped", "https://eur01.safelinks.protection.outlook.com/ap/x-1/?a=1&amp;url=" + esc, shop},
	{"Proofpoint 1", "https://urldefense.proofpoint.com/v1/url?u=" + esc + "&k=x&r=y", shop},
	{"Proofpoint 2", "https://urldefense.proofpoint.com/v2/url?u=https-3A__www.shop.example_sale-3Fa-3D1-26b-3D2&d=DwMFAg&c=x&r=y", shop},
	{"Proofpoint 3", "https://urldefense.com/v3/__https://www.shop.example/sale?a=1&b=2__;!!abc!def$", shop},
	{"Proofpoint 3, a star", "https://urldefense.com/v3/__https://www.shop.example/sale*top__;Iw!!abc!def$", "https://www.shop.example/sale#top"},
	{"Proofpoint 3, a run", "https://urldefense.com/v3/__https://www.shop.example/**Bx__;fn5-!!abc!def$", "https://www.shop.example/~~~x"},
	{"Proofpoint 3, one slash", "https://urldefense.us/v3/__https:/www.shop.example/__;!!abc!def$", "https://www.shop.example/"},
	{"Proofpoint 3, characters", "https://urldefense.com/v3/__https://www.shop.example/caf*__;w6k!!abc!def$", "https://www.shop.example/caf%C3%A9"},
	{"Barracuda", "https://linkprotect.cudasvc.com/url?a=" + esc + "&c=E,1,x&typo=1", shop},
	{"Cisco", "https://secure-web.cisco.com/1aBcDeF-ghi/" + esc, shop},
	{"Sophos", "https://eu-central-1.protection.sophos.com/?d=shop.example&u=" + base64.StdEncoding.EncodeToString([]byte(shop)) + "&i=x", shop},
	{"FireEye", "https://protect2.fireeye.com/v1/url?k=0a-1b&q=1&e=2c&u=" + esc, shop},
	{"FireEye, not encoded", "https://protect2.fireeye.com/url?k=0a&u=" + shop, shop},
	{"Symantec", "https://clicktime.symantec.com/3aBcDeF?u=" + esc, shop},
	{"Trend Micro", "https://ddec1-0-en-ctp.trendmicro.com:443/wis/clicktime/v1/query?url=" + esc + "&umid=x&auth=y", shop},
	{"Avanan", "https://url.avanan.click/v2/___https://www.shop.example/___.YXAz", "https://www.shop.example/"},

	{"Google", "https://www.google.com/url?q=" + esc + "&sa=D&usg=x", shop},
	{"Google of a country", "https://google.co.uk/url?sa=t&url=" + esc, shop},
	{"Google AMP", "https://www.google.de/amp/s/www.shop.example/amp/x", "https://www.shop.example/amp/x"},
	{"Facebook", "https://l.facebook.com/l.php?u=" + esc + "&h=AT0", shop},
	{"Instagram", "https://l.instagram.com/?u=" + esc + "&e=AT0", shop},
	{"LinkedIn", "https://www.linkedin.com/redir/redirect?url=" + esc + "&urlhash=x", shop},
	{"YouTube", "https://www.youtube.com/redirect?event=x&q=" + esc, shop},
	{"Slack", "https://slack-redir.net/link?url=" + esc, shop},
	{"Reddit", "https://click.redditmail.com/CL0/https:%2F%2Fwww.shop.example%2F/1/0a-000000/x=1", "https://www.shop.example/"},
	{"VK", "https://vk.com/away.php?to=" + esc, shop},
	{"DuckDuckGo", "https://duckduckgo.com/l/?uddg=" + esc, shop},
	{"Tumblr", "https://t.umblr.com/redirect?z=" + esc + "&t=x", shop},

	{"SES", "https://q7r2.r.eu-central-1.awstrack.me/L0/https:%2F%2Fwww.shop.example%2Fsale/1/0102-000000/x=1", "https://www.shop.example/sale"},
	{"SES of a customer", "https://click.shop.example/CL0/https:%2F%2Fwww.shop.example%2Fsale/1/0102-000000/x=1", "https://www.shop.example/sale"},
	{"Mandrill", "https://mandrillapp.com/track/click/3007/www.shop.example?p=" + b64(`{"s":"x","v":1,"p":"{\"u\":3007,\"url\":\"https:\\\/\\\/www.shop.example\\\/\"}"}`), "https://www.shop.example/"},
	{"Customer.io", "https://e.customeriomail.com/e/c/" + b64(`{"email_id":"x","href":"`+shop+`"}`) + "/0a1b2c", shop},
	{"Drip", "https://t.dripemail2.com/c/" + b64(`{"account_id":"1","delivery_id":"2","url":"`+shop+`"}`), shop},
	{"Drip, JWT", "https://t.dripemail2.com/c/" + b64(`{"alg":"HS256"}`) + "." + b64(`{"aud":"detour","url":"`+shop+`"}`) + ".sig", shop},
	{"Kit", "https://x1.click.convertkit-mail2.com/9qa/l2h/" + b64(shop), shop},
	{"Postmark", "https://click.pstmrk.it/3s/www.shop.example%2Fsale/aB/cD/eF", "https://www.shop.example/sale"},
	{"Substack", "https://substack.com/redirect/2/" + b64(`{"e":"`+shop+`","p":1,"u":2}`) + ".sig", shop},
	{"Mailjet", "https://x.mjt.lu/lnk/AVsAAFq/1/aBc/" + b64(shop), shop},
	{"Mailjet of a customer", "https://t.shop.example/lnk/AVsAAFqZz0AAAcu7xkAAAAAA/1/aBc/" + b64(shop), shop},
	{"Mailgun", "https://email.shop.example/c/" + deflated("l="+esc+"&i=x&h=y&r=ann%40reader.example"), shop},
	{"MailChannels", "https://link.mail.mailchannels.net/click/" + b64("\x0a\x20"+"https://www.shop.example/"+"\x12\x20\xff\x00"), "https://www.shop.example/"},

	{"nested", "https://urldefense.proofpoint.com/v1/url?u=" + url.QueryEscape("https://nam02.safelinks.protection.outlook.com/?url="+url.QueryEscape("https://q7r2.r.eu.awstrack.me/L0/https:%2F%2Fwww.shop.example%2F/1/x/y")), "https://www.shop.example/"},
}

// ordinary links are no redirects, though they look alike.
var ordinary = []string{
	"https://twitter.com/intent/tweet?url=" + esc,
	"https://www.facebook.com/sharer/sharer.php?u=" + esc,
	"https://www.linkedin.com/sharing/share-offsite/?url=" + esc,
	"https://www.shop.example/login?next=" + esc,
	"https://www.shop.example/?url=" + esc,
	"https://evilurldefense.com/v1/url?u=" + esc,
	"https://safelinks.protection.outlook.com.evil.example/?url=" + esc,
	"https://google.evil.example/url?q=" + esc,
	"https://www.google.com/search?q=" + esc,
	"https://maps.google.com/?q=1,2",
	"https://accounts.google.com/url?q=" + esc,
	"https://web.archive.org/web/2026/" + shop,
	"https://validator.w3.org/check?uri=" + esc,
	"https://www.youtube.com/watch?v=x&q=" + esc,
	"https://protect-eu.mimecast.com/s/aBcDeF?domain=shop.example",
	"https://urldefense.com/v1/url?u=javascript%3Aalert(1)",
	"https://vk.com/away.php?to=mailto%3Aann%40reader.example",
	"https://click.pstmrk.it/3s/nothost/aB",
	"https://substack.com/redirect/0a1b2c3d?j=eyJ1IjoiMSJ9",
	"https://u1.ct.sendgrid.net/ls/click?upn=u001.aBc",
	"mailto:ann@reader.example?body=" + esc,
}

func TestTarget(t *testing.T) {
	for _, tt := range targets {
		t.Run(tt.name, func(t *testing.T) {
			u, ok := weburl.Parse(tt.url, nil)
			if !ok {
				t.Fatal("does not parse")
			}
			got, ok := Target(u)
			if !ok || got.Full != tt.want {
				t.Errorf("%s leads to %q, want %q", tt.url, got.Full, tt.want)
			}
		})
	}
	for _, raw := range ordinary {
		u, _ := weburl.Parse(raw, nil)
		if got, ok := Target(u); ok {
			t.Errorf("%s leads to %q, want none", raw, got.Full)
		}
	}
}

// TestDepth checks that wrappers inside each other end somewhere.
func TestDepth(t *testing.T) {
	raw := shop
	for range 9 {
		raw = "https://vk.com/away.php?to=" + url.QueryEscape(raw)
	}
	u, _ := weburl.Parse(raw, nil)
	got, ok := Target(u)
	if !ok || strings.Count(weburl.Unescape(got.Full), "away.php") != 4 {
		t.Errorf("got %q", got.Full)
	}
}

// FuzzTarget checks that whatever comes in, only http and https come out.
func FuzzTarget(f *testing.F) {
	for _, tt := range targets {
		f.Add(tt.url)
	}
	for _, raw := range ordinary {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, ok := weburl.Parse(raw, nil)
		if !ok {
			return
		}
		if got, ok := Target(u); ok && (got.Scheme != "http" && got.Scheme != "https" || got.Host == "") {
			t.Fatalf("%q leads to %q", raw, got.Full)
		}
	})
}
