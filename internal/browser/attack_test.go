package browser

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pixelsweep/pixelsweep/detector"
)

// reached counts what a private server was asked.
type reached struct {
	mu  sync.Mutex
	all []string
}

func (r *reached) note(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, what)
}

// TestAttacks: a page that tries to reach private addresses, files or the user's
// folders by every way it has reaches none, and the run ends in time.
func TestAttacks(t *testing.T) {
	l := newLab(t)
	data := read(t, "attack.html")
	home := t.TempDir()
	t.Chdir(home)
	t.Setenv("HOME", home)
	secret := filepath.Join(t.TempDir(), "secret.html")
	if err := os.WriteFile(secret, []byte("<title>secret</title>"), 0o600); err != nil {
		t.Fatal(err)
	}
	var hits reached
	private := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { hits.note(r.URL.String()) }))
	private.Config.ConnState = func(c net.Conn, s http.ConnState) {
		if s == http.StateNew {
			hits.note("a connection")
		}
	}
	private.Start()
	defer private.Close()
	port := private.Listener.Addr().(*net.TCPAddr).Port
	udp, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	go func() {
		b := make([]byte, 1500)
		for {
			if _, _, err := udp.ReadFrom(b); err != nil {
				return
			}
			hits.note("a packet")
		}
	}()
	stun := udp.LocalAddr().(*net.UDPAddr).Port
	own := fmt.Sprintf("127.0.0.1:%d", port)
	page := strings.NewReplacer("OWN", own, "PORT", fmt.Sprint(port), "STUN", fmt.Sprint(stun), "SECRET", secret).Replace(string(data))
	var asked atomic.Int64
	site := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			fmt.Fprint(w, page)
		case "/to-private":
			http.Redirect(w, r, "http://"+own+"/redirected", http.StatusFound)
		case "/to-file":
			w.Header().Set("Location", "file://"+secret)
			w.WriteHeader(http.StatusFound)
		case "/attachment":
			w.Header().Set("Content-Disposition", "attachment; filename=pixelsweep-download.bin")
			w.Header().Set("Content-Type", "application/octet-stream")
			fmt.Fprint(w, "x")
		case "/407":
			asked.Add(1)
			if r.Header.Get("Proxy-Authorization") != "" {
				hits.note("the password of the proxy")
			}
			w.Header().Set("Proxy-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusProxyAuthRequired)
		case "/worker.js":
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprintf(w, `fetch('http://%s/worker', {mode: 'no-cors'}).catch(function () {}); try { importScripts('http://%s/import') } catch (e) {}`, own, own)
		default:
			w.Header().Set("Content-Type", "text/plain")
			fmt.Fprint(w, "x")
		}
	})
	opts := *l.opts
	opts.Timeout, opts.OneLoad = 10*time.Second, true
	l.serve(t, site, &opts)
	elsewhere := opts.Dial
	real := &proxy{opts: &Options{}, names: map[string]string{}}
	opts.Dial = func(ctx context.Context, host, port string) (net.Conn, error) {
		// Names of the lab lead to it; addresses, and names of this machine, are checked.
		if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil || !strings.HasSuffix(host, ".example") {
			return real.connect(ctx, strings.Trim(host, "[]"), port)
		}
		return elsewhere(ctx, host, port)
	}
	for _, target := range []string{"http://shop.example/", "https://shop.example/"} {
		from := time.Now()
		res, err := Open(t.Context(), target, nil, &opts)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(from); took > 40*time.Second {
			t.Errorf("%s: took %v", target, took)
		}
		if strings.Contains(res.Page.Title, "secret") {
			t.Errorf("%s: the page read a file", target)
		}
	}
	if n := asked.Load(); n == 0 || n > 4 {
		t.Errorf("a host that asks for the password of the proxy was asked %d times", n)
	}
	hits.mu.Lock()
	defer hits.mu.Unlock()
	if len(hits.all) > 0 {
		t.Errorf("reached: %q", hits.all)
	}
	for _, dir := range []string{home, filepath.Join(home, "Downloads")} {
		if left, _ := filepath.Glob(filepath.Join(dir, "pixelsweep-download*")); len(left) > 0 {
			t.Errorf("downloaded: %v", left)
		}
	}
}

// TestTooMuch: a body without end is cut off.
func TestTooMuch(t *testing.T) {
	l := newLab(t)
	p, err := newProxy(&Options{Dial: l.opts.Dial})
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	p.most = 1 << 20
	var sent int
	for n, err := 0, error(nil); err == nil && sent < 4<<20; sent += n {
		n, err = p.metered(endless{}).Read(make([]byte, 64<<10))
	}
	s := &session{proxy: p, res: &Result{}}
	s.finish()
	if sent > 1<<20+64<<10 || !s.res.Cut || len(s.res.Warnings) != 1 {
		t.Errorf("%d bytes, cut %v, warnings %q", sent, s.res.Cut, s.res.Warnings)
	}
	for i := range 100 {
		p.blocked[fmt.Sprintf("%d.example", i)] = ErrPrivate.Error()
	}
	s.res = &Result{Page: detector.Page{}}
	s.finish()
	if n := len(s.res.Warnings); n != maxWarned+2 {
		t.Errorf("%d warnings", n)
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }

// TestCertificate: a page whose certificate nobody vouches for is not opened.
func TestCertificate(t *testing.T) {
	l := newLab(t)
	opts := *l.opts
	opts.InsecureTLS, opts.OneLoad = false, true
	if _, err := Open(t.Context(), "https://shop.example/", nil, &opts); err == nil || !strings.Contains(err.Error(), "ERR_CERT_AUTHORITY_INVALID") {
		t.Errorf("opened: %v", err)
	}
}
