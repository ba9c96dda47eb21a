package browser

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// ErrPrivate is why a host on a private address is not asked.
var ErrPrivate = errors.New("a private address; --allow-local permits it")

// proxy is what Chromium connects through. It resolves names itself and
// connects to the address that it has checked, so that neither a redirect nor a
// name that changes its mind leads to a private one. Only our Chromium may use
// it: it asks for a password.
type proxy struct {
	opts   *Options
	server *http.Server
	listen net.Listener
	secret string
	host   string // of the page that we serve ourselves, "" for none
	page   []byte

	loaded atomic.Int64 // bytes, of most
	most   int64

	mu      sync.Mutex
	blocked map[string]string // by host: why
	names   map[string]string // by host: what it is another name for
	hosts   map[string]bool   // that were connected to
}

func newProxy(o *Options) (*proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{opts: o, listen: l, secret: rand.Text(), most: maxLoaded, blocked: map[string]string{}, names: map[string]string{}, hosts: map[string]bool{}}
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: 30 * time.Second}
	go p.server.Serve(l)
	return p, nil
}

func (p *proxy) close() { p.server.Close() }

func (p *proxy) addr() string { return p.listen.Addr().String() }

// allowed checks the password.
func (p *proxy) allowed(r *http.Request) bool {
	value, ok := strings.CutPrefix(r.Header.Get("Proxy-Authorization"), "Basic ")
	if !ok {
		return false
	}
	plain, err := base64.StdEncoding.DecodeString(value)
	return err == nil && subtle.ConstantTimeCompare(plain, []byte("pixelsweep:"+p.secret)) == 1
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !p.allowed(r) {
		w.Header().Set("Proxy-Authenticate", `Basic realm="pixelsweep"`)
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	if r.Method == http.MethodConnect {
		p.tunnel(w, r)
		return
	}
	if p.host != "" && r.URL.Hostname() == p.host {
		p.serve(w, r)
		return
	}
	p.forward(w, r)
}

// serve answers for the page that was named as a file.
func (p *proxy) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html")
	w.Write(p.page)
}

// dial connects to host:port at an address that may be asked.
func (p *proxy) dial(ctx context.Context, hostport string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(hostport)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(host, ".invalid") { // no such name (RFC 6761); Chromium's own business is sent there
		return nil, errors.New("name not found")
	}
	p.mu.Lock()
	p.hosts[host] = true
	p.mu.Unlock()
	if p.opts.Dial != nil {
		return p.opts.Dial(ctx, host, port)
	}
	c, err := p.connect(ctx, host, port)
	if err != nil {
		p.mu.Lock()
		p.blocked[host] = err.Error()
		p.mu.Unlock()
	}
	return c, err
}

func (p *proxy) connect(ctx context.Context, host, port string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	var addrs []netip.Addr
	if a, err := netip.ParseAddr(host); err == nil {
		addrs = []netip.Addr{a}
	} else {
		if addrs, err = net.DefaultResolver.LookupNetIP(ctx, "ip", host); err != nil {
			return nil, errors.New("name not found")
		}
		p.name(ctx, host)
	}
	last := ErrPrivate
	var d net.Dialer
	for _, a := range addrs {
		if !p.opts.AllowLocal && !public(a) {
			continue
		}
		c, err := d.DialContext(ctx, "tcp", net.JoinHostPort(a.Unmap().String(), port))
		if err == nil {
			return c, nil
		}
		last = errors.New("no connection")
	}
	return nil, last
}

// name notes what host is another name for, where the resolver tells.
func (p *proxy) name(ctx context.Context, host string) {
	p.mu.Lock()
	_, known := p.names[host]
	p.mu.Unlock()
	if known {
		return
	}
	name, err := net.DefaultResolver.LookupCNAME(ctx, host)
	name = strings.TrimSuffix(name, ".")
	if err != nil || strings.EqualFold(name, host) {
		name = ""
	}
	p.mu.Lock()
	p.names[host] = name
	p.mu.Unlock()
}

// tunnel joins the browser with a host for TLS.
func (p *proxy) tunnel(w http.ResponseWriter, r *http.Request) {
	out, err := p.dial(r.Context(), r.Host)
	if err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	defer out.Close()
	h, ok := w.(http.Hijacker)
	if !ok {
		return
	}
	in, buf, err := h.Hijack()
	if err != nil {
		return
	}
	defer in.Close()
	fmt.Fprint(in, "HTTP/1.1 200 Connection established\r\n\r\n")
	done := make(chan struct{}, 2)
	go func() { io.Copy(out, buf); done <- struct{}{} }()
	go func() { io.Copy(in, p.metered(out)); done <- struct{}{} }()
	<-done
}

// hop are the header fields that are not passed on (RFC 9110 section 7.6.1).
var hop = []string{"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade"}

// forward asks a host for plain HTTP.
func (p *proxy) forward(w http.ResponseWriter, r *http.Request) {
	if r.URL.Scheme != "http" || r.URL.Host == "" {
		http.Error(w, "not a request for a proxy", http.StatusBadRequest)
		return
	}
	out := r.Clone(r.Context())
	out.RequestURI = ""
	for _, h := range hop {
		out.Header.Del(h)
	}
	t := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, addr string) (net.Conn, error) { return p.dial(ctx, addr) }}
	defer t.CloseIdleConnections()
	res, err := t.RoundTrip(out)
	if err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	defer res.Body.Close()
	for name, values := range res.Header {
		w.Header()[name] = values
	}
	for _, h := range hop {
		w.Header().Del(h)
	}
	w.WriteHeader(res.StatusCode)
	io.Copy(w, p.metered(res.Body))
}

// maxLoaded is how much one run may load, in bytes.
const maxLoaded = 1 << 30

// metered ends r once the run has loaded too much.
func (p *proxy) metered(r io.Reader) io.Reader { return &meter{r, p} }

type meter struct {
	io.Reader
	proxy *proxy
}

func (m *meter) Read(b []byte) (int, error) {
	n, err := m.Reader.Read(b)
	if m.proxy.loaded.Add(int64(n)) > m.proxy.most {
		return 0, errors.New("the page loads too much")
	}
	return n, err
}
