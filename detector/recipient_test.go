package detector_test

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/detector"
)

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func zipped(s string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b64(b.String())
}

func sha(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

// only scans a message with one reference and returns the finding on it.
func only(t *testing.T, header, html string) detector.Finding {
	t.Helper()
	msg := "From: Shop <news@shop.example>\r\n" + header + "Content-Type: text/html\r\n\r\n" + html
	rep, err := detector.New(nil).Scan(detector.Source{}, []byte(msg))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range rep.Findings {
		if f.Part != "HEADER" {
			return f
		}
	}
	t.Fatalf("no finding in %q", html)
	return detector.Finding{}
}

// TestReader checks who counts as the reader, and how a URL names him.
func TestReader(t *testing.T) {
	const to = "To: Ann <ann@reader.example>\r\n"
	tests := []struct {
		name, header, url string
		evidence          detector.Evidence
		how               string
	}{
		{"plain", to, "https://x.example/i?e=ann@reader.example", detector.Proven, "parameter e: the recipient's address"},
		{"in a path", to, "https://x.example/o/ann%40reader.example/i.gif", detector.Proven, "path segment 2: the recipient's address"},
		{"before an extension", to, "https://x.example/o/ann@reader.example.gif", detector.Proven, "path segment 2: the recipient's address"},
		{"hashed", to, "https://x.example/i?e=" + sha("ann@reader.example"), detector.Proven, "parameter e: sha256 of the recipient's address"},
		{"hashed in upper case", to, "https://x.example/i?e=" + sha("ANN@READER.EXAMPLE"), detector.Proven, "parameter e: sha256 of the recipient's address in upper case"},
		{"hashed twice", to, "https://x.example/i?e=" + sha(sha("ann@reader.example")), detector.Proven, "parameter e: sha256 of sha256 of the recipient's address"},
		{"base64 of a hash", to, "https://x.example/i?e=" + b64(sha("ann@reader.example")), detector.Proven, "parameter e: base64 of sha256 of the recipient's address"},
		{"Mailgun", to, "https://email.x.example/o/" + zipped("i=20260304.7@x.example&r=ann%40reader.example&t=a"), detector.Proven, "path segment 2: base64 of zlib of the recipient's address"},
		{"in a blob", to, "https://x.example/i?b=" + b64("\x0a\x13\xffann@reader.example\x12\x02\xfe\xfd"), detector.Proven, "parameter b: base64 of the recipient's address"},
		{"a hash written as a UUID", to, "https://x.example/795f1b56-4ce6-c29a-df6a-6ae623e5ce04.gif", detector.Proven, "path segment 1: md5 of the recipient's address"},
		{"another's", to, "https://x.example/i?e=joann@reader.example", detector.NoEvidence, ""},
		{"another domain", to, "https://x.example/i?e=ann@reader.example.org", detector.NoEvidence, ""},
		{"local part", "To: annabel@reader.example\r\n", "https://x.example/i?e=annabel", detector.NoEvidence, "parameter e: only the local part of the recipient's address, which proves nobody"},

		{"Delivered-To", "Delivered-To: ann@reader.example\r\n", "https://x.example/i?e=ann@reader.example", detector.Proven, ""},
		{"X-Original-To", "X-Original-To: ann@reader.example\r\n", "https://x.example/i?e=ann@reader.example", detector.Proven, ""},
		{"Cc", "Cc: <ann@reader.example>\r\n", "https://x.example/i?e=ann@reader.example", detector.Proven, ""},
		{"to many", "To: ann@reader.example, b@reader.example, c@reader.example, d@reader.example, e@reader.example, f@reader.example\r\n", "https://x.example/i?e=ann@reader.example", detector.NoEvidence, ""},
		{"to the sender", "To: news@shop.example\r\n", "https://x.example/i?from=news@shop.example", detector.NoEvidence, ""},
		{"return path", "Return-Path: <bounce-42-ann=reader.example@shop.example>\r\n", "https://x.example/i?e=ann@reader.example", detector.Proven, ""},
		{"unsubscribe link", "List-Unsubscribe: <https://shop.example/u?email=ann%40reader.example>\r\n", "https://x.example/i?e=ann@reader.example", detector.Proven, ""},
		{"unsubscribe address", "List-Unsubscribe: <mailto:leave@shop.example?subject=ann@reader.example>\r\n", "https://x.example/i?e=" + b64("ann@reader.example"), detector.Proven, ""},
		{"the list's own address", "List-Unsubscribe: <mailto:leave@shop.example>\r\n", "https://x.example/i?e=leave@shop.example", detector.NoEvidence, ""},
		{"unsubscribe token", "List-Unsubscribe: <https://shop.example/u/aB3dE5fG7hJ9kL1m>\r\n", "https://x.example/i?e=aB3dE5fG7hJ9kL1m", detector.Likely, "parameter e: the token of the unsubscribe link"},

		{"without its tag", "To: ann+shop@reader.example\r\n", "https://x.example/i?e=ann@reader.example", detector.Proven, ""},
		{"Gmail, dots", "To: a.nn@gmail.com\r\n", "https://x.example/i?e=ann@googlemail.com", detector.Proven, ""},
		{"Gmail, hashed", "To: A.nn+x@gmail.com\r\n", "https://x.example/i?e=" + sha("ann@gmail.com"), detector.Proven, "parameter e: sha256 of the recipient's address in another spelling"},
		{"dots elsewhere", "To: a.nn@reader.example\r\n", "https://x.example/i?e=ann@reader.example", detector.NoEvidence, ""},
		{"a parameter, no address", "To: d@reader.example\r\n", "https://x.example/i?d=reader.example", detector.NoEvidence, ""},

		{"message ID", to + "Message-ID: <20260304.0a1b2c3d@shop.example>\r\n", "https://x.example/i?m=20260304.0a1b2c3d", detector.Likely, "parameter m: this message's ID"},
		{"message ID, encoded", to + "Message-ID: <20260304.0a1b2c3d@shop.example>\r\n", "https://x.example/i?m=" + b64(`{"m":"<20260304.0a1b2c3d@shop.example>"}`), detector.Likely, "parameter m: base64 of this message's ID"},
		{"message ID, hashed", to + "Message-ID: <20260304.0a1b2c3d@shop.example>\r\n", "https://x.example/i?m=" + sha("20260304.0a1b2c3d@shop.example"), detector.Likely, "parameter m: a digest of this message's ID"},
		{"mailing", to + "X-Campaign-ID: 2026-spring\r\n", "https://x.example/i.png?c=2026-spring", detector.NoEvidence, "parameter c: the number of the mailing in X-Campaign-ID, which all its readers share"},
		{"random", to, "https://x.example/i?u=0c8b4d4e-6a1f-4b57-9d35-0f6e0b3f7a21", detector.Likely, "parameter u: a random UUID"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := only(t, tt.header, `<img src="`+tt.url+`">`)
			if f.Recipient.Evidence != tt.evidence || tt.how != "" && f.Recipient.How != tt.how {
				t.Errorf("got %q %q, want %q %q", f.Recipient.Evidence, f.Recipient.How, tt.evidence, tt.how)
			}
		})
	}
}

// TestCarries checks what findings show of what their URLs carry.
func TestCarries(t *testing.T) {
	for _, tt := range []struct{ name, url, want string }{
		{"JSON", "https://eotrx.substackcdn.com/open?token=" + b64(`{"m":"<7@mg.example>","u":4711,"r":"ann@reader.example"}`), `query[token] {"m":"<7@mg.example>","u":4711,"r":"ann@reader.example"}`},
		{"parameters", "https://email.x.example/o/" + zipped("h=0a1b&r=ann%40reader.example"), "path[2] h=0a1b&r=ann@reader.example"},
		{"URL", "https://x.example/p?u=https%3A%2F%2Fy.example%2Fa.png", "query[u] https://y.example/a.png"},
		{"words", "https://x.example/i?t=" + b64("spring sale 2026"), "query[t] spring sale 2026"},
		{"a long text", "https://x.example/i?t=" + b64(`{"a":"`+strings.Repeat("spring sale ", 50)+`"}`), `query[t] {"a":"` + strings.Repeat("spring sale ", 50)[:294] + "…"},
		{"nothing", "https://x.example/i?t=Hello%20World&u=8Jq2FvNf0Yw3ZkSB7mQxT5rLhC9uEaWb", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, c := range only(t, "", `<img src="`+tt.url+`">`).Carries {
				got = append(got, c.At+" "+c.Decoded)
			}
			if s := strings.Join(got, "\n"); s != tt.want {
				t.Errorf("got %q, want %q", s, tt.want)
			}
		})
	}
}

// TestLinks checks what links are found to be, and where they lead.
func TestLinks(t *testing.T) {
	ses := "https://q7r2k9ab.r.eu-central-1.awstrack.me/L0/https:%2F%2Fwww.shop.example%2F/1/0102018f-0a1b2c3d/x=1"
	for _, tt := range []struct {
		name, url, service, signal, target string
		severity                           detector.Severity
	}{
		{"click tracker", ses, "Amazon SES", "wrapped-link", "https://www.shop.example/", detector.SeverityLow},
		{"gateway", "https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.shop.example%2F&data=05%7C02%7Cbob%40other.example%7C0a", "Microsoft Safe Links", "security-wrapper", "https://www.shop.example/", detector.SeverityLow},
		{"gateway with the reader", "https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.shop.example%2F&data=05%7C02%7Cann%40reader.example%7C0a", "Microsoft Safe Links", "security-wrapper recipient", "https://www.shop.example/", detector.SeverityMedium},
		{"gateway around a click tracker", "https://urldefense.com/v3/__" + ses + "__;!!a1B!c2D$", "Amazon SES", "security-wrapper wrapped-link", "https://www.shop.example/", detector.SeverityLow},
		{"gateway without a target", "https://protect-eu.mimecast.com/s/aBcDeF1gHiJkL?domain=shop.example", "Mimecast URL Protect", "security-wrapper", "", detector.SeverityLow},
		{"redirect of a site", "https://slack-redir.net/link?url=https%3A%2F%2Fwww.shop.example%2F", "", "wrapped-link", "https://www.shop.example/", detector.SeverityLow},
		{"personal parameter", "https://www.shop.example/?utm_source=x&mc_eid=f6a7b8c9d0", "", "personal-parameter", "", detector.SeverityLow},
		{"placeholder", "https://www.shop.example/?mc_eid=*|UNIQID|*", "", "", "", ""},
		{"campaign", "https://www.shop.example/?utm_source=x&utm_medium=email&utm_campaign=spring&mc_cid=0a1b2c3d4e", "", "", "", ""},
		{"click on an advertisement", "https://www.shop.example/?gclid=0a1b2c3d4e&fbclid=0a1b2c3d4e", "", "", "", ""},
		{"share button", "https://www.facebook.com/sharer/sharer.php?u=https%3A%2F%2Fwww.shop.example%2F", "", "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rep, err := detector.New(&detector.Options{Recipients: []string{"ann@reader.example"}}).ScanHTML(detector.Source{}, fmt.Appendf(nil, `<a href="%s">x</a>`, tt.url))
			if err != nil {
				t.Fatal(err)
			}
			if len(rep.Findings) == 0 {
				if tt.signal != "" {
					t.Error("no finding")
				}
				return
			}
			f := rep.Findings[0]
			var names []string
			for _, s := range f.Signals {
				names = append(names, s.Name)
			}
			service := ""
			if f.Service != nil {
				service = f.Service.Name
			}
			if f.Kind != detector.ClickTracker || service != tt.service || strings.Join(names, " ") != tt.signal || f.Target != tt.target || f.Severity != tt.severity {
				t.Errorf("got %s %q %v %q %s", f.Kind, service, names, f.Target, f.Severity)
			}
		})
	}
}

// TestReceipts checks requests for receipts: who is told, and of whom.
func TestReceipts(t *testing.T) {
	for _, tt := range []struct {
		name, value, signals string
		evidence             detector.Evidence
	}{
		{"the sender", "news@shop.example", "receipt-header", detector.NoEvidence},
		{"elsewhere", "<mdn@tracker.example>", "receipt-header receipt-elsewhere", detector.NoEvidence},
		{"with the reader", "mdn+ann=reader.example@shop.example", "receipt-header recipient", detector.Proven},
	} {
		rep, err := detector.New(nil).Scan(detector.Source{}, []byte("From: news@shop.example\r\nTo: ann@reader.example\r\nDisposition-Notification-To: "+tt.value+"\r\n\r\ntext\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		f := rep.Findings[0]
		var names []string
		for _, s := range f.Signals {
			names = append(names, s.Name)
		}
		if f.Kind != detector.ReadReceipt || f.Recipient.Evidence != tt.evidence || strings.Join(names, " ") != tt.signals {
			t.Errorf("%s: got %s %v %v", tt.name, f.Kind, f.Recipient, names)
		}
	}
}

// TestNames checks that a name of the reader's own is a probe, and others are not.
func TestNames(t *testing.T) {
	label := hex.EncodeToString([]byte("ann@reader.example"))
	for url, want := range map[string]detector.Kind{
		"//" + label + ".t.example":                         detector.Probe,
		"//d1a2b3c4e5f6g7.cdn.example":                      detector.RemoteContent,
		"//t.example/" + label:                              detector.RemoteContent,
		"//0c8b4d4e6a1f4b579d350f6e0b3f7a21.static.example": detector.RemoteContent,
	} {
		f := only(t, "To: ann@reader.example\r\n", `<link rel=dns-prefetch href="`+url+`">`)
		if f.Kind != want || want == detector.Probe && (f.Severity.Rank() < detector.SeverityMedium.Rank() || len(f.Events) != 1) {
			t.Errorf("%s: got %s %s %v %v", url, f.Kind, f.Severity, f.Signals, f.Events)
		}
	}
}
