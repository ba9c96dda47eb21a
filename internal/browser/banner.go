package browser

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/pixelsweep/pixelsweep/rules"
)

type cmp = rules.CMP

// banner is how a banner is answered: by a click, or by a call.
type banner struct {
	name      string
	selectors []string
	call      string
}

// deep finds what a selector names and is seen, in shadow trees too. A frame
// that has no room shows nothing.
const deep = `(function(selectors, click) {
  if (window.innerWidth < 16 || window.innerHeight < 16) return false;
  function seen(e) { var r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0; }
  function find(root, sel, depth) {
    var list; try { list = root.querySelectorAll(sel); } catch (x) { return null; }
    for (var i = 0; i < list.length; i++) if (seen(list[i])) return list[i];
    if (depth > 4) return null;
    var all = root.querySelectorAll('*');
    for (i = 0; i < all.length; i++) {
      var hit = all[i].shadowRoot && find(all[i].shadowRoot, sel, depth + 1);
      if (hit) return hit;
    }
    return null;
  }
  for (var n = 0; n < selectors.length; n++) {
    var e = find(document, selectors[n], 0);
    if (e) { if (click) e.click(); return true; }
  }
  return false;
})`

func script(selectors []string, click string) string {
	list, _ := json.Marshal(selectors)
	return deep + "(" + string(list) + "," + click + ")"
}

// maxBanner is how long a banner may take to show.
const maxBanner = 4 * time.Second

// look finds the banner on the page, its title, and the API of the IAB.
func (w *watch) look(ctx context.Context, out *loaded) {
	p := &w.res.Page
	_ = chromedp.Run(ctx, chromedp.Title(&p.Title), chromedp.Evaluate(`typeof window.__tcfapi === 'function'`, &p.TCF))
	platforms := rules.Default().CMPs()
	expected := p.TCF || w.rec.asked(platforms)
	for end := time.Now().Add(maxBanner); ; time.Sleep(200 * time.Millisecond) {
		for i := range platforms {
			c := &platforms[i]
			found, err := w.everywhere(ctx, script(c.Banner, "false"))
			if err != nil {
				return
			}
			if found {
				out.banner = c
				return
			}
		}
		if w.opts.OneLoad || !expected || time.Now().After(end) {
			return
		}
	}
}

// answer clicks, or calls where nothing can be clicked.
func (w *watch) answer(ctx context.Context, b *banner) bool {
	for end := time.Now().Add(maxBanner); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		done, err := w.everywhere(ctx, script(b.selectors, "true"))
		if err != nil {
			return false
		}
		if done {
			return true
		}
	}
	if b.call == "" {
		return false
	}
	done := false
	err := chromedp.Run(ctx, chromedp.Evaluate("(function(){try{"+b.call+";return true}catch(x){return false}})()", &done))
	return err == nil && done
}

// everywhere runs an expression in the page and its frames, outer ones first, until
// it is true. It fails where the page does.
func (w *watch) everywhere(ctx context.Context, expr string) (bool, error) {
	found, err := inFrames(ctx, expr)
	if found || err != nil {
		return found, err
	}
	w.mu.Lock()
	frames := slices.Clone(w.frames)
	w.mu.Unlock()
	for _, f := range frames {
		if found, _ := inFrames(f, expr); found { // a frame may have gone
			return true, nil
		}
	}
	return false, nil
}

// maxFrames bounds the frames of one process that are looked at.
const maxFrames = 50

// inFrames runs an expression in the frames of one process, in a world of its own
// so that no script of the page meddles. It fails where the outermost does.
func inFrames(ctx context.Context, expr string) (found bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, aliveTime)
	defer cancel()
	err = chromedp.Run(ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		tree, err := page.GetFrameTree().Do(ctx)
		if err != nil {
			return err
		}
		queue := []*page.FrameTree{tree}
		for i := 0; i < len(queue) && i < maxFrames && !found; i++ {
			queue = append(queue, queue[i].ChildFrames...)
			err := inFrame(ctx, queue[i].Frame.ID, expr, &found)
			if err != nil && (i == 0 || ctx.Err() != nil) {
				return err
			}
		}
		return nil
	}))
	return found, err
}

func inFrame(ctx context.Context, id cdp.FrameID, expr string, found *bool) error {
	world, err := page.CreateIsolatedWorld(id).WithWorldName("pixelsweep").Do(ctx)
	if err != nil {
		return err
	}
	res, _, err := runtime.Evaluate(expr).WithContextID(world).WithReturnByValue(true).WithUserGesture(true).Do(ctx)
	if err == nil && res != nil {
		*found = string(res.Value) == "true"
	}
	return err
}
