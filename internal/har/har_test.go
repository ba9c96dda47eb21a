package har

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pixelsweep/pixelsweep/detector"
)

const archive = `{"log":{"version":"1.2","creator":{"name":"made","version":"1"},
"pages":[{"startedDateTime":"2026-01-02T03:04:05.000Z","id":"p","title":"https://shop.example/thanks","pageTimings":{}}],
"entries":[
{"startedDateTime":"2026-01-02T03:04:05.000Z","time":40.5,"request":{"method":"GET","url":"https://shop.example/thanks"},"response":{"status":200,"headers":[],"content":{"size":10,"mimeType":"text/html"}},"_resourceType":"document","_initiator":{"type":"other"}},
{"startedDateTime":"2026-01-02T03:04:05.250Z","time":12,"request":{"method":"GET","url":"https://www.facebook.com/tr?id=4821&ev=Purchase&cd[value]=3"},"response":{"status":302,"redirectURL":"/tr/2","headers":[{"name":"Set-Cookie","value":"fr=1; path=/\ndatr=2"}],"content":{"size":0,"mimeType":""}},"_resourceType":"image","_initiator":{"type":"script","stack":{"callFrames":[{"functionName":"","url":"https://shop.example/a.js","lineNumber":6}],"parent":{"callFrames":[{"functionName":"go","url":"https://shop.example/b.js","lineNumber":0}]}}}},
{"startedDateTime":"2026-01-02T03:04:05.300Z","time":9,"request":{"method":"GET","url":"https://www.facebook.com/tr/2"},"response":{"status":200,"content":{"size":43,"mimeType":"image/gif"}}}
]}}`

func TestRead(t *testing.T) {
	page, reqs, skipped, err := Read(strings.NewReader(archive))
	if err != nil || len(skipped) > 0 {
		t.Fatal(skipped, err)
	}
	if want := (detector.Page{URL: "https://shop.example/thanks"}); !cmp.Equal(page, want) {
		t.Errorf("page %+v", page)
	}
	want := []detector.Request{
		{URL: "https://shop.example/thanks", Type: "document", Method: "GET", Status: 200, Time: 40},
		{URL: "https://www.facebook.com/tr?id=4821&ev=Purchase&cd[value]=3", Type: "image", Method: "GET", Status: 302, Start: 250, Time: 12,
			Initiator: []string{"(anonymous) https://shop.example/a.js:7", "go https://shop.example/b.js:1"}, Scripted: true, Cookies: []string{"fr", "datr"}},
		{URL: "https://www.facebook.com/tr/2", Type: "image", Method: "GET", Status: 200, Start: 300, Time: 9, From: "https://www.facebook.com/tr?id=4821&ev=Purchase&cd[value]=3"},
	}
	if d := cmp.Diff(want, reqs); d != "" {
		t.Errorf("requests (-want +got):\n%s", d)
	}
	rep := detector.New(nil).ScanRequests(detector.Source{Path: "x.har"}, page, reqs)
	if rep.Verdict != detector.Tracked {
		t.Errorf("verdict %s", rep.Verdict)
	}
	for _, f := range rep.Findings {
		if f.Account == "4821" && len(f.Values) == 1 && f.Values[0].Value == "3" {
			return
		}
	}
	t.Errorf("no finding names the account: %+v", rep.Findings)
}

// TestCNAME: a tracker that hides behind a name of the page's own is found by
// what that stands for.
func TestCNAME(t *testing.T) {
	req := detector.Request{URL: "https://metrics.shop.example/tr?id=4821&ev=Lead", Type: "image", CNAME: "www.facebook.com."}
	rep := detector.New(nil).ScanRequests(detector.Source{}, detector.Page{URL: "https://shop.example/"}, []detector.Request{req})
	if len(rep.Findings) != 1 || rep.Findings[0].Service == nil || rep.Findings[0].Service.Name != "Meta Pixel" {
		t.Errorf("findings %+v", rep.Findings)
	}
	if rep.References[0].ThirdParty {
		t.Error("a host of the page's site is third party")
	}
}

// TestWrite: what is written is read again.
func TestWrite(t *testing.T) {
	_, reqs, _, err := Read(strings.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	var entries []Entry
	for i, q := range reqs {
		entries = append(entries, Entry{
			Started: time.Date(2026, 1, 2, 3, 4, 5, i*1e6, time.UTC).Format(time.RFC3339Nano), Type: q.Type, Phase: string(detector.AfterRefusing),
			Request: Message{Method: q.Method, URL: q.URL}, Response: Response{Status: q.Status}, CNAME: "c.example",
		})
	}
	var b bytes.Buffer
	if err := Write(&b, "1", detector.Page{Title: "Thanks"}, entries); err != nil {
		t.Fatal(err)
	}
	page, again, _, err := Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	if page.Title != "Thanks" || len(again) != 3 || again[1].Phase != detector.AfterRefusing || again[1].CNAME != "c.example" || again[2].Start != 2 {
		t.Errorf("page %+v, requests %+v", page, again)
	}
}

func TestReadRefuses(t *testing.T) {
	for _, text := range []string{"", "x", "{}", "[]", `{"log":{}}`, `{"log":{"entries":7}}`, `{"log":{"entries":[1]}}`} {
		if _, _, _, err := Read(strings.NewReader(text)); err == nil {
			t.Errorf("Read took %q", text)
		}
	}
}

func TestReadCompressed(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(archive))
	z.Close()
	if _, reqs, _, err := Read(bytes.NewReader(b.Bytes())); err != nil || len(reqs) != 3 {
		t.Errorf("%d requests, %v", len(reqs), err)
	}
	for n, want := range map[int]string{4: "gzip", 40: "cut off", b.Len() - 3: "cut off"} {
		if _, _, _, err := Read(bytes.NewReader(b.Bytes()[:n])); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("cut at %d: %v, want %s", n, err, want)
		}
	}
}

// TestReadOdd: what is odd costs no more than itself, and is told.
func TestReadOdd(t *testing.T) {
	for _, c := range []struct {
		name, text string
		requests   int
		says       string
	}{
		{"field", strings.Replace(archive, `"time":12,`, `"time":"abc",`, 1), 3, "entry 2 of the archive is read in part: its time is a string"},
		{"entry", strings.Replace(archive, `"entries":[`, `"entries":["x",`, 1), 3, "entry 1 of the archive is left out: is no request"},
		{"null", strings.Replace(archive, `"status":302,`, `"status":null,`, 1), 3, ""},
		{"pages", strings.Replace(archive, `"pages":[`, `"pages":[7,`, 1), 3, ""},
		{"truncated", archive[:strings.LastIndex(archive, `"status":200`)], 2, "the archive breaks off after 2 entries: unexpected end of JSON input"},
		{"no end", strings.TrimSuffix(archive, "]}}"), 3, "the archive breaks off after 3 entries: unexpected end of JSON input"},
	} {
		page, reqs, skipped, err := Read(strings.NewReader(c.text))
		if err != nil || len(reqs) != c.requests || strings.Join(skipped, "\n") != c.says {
			t.Errorf("%s: %d requests, skipped %q, %v", c.name, len(reqs), skipped, err)
		}
		if page.URL != "https://shop.example/thanks" {
			t.Errorf("%s: page %+v", c.name, page)
		}
		if len(reqs) > 1 && reqs[1].Status != 302 && c.name == "field" {
			t.Errorf("%s: what follows the odd field is lost: %+v", c.name, reqs[1])
		}
	}
}

// TestLarge reads an archive of five megabytes.
func TestLarge(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"log":{"version":"1.2","entries":[`)
	n := 0
	for b.Len() < 5<<20 {
		if n++; n > 1 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"startedDateTime":"2026-01-02T03:04:05.000Z","request":{"method":"GET","url":"https://t%d.example/p.gif?x=%s"},"response":{"status":200,"content":{"mimeType":"image/gif","text":%q}}}`, n, strings.Repeat("a", 200), strings.Repeat("b", 400))
	}
	b.WriteString("]}}")
	_, reqs, _, err := Read(strings.NewReader(b.String()))
	if err != nil || len(reqs) != n {
		t.Fatalf("%d of %d requests, %v", len(reqs), n, err)
	}
	rep := detector.New(nil).ScanRequests(detector.Source{}, detector.Page{}, reqs)
	if len(rep.References) != n {
		t.Errorf("%d of %d references", len(rep.References), n)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(archive)
	f.Fuzz(func(t *testing.T, text string) {
		page, reqs, _, err := Read(strings.NewReader(text))
		if err == nil {
			detector.New(nil).ScanRequests(detector.Source{}, page, reqs)
		}
	})
}
