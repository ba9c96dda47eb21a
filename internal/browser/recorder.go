package browser

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/internal/har"
)

// recorder collects the requests of a load.
type recorder struct {
	mu    sync.Mutex
	zero  time.Time
	last  time.Time
	all   []*entry
	open  map[network.RequestID]*entry
	extra map[network.RequestID][]string // cookies that came before their response
}

// entry is one request.
type entry struct {
	har.Entry
	from    string
	began   time.Time // by Chromium's own clock
	started time.Time
	frame   string
	media   string // of what is posted
}

// maxRequests bounds the requests of a load.
const maxRequests = 20000

func newRecorder() *recorder {
	return &recorder{open: map[network.RequestID]*entry{}, extra: map[network.RequestID][]string{}}
}

func (r *recorder) start() {
	r.mu.Lock()
	r.zero, r.last = time.Now(), time.Now()
	r.mu.Unlock()
}

func (r *recorder) lastTime() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last
}

func (r *recorder) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.all)
}

// asked reports whether a script of a consent platform was requested.
func (r *recorder) asked(platforms []cmp) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.all {
		u, err := url.Parse(e.Request.URL)
		for i := range platforms {
			if err == nil && slices.ContainsFunc(platforms[i].Hosts, func(h string) bool { return u.Hostname() == h || strings.HasSuffix(u.Hostname(), "."+h) }) {
				return true
			}
		}
	}
	return false
}

// since lets time count from now.
func (r *recorder) since(int) {
	r.mu.Lock()
	r.zero, r.last = time.Now(), time.Now()
	r.mu.Unlock()
}

// drop forgets the first n requests.
func (r *recorder) drop(n int) {
	r.mu.Lock()
	r.all = r.all[n:]
	r.mu.Unlock()
}

// document is the status of the page itself.
func (r *recorder) document() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.all {
		if e.Type == "document" {
			return e.Response.Status
		}
	}
	return 0
}

// take takes an event of the network.
func (r *recorder) take(ev any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch ev := ev.(type) {
	case *network.EventRequestWillBeSent:
		r.sent(ev)
	case *network.EventResponseReceived:
		if e := r.open[ev.RequestID]; e != nil {
			e.answered(ev.Response)
		}
	case *network.EventResponseReceivedExtraInfo:
		names := setCookies(ev.Headers)
		if e := r.open[ev.RequestID]; e != nil {
			e.cookies(names)
		} else if len(names) > 0 && len(r.extra) < maxRequests {
			r.extra[ev.RequestID] = names
		}
	case *network.EventLoadingFinished:
		r.done(ev.RequestID, ev.Timestamp.Time())
	case *network.EventLoadingFailed:
		if e := r.open[ev.RequestID]; e != nil && e.Response.Status == 0 {
			e.Blocked = strings.TrimPrefix(ev.ErrorText, "net::")
		}
		r.done(ev.RequestID, ev.Timestamp.Time())
	case *network.EventWebSocketCreated:
		r.add(ev.RequestID, &entry{Entry: har.Entry{Type: "websocket", Request: message("GET", ev.URL), Initiator: initiator(ev.Initiator)}, started: time.Now()})
	}
}

func (r *recorder) sent(ev *network.EventRequestWillBeSent) {
	from := ""
	if ev.RedirectResponse != nil {
		if e := r.open[ev.RequestID]; e != nil {
			e.answered(ev.RedirectResponse)
			e.Response.Redirect = ev.Request.URL
			from = e.Request.URL
			r.finish(e, ev.Timestamp.Time())
		}
	}
	if !strings.HasPrefix(ev.Request.URL, "http:") && !strings.HasPrefix(ev.Request.URL, "https:") {
		return
	}
	typ := har.Type(string(ev.Type), "")
	if typ == "document" && ev.FrameID != "" && len(r.all) > 0 && r.all[0].frame != string(ev.FrameID) {
		typ = "subdocument"
	}
	e := &entry{media: contentType(ev.Request.Headers), Entry: har.Entry{Type: typ, Request: message(ev.Request.Method, ev.Request.URL+ev.Request.URLFragment), Initiator: initiator(ev.Initiator)},
		from: from, started: time.Now(), frame: string(ev.FrameID)}
	if ev.Timestamp != nil {
		e.began = ev.Timestamp.Time()
	}
	e.post(posted(ev.Request.PostDataEntries))
	r.add(ev.RequestID, e)
}

// contentType is that of a request.
func contentType(headers network.Headers) string {
	for name, value := range headers {
		if strings.EqualFold(name, "content-type") {
			return fmt.Sprint(value)
		}
	}
	return ""
}

// posted is what a request sends, as far as Chromium tells of itself.
func posted(parts []*network.PostDataEntry) (data []byte) {
	for _, p := range parts {
		if piece, err := base64.StdEncoding.DecodeString(p.Bytes); err == nil && len(data) <= detector.MaxBody {
			data = append(data, piece...)
		}
	}
	return data
}

// post keeps what a request sends, and one byte more than is read of it.
func (e *entry) post(data []byte) {
	if len(data) == 0 {
		return
	}
	e.Request.Body = len(data)
	e.Request.Posted = har.Post(e.media, data[:min(len(data), detector.MaxBody+1)])
}

// lacks reports whether a request is known, and nothing of what it sends.
func (r *recorder) lacks(id network.RequestID) (known, lacks bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.open[id]
	return e != nil, e != nil && e.Request.Posted == nil
}

// fill keeps what a request sends that was asked for.
func (r *recorder) fill(id network.RequestID, data string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.open[id]; e != nil {
		e.post([]byte(data))
	}
}

func (r *recorder) add(id network.RequestID, e *entry) {
	r.last = time.Now()
	if len(r.all) >= maxRequests {
		return
	}
	e.Timing = har.Timing{Send: -1, Wait: -1, Receive: -1}
	e.Response = har.Response{Cookies: []har.Cookie{}, Headers: []har.Header{}, Head: -1, Body: -1}
	e.cookies(r.extra[id])
	delete(r.extra, id)
	r.open[id] = e
	r.all = append(r.all, e)
}

func message(method, url string) har.Message {
	return har.Message{Method: method, URL: url, Cookies: []har.Cookie{}, Headers: []har.Header{}, Query: []har.Header{}, Head: -1, Body: -1}
}

func (e *entry) answered(res *network.Response) {
	if res == nil {
		return
	}
	e.Response.Status, e.Response.Text, e.Response.Version = int(res.Status), res.StatusText, res.Protocol
	e.Response.Content = har.Content{Size: int(res.EncodedDataLength), Type: res.MimeType}
	if len(e.Response.Cookies) == 0 {
		e.cookies(setCookies(res.Headers))
	}
}

func (e *entry) cookies(names []string) {
	for _, n := range names {
		e.Response.Cookies = append(e.Response.Cookies, har.Cookie{Name: n})
	}
}

func setCookies(headers network.Headers) []string {
	for name, value := range headers {
		if strings.EqualFold(name, "set-cookie") {
			return har.CookieNames(fmt.Sprint(value))
		}
	}
	return nil
}

func (r *recorder) done(id network.RequestID, at time.Time) {
	if e := r.open[id]; e != nil {
		r.finish(e, at)
		delete(r.open, id)
	}
}

func (r *recorder) finish(e *entry, at time.Time) {
	r.last = time.Now()
	if !e.began.IsZero() && at.After(e.began) {
		e.Time = float64(at.Sub(e.began).Microseconds()) / 1000
	}
}

// initiator is what caused a request, as Chromium tells it.
func initiator(i *network.Initiator) *har.Initiator {
	if i == nil {
		return nil
	}
	return &har.Initiator{Type: string(i.Type), URL: i.URL, Line: int(i.LineNumber), Stack: stack(i.Stack, 0)}
}

func stack(s *runtime.StackTrace, depth int) *har.Stack {
	if s == nil || depth > 4 {
		return nil
	}
	out := &har.Stack{Frames: []har.Frame{}, Parent: stack(s.Parent, depth+1)}
	for _, f := range s.CallFrames {
		if len(out.Frames) < 32 {
			out.Frames = append(out.Frames, har.Frame{Function: f.FunctionName, URL: f.URL, Line: int(f.LineNumber), Column: int(f.ColumnNumber)})
		}
	}
	return out
}

// requests are what was recorded, as requests and as entries of an archive.
func (r *recorder) requests(phase detector.Consent) ([]detector.Request, []har.Entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var reqs []detector.Request
	var entries []har.Entry
	for _, e := range r.all {
		e.Phase = string(phase)
		e.Started = e.started.Format(time.RFC3339Nano)
		q := e.Seen()
		q.Start, q.From = int(e.started.Sub(r.zero).Milliseconds()), e.from
		reqs, entries = append(reqs, q), append(entries, e.Entry)
	}
	return reqs, entries
}
