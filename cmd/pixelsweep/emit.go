package main

import (
	"bufio"
	"io"
	"strconv"
	"time"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/report"
)

// An emitter takes what the workers hand over, in order: reports go to the
// handler, what could not be read to standard error.
type emitter struct {
	opts     *scanOptions
	handler  report.Handler
	out      *bufio.Writer // what handler writes to
	live     bool          // somebody watches out
	errs     io.Writer
	progress *progress

	sum     *report.Summary
	failed  bool // a finding reached the threshold
	partial bool // something could not be read
}

func (e *emitter) emit(r scanned) error {
	for _, w := range r.warnings {
		e.say(r.place + ": " + w)
	}
	if r.err != nil {
		e.sum.Errors++
		e.say(r.err.Error())
		return nil
	}
	e.sum.Add(r.report)
	e.failed = e.failed || e.opts.fails(r.report)
	e.partial = e.partial || !r.report.Complete
	if e.live {
		e.progress.clear()
	}
	err := e.handler.Report(r.report)
	if e.live && err == nil {
		err = e.out.Flush()
	}
	e.progress.show(e.sum, r.report.Source.Place())
	return err
}

// say tells the user what could not be read.
func (e *emitter) say(text string) {
	e.partial = true
	e.progress.clear()
	say(e.errs, text)
}

// fails reports whether a report reaches the threshold.
func (o *scanOptions) fails(r *detector.Report) bool {
	if o.failOn == "never" {
		return false
	}
	least := detector.Severity(o.failOn).Rank()
	for i := range r.Findings {
		f := &r.Findings[i]
		if (f.Kind.Decides() || o.failOnLinks) && f.Severity.Rank() >= least {
			return true
		}
	}
	return false
}

// A progress is one line on a terminal that says how far long work is. A nil
// *progress says nothing.
type progress struct {
	w     io.Writer
	width int // of the terminal

	next  time.Time // when to show the line again
	shown bool
}

// progressEvery is how often the line changes, and how long work must last to
// have one.
const progressEvery = 250 * time.Millisecond

// show writes the line, unless that was done a moment ago.
func (p *progress) show(s *report.Summary, path string) {
	if p == nil {
		return
	}
	now := time.Now()
	if p.next.IsZero() {
		p.next = now.Add(progressEvery)
	}
	if now.Before(p.next) {
		return
	}
	p.next = now.Add(progressEvery)
	p.shown = true
	line := strconv.Itoa(s.Messages) + " scanned, " + strconv.Itoa(s.Tracked) + " tracked: " + path
	io.WriteString(p.w, "\r\x1b[K"+report.Fit(line, p.width-1))
}

// clear removes the line, so that other lines can be written.
func (p *progress) clear() {
	if p != nil && p.shown {
		io.WriteString(p.w, "\r\x1b[K")
		p.shown = false
	}
}
