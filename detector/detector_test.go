package detector_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pixelsweep/pixelsweep/detector"
)

const newsletter = "From: Shop <news@shop.example>\r\nTo: ann@reader.example\r\nSubject: Offers\r\n" +
	"Message-ID: <1@shop.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" +
	"<p>Hello</p>\r\n<img src=\"https://shop.us1.list-manage.com/track/open.php?u=1234567890abcdef&id=a1b2c3d4e5&e=f6a7b8c9d0\" width=1 height=1>\r\n"

func Example() {
	d := detector.New(nil)
	report, err := d.Scan(detector.Source{Path: "offers.eml"}, []byte(newsletter))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Verdict)
	for _, f := range report.Findings {
		fmt.Println(f.Kind, f.Severity, f.Service.Name, f.Recipient.Evidence)
	}
	// Output:
	// tracked
	// pixel high Mailchimp likely
}

func scanHTML(t *testing.T, o *detector.Options, html string) *detector.Report {
	t.Helper()
	rep, err := detector.New(o).ScanHTML(detector.Source{Type: detector.TypeMessage}, []byte(html))
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func TestPlace(t *testing.T) {
	rep, err := detector.New(nil).Scan(detector.Source{}, []byte(newsletter))
	if err != nil {
		t.Fatal(err)
	}
	if len(rep.References) != 1 {
		t.Fatalf("got %d references, want 1", len(rep.References))
	}
	r := rep.References[0]
	if r.Part != "1" || r.Line != 2 || r.Column != 11 || r.Vector != "img[src]" || r.Trigger != detector.Open {
		t.Errorf("got part %s line %d column %d %s %s", r.Part, r.Line, r.Column, r.Vector, r.Trigger)
	}
	if r.RawOffset == nil || !strings.HasPrefix(newsletter[*r.RawOffset:], "https://shop.us1") {
		t.Errorf("raw offset %v does not point at the URL", r.RawOffset)
	}
	if !r.ThirdParty || r.Site != "list-manage.com" {
		t.Errorf("got site %q, third party %v", r.Site, r.ThirdParty)
	}
}

// TestJudgement holds one reference a case, and how it must be judged.
func TestJudgement(t *testing.T) {
	tests := []struct {
		name, html string
		kind       detector.Kind
		severity   detector.Severity
	}{
		{"pixel without a name", `<img src="https://a.example/x?id=9f8e7d6c5b4a39281706" width=1 height=1>`, detector.Pixel, detector.SeverityMedium},
		{"height only", `<img src="https://a.example/open?t=eyJtIjoiMSJ9aBcD12" height=1>`, detector.Pixel, detector.SeverityMedium},
		{"hidden parent", `<div style="max-height:0;overflow:hidden"><img src="https://a.example/o/9f8e7d6c5b4a39281706"></div>`, detector.Pixel, detector.SeverityMedium},
		{"hidden by a rule", `<style>.p{display:none}</style><img class=p src="https://a.example/o/9f8e7d6c5b4a39281706">`, detector.Pixel, detector.SeverityMedium},
		{"spacer", `<img src="https://a.example/spacer.gif" width=620 height=1>`, detector.RemoteContent, detector.SeverityInfo},
		{"tiny spacer", `<img src="https://a.example/spacer.gif" width=1 height=10>`, detector.RemoteContent, detector.SeverityInfo},
		{"logo", `<img src="https://a.example/logo.png" width=157 height=44 alt=Shop>`, detector.RemoteContent, detector.SeverityInfo},
		{"signed image", `<img src="https://cdn.a.example/9f8e7d6c5b4a39281706/a.jpg?sig=AbC123dEf456" width=600 alt=Hero>`, detector.RemoteContent, detector.SeverityInfo},
		{"mobile logo", `<style>@media (max-width:480px){.m{display:block!important;width:100px!important}}</style><img class=m src="https://a.example/logo-m.png" width=1 height=1 style="display:none">`, detector.RemoteContent, detector.SeverityInfo},
		{"file name", `<img src="https://a.example/opening-night.jpg" width=300>`, detector.RemoteContent, detector.SeverityInfo},
		{"preconnect", `<link rel=preconnect href="https://a.example">`, detector.RemoteContent, detector.SeverityInfo},
		{"web font", `<style>@import url(https://fonts.a.example/css?family=X)</style>`, detector.RemoteContent, detector.SeverityInfo},
		{"print", `<style>@media print{#_t{background-image:url(https://x.emltrk.com/ab12cd34?p&d=1)}}</style>`, detector.Probe, detector.SeverityMedium},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rep := scanHTML(t, nil, tt.html)
			if len(rep.Findings) != 1 {
				t.Fatalf("got %d findings, want 1", len(rep.Findings))
			}
			f := rep.Findings[0]
			if f.Kind != tt.kind || f.Severity.Rank() < tt.severity.Rank() || tt.severity == detector.SeverityInfo && f.Severity != tt.severity {
				t.Errorf("got %s %s %v, want %s %s", f.Kind, f.Severity, f.Signals, tt.kind, tt.severity)
			}
		})
	}
}

func TestRecipient(t *testing.T) {
	for name, token := range map[string]string{
		"plain":   "ann@reader.example",
		"percent": "ann%40reader.example",
		"base64":  "eD1hbm5AcmVhZGVyLmV4YW1wbGUmeT0x",
		"md5":     "795f1b564ce6c29adf6a6ae623e5ce04",
		"sha1":    "947616b35516295f5b9a02c897c92a2047db1d41",
		"sha256":  "519e9febc5b0779ca24b4eb17c97384a634bbe90c861185095cf235870985f49",
		"other":   "joann@reader.example",
	} {
		rep := scanHTML(t, &detector.Options{Recipients: []string{"Ann@reader.example"}}, `<img src="https://a.example/i?r=`+token+`">`)
		got := rep.Findings[0].Recipient.Evidence
		if want := map[bool]detector.Evidence{true: detector.NoEvidence, false: detector.Proven}[name == "other"]; got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestReceipt(t *testing.T) {
	rep, err := detector.New(nil).Scan(detector.Source{}, []byte("From: a@b.example\nDisposition-Notification-To: <a@b.example>\n\ntext\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(rep.Findings) != 1 || rep.Findings[0].Kind != detector.ReadReceipt || rep.Verdict != detector.Clean {
		t.Errorf("got %+v, verdict %s", rep.Findings, rep.Verdict)
	}
}

// TestLongBase: relative URLs do not get to hold a long base each.
func TestLongBase(t *testing.T) {
	rep := scanPage(t, `<base href="https://t.example/`+strings.Repeat("a/", 50<<10)+`">`+strings.Repeat("<img src=x>", 100))
	size := 0
	for _, r := range rep.References {
		size += len(r.URL)
	}
	if len(rep.References) != 100 || rep.References[0].Host != "t.example" || size > 1<<20 || rep.Complete {
		t.Errorf("%d references, %d bytes, complete %v", len(rep.References), size, rep.Complete)
	}
}

// TestLimits checks that every limit warns, and that the report then says that
// it is incomplete.
func TestLimits(t *testing.T) {
	nested := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
		}
		return b.String() + "\ntext\n"
	}
	srcdoc := "<img src=https://a.example/x>"
	for range 3 {
		srcdoc = "<iframe srcdoc=\"" + strings.NewReplacer("&", "&amp;", "\"", "&quot;").Replace(srcdoc) + "\"></iframe>"
	}
	html := "Content-Type: text/html\n\n"
	tests := []struct {
		name   string
		limits detector.Limits
		msg    string
	}{
		{"nesting", detector.Limits{Nesting: 3}, nested(8)},
		{"parts", detector.Limits{Parts: 3}, "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\ntext\n", 10) + "--b--\n"},
		{"headers", detector.Limits{Headers: 3}, strings.Repeat("X-A: b\n", 10) + "\ntext\n"},
		{"header bytes", detector.Limits{HeaderBytes: 50}, strings.Repeat("X-A: b\n", 30) + "\ntext\n"},
		{"html bytes", detector.Limits{HTMLBytes: 50}, html + strings.Repeat("<p>a</p>", 30)},
		{"references", detector.Limits{References: 3}, html + strings.Repeat("<img src=https://a.example/x>", 10)},
		{"url", detector.Limits{URLBytes: 50}, html + "<img src=https://a.example/" + strings.Repeat("x", 100) + ">"},
		{"srcdoc", detector.Limits{DataNesting: 2}, html + srcdoc},
		{"time", detector.Limits{CPU: time.Nanosecond}, html + "<img src=https://a.example/x>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rep, err := detector.New(&detector.Options{Limits: tt.limits}).Scan(detector.Source{}, []byte("From: a@b.example\n"+tt.msg))
			if err != nil {
				t.Fatal(err)
			}
			if rep.Complete || len(rep.Warnings) == 0 {
				t.Errorf("complete %v, warnings %v", rep.Complete, rep.Warnings)
			}
			whole, _ := detector.New(nil).Scan(detector.Source{}, []byte("From: a@b.example\n"+tt.msg))
			if !whole.Complete {
				t.Errorf("incomplete under the defaults: %v", whole.Warnings)
			}
		})
	}
}

func TestEmpty(t *testing.T) {
	if _, err := detector.New(nil).Scan(detector.Source{}, nil); !errors.Is(err, detector.ErrEmpty) {
		t.Errorf("got %v, want ErrEmpty", err)
	}
}

// TestConcurrent scans with one detector from many goroutines: the reports are
// the same and own their memory.
func TestConcurrent(t *testing.T) {
	d := detector.New(nil)
	want, _ := d.Scan(detector.Source{}, []byte(newsletter))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				msg := []byte(newsletter)
				got, _ := d.Scan(detector.Source{}, msg)
				clear(msg)
				if !reflect.DeepEqual(got, want) {
					t.Errorf("reports differ: %s", cmp.Diff(want, got))
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestJSON(t *testing.T) {
	want, _ := detector.New(nil).Scan(detector.Source{Path: "a.eml"}, []byte(newsletter))
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got detector.Report
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, &got); d != "" {
		t.Errorf("read back (-want +got):\n%s", d)
	}
}

// FuzzScan checks what must hold for any input: no panic, references in order
// inside their part, the same report twice.
func FuzzScan(f *testing.F) {
	f.Add([]byte(newsletter))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQ29udGVudC1UeXBlOiB0ZXh0L2h0bWwKCjxpbWcgc3JjPWh0dHBzOi8vYS5leGFtcGxlL3g+\n--a--"))
	f.Add([]byte("From: a@b\nContent-Type: text/calendar\n\nBEGIN:VEVENT\nATTACH:https://a.example/x\n y\nEND:VEVENT"))
	d := detector.New(nil)
	f.Fuzz(func(t *testing.T, msg []byte) {
		a, err := d.Scan(detector.Source{}, msg)
		if err != nil {
			return
		}
		for i, r := range a.References {
			if r.Ref != i+1 || r.Offset < 0 || r.Line < 1 || r.Column < 1 {
				t.Fatalf("reference %d: %+v", i, r)
			}
		}
		b, _ := d.Scan(detector.Source{}, msg)
		if !reflect.DeepEqual(a, b) {
			t.Fatal("two scans differ")
		}
	})
}

// TestOwnsText checks that a report does not point into the message: it stays
// the same when the bytes are used for something else.
func TestOwnsText(t *testing.T) {
	// The next message takes over the memory that parts are decoded into.
	takeover := []byte("Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + strings.Repeat("=41", 60000))
	all := realMessages(t)
	for n, data := range all[:min(len(all), 400)] {
		for _, o := range []*detector.Options{nil, {NoReferences: true}} {
			d, data := detector.New(o), slices.Clone(data)
			rep, err := d.Scan(detector.Source{Index: n}, data)
			if err != nil {
				t.Fatal(err)
			}
			before, _ := json.Marshal(rep)
			for i := range data {
				data[i] = 'X'
			}
			if _, err := d.Scan(detector.Source{}, takeover); err != nil {
				t.Fatal(err)
			}
			after, _ := json.Marshal(rep)
			if diff := cmp.Diff(string(before), string(after)); diff != "" {
				t.Errorf("message %d changed with the buffer: %s", n, diff)
			}
		}
	}
}

// TestReferencesListed checks that a report without references says so, and one
// that leaves them out does not.
func TestReferencesListed(t *testing.T) {
	for _, body := range []string{"<p>hi", "<img src=https://t.example/a.png>"} {
		all, err := detector.New(nil).ScanHTML(detector.Source{Type: detector.TypeMessage}, []byte(body))
		if err != nil || all.References == nil {
			t.Errorf("%s: got %v, %v", body, all.References, err)
		}
		none, err := detector.New(&detector.Options{NoReferences: true}).ScanHTML(detector.Source{Type: detector.TypeMessage}, []byte(body))
		if err != nil || none.References != nil {
			t.Errorf("%s without references: got %v, %v", body, none.References, err)
		}
	}
}

// TestCounts checks that what is a kind and a trigger is counted once.
func TestCounts(t *testing.T) {
	rep, err := detector.New(nil).Scan(detector.Source{Type: detector.TypeMessage},
		[]byte("From: a@a.example\r\nDisposition-Notification-To: a@a.example\r\nContent-Type: text/html\r\n\r\n<p>hi"))
	if err != nil {
		t.Fatal(err)
	}
	if n := rep.Counts["receipt"]; n != 1 {
		t.Errorf("got %d receipts, want 1: %v", n, rep.Counts)
	}
	if f := rep.Findings[0]; len(f.Events) != 1 || f.Events[0] != "receipt" {
		t.Errorf("events: got %v", f.Events)
	}
}
