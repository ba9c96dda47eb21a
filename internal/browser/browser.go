// Package browser opens a page in the user's Chromium and writes down every
// request: when, what caused it, what it led to, and whether it was made before
// the reader consented, after refusing, or after accepting.
//
// It is the one part of pixelsweep that loads what a page names. Chromium gets a
// profile of its own, which is deleted, and connects through a proxy of ours that
// refuses private addresses. Downloads and new windows are refused; a page from a
// file is served under a made-up host, so that it reaches no other file.
package browser

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/debugger"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/internal/har"
)

// Options are the choices of a run. A nil *Options means the zero value.
type Options struct {
	Chromium   string        // path; "" looks for it
	UserAgent  string        // "" is Chromium's own
	AllowLocal bool          // private addresses may be asked
	OneLoad    bool          // the page is opened once, no banner is answered
	Shots      bool          // screenshots
	Quiet      time.Duration // how long nothing happens before a page counts as loaded; default 1.5 s
	Timeout    time.Duration // of one load; default 30 s

	// Dial replaces the connection to a host, and InsecureTLS takes any
	// certificate; all of these are for tests.
	Dial        func(ctx context.Context, host, port string) (net.Conn, error)
	InsecureTLS bool
	isolate     bool // frames of other sites get processes of their own
}

func (o *Options) withDefaults() Options {
	var d Options
	if o != nil {
		d = *o
	}
	if d.Quiet <= 0 {
		d.Quiet = 1500 * time.Millisecond
	}
	if d.Timeout <= 0 {
		d.Timeout = 30 * time.Second
	}
	return d
}

// Result is what a page did.
type Result struct {
	Page     detector.Page
	Requests []detector.Request
	Entries  []har.Entry
	Shots    []Shot
	Warnings []string
	Cut      bool // a load ended before the page had come to rest
}

// Shot is a screenshot, a PNG.
type Shot struct {
	Phase detector.Consent
	PNG   []byte
}

// fileHost is where a page from a file is served.
const fileHost = "page.invalid"

// ErrNoChromium is returned where there is no Chromium.
var ErrNoChromium = errors.New("no Chromium found; install it (Debian: apt-get install chromium) or name it with --chromium")

// Find looks for Chromium.
func Find() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if p, err := exec.LookPath(name); err == nil {
			return p, nil
		}
	}
	return "", ErrNoChromium
}

// Open opens a page: an http or https URL, or, with file, the bytes of a file.
func Open(ctx context.Context, target string, file []byte, o *Options) (*Result, error) {
	opts := o.withDefaults()
	if file != nil {
		target = "http://" + fileHost + "/"
	} else if u, err := url.Parse(target); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, fmt.Errorf("%q is no http or https URL", target)
	}
	if opts.Chromium == "" {
		path, err := Find()
		if err != nil {
			return nil, err
		}
		opts.Chromium = path
	}
	if _, err := exec.LookPath(opts.Chromium); err != nil {
		return nil, fmt.Errorf("start %s: no such program", opts.Chromium)
	}
	p, err := newProxy(&opts)
	if err != nil {
		return nil, err
	}
	defer p.close()
	if file != nil {
		p.host, p.page = fileHost, file
	}
	profile, remove, err := Profile()
	if err != nil {
		return nil, fmt.Errorf("make a profile: %w", err)
	}
	defer remove()
	s := &session{opts: &opts, proxy: p, target: target, res: &Result{Page: detector.Page{URL: target}}}
	if os.Geteuid() == 0 {
		s.warn("Chromium runs without its sandbox, which root cannot have; run as another user")
	}
	if err := s.phases(ctx, profile); err != nil {
		return nil, err
	}
	s.finish()
	return s.res, nil
}

// oneLine shortens what Chromium says when it does not start.
func oneLine(err error) error {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return errors.New(text)
}

// session is one run.
type session struct {
	opts   *Options
	proxy  *proxy
	target string
	res    *Result
}

// flags start Chromium with a profile of its own and no business of its own.
func (s *session) flags(profile string) []chromedp.ExecAllocatorOption {
	flags := append(chromedp.DefaultExecAllocatorOptions[:len(chromedp.DefaultExecAllocatorOptions):len(chromedp.DefaultExecAllocatorOptions)],
		chromedp.ExecPath(s.opts.Chromium), chromedp.UserDataDir(profile), chromedp.DisableGPU, grouped(),
		chromedp.ProxyServer("http://"+s.proxy.addr()), chromedp.Flag("proxy-bypass-list", "<-loopback>"),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("block-new-web-contents", true),
		chromedp.Flag("force-webrtc-ip-handling-policy", "disable_non_proxied_udp"), chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("gaia-url", "http://gaia.invalid"), // it asks who is logged in
	)
	features := "HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,OptimizationHints,Translate,MediaRouter"
	if !s.opts.isolate {
		// A frame of another site stays in the page's process, so that all of its
		// requests are seen: one that has its own cannot wait for being watched.
		flags = append(flags, chromedp.Flag("disable-site-isolation-trials", true))
		features += ",IsolateOrigins,site-per-process,IsolateSandboxedIframes"
	}
	flags = append(flags, chromedp.Flag("disable-features", features))
	if tmp := filepath.Dir(profile); len(tmp) < longestTmp {
		flags = append(flags, chromedp.Env("TMPDIR="+tmp)) // it leaves folders there when it is killed
	}
	if os.Geteuid() == 0 {
		flags = append(flags, chromedp.NoSandbox)
	}
	if s.opts.InsecureTLS {
		flags = append(flags, chromedp.IgnoreCertErrors)
	}
	return flags
}

// longestTmp leaves room for the socket that Chromium makes in its folder for
// temporary files: it ends where that has a longer path than the system takes.
const longestTmp = 104 - len("/org.chromium.Chromium.123456/SingletonSocket")

func (s *session) warn(text string) { s.res.Warnings = append(s.res.Warnings, text) }

// phases loads the page once for each answer to its banner.
func (s *session) phases(ctx context.Context, dir string) error {
	first, err := s.load(ctx, dir, detector.BeforeConsent, nil)
	if err != nil {
		return err
	}
	if s.opts.OneLoad || first.banner == nil {
		return nil
	}
	s.res.Page.CMP = first.banner.Name
	for _, answer := range []struct {
		phase detector.Consent
		do    *banner
	}{
		{detector.AfterRefusing, &banner{first.banner.Name, first.banner.Refuse, first.banner.RefuseCall}},
		{detector.AfterAccepting, &banner{first.banner.Name, first.banner.Accept, first.banner.AcceptCall}},
	} {
		if _, err := s.load(ctx, dir, answer.phase, answer.do); err != nil {
			return err
		}
	}
	return nil
}

// finish fills in what the proxy knows.
func (s *session) finish() {
	p := s.proxy
	p.mu.Lock()
	defer p.mu.Unlock()
	seen := map[string]bool{fileHost: true}
	for i := range s.res.Requests {
		q, e := &s.res.Requests[i], &s.res.Entries[i]
		u, err := url.Parse(q.URL)
		if err != nil {
			continue
		}
		host := u.Hostname()
		seen[host] = true
		q.CNAME = p.names[host]
		if why := p.blocked[host]; why != "" && (q.Status == 0 || q.Status == 403) {
			q.Blocked = why
		}
		e.CNAME, e.Blocked = q.CNAME, q.Blocked
	}
	if p.loaded.Load() > p.most {
		s.cut(fmt.Sprintf("more than %d MB were loaded; the rest was refused", p.most>>20))
	}
	var private, unseen []string
	for host, why := range p.blocked {
		if why == ErrPrivate.Error() {
			private = append(private, host)
		}
		seen[host] = true
	}
	for host := range p.hosts {
		if !seen[host] {
			unseen = append(unseen, host)
		}
	}
	s.each(private, "not connected to %s: "+ErrPrivate.Error())
	s.each(unseen, "connected to %s, for which no request was seen")
}

// each warns of hosts, of so many as a reader reads.
func (s *session) each(hosts []string, format string) {
	slices.Sort(hosts)
	for i, h := range hosts {
		if i == maxWarned {
			s.warn(fmt.Sprintf(format, fmt.Sprintf("%d more hosts", len(hosts)-i)))
			return
		}
		s.warn(fmt.Sprintf(format, h))
	}
}

// maxWarned is how many hosts are warned of by name.
const maxWarned = 10

// loaded is what became of one load.
type loaded struct {
	banner *cmp
}

// load opens the page in a browser of its own, answers the banner, and keeps the
// requests of the phase.
func (s *session) load(parent context.Context, dir string, phase detector.Consent, answer *banner) (*loaded, error) {
	profile, err := os.MkdirTemp(dir, "profile-")
	if err != nil {
		return nil, err
	}
	actx, stopAll := chromedp.NewExecAllocator(parent, s.flags(profile)...)
	defer stopAll()
	tab, cancel := chromedp.NewContext(actx)
	defer cancel()
	if err := chromedp.Run(tab); err != nil {
		return nil, fmt.Errorf("start %s: %w", s.opts.Chromium, oneLine(err))
	}
	// Cancel waits for Chromium to end, so that it no longer writes its profile.
	pid := chromedp.FromContext(tab).Browser.Process().Pid
	defer func() {
		chromedp.Cancel(tab)
		endGroup(pid)
	}()
	ctx, stop := context.WithTimeout(tab, s.opts.Timeout+prepareTime)
	defer stop()
	rec := newRecorder()
	w := &watch{session: s, rec: rec}
	chromedp.ListenTarget(ctx, func(ev any) { w.event(ctx, ev) })
	chromedp.ListenBrowser(ctx, func(ev any) { w.shared(ctx, ev) })
	actions := []chromedp.Action{
		network.Enable().WithMaxPostDataSize(detector.MaxBody + 1), page.Enable(), runtime.Enable(),
		// With the debugger Chromium knows which script caused a request.
		chromedp.ActionFunc(func(ctx context.Context) error { _, err := debugger.Enable().Do(ctx); return err }),
		debugger.SetSkipAllPauses(true), debugger.SetAsyncCallStackDepth(8),
		network.SetCacheDisabled(true),
		network.SetBypassServiceWorker(true), // or what it requests for the page is not the page's
		attachAll(), pause(),
		emulation.SetDeviceMetricsOverride(1280, 1024, 1, false),
		chromedp.ActionFunc(func(ctx context.Context) error {
			c := cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Browser)
			if err := attachShared().Do(c); err != nil {
				return err
			}
			return cdpbrowser.SetDownloadBehavior(cdpbrowser.SetDownloadBehaviorBehaviorDeny).Do(c)
		}),
	}
	if s.opts.UserAgent != "" {
		actions = append(actions, emulation.SetUserAgentOverride(s.opts.UserAgent))
	}
	if err := chromedp.Run(ctx, actions...); err != nil {
		return nil, fmt.Errorf("prepare a page: %w", err)
	}
	rec.start()
	end := time.Now().Add(s.opts.Timeout) // of this load
	var failure string
	err = chromedp.Run(ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		ctx, cancel := context.WithDeadline(ctx, end)
		defer cancel()
		_, _, text, _, err := page.Navigate(s.target).Do(ctx)
		failure = text
		return err
	}))
	switch {
	case parent.Err() != nil:
		return nil, parent.Err()
	case failure != "":
		if u, e := url.Parse(s.target); e == nil {
			if why := s.proxy.why(u.Hostname()); why != "" {
				failure = why
			}
		}
		return nil, fmt.Errorf("%s: %s", s.target, failure)
	case err != nil:
		s.cut("the page did not answer in time: " + err.Error())
	}
	if u, e := url.Parse(s.target); e == nil && rec.document() == 403 {
		if why := s.proxy.why(u.Hostname()); why != "" {
			return nil, fmt.Errorf("%s: %s", s.target, why)
		}
	}
	s.idle(ctx, rec, end)
	out := &loaded{}
	alive := s.alive(ctx)
	switch {
	case answer == nil && alive:
		w.look(ctx, out)
	case answer != nil:
		mark := rec.count()
		if !alive || !w.answer(ctx, answer) {
			s.warn("the banner of " + answer.name + " was not answered: " + string(phase))
		} else {
			rec.since(mark)
			s.idle(ctx, rec, time.Now().Add(max(time.Until(end), 2*s.opts.Quiet)))
			alive = s.alive(ctx)
		}
		rec.drop(mark)
	}
	if s.opts.Shots && alive {
		var png []byte
		ctx, cancel := context.WithTimeout(ctx, aliveTime)
		defer cancel()
		if err := chromedp.Run(ctx, chromedp.CaptureScreenshot(&png)); err == nil {
			s.res.Shots = append(s.res.Shots, Shot{phase, png})
		}
	}
	reqs, entries := rec.requests(phase)
	s.res.Requests, s.res.Entries = append(s.res.Requests, reqs...), append(s.res.Entries, entries...)
	return out, nil
}

// prepareTime is what a load may take beside its time: to look at the page,
// answer its banner, wait again and take a picture.
const prepareTime = 30 * time.Second

// aliveTime is how soon a page's scripts must let others run.
const aliveTime = 3 * time.Second

// alive reports whether the page still answers: a script that never ends keeps
// everything else on the page from running.
func (s *session) alive(parent context.Context) bool {
	ctx, cancel := context.WithTimeout(parent, aliveTime)
	defer cancel()
	if err := chromedp.Run(ctx, chromedp.Evaluate("1", nil)); err == nil || parent.Err() != nil {
		return err == nil
	}
	s.cut("a script of the page never ended; what the page would have done after it is not listed")
	return false
}

// cut warns of a load that ended before the page had come to rest.
func (s *session) cut(text string) {
	s.res.Cut = true
	s.warn(text)
}

// idle waits until nothing was requested for a while.
func (s *session) idle(ctx context.Context, rec *recorder, end time.Time) {
	from := time.Now()
	for time.Now().Before(end) && ctx.Err() == nil {
		time.Sleep(50 * time.Millisecond)
		if last := rec.lastTime(); time.Since(last) > s.opts.Quiet && time.Since(from) > s.opts.Quiet {
			return
		}
	}
	if !s.res.Cut {
		s.cut("the page never came to rest in " + s.opts.Timeout.String() + "; what it requested later is not listed")
	}
}

func (p *proxy) why(host string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.blocked[host]
}
