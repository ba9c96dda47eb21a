package login

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// openPTY opens a pair of a pseudo-terminal.
func openPTY(t *testing.T) (master, tty *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { master.Close() })
	fd := int(master.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Skip(err)
	}
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Skip(err)
	}
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { tty.Close() })
	return master, tty
}

func echoes(t *testing.T, tty *os.File) bool {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

// TestPrompt types a password on a real terminal: it does not show, and the
// terminal is as it was afterwards.
func TestPrompt(t *testing.T) {
	master, tty := openPTY(t)
	go func() {
		for echoes(t, tty) {
			time.Sleep(time.Millisecond)
		}
		master.WriteString("hunter2 x\n")
	}()
	l := newLogin(t, Options{Terminal: tty, User: "ann\u202e@mail.example"})
	got, err := l.Password(context.Background())
	if err != nil || got.Reveal() != "hunter2 x" {
		t.Fatalf("%q, %v", got.Reveal(), err)
	}
	if !echoes(t, tty) {
		t.Error("the terminal no longer echoes")
	}
	seen := make([]byte, 1000)
	n, _ := master.Read(seen)
	if text := string(seen[:n]); strings.Contains(text, "hunter2") || !strings.Contains(text, "Password of ann\uFFFD@mail.example at imap.mail.example: ") {
		t.Errorf("shown: %q", text)
	}
}

// TestPromptEnds checks that an interrupt ends the waiting and restores the
// terminal.
func TestPromptEnds(t *testing.T) {
	_, tty := openPTY(t)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for echoes(t, tty) {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	if _, err := newLogin(t, Options{Terminal: tty}).Password(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if !echoes(t, tty) {
		t.Error("the terminal no longer echoes")
	}
}

func TestNoTerminal(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if _, err := newLogin(t, Options{Terminal: null}).Password(context.Background()); err == nil || !strings.Contains(err.Error(), "no terminal to ask") {
		t.Error(err)
	}
}
