package auditreport

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"golang.org/x/net/html"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/internal/auditstore"
	"github.com/pixelsweep/pixelsweep/internal/browser"
)

// Hostile text, for a page, a terminal and a spreadsheet.
const hostile = "</title></style><script>alert(1)</script><img src=https://evil.example/x onerror=alert(1)>\"' onload='x' \x1b[31m\u202e\u2028=HYPERLINK(\"x\")"

// hostileMailbox has it everywhere that mail, or an account's name, can put it.
func hostileMailbox(t *testing.T) *mailbox {
	m := newMailbox(t)
	for i := range 40 {
		r := &detector.Report{
			Verdict: detector.Tracked, Complete: true, Source: detector.Source{Bytes: int64(i)},
			Message: &detector.Message{ID: fmt.Sprint(i), From: "=1+1" + hostile + " <x@evil.example>", FromDomain: "evil.example", Subject: hostile},
			Findings: []detector.Finding{{
				URL: "https://" + hostile + "/", Kind: detector.Pixel, Severity: detector.SeverityHigh,
				Service:   &detector.Service{Name: "=1" + hostile, Operator: hostile, Category: hostile},
				Recipient: detector.Recipient{Evidence: detector.Proven, How: "x: " + hostile},
			}, {
				URL: "https://t.example/", Kind: detector.ClickTracker, Severity: detector.SeverityMedium,
				Recipient: detector.Recipient{Evidence: detector.Proven, How: "x: the recipient's address"},
			}},
		}
		if i < 20 {
			r.Verdict, r.Findings = detector.Clean, nil
		}
		if i%3 == 0 {
			r.Message.FromDomain = hostile
		}
		m.rows = append(m.rows, auditstore.Row{
			UID: uint32(i + 1), Date: now.AddDate(0, 0, i-40), Report: r,
			Unsubscribe: "<https://evil.example/" + hostile + ">, <javascript:alert(1)>, <https://evil.example/\"onload=x'>, <mailto:a@evil.example?x=%22%3Cscript>",
		})
	}
	m.save(hostile, hostile)
	return m
}

// TestHostileHTML parses the page and checks that mail has put nothing into it but
// text.
func TestHostileHTML(t *testing.T) {
	for name, m := range map[string]*mailbox{"hostile": hostileMailbox(t), "sample": sample(t)} {
		page := write(t, m, "html", nil)
		doc, err := html.Parse(strings.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		known := strings.Fields("html head meta title style body main header h1 p section svg circle text div b span h2 rect line g table thead tr " +
			"th tbody td article h3 i code details summary footer")
		var sheet, policy string
		for n := range doc.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			if !slices.Contains(known, n.Data) {
				t.Errorf("%s: element %s", name, n.Data)
			}
			if n.Data == "style" {
				sheet = n.FirstChild.Data
			}
			for _, a := range n.Attr {
				switch {
				case a.Key == "style" || a.Key == "href" || a.Key == "src" || strings.HasPrefix(a.Key, "on"):
					t.Errorf("%s: attribute %s of %s", name, a.Key, n.Data)
				case strings.EqualFold(a.Key, "http-equiv"):
					policy = n.Attr[1].Val
				}
			}
		}
		sum := sha256.Sum256([]byte(sheet))
		if want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"; policy != want {
			t.Errorf("%s: policy %q, want %q", name, policy, want)
		}
		if regexp.MustCompile(`(?i)url\s*\(|@import|expression`).MatchString(sheet) {
			t.Errorf("%s: the style sheet loads something", name)
		}
		for _, r := range page {
			if r == '\u202e' || r == '\u2028' || r == '\x1b' {
				t.Errorf("%s: %U in the page", name, r)
			}
		}
	}
}

func TestHostileText(t *testing.T) {
	m := hostileMailbox(t)
	for _, format := range []string{"text", "json"} {
		for _, o := range []Options{{}, {Width: 20}, {Width: 300}} {
			out := write(t, m, format, &o)
			for _, r := range out {
				if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028') {
					t.Fatalf("%s: %U", format, r)
				}
			}
		}
	}
	for _, table := range Tables() {
		for line := range strings.Lines(write(t, m, "csv", &Options{Table: table})) {
			for cell := range strings.SplitSeq(line, ",") {
				if cell = strings.TrimLeft(cell, `" `); strings.HasPrefix(cell, "=") || strings.ContainsAny(cell, "\x1b\u202e") {
					t.Errorf("%s: cell %q", table, cell)
				}
			}
		}
	}
}

// TestTextWidth checks that lines fit the terminal, but for unsubscribe links.
func TestTextWidth(t *testing.T) {
	for _, width := range []int{40, 80, 200} {
		for line := range strings.Lines(write(t, sample(t), "text", &Options{Width: width})) {
			if n := report.Columns(strings.TrimRight(line, "\n")); n > width && !strings.Contains(line, "unsubscribe: ") {
				t.Errorf("%d columns of %d: %q", n, width, line)
			}
		}
	}
	if out := write(t, sample(t), "text", &Options{Color: true}); !strings.Contains(out, "\x1b[31m") {
		t.Error("no colour")
	}
}

// TestInChromium opens the page in a browser: nothing is asked for beside it, and
// the policy refuses nothing that the page needs.
func TestInChromium(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("SKIPPED: no Chromium; as root run: apt-get install -y chromium")
	}
	profile, remove, err := browser.Profile()
	if err != nil {
		t.Fatal(err)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(profile), chromedp.Flag("host-resolver-rules", "MAP * 127.0.0.1:9"))
	limit, cancel := context.WithTimeout(context.Background(), time.Minute)
	actx, stop := chromedp.NewExecAllocator(limit, opts...)
	ctx, end := chromedp.NewContext(actx)
	t.Cleanup(func() { end(); stop(); cancel(); remove() })
	var mu sync.Mutex
	var seen []string
	chromedp.ListenTarget(ctx, func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := ev.(type) {
		case *network.EventRequestWillBeSent:
			seen = append(seen, e.Request.URL)
		case *cdplog.EventEntryAdded:
			t.Errorf("the browser says: %s", e.Entry.Text)
		case *runtime.EventConsoleAPICalled, *runtime.EventExceptionThrown:
			t.Errorf("a script ran: %+v", e)
		}
	})
	for name, m := range map[string]*mailbox{"hostile": hostileMailbox(t), "sample": sample(t)} {
		path := filepath.Join(t.TempDir(), name+".html")
		if err := os.WriteFile(path, []byte(write(t, m, "html", nil)), 0o600); err != nil {
			t.Fatal(err)
		}
		var shape string
		var width float64
		err := chromedp.Run(ctx, network.Enable(), cdplog.Enable(), runtime.Enable(), chromedp.Navigate("file://"+path),
			chromedp.Evaluate(`getComputedStyle(document.querySelector("section")).borderTopLeftRadius`, &shape),
			chromedp.Evaluate(`document.querySelector(".chart rect").getBoundingClientRect().width`, &width))
		if err != nil {
			t.Fatal(err)
		}
		if shape != "14px" || width < 5 {
			t.Errorf("%s: the style does not hold: %s, %v", name, shape, width)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(seen) != 2 {
		t.Errorf("asked for %q", seen)
	}
}
