package detector_test

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// withExecutor lets an event listener send commands to the page.
func withExecutor(ctx context.Context, c *chromedp.Context) context.Context {
	return cdp.WithExecutor(ctx, c.Target)
}

// mainFrame is the frame of the page itself.
func mainFrame(c *chromedp.Context) cdp.FrameID {
	return cdp.FrameID(c.Target.TargetID)
}
