package subscription

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
	"unicode/utf8"

	"github.com/pixelsweep/pixelsweep/rules/filter"
)

// Options are the choices of [Update]. A nil *Options means the zero value.
type Options struct {
	MaxBytes  int64         // of a list after decompression, default 32 MB
	MaxTime   time.Duration // for a list, default 60 s
	UserAgent string        // default "pixelsweep"
}

func (o *Options) withDefaults() Options {
	var c Options
	if o != nil {
		c = *o
	}
	if c.MaxBytes <= 0 {
		c.MaxBytes = 32 << 20
	}
	if c.MaxTime <= 0 {
		c.MaxTime = time.Minute
	}
	if c.UserAgent == "" {
		c.UserAgent = "pixelsweep"
	}
	return c
}

// Status is what became of a list.
type Status string

// The statuses.
const (
	Updated   Status = "updated"
	Unchanged Status = "unchanged"
	Kept      Status = "kept"    // the new one cannot be used, the last good copy can
	Missing   Status = "missing" // the new one cannot be used, and there is no copy
)

// Result is what became of a list and, for Kept and Missing, why.
type Result struct {
	Copy
	Status  Status
	Filters int // of an updated list
	Err     error
}

// maxRedirects is how often a list may have moved.
const maxRedirects = 5

// Update fetches a list if it has changed, and keeps it in dir. The folder is made
// when it is missing.
func Update(ctx context.Context, dir string, src Source, o *Options) Result {
	opts := o.withDefaults()
	if err := makeDir(dir); err != nil {
		return Result{Copy: Find(dir, src), Status: Missing, Err: err}
	}
	path := Find(dir, src).Path
	st, have := held(path, src.URL)
	ctx, cancel := context.WithTimeout(ctx, opts.MaxTime)
	defer cancel()
	res := Result{Status: Unchanged}
	data, next, err := fetch(ctx, src, st, opts)
	switch {
	case err != nil:
	case data == nil: // not modified
		st.Fetched = next.Fetched
		err = putState(path, st)
	default:
		if have && checksum(data) == st.SHA256 {
			err = put(path, data, next)
			break
		}
		var list *filter.List
		if list, err = Read(src.Name, data); err == nil {
			res.Status, res.Filters = Updated, len(list.Filters)
			err = put(path, data, next)
		}
	}
	res.Copy = Find(dir, src)
	if err != nil {
		res.Status, res.Filters, res.Err = Missing, 0, reason(ctx, err, opts)
		if have || !res.Fetched.IsZero() {
			res.Status = Kept
		}
	}
	return res
}

// fetch returns what a server has, nil when that is what st describes.
func fetch(ctx context.Context, src Source, st state, opts Options) ([]byte, state, error) {
	u, err := url.Parse(src.URL)
	if err != nil {
		return nil, state{}, err
	}
	may := policy{insecure: src.Insecure, local: isLoopback(u.Hostname())}
	if err := may.check(u); err != nil {
		return nil, state{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, src.URL, nil)
	if err != nil {
		return nil, state{}, err
	}
	req.Header.Set("User-Agent", opts.UserAgent)
	if st.ETag != "" {
		req.Header.Set("If-None-Match", st.ETag)
	}
	if st.LastModified != "" {
		req.Header.Set("If-Modified-Since", st.LastModified)
	}
	tr := http.DefaultTransport.(*http.Transport).Clone()
	tr.MaxResponseHeaderBytes = 64 << 10
	defer tr.CloseIdleConnections()
	client := &http.Client{Transport: tr, CheckRedirect: may.redirect}
	resp, err := client.Do(req)
	if err != nil {
		return nil, state{}, err
	}
	defer resp.Body.Close()
	next := state{
		URL: src.URL, Fetched: time.Now().UTC().Truncate(time.Second),
		ETag: resp.Header.Get("ETag"), LastModified: resp.Header.Get("Last-Modified"),
	}
	switch {
	case resp.StatusCode == http.StatusNotModified && st.ETag+st.LastModified != "":
		return nil, next, nil
	case resp.StatusCode != http.StatusOK:
		return nil, state{}, fmt.Errorf("the server answers %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	case resp.Header.Get("Content-Encoding") != "":
		return nil, state{}, fmt.Errorf("content encoding %q is not known", resp.Header.Get("Content-Encoding"))
	case resp.ContentLength > opts.MaxBytes:
		return nil, state{}, tooLarge(opts.MaxBytes)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, opts.MaxBytes+1))
	if err != nil {
		return nil, state{}, err
	}
	if int64(len(data)) > opts.MaxBytes {
		return nil, state{}, tooLarge(opts.MaxBytes)
	}
	if data == nil {
		data = []byte{}
	}
	next.SHA256 = checksum(data)
	return data, next, nil
}

func tooLarge(limit int64) error { return fmt.Errorf("larger than %d bytes", limit) }

// A policy says where a request may go.
type policy struct {
	insecure bool // http is allowed
	local    bool // the source is on this machine, so http to it is too
}

func (p policy) check(u *url.URL) error {
	local := isLoopback(u.Hostname())
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return fmt.Errorf("scheme %q; only https and http are fetched", u.Scheme)
	case local && !p.local:
		return fmt.Errorf("%s is this machine, where the list does not come from", u.Host)
	case u.Scheme == "http" && !p.insecure && !local:
		return fmt.Errorf("http://%s is not secure; use https, or say insecure: true", u.Host)
	}
	return nil
}

func (p policy) redirect(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("more than %d redirects", maxRedirects)
	}
	if err := p.check(req.URL); err != nil {
		return fmt.Errorf("redirect: %w", err)
	}
	return nil
}

func isLoopback(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	return host == "localhost"
}

// reason makes an error one that people understand, without the URL.
func reason(ctx context.Context, err error, opts Options) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("not there within %v", opts.MaxTime)
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the connection ended before the list")
	}
	return err
}

// ErrNoList is returned, wrapped with what it is instead, for data that is no
// filter list.
var ErrNoList = errors.New("no filter list")

// Read reads a list that somebody else wrote. It fails for what is none: other
// kinds of files, and lists without a network filter. Of the latter it still
// returns what they hold.
func Read(name string, data []byte) (*filter.List, error) {
	if err := Look(data); err != nil {
		return nil, err
	}
	list := filter.Parse(name, data)
	if len(list.Filters) == 0 {
		return list, fmt.Errorf("%w: no network filter in it", ErrNoList)
	}
	return list, nil
}

// Look tells other kinds of files from lists, without reading them as such.
func Look(data []byte) error {
	head := bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case len(head) == 0:
		return fmt.Errorf("%w: empty", ErrNoList)
	case head[0] == '<':
		return fmt.Errorf("%w: HTML or XML", ErrNoList)
	case isBinary(data):
		return fmt.Errorf("%w: not text", ErrNoList)
	}
	return nil
}

// isBinary reports whether data is no text: it holds a zero byte, or more than
// one byte in ten is neither UTF-8 nor printed.
func isBinary(data []byte) bool {
	if bytes.IndexByte(data, 0) >= 0 {
		return true
	}
	odd := 0
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 || r < ' ' && r != '\t' && r != '\n' && r != '\r' {
			odd++
		}
		i += n
	}
	return odd*10 > len(data)
}
