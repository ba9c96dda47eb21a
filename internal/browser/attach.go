package browser

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"github.com/pixelsweep/pixelsweep/detector"
)

// watch sees what one load does: its page, and its workers and frames that have
// a process of their own.
type watch struct {
	*session
	rec *recorder

	mu     sync.Mutex
	frames []context.Context // of other processes
	known  []target.ID
}

// event takes what Chromium tells of a target.
func (w *watch) event(ctx context.Context, ev any) {
	switch ev := ev.(type) {
	case *fetch.EventRequestPaused:
		go w.allow(ctx, ev)
	case *fetch.EventAuthRequired:
		go w.authenticate(ctx, ev)
	case *page.EventJavascriptDialogOpening:
		go chromedp.Run(ctx, page.HandleJavaScriptDialog(ev.Type == page.DialogTypeBeforeunload))
	case *target.EventAttachedToTarget:
		go w.attach(ctx, ev.TargetInfo, ev.SessionID)
	default:
		w.rec.take(ev)
	}
}

// shared takes what Chromium tells of workers that belong to no page.
func (w *watch) shared(ctx context.Context, ev any) {
	if ev, ok := ev.(*target.EventAttachedToTarget); ok {
		go w.attach(ctx, ev.TargetInfo, "")
	}
}

// attachTime is how long a worker or frame waits for being watched.
const attachTime = 5 * time.Second

// attach watches a worker or frame, which waits for it, and lets it run.
func (w *watch) attach(tab context.Context, info *target.Info, waiting target.SessionID) {
	if info.Type == "page" || !w.first(info.TargetID) {
		return
	}
	if info.Type == "iframe" && waiting != "" {
		_ = resume(tab, waiting) // chromedp asks it what it is, which it does not say before
		waiting = ""
	}
	ctx, cancel := chromedp.NewContext(tab, chromedp.WithTargetID(info.TargetID))
	defer cancel()
	chromedp.ListenTarget(ctx, func(ev any) { w.event(ctx, ev) })
	actions := []chromedp.Action{network.Enable().WithMaxPostDataSize(detector.MaxBody + 1), attachAll()}
	switch info.Type {
	case "iframe":
		actions = append(actions, page.Enable(), pause())
	case "shared_worker":
		actions = append(actions, runtime.RunIfWaitingForDebugger())
	}
	stop := time.AfterFunc(attachTime, cancel)
	err := chromedp.Run(ctx, actions...)
	stop.Stop()
	if waiting != "" {
		_ = resume(tab, waiting)
	}
	if err != nil {
		return // it has ended, or the load has
	}
	if info.Type == "iframe" {
		w.mu.Lock()
		w.frames = append(w.frames, ctx)
		w.mu.Unlock()
	}
	<-ctx.Done()
}

// first reports whether a target is new.
func (w *watch) first(id target.ID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if slices.Contains(w.known, id) || len(w.known) >= maxTargets {
		return false
	}
	w.known = append(w.known, id)
	return true
}

// maxTargets bounds the workers and frames that are watched.
const maxTargets = 200

// attachAll lets workers, and frames in processes of their own, wait until they
// are watched. It asks for sessions that are not flat: one of those can be
// resumed by a message, while a second one of chromedp does the watching.
func attachAll() chromedp.Action { return target.SetAutoAttach(true, true).WithFlatten(false) }

// attachShared is the same for workers that pages share.
func attachShared() *target.SetAutoAttachParams {
	return target.SetAutoAttach(true, true).WithFlatten(true).WithFilter(target.Filter{{Type: "shared_worker"}, {Exclude: true}})
}

// pause holds back every request until it was looked at.
func pause() chromedp.Action {
	return fetch.Enable().WithHandleAuthRequests(true).WithPatterns([]*fetch.RequestPattern{{URLPattern: "*"}})
}

// resume lets a target run that waits for a session. The method has left the
// protocol's list, as have all sessions that are not flat, but not Chromium.
func resume(tab context.Context, id target.SessionID) error {
	c := cdp.WithExecutor(tab, chromedp.FromContext(tab).Target)
	return cdp.Execute(c, "Target.sendMessageToTarget", map[string]string{
		"sessionId": string(id), "message": `{"id":1,"method":"Runtime.runIfWaitingForDebugger"}`,
	}, nil)
}

// allow lets a request go on, unless its scheme is none of the network's.
func (w *watch) allow(ctx context.Context, ev *fetch.EventRequestPaused) {
	c := cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Target)
	scheme, _, _ := strings.Cut(ev.Request.URL, ":")
	switch strings.ToLower(scheme) {
	case "http", "https", "ws", "wss", "data", "blob", "about":
		w.askBody(c, ev)
		_ = fetch.ContinueRequest(ev.RequestID).Do(c)
	default:
		_ = fetch.FailRequest(ev.RequestID, network.ErrorReasonBlockedByClient).Do(c)
	}
}

// askBody asks for what a request sends where Chromium did not tell it by itself,
// as of a Blob. The request waits meanwhile, or the page may be gone.
func (w *watch) askBody(ctx context.Context, ev *fetch.EventRequestPaused) {
	if !ev.Request.HasPostData {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, bodyTime)
	defer cancel()
	known, lacks := w.rec.lacks(ev.NetworkID)
	for !known && ctx.Err() == nil { // the request may be paused before it is told of
		time.Sleep(10 * time.Millisecond)
		known, lacks = w.rec.lacks(ev.NetworkID)
	}
	if !known || !lacks {
		return
	}
	if data, err := network.GetRequestPostData(ev.NetworkID).Do(ctx); err == nil {
		w.rec.fill(ev.NetworkID, data)
	}
}

// bodyTime is how long a request waits for being asked what it sends.
const bodyTime = 2 * time.Second

// authenticate gives the password to our own proxy, and to nobody else.
func (w *watch) authenticate(ctx context.Context, ev *fetch.EventAuthRequired) {
	c := cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Target)
	res := &fetch.AuthChallengeResponse{Response: fetch.AuthChallengeResponseResponseCancelAuth}
	if ch := ev.AuthChallenge; ch.Source == fetch.AuthChallengeSourceProxy {
		res = &fetch.AuthChallengeResponse{
			Response: fetch.AuthChallengeResponseResponseProvideCredentials, Username: "pixelsweep", Password: w.proxy.secret,
		}
	}
	_ = fetch.ContinueWithAuth(ev.RequestID, res).Do(c)
}
