// Package source turns files, folders, mailboxes and standard input into a
// stream of messages and pages.
//
// It knows single messages (.eml and Apple's .emlx), mbox files in all their
// dialects, Maildir with its folders, HTML pages, all of them compressed with
// gzip, and folders that hold any of these: below a folder the content says what
// a file is, not its name. Workers handle the items in parallel, each
// with buffers of its own; results arrive in the order of the input. Memory does
// not grow with the size of a mailbox: of a large mbox only a few blocks of about
// a megabyte are held at any time.
package source

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime"
)

// Kind says what an Item holds.
type Kind uint8

// The kinds of items.
const (
	Message Kind = iota // a mail message
	HTML                // a page, or the HTML body of a message
	Other               // neither; only with Options.Others
)

func (k Kind) String() string {
	switch k {
	case Message:
		return "message"
	case HTML:
		return "page"
	}
	return "other"
}

// An Item is one message or page, or the error that stands in its place. The
// worker that it is given to must not keep it, nor any of its slices.
//
// Before, Data and After of all items of one file, in their order, are the bytes
// of that file, decompressed, unless a warning says that some were not read.
type Item struct {
	Root   string // the argument under which it was found, as given
	Path   string // Root joined with what was walked below it; "-" for standard input
	Index  int    // the number of the message in its mbox, from 1; else 0
	Kind   Kind
	Gzip   bool  // the file is compressed
	Offset int64 // of Data in the file, decompressed

	Before []byte // the "From " line of an mbox, or the count of an .emlx
	Data   []byte // the message as it stands: ">From " stays quoted
	After  []byte // the blank line of an mbox, or the property list of an .emlx

	// Err is set where there is nothing to read. It is an *fs.PathError.
	Err error
	// Warnings say what was not read although Data holds something.
	Warnings []string
}

// Options limit and direct Run. A nil *Options means the zero value.
type Options struct {
	Workers    int       // how many items are handled at a time; 0 means one per CPU
	MaxMessage int64     // what is longer is cut, with a warning; 0 means 256 MB
	GzipRatio  int       // what expands more is cut, with a warning; 0 means 200
	Stdin      io.Reader // what the path "-" stands for; nil means os.Stdin
	Others     bool      // also give files that are neither mail nor HTML, without Data
	// Only, where set, leaves out the files for which it returns false, uncounted.
	Only func(path string) bool
	// Pages are further endings of names, such as ".liquid", whose files are pages
	// unless they are messages; files that are named are pages rather than nothing.
	Pages []string
	// AsPages reads files that are named, and standard input, as pages rather than
	// as messages that hardly look like one.
	AsPages bool
}

func (o *Options) withDefaults() Options {
	var c Options
	if o != nil {
		c = *o
	}
	if c.Workers <= 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	if c.MaxMessage <= 0 {
		c.MaxMessage = 256 << 20
	}
	if c.GzipRatio <= 0 {
		c.GzipRatio = 200
	}
	if c.Stdin == nil {
		c.Stdin = os.Stdin
	}
	return c
}

// Stats count what Run met.
type Stats struct {
	Files   int   // files that held mail or HTML
	Items   int   // messages and pages
	Bytes   int64 // their size, decompressed
	Skipped int   // files in folders that are neither mail nor HTML
	Errors  int   // paths and items that could not be read at all
	Partial int   // items with warnings: not read whole
}

func (s *Stats) add(t Stats) {
	s.Files += t.Files
	s.Items += t.Items
	s.Bytes += t.Bytes
	s.Skipped += t.Skipped
	s.Errors += t.Errors
	s.Partial += t.Partial
}

// What an Item's Err may wrap, besides the errors of the system.
var (
	ErrEmpty     = errors.New("empty file")
	ErrUnknown   = errors.New("neither a message nor a page")
	ErrLoop      = errors.New("directory loop")
	ErrGzipRatio = errors.New("gzip ratio over the limit")
)

// pathError sets path before err, once.
func pathError(op, path string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return &fs.PathError{Op: op, Path: path, Err: err}
}
