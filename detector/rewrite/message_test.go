package rewrite

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/detector"
)

const pixelTag = `<img src="` + tracker + `" width=1 height=1>`

// TestSealed leaves signed and encrypted messages alone, unless forced.
func TestSealed(t *testing.T) {
	for name, msg := range map[string]string{
		"signed (PGP)": "Content-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"\n\n--b\nContent-Type: text/html\n\n" + pixelTag +
			"\n--b\nContent-Type: application/pgp-signature\n\nx\n--b--\n",
		"signed (S/MIME)": "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/signed; boundary=b\n\n--b\nContent-Type: text/html\n\n" + pixelTag +
			"\n--b--\n--a--\n",
		"encrypted (PGP)":              "Disposition-Notification-To: a@b.example\nContent-Type: multipart/encrypted; boundary=b\n\n--b\n\nx\n--b--\n",
		"signed or encrypted (S/MIME)": "Disposition-Notification-To: a@b.example\nContent-Type: application/pkcs7-mime\n\nx\n",
		"encrypted (inline PGP)":       "Disposition-Notification-To: a@b.example\n\n-----BEGIN PGP MESSAGE-----\nx\n",
		"signed (inline PGP)":          "Disposition-Notification-To: a@b.example\n\n-----BEGIN PGP SIGNED MESSAGE-----\nx\n",
	} {
		msg = "From: a@b.example\n" + msg
		res, err := Message([]byte(msg), nil)
		if err != nil || res.Changed || string(res.Data) != msg || len(res.Left) == 0 || !warned(res, name+" and left alone") {
			t.Errorf("%s: %v, changed %v, left %+v, warnings %v", name, err, res.Changed, res.Left, res.Warnings)
		}
		res, err = Message([]byte(msg), &Options{Force: true})
		if err != nil || !res.Changed || !warned(res, "FORCED") {
			t.Errorf("%s: forced: %v, changed %v, warnings %v", name, err, res.Changed, res.Warnings)
		}
	}
}

func warned(res Result, text string) bool {
	for _, w := range res.Warnings {
		if strings.Contains(w.Text, text) {
			return true
		}
	}
	return false
}

func TestWarnings(t *testing.T) {
	msg := "From: a@b.example\nDKIM-Signature: v=1; d=b.example\nX-Pixelsweep: removed=9\nContent-Type: text/html\n\n" + pixelTag + "\n"
	res, err := Message([]byte(msg), nil)
	if err != nil || !warned(res, "may be forged") || !warned(res, "DKIM signature") {
		t.Errorf("%v, warnings %v", err, res.Warnings)
	}
	if n := bytes.Count(res.Data, []byte("X-Pixelsweep: removed=1; kinds=pixel\n")); n != 1 {
		t.Errorf("%d fields in %s", n, res.Data)
	}
	if _, err := Message(nil, nil); err != ErrEmpty {
		t.Errorf("no bytes: %v", err)
	}
}

// TestKept keeps what the reader is meant to see.
func TestKept(t *testing.T) {
	msg := "From: Shop <news@shop.example>\nTo: ann@reader.example\nContent-Type: text/html\n\n" +
		`<p>Hello</p><img src="https://img.shop.example/hero.php?to=ann%40reader.example" width=600 height=300 alt="Spring"><p>bye</p>` + "\n"
	res, err := Message([]byte(msg), nil)
	if err != nil || res.Changed || len(res.Kept) != 1 || res.Kept[0].Kind != detector.TrackedContent || res.Kept[0].Mode != Keep {
		t.Errorf("%v, changed %v, kept %+v, edits %+v", err, res.Changed, res.Kept, res.Edits)
	}
	left, err := Verify([]byte(msg), false, nil)
	if err != nil || len(left) != 1 {
		t.Errorf("verify: %v, %+v", err, left)
	}
	res, _ = Message([]byte(msg), &Options{Kinds: map[detector.Kind]Mode{detector.TrackedContent: Neutralise}})
	if !strings.Contains(string(res.Data), `<img src="`+pixelURL+`" width=600 height=300 alt="Spring">`) {
		t.Errorf("got %s", res.Data)
	}
}

// TestCalendar rewrites content lines, folded ones too.
func TestCalendar(t *testing.T) {
	ics := "From: a@b.example\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\nATTACH;FMTTYPE=image/gif:" + tracker[:60] + "\n " + tracker[60:] + "\nATTACH:" + tracker +
		"\nURL:https://b.example/\nEND:VCALENDAR\n"
	res, err := Message([]byte(ics), &Options{BlockAll: true})
	want := "BEGIN:VCALENDAR\nATTACH;FMTTYPE=image/gif:about:blank\nATTACH:about:blank\nURL:https://b.example/\nEND:VCALENDAR\n"
	if err != nil || !strings.HasSuffix(string(res.Data), "\n\n"+want) {
		t.Errorf("%v, got %s", err, res.Data)
	}
}

// TestHeaders removes what loads by itself, and never what the reader follows.
func TestHeaders(t *testing.T) {
	msg := "X-Image-URL: https://a.example/1\r\nList-Unsubscribe: <https://a.example/u>\r\nBIMI-Location: v=BIMI1;\r\n l=https://a.example/b.svg\r\nSubject: x\r\n\r\ntext\r\n"
	res, err := Message([]byte(msg), &Options{BlockAll: true})
	want := "List-Unsubscribe: <https://a.example/u>\r\nSubject: x\r\nX-Pixelsweep: removed=2; kinds=remote-content\r\n\r\ntext\r\n"
	if err != nil || string(res.Data) != want {
		t.Errorf("%v, got %q", err, res.Data)
	}
	verify(t, []byte(msg), res, false, &Options{BlockAll: true})
}

// TestNothingElse removes the only field there is: the body stays the body.
func TestNothingElse(t *testing.T) {
	for in, want := range map[string]string{
		"Return-Receipt-To: a@b.example":                                          "X-Pixelsweep: removed=1; kinds=receipt\n",
		"Return-Receipt-To: a@b.example\n\nSubject: no\n":                         "X-Pixelsweep: removed=1; kinds=receipt\n\nSubject: no\n",
		"\n\nReturn-Receipt-To: a@b.example\nReturn-Receipt-To: a@b.example\n\nx": "\n\nX-Pixelsweep: removed=2; kinds=receipt\n\nx",
	} {
		res, err := Message([]byte(in), nil)
		if err != nil || string(res.Data) != want {
			t.Errorf("%v, got %q, want %q", err, res.Data, want)
		}
		verify(t, []byte(in), res, false, nil)
	}
}

func TestProxy(t *testing.T) {
	p, err := NewProxy("https://proxy.example/{sig}/{url}", []byte("key"))
	if err != nil {
		t.Fatal(err)
	}
	u := "http://shop.example/a.png?x=1&y=2"
	mac := hmac.New(sha1.New, []byte("key"))
	mac.Write([]byte(u))
	want := "https://proxy.example/" + hex.EncodeToString(mac.Sum(nil)) + "/" + hex.EncodeToString([]byte(u))
	if got := p.URL(u); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	o := &Options{Proxy: p, Kinds: map[detector.Kind]Mode{detector.RemoteContent: Proxy, detector.TrackedContent: Proxy}}
	check(t, `<img src="http://shop.example/a.png?x=1&amp;y=2" width=9 height=90><iframe src="https://shop.example/f"></iframe>`, o,
		`<img src="`+want+`" width=9 height=90><iframe src="https://shop.example/f"></iframe>`)
	for _, bad := range []string{"ftp://x/{url}", "https://x/", "https://{url}", "https://x/{sig}", "https://x/{url} "} {
		if _, err := NewProxy(bad, []byte("key")); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	if _, err := NewProxy("https://x/{url64}", nil); err == nil {
		t.Error("no key is taken")
	}
}

// TestLinks decides which links are unwrapped, and into what.
func TestLinks(t *testing.T) {
	r := newRun(nil, false)
	r.listed = map[string]bool{"https://click.shop.example/u": true}
	for _, c := range []struct{ url, target, want string }{
		{"https://click.shop.example/x", "https://shop.example/sale?mc_eid=1&a=2#top", "https://shop.example/sale?a=2#top"},
		{"https://shop.example/sale?mc_eid=1", "", "https://shop.example/sale"},
		{"https://shop.example/sale?a=1", "", ""},
		{"https://click.shop.example/u", "https://shop.example/", ""},
		{"https://click.shop.example/x", "https://shop.example/unsubscribe?u=1", ""},
		{"https://click.shop.example/x", "https://shop.example/login/magic/abc", ""},
		{"https://eur01.safelinks.protection.outlook.com/?url=x", "https://shop.example/", ""},
		{"https://click.shop.example/x", "javascript:alert(1)", ""},
		{"https://click.shop.example/x", "mailto:a@b.example", ""},
	} {
		f := &detector.Finding{URL: c.url, Target: c.target, Trigger: detector.Click, Kind: detector.ClickTracker}
		if got := r.unwrap(f); got != c.want {
			t.Errorf("%s to %s: got %q, want %q", c.url, c.target, got, c.want)
		}
	}
	r.opts.SecurityLinks = true
	f := &detector.Finding{URL: "https://eur01.safelinks.protection.outlook.com/?url=x", Target: "https://shop.example/", Trigger: detector.Click}
	if got := r.unwrap(f); got != "https://shop.example/" {
		t.Errorf("security link: %q", got)
	}
}

func TestDiff(t *testing.T) {
	a, b := []byte("1\n2\n3\n4\n5\n6\n7\n8\n9\n"), []byte("1\n2\n3\n4\nfive\n6\n7\n8\n")
	want := "--- x\n+++ x\n@@ -3,7 +3,6 @@\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n-9\n"
	if got := Diff("x", a, b, true); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := Diff("x", a, a, true); got != "" {
		t.Errorf("got %q", got)
	}
}

// TestScrub takes from the URLs of visible images what their service is known not
// to need, wherever they stand; a signed URL and what else identifies stays, and
// is reported as kept.
func TestScrub(t *testing.T) {
	const head = "From: a@b.example\nTo: ann@reader.example\nContent-Type: text/html\n\n"
	for _, tt := range []struct {
		url, want string
		kept      int
	}{
		{"https://acme.s3.amazonaws.com/hero.png?v=2&amp;x-user=ann@reader.example", "https://acme.s3.amazonaws.com/hero.png?v=2", 0},
		{"https://acme.s3.amazonaws.com/hero.png?x-user=ann@reader.example#top", "https://acme.s3.amazonaws.com/hero.png#top", 0},
		{"https://acme.s3.amazonaws.com/ann@reader.example/hero.png?x-user=ann@reader.example", "https://acme.s3.amazonaws.com/ann@reader.example/hero.png", 1},
		{"https://acme.s3.amazonaws.com/hero.png?x-user=ann@reader.example&amp;X-Amz-Signature=00ff", "", 1},
		{"https://pics.b.example/hero.png?user=ann@reader.example", "", 1},
	} {
		body := func(u string) string {
			return head + `<p>Hello</p><img src="` + u + `" width=600 height=200><p style="background:url(` + u + `)">there</p>` + "\n"
		}
		res, err := Message([]byte(body(tt.url)), nil)
		if err != nil || len(res.Left) > 0 {
			t.Fatalf("%s: %v, left %+v", tt.url, err, res.Left)
		}
		want := body(cmp.Or(tt.want, tt.url))
		if got := strings.Replace(string(res.Data), "X-Pixelsweep: removed=2; kinds=tracked-content\n", "", 1); got != want {
			t.Errorf("%s:\ngot  %q\nwant %q", tt.url, got, want)
		}
		srcs := 0
		for _, e := range res.Kept {
			if e.Mode == Keep && e.Vector == "img[src]" {
				srcs++
			}
		}
		if srcs != tt.kept {
			t.Errorf("%s: kept %+v", tt.url, res.Kept)
		}
		again, err := Message(res.Data, nil)
		if err != nil || again.Changed {
			t.Errorf("%s: a second run changes it: %v, %q", tt.url, err, again.Data)
		}
	}
}
