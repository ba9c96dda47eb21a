package har

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pixelsweep/pixelsweep/detector"
)

// posted makes an archive with one POST.
func posted(url, data string) string {
	return `{"log":{"entries":[{"request":{"method":"POST","url":"` + url + `","postData":` + data + `},"response":{"status":200},"_resourceType":"ping"}]}}`
}

func text(media, body string) string {
	return `{"mimeType":` + strconv.Quote(media) + `,"text":` + quoted(body) + `}`
}

func quoted(s string) string { b, _ := json.Marshal(s); return string(b) }

// sends writes what the one finding of an archive sends.
func sends(t *testing.T, archive string) (string, detector.Finding) {
	t.Helper()
	page, reqs, skipped, err := Read(strings.NewReader(archive))
	if err != nil || len(skipped) > 0 {
		t.Fatal(skipped, err)
	}
	page.URL = "https://shop.example/"
	det := detector.New(&detector.Options{Recipients: []string{"ann@reader.example"}})
	rep := det.ScanRequests(detector.Source{}, page, reqs)
	if len(rep.Findings) != 1 {
		t.Fatalf("%d findings", len(rep.Findings))
	}
	f := rep.Findings[0]
	var parts []string
	if f.Account != "" {
		parts = append(parts, "account="+f.Account)
	}
	for _, e := range f.Events {
		if e != "measure" {
			parts = append(parts, "event="+e)
		}
	}
	for _, v := range f.Values {
		parts = append(parts, v.Name+"="+v.Value)
	}
	for _, p := range f.Personal {
		parts = append(parts, p.Name+":"+p.What+":"+p.Form)
	}
	if f.Recipient.Evidence == detector.Proven {
		parts = append(parts, f.Recipient.How)
	}
	return strings.Join(parts, " "), f
}

// TestPosted: what is posted says as much as what stands in a URL.
func TestPosted(t *testing.T) {
	const hash = "3ae4b9bd4a4ffa5ea4fd9d0e6f5fb2ef0c0c2f7a2bd55eb5d1b3b1e87b1a5a2c" // of nobody here
	for _, c := range []struct{ name, url, data, want string }{
		{"Google Analytics, a batch", "https://region1.google-analytics.com/g/collect?v=2&tid=G-1ABC",
			text("text/plain;charset=UTF-8", "en=page_view&_et=4\r\nen=purchase&ep.transaction_id=A-7&ep.currency=EUR&epn.value=49.9"),
			"account=G-1ABC event=page_view event=purchase order=A-7 currency=EUR value=49.9"},
		{"Meta, a form", "https://www.facebook.com/tr/",
			text("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n4821\r\n--x\r\nContent-Disposition: form-data; name=\"ev\"\r\n\r\nPurchase\r\n"+
				"--x\r\nContent-Disposition: form-data; name=\"cd[value]\"\r\n\r\n3.5\r\n--x\r\nContent-Disposition: form-data; name=\"udff[em]\"\r\n\r\n"+hash+"\r\n--x--\r\n"),
			"account=4821 event=Purchase value=3.5 udff[em]:e-mail:sha256"},
		{"TikTok, JSON", "https://analytics.tiktok.com/api/v2/pixel",
			text("text/plain", `{"event":"CompletePayment","context":{"user":{"email":"`+hash+`","anonymous_id":"x"},"pixel":{"code":"C4821ABC"}},"properties":{"value":7,"currency":"EUR"}}`),
			"account=C4821ABC event=CompletePayment value=7 currency=EUR context.user.email:e-mail:sha256"},
		{"Segment", "https://api.segment.io/v1/t",
			text("text/plain", `{"event":"Order Completed","type":"track","properties":{"order_id":"A-7","revenue":12.5},"userId":"u-77","writeKey":"wK48210"}`),
			"account=wK48210 event=Order Completed order=A-7 value=12.5 userId:user id:text"},
		{"Segment, identify", "https://api.segment.io/v1/i",
			text("text/plain", `{"type":"identify","traits":{"email":"ann@reader.example"},"writeKey":"wK48210"}`),
			"account=wK48210 event=identify traits.email:e-mail:address body, parameter traits.email: the recipient's address"},
		{"Mixpanel, base64", "https://api-js.mixpanel.com/track/",
			text("application/x-www-form-urlencoded", "data=eyJldmVudCI6IkJ1eSIsInByb3BlcnRpZXMiOnsidG9rZW4iOiI0ODIxYWEiLCJkaXN0aW5jdF9pZCI6InUtNyJ9fQ=="),
			"account=4821aa event=Buy data.properties.distinct_id:user id:text"},
		{"Amplitude", "https://api2.amplitude.com/2/httpapi",
			text("application/json", `{"api_key":"4821bb","events":[{"event_type":"a","user_id":"u-7"},{"event_type":"b","user_id":"u-7"}]}`),
			"account=4821bb event=a event=b events.user_id:user id:text"},
		{"Matomo, in bulk", "https://stats.shop.example/matomo.php?idsite=3",
			text("application/json", `{"requests":["?idsite=3&action_name=Thanks&ec_id=A-7&uid=u-7"]}`),
			"account=3 event=Thanks uid:user id:text"},
		{"Klaviyo", "https://a.klaviyo.com/client/events/?company_id=AbC123",
			text("application/json", `{"data":{"type":"event","attributes":{"metric":{"data":{"attributes":{"name":"Viewed"}}},"profile":{"data":{"attributes":{"email":"bob@reader.example"}}}}}}`),
			"account=AbC123 event=Viewed data.attributes.profile.data.attributes.email:e-mail:address"},
		{"parameters alone", "https://www.facebook.com/tr/",
			`{"mimeType":"multipart/form-data; boundary=x","params":[{"name":"id","value":"4821"},{"name":"ev","value":"Lead"}]}`,
			"account=4821 event=Lead"},
		{"base64 of the archive", "https://www.facebook.com/tr/", `{"mimeType":"","text":"aWQ9NDgyMSZldj1MZWFk","encoding":"base64"}`, "account=4821 event=Lead"},
	} {
		if got, f := sends(t, posted(c.url, c.data)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s\n%+v", c.name, got, c.want, f.Events)
		}
	}
	// An address that is posted to a stranger is told, whoever it is.
	_, f := sends(t, posted("https://t.example/x", text("application/json", `{"who":"carl@reader.example"}`)))
	if f.Score < 20 {
		t.Errorf("an address: score %d, %+v", f.Score, f.Signals)
	}
	_, f = sends(t, posted("https://t.example/x", text("", `who=eyJhIjoiY2FybEByZWFkZXIuZXhhbXBsZSJ9`)))
	if f.Score < 20 || f.Recipient.Evidence == detector.Proven {
		t.Errorf("an address in base64: score %d, %+v", f.Score, f.Signals)
	}
	if _, f := sends(t, posted("https://shop.example/login", text("application/json", `{"who":"carl@reader.example"}`))); f.Score >= 20 {
		t.Errorf("an address to the page's own site: %+v", f.Signals)
	}
}

// TestPostedLimit: a body that is larger than what is read is told.
func TestPostedLimit(t *testing.T) {
	body := "id=4821&ev=Lead&x=" + strings.Repeat("y", detector.MaxBody)
	page, reqs, _, err := Read(strings.NewReader(posted("https://www.facebook.com/tr/", text("", body))))
	if err != nil {
		t.Fatal(err)
	}
	rep := detector.New(nil).ScanRequests(detector.Source{}, page, reqs)
	if rep.Complete || len(rep.Warnings) != 1 || rep.Findings[0].Account != "4821" {
		t.Errorf("complete %v, %+v, %+v", rep.Complete, rep.Warnings, rep.Findings)
	}
}

// TestPostedWritten: bytes of any kind come back as they were.
func TestPostedWritten(t *testing.T) {
	for _, data := range []string{"a=b", "\x1f\x8b\x00\xff", "<é>"} {
		e := Entry{Request: Message{Method: "POST", URL: "https://t.example/", Posted: Post("text/plain", []byte(data))}}
		var b bytes.Buffer
		if err := Write(&b, "1", detector.Page{}, []Entry{e}); err != nil {
			t.Fatal(err)
		}
		_, reqs, skipped, err := Read(&b)
		if err != nil || len(skipped) > 0 {
			t.Fatal(skipped, err)
		}
		if d := cmp.Diff(data, reqs[0].Body); d != "" || reqs[0].Media != "text/plain" {
			t.Errorf("%q: media %q\n%s", data, reqs[0].Media, d)
		}
	}
}
