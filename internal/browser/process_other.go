//go:build !linux

package browser

import "github.com/chromedp/chromedp"

// grouped leaves Chromium's processes as they are, and endGroup ends none.
func grouped() chromedp.ExecAllocatorOption { return func(*chromedp.ExecAllocator) {} }

func endGroup(int) {}
