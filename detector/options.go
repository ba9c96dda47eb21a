package detector

import (
	"time"

	"github.com/pixelsweep/pixelsweep/rules"
	"github.com/pixelsweep/pixelsweep/rules/filter"
)

// Options are the choices of a [Detector]. A nil *Options means the zero value.
type Options struct {
	// NoReferences leaves the list of references out of reports; findings and
	// counts stay.
	NoReferences bool
	// Recipients are addresses of the reader beyond those in the headers.
	Recipients []string
	// Filters are filter lists that count as a signal, nil for none.
	Filters *filter.Engine
	// Services are those whose rules and calls are known, nil for the embedded
	// ones.
	Services *rules.Set
	// NoServices judges without the embedded services, to measure what the
	// other signals find alone.
	NoServices bool
	// Points replaces the points of the signals it names; 0 leaves one out.
	Points Points
	// Limits bound the work for one message; zero fields take the defaults.
	Limits Limits
}

// Limits bound the work for one message. A limit that is hit becomes a warning
// and makes the report incomplete.
type Limits struct {
	Nesting     int           // MIME nesting, default 64
	Parts       int           // MIME parts, default 2,000
	Headers     int           // header fields of an entity, default 10,000
	HeaderBytes int           // bytes of an entity's header, default 1 MB
	HTMLBytes   int           // bytes of one decoded part, default 16 MB
	DataNesting int           // data: and srcdoc nesting, default 8
	References  int           // references of a message, default 20,000
	URLBytes    int           // bytes of one URL, default 64 KB
	CPU         time.Duration // time for one message, default 10 s
}

func (l Limits) withDefaults() Limits {
	set := func(p *int, v int) {
		if *p <= 0 {
			*p = v
		}
	}
	set(&l.Nesting, 64)
	set(&l.Parts, 2000)
	set(&l.Headers, 10000)
	set(&l.HeaderBytes, 1<<20)
	set(&l.HTMLBytes, 16<<20)
	set(&l.DataNesting, 8)
	set(&l.References, 20000)
	set(&l.URLBytes, 64<<10)
	if l.CPU <= 0 {
		l.CPU = 10 * time.Second
	}
	return l
}
