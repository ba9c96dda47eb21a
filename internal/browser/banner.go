package browser

import (
	"context"
	"encoding/json"
	"time"

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

// deep finds what a selector names and is seen, in shadow trees and frames of
// the same origin too.
const deep = `(function(selectors, click) {
  function seen(e) { var r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0; }
  function find(root, sel, depth) {
    var list; try { list = root.querySelectorAll(sel); } catch (x) { return null; }
    for (var i = 0; i < list.length; i++) if (seen(list[i])) return list[i];
    if (depth > 4) return null;
    var all = root.querySelectorAll('*');
    for (i = 0; i < all.length; i++) {
      var inner = all[i].shadowRoot;
      if (!inner && all[i].tagName === 'IFRAME') { try { inner = all[i].contentDocument; } catch (x) { inner = null; } }
      if (inner) { var hit = find(inner, sel, depth + 1); if (hit) return hit; }
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
func (s *session) look(ctx context.Context, out *loaded) {
	p := &s.res.Page
	_ = chromedp.Run(ctx, chromedp.Title(&p.Title), chromedp.Evaluate(`typeof window.__tcfapi === 'function'`, &p.TCF))
	platforms := rules.Default().CMPs()
	for end := time.Now().Add(maxBanner); ; time.Sleep(200 * time.Millisecond) {
		for i := range platforms {
			c := &platforms[i]
			found := false
			if err := chromedp.Run(ctx, chromedp.Evaluate(script(c.Banner, "false"), &found)); err != nil {
				return
			}
			if found {
				out.banner = c
				return
			}
		}
		if s.opts.OneLoad || !p.TCF || time.Now().After(end) {
			return
		}
	}
}

// answer clicks, or calls where nothing can be clicked.
func (s *session) answer(ctx context.Context, b *banner) bool {
	for end := time.Now().Add(maxBanner); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		done := false
		if err := chromedp.Run(ctx, chromedp.Evaluate(script(b.selectors, "true"), &done)); err != nil {
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
