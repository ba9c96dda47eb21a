package login

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/pixelsweep/pixelsweep/internal/program"
)

// Password returns the password, and remembers it.
func (l *Login) Password(ctx context.Context) (Secret, error) {
	if l.byToken() {
		return Secret{}, errors.New("log in: a token logs in here, there is no password")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.password.IsZero() {
		return l.password, nil
	}
	p, err := l.fetchPassword(ctx)
	if err != nil {
		return Secret{}, err
	}
	l.password = p
	return p, nil
}

func (l *Login) fetchPassword(ctx context.Context) (Secret, error) {
	o := &l.opts
	switch {
	case o.PasswordCommand != nil:
		return l.run(ctx, "password command", o.PasswordCommand)
	case o.PasswordFile != "":
		return fromFile(o.PasswordFile)
	case o.PasswordEnv != "":
		text := os.Getenv(o.PasswordEnv)
		if text == "" {
			return Secret{}, fmt.Errorf("the variable %q, which is to hold the password, is not set", o.PasswordEnv)
		}
		return firstLine("the variable "+o.PasswordEnv, []byte(text))
	case o.Keyring:
		return fromKeyring(ctx, o.User, o.Server)
	}
	return Ask(ctx, o.Terminal, fmt.Sprintf("Password of %s at %s: ", o.User, o.Server))
}

// maxSecret is how long a password or token may be, with what follows its line.
const maxSecret = 64 << 10

// firstLine takes a secret from the beginning of a text. what says whose it is.
func firstLine(what string, text []byte) (Secret, error) {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	switch {
	case len(line) == 0:
		return Secret{}, fmt.Errorf("%s: the first line is empty", what)
	case bytes.IndexByte(line, 0) >= 0 || !utf8.Valid(line):
		return Secret{}, fmt.Errorf("%s: the first line is no text", what)
	}
	return Hide(string(line)), nil
}

// fromFile reads a file that nobody else can read.
func fromFile(path string) (Secret, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // opening a pipe would wait
		return Secret{}, fmt.Errorf("password file %s: not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return Secret{}, fmt.Errorf("password file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return Secret{}, fmt.Errorf("password file: %w", err)
	case !info.Mode().IsRegular():
		return Secret{}, fmt.Errorf("password file %s: not a regular file", path)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return Secret{}, fmt.Errorf("password file %s: others can read it (mode %04o); chmod 600 it", path, info.Mode().Perm())
	}
	text, err := io.ReadAll(io.LimitReader(f, maxSecret))
	if err != nil {
		return Secret{}, fmt.Errorf("password file: %w", err)
	}
	return firstLine("password file "+path, text)
}

// run runs a program, without a shell, and takes the first line that it prints.
// What it prints stands in no error.
func (l *Login) run(ctx context.Context, what string, args []string) (Secret, error) {
	if len(args) == 0 || args[0] == "" {
		return Secret{}, fmt.Errorf("%s: names no program", what)
	}
	out := &head{}
	p := program.Program{Args: args, Time: l.opts.CommandTime, Asks: true}
	err := p.Run(ctx, func(cmd *exec.Cmd) {
		cmd.Stdout, cmd.Stderr = out, l.opts.Stderr
		if l.opts.Terminal != nil {
			cmd.Stdin = l.opts.Terminal
		}
	})
	switch {
	case ctx.Err() != nil:
		return Secret{}, ctx.Err()
	case err != nil:
		return Secret{}, fmt.Errorf("%s %q: %w", what, args[0], err)
	}
	return firstLine(fmt.Sprintf("%s %q", what, args[0]), out.Bytes())
}

// head keeps the beginning of what is written to it.
type head struct{ b []byte }

func (h *head) Write(p []byte) (int, error) {
	h.b = append(h.b, p[:min(len(p), maxSecret-len(h.b))]...)
	return len(p), nil
}

func (h *head) Bytes() []byte { return h.b }

// Ask asks for a password without showing it, on a terminal; nil is the one that
// the process belongs to. It returns early when ctx ends.
func Ask(ctx context.Context, tty *os.File, prompt string) (Secret, error) {
	if tty == nil {
		f, err := os.OpenFile(terminalName(), os.O_RDWR, 0)
		if err != nil {
			return Secret{}, errors.New("no terminal to ask for the password on; use a password command, a file, a variable or the keyring")
		}
		defer f.Close()
		tty = f
	}
	fd := int(tty.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return Secret{}, errors.New("no terminal to ask for the password on; use a password command, a file, a variable or the keyring")
	}
	io.WriteString(tty, printable(prompt))
	type answer struct {
		text []byte
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		text, err := term.ReadPassword(fd)
		done <- answer{text, err}
	}()
	select {
	case <-ctx.Done():
		term.Restore(fd, before)
		io.WriteString(tty, "\n")
		return Secret{}, ctx.Err()
	case a := <-done:
		io.WriteString(tty, "\n")
		if a.err != nil && !errors.Is(a.err, io.EOF) {
			return Secret{}, fmt.Errorf("ask for the password: %w", a.err)
		}
		return firstLine("the password", a.text)
	}
}

func terminalName() string {
	if runtime.GOOS == "windows" {
		return "CONIN$"
	}
	return "/dev/tty"
}

// printable keeps what a terminal shows as it is.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '\uFFFD'
		}
		return r
	}, s)
}

// Read reads a password from a stream that is not a terminal: its first line.
func Read(r io.Reader) (Secret, error) {
	line, err := bufio.NewReader(io.LimitReader(r, maxSecret)).ReadBytes('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return Secret{}, fmt.Errorf("read the password: %w", err)
	}
	return firstLine("standard input", line)
}
