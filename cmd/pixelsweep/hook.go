package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/internal/program"
)

// A hook is a program of the user that is run for a message.
type hook struct {
	program []string // and its arguments; nil for none
	time    time.Duration
	errs    io.Writer
}

// find sees that there is such a program.
func (h *hook) find() error {
	if len(h.program) == 0 {
		return nil
	}
	path, err := exec.LookPath(h.program[0])
	if err != nil {
		return err
	}
	h.program[0] = path
	return nil
}

// run gives the program a report. Whatever becomes of it, the work goes on.
func (h *hook) run(ctx context.Context, r *detector.Report) {
	if len(h.program) == 0 {
		return
	}
	var in bytes.Buffer
	j, err := report.New("jsonl", &in, nil)
	if err == nil {
		err = j.Report(r)
	}
	if err == nil {
		p := program.Program{Args: h.program, Time: h.time}
		err = p.Run(ctx, func(cmd *exec.Cmd) {
			cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, h.errs, h.errs
			cmd.Env = plainEnv(os.Environ())
		})
	}
	if err != nil && ctx.Err() == nil {
		say(h.errs, fmt.Sprintf("--exec: %s: %s: %v", r.Source.Place(), h.program[0], err))
	}
}

// plainEnv is what of the environment programs need to run and to show something.
// Variables of other names may hold secrets.
func plainEnv(env []string) []string {
	names := []string{
		"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TERM", "TMPDIR", "PWD",
		"DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS",
		"SYSTEMROOT", "COMSPEC", "PATHEXT", "TEMP", "TMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA",
	}
	var out []string
	for _, v := range env {
		name, _, _ := strings.Cut(v, "=")
		name = strings.ToUpper(name)
		if slices.Contains(names, name) || strings.HasPrefix(name, "LC_") || strings.HasPrefix(name, "XDG_") {
			out = append(out, v)
		}
	}
	return out
}
