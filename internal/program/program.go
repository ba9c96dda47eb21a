// Package program runs programs of the user, without a shell, for as long as they
// may take, and with all that they start.
package program

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"
)

// Program is a program that is to be run.
type Program struct {
	Args []string      // its name and arguments
	Time time.Duration // how long it and what it starts may take
	// Asks lets it ask the user: it gets the terminal, if there is one and it is ours.
	Asks bool
}

// TimeError says that a program took too long and was ended.
type TimeError struct{ Time time.Duration }

func (e *TimeError) Error() string { return fmt.Sprintf("no end after %s", e.Time) }

// wait is how long what a program has left behind may hold its output open.
const wait = time.Second

// Run runs the program to its end, after set has filled in its streams and
// environment. What it has started ends with it, on Windows not all of that; but
// what makes itself a session of its own, as daemons do, lives on. Errors are those
// of package exec, a [TimeError], and the one of ctx.
func (p *Program) Run(ctx context.Context, set func(*exec.Cmd)) error {
	limit, cancel := context.WithTimeout(ctx, p.Time)
	defer cancel()
	cmd := exec.CommandContext(limit, p.Args[0], p.Args[1:]...)
	cmd.WaitDelay = wait
	set(cmd)
	end := apart(cmd, p.Asks)
	err := cmd.Run()
	end()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case limit.Err() != nil:
		return &TimeError{p.Time}
	case errors.Is(err, exec.ErrWaitDelay):
		return nil // it has ended well, and what it left behind was ended
	}
	return err
}
