package browser

import (
	"os/exec"
	"syscall"
	"time"

	"github.com/chromedp/chromedp"
)

// grouped starts Chromium in a group of its own, which ends with this process.
func grouped() chromedp.ExecAllocatorOption {
	return chromedp.ModifyCmdFunc(func(cmd *exec.Cmd) {
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	})
}

// endGroup ends what is left of Chromium, whose helpers would write to the profile
// again, and waits for it a moment.
func endGroup(pid int) {
	for range 25 {
		if syscall.Kill(-pid, syscall.SIGKILL) != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}
