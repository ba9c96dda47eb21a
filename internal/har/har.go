// Package har reads and writes HTTP archives: what a browser requested for a
// page. The format is that of "HAR 1.2 Spec" (Jan Odvarko, 2012), with the fields
// _initiator and _resourceType that Chromium's developer tools add.
//
// It performs no I/O but through the reader and writer it is given.
package har

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pixelsweep/pixelsweep/detector"
)

// MaxBytes is how large an archive may be.
const MaxBytes = 256 << 20

// maxEntries is how many requests are read of one.
const maxEntries = 100_000

// File is an archive.
type File struct {
	Log Log `json:"log"`
}

// Log is all of it.
type Log struct {
	Version string  `json:"version"`
	Creator Creator `json:"creator"`
	Pages   []Page  `json:"pages,omitempty"`
	Entries []Entry `json:"entries"`
}

// Creator is the program that wrote it.
type Creator struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Page is a page that was opened.
type Page struct {
	Started string  `json:"startedDateTime"`
	ID      string  `json:"id"`
	Title   string  `json:"title"`
	Timings Timings `json:"pageTimings"`
}

// Timings are required by the format, and may be empty.
type Timings struct{}

// Entry is one request with its response.
type Entry struct {
	PageRef   string     `json:"pageref,omitempty"`
	Started   string     `json:"startedDateTime"`
	Time      float64    `json:"time"` // milliseconds
	Request   Message    `json:"request"`
	Response  Response   `json:"response"`
	Cache     struct{}   `json:"cache"`
	Timing    Timing     `json:"timings"`
	Initiator *Initiator `json:"_initiator,omitempty"`
	Type      string     `json:"_resourceType,omitempty"`
	Phase     string     `json:"_phase,omitempty"` // ours: before consent, after refusing, after accepting
	CNAME     string     `json:"_cname,omitempty"` // ours
	Blocked   string     `json:"_blocked,omitempty"`
}

// Timing is required by the format; -1 is unknown.
type Timing struct {
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
}

// Message is a request.
type Message struct {
	Method  string   `json:"method"`
	URL     string   `json:"url"`
	Version string   `json:"httpVersion"`
	Cookies []Cookie `json:"cookies"`
	Headers []Header `json:"headers"`
	Query   []Header `json:"queryString"`
	Posted  *Posted  `json:"postData,omitempty"`
	Head    int      `json:"headersSize"`
	Body    int      `json:"bodySize"`
}

// Posted is what a request sends. Text that is no UTF-8 is in base64, which
// Encoding then says; other programs leave that out or call it encoding.
type Posted struct {
	Type     string   `json:"mimeType"`
	Params   []Header `json:"params,omitempty"`
	Text     string   `json:"text"`
	Encoding string   `json:"_encoding,omitempty"`
	Theirs   string   `json:"encoding,omitempty"`
}

// Post is data of a media type as it stands in an archive, nil for none.
func Post(media string, data []byte) *Posted {
	if len(data) == 0 {
		return nil
	}
	if utf8.Valid(data) {
		return &Posted{Type: media, Text: string(data)}
	}
	return &Posted{Type: media, Text: base64.StdEncoding.EncodeToString(data), Encoding: "base64"}
}

// data is what was sent, as far as it is read. An archive may hold the
// parameters of a form alone.
func (p *Posted) data() string {
	switch {
	case p == nil:
		return ""
	case p.Encoding == "base64" || p.Theirs == "base64":
		if data, err := base64.StdEncoding.DecodeString(p.Text); err == nil {
			return string(data[:min(len(data), detector.MaxBody+1)])
		}
	case p.Text == "" && len(p.Params) > 0:
		form := make([]string, len(p.Params))
		for i, h := range p.Params {
			form[i] = url.QueryEscape(h.Name) + "=" + url.QueryEscape(h.Value)
		}
		return strings.Join(form, "&")
	}
	return p.Text[:min(len(p.Text), detector.MaxBody+1)]
}

// media is the type of what was sent. Without the text, parameters are a form.
func (p *Posted) media() string {
	if p == nil || p.Text == "" {
		return ""
	}
	return p.Type
}

// Response is the answer.
type Response struct {
	Status   int      `json:"status"`
	Text     string   `json:"statusText"`
	Version  string   `json:"httpVersion"`
	Cookies  []Cookie `json:"cookies"`
	Headers  []Header `json:"headers"`
	Content  Content  `json:"content"`
	Redirect string   `json:"redirectURL"`
	Head     int      `json:"headersSize"`
	Body     int      `json:"bodySize"`
}

// Cookie is a cookie, by its name; values are not kept.
type Cookie struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Header is a header field or parameter.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Content is what kind of thing was answered.
type Content struct {
	Size int    `json:"size"`
	Type string `json:"mimeType"`
}

// Initiator is what caused a request.
type Initiator struct {
	Type  string `json:"type"` // parser, script, other
	URL   string `json:"url,omitempty"`
	Line  int    `json:"lineNumber,omitempty"`
	Stack *Stack `json:"stack,omitempty"`
}

// Stack is where a script stood.
type Stack struct {
	Frames []Frame `json:"callFrames"`
	Parent *Stack  `json:"parent,omitempty"`
}

// Frame is one function of a stack; lines count from 0.
type Frame struct {
	Function string `json:"functionName"`
	URL      string `json:"url"`
	Line     int    `json:"lineNumber"`
	Column   int    `json:"columnNumber"`
}

// ErrNoArchive is returned for what is no archive.
var ErrNoArchive = errors.New("no HTTP archive: no log.entries in it")

// Read reads an archive, which may be gzip'd: the page, and its requests in their order.
// What is no request, or breaks off, is left out, and skipped says so; fields that are not
// as the format has them are taken as absent.
func Read(r io.Reader) (_ detector.Page, _ []detector.Request, skipped []string, _ error) {
	data, err := readAll(r)
	if err != nil {
		return detector.Page{}, nil, nil, err
	}
	if len(data) > MaxBytes {
		return detector.Page{}, nil, nil, fmt.Errorf("larger than %d MB", MaxBytes>>20)
	}
	f, skipped, err := parse(bytes.TrimPrefix(data, []byte("\ufeff")))
	if err != nil {
		return detector.Page{}, nil, nil, err
	}
	entries := f.Log.Entries
	page := f.page()
	start := time.Time{}
	reqs := make([]detector.Request, 0, len(entries))
	from := map[string]string{} // by what a redirect leads to
	for i := range entries {
		e := &entries[i]
		at, _ := time.Parse(time.RFC3339Nano, e.Started)
		if start.IsZero() || at.Before(start) && !at.IsZero() {
			start = at
		}
		q := e.Seen()
		q.Start = int(at.Sub(start).Milliseconds())
		q.From = from[e.Request.URL]
		if e.Response.Redirect != "" && e.Response.Status/100 == 3 {
			from[absolute(e.Request.URL, e.Response.Redirect)] = e.Request.URL
		}
		reqs = append(reqs, q)
	}
	return page, reqs, skipped, nil
}

// page is the page that the archive is about: its first document.
func (f *File) page() (p detector.Page) {
	if len(f.Log.Pages) > 0 {
		p.Title = f.Log.Pages[0].Title
		if strings.HasPrefix(p.Title, "http://") || strings.HasPrefix(p.Title, "https://") {
			p.URL, p.Title = p.Title, "" // Chromium writes the address there
		}
	}
	for i := range f.Log.Entries {
		e := &f.Log.Entries[i]
		if e.Type == "document" || e.Type == "" && strings.Contains(e.Response.Content.Type, "html") {
			if e.Response.Status/100 != 3 {
				p.URL = e.Request.URL
				return p
			}
		}
	}
	if p.URL == "" && len(f.Log.Entries) > 0 {
		p.URL = f.Log.Entries[0].Request.URL
	}
	return p
}

func absolute(base, ref string) string {
	req, err := http.NewRequest(http.MethodGet, base, nil)
	if err != nil {
		return ref
	}
	u, err := req.URL.Parse(ref)
	if err != nil {
		return ref
	}
	return u.String()
}

// Seen is the entry as a request, without when it began.
func (e *Entry) Seen() detector.Request {
	q := detector.Request{
		URL: e.Request.URL, Type: Type(e.Type, e.Response.Content.Type), Method: e.Request.Method, Status: e.Response.Status,
		Time: int(e.Time), CNAME: e.CNAME, Blocked: e.Blocked,
	}
	switch p := detector.Consent(e.Phase); p {
	case detector.BeforeConsent, detector.AfterRefusing, detector.AfterAccepting:
		q.Phase = p
	}
	q.Media, q.Body = e.Request.Posted.media(), e.Request.Posted.data()
	q.BodyBytes = max(e.Request.Body, len(q.Body))
	q.Initiator, q.Scripted = e.Initiator.lines()
	for _, c := range e.Response.Cookies {
		q.Cookies = append(q.Cookies, c.Name)
	}
	if len(q.Cookies) == 0 {
		for _, h := range e.Response.Headers {
			if strings.EqualFold(h.Name, "set-cookie") {
				q.Cookies = append(q.Cookies, CookieNames(h.Value)...)
			}
		}
	}
	return q
}

// CookieNames are the names in a Set-Cookie header; Chromium parts several by
// line ends.
func CookieNames(value string) []string {
	var names []string
	for line := range strings.Lines(value) {
		if name, _, ok := strings.Cut(strings.TrimSpace(line), "="); ok && name != "" {
			names = append(names, name)
		}
	}
	return names
}

// lines are the places of the initiator, the innermost first.
func (i *Initiator) lines() (lines []string, scripted bool) {
	if i == nil {
		return nil, false
	}
	depth := 0
	for s := i.Stack; s != nil && depth < 8; s, depth = s.Parent, depth+1 {
		for _, f := range s.Frames {
			if len(lines) == 16 {
				break
			}
			name := f.Function
			if name == "" {
				name = "(anonymous)"
			}
			lines = append(lines, name+" "+f.URL+":"+strconv.Itoa(f.Line+1))
		}
	}
	if len(lines) == 0 && i.URL != "" {
		lines = append(lines, i.Type+" "+i.URL+":"+strconv.Itoa(i.Line+1))
	}
	return lines, i.Type == "script"
}

// Type is a resource type in our words, from Chromium's name for it, or from
// the media type of the answer where there is none.
func Type(name, media string) string {
	switch name = strings.ToLower(name); name {
	case "image", "script", "stylesheet", "font", "media", "document", "websocket", "subdocument", "xhr", "ping":
		return name
	case "fetch", "eventsource":
		return "xhr"
	case "beacon", "cspviolationreport":
		return "ping"
	case "":
	default:
		return "other"
	}
	media, _, _ = strings.Cut(strings.ToLower(media), ";")
	switch {
	case strings.HasPrefix(media, "image/"):
		return "image"
	case strings.Contains(media, "javascript"):
		return "script"
	case media == "text/css":
		return "stylesheet"
	case strings.Contains(media, "font"):
		return "font"
	case strings.HasPrefix(media, "video/"), strings.HasPrefix(media, "audio/"):
		return "media"
	case strings.Contains(media, "html"):
		return "subdocument"
	}
	return "other"
}

// Write writes an archive.
func Write(w io.Writer, version string, page detector.Page, entries []Entry) error {
	f := File{Log{Version: "1.2", Creator: Creator{"pixelsweep", version}, Entries: entries}}
	if len(entries) > 0 {
		f.Log.Pages = []Page{{Started: entries[0].Started, ID: "page_1", Title: page.Title}}
	}
	if f.Log.Entries == nil {
		f.Log.Entries = []Entry{}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	return e.Encode(f)
}
