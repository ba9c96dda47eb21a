//go:build unix

package program

import (
	"os"
	"os/exec"
	"os/signal"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// apart gives a program a process group of its own, in which what it starts is too,
// so that all of it can be ended. end does that once it was run.
func apart(cmd *exec.Cmd, asks bool) (end func()) {
	cmd.SysProcAttr = &unix.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return unix.Kill(-cmd.Process.Pid, unix.SIGKILL) }
	back := func() {}
	if asks {
		back = lend(cmd)
	}
	return func() {
		if cmd.Process != nil {
			unix.Kill(-cmd.Process.Pid, unix.SIGKILL)
		}
		back()
	}
}

// lend gives the terminal to a program for as long as it runs: another process group
// than the one in front is stopped when it reads there. back takes it again, as it was.
func lend(cmd *exec.Cmd) (back func()) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return func() {}
	}
	fd := int(tty.Fd())
	front, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	if err != nil || front != unix.Getpgrp() {
		tty.Close()
		return func() {}
	}
	state, stateErr := term.GetState(fd)
	cmd.SysProcAttr.Foreground, cmd.SysProcAttr.Ctty = true, fd
	return func() {
		// From behind, taking the front stops a process that does not ignore this.
		signal.Ignore(unix.SIGTTOU)
		unix.IoctlSetPointerInt(fd, unix.TIOCSPGRP, front)
		if stateErr == nil {
			term.Restore(fd, state)
		}
		signal.Reset(unix.SIGTTOU)
		tty.Close()
	}
}
