// Command imap measures pixelsweep imap audit beside mbsync, against a Dovecot of
// its own that holds a generated mailbox. It is run by make bench-imap:
//
//	imap -bin bin/pixelsweep [-n 20000] [-runs 3] [-slow] [DIR]
//
// With DIR the mailbox holds copies of the messages below it, as often as n needs.
// All runs take turns; medians are reported. The audit includes the scan.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/pixelsweep/pixelsweep/corpus"
	"github.com/pixelsweep/pixelsweep/internal/dovecot"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("imap: ")
	o := &options{}
	flag.StringVar(&o.bin, "bin", "bin/pixelsweep", "the program that is measured")
	flag.IntVar(&o.n, "n", 20000, "how many messages")
	flag.IntVar(&o.size, "size", 34000, "mean bytes of a body, before its transfer encoding")
	flag.IntVar(&o.files, "files", 14500, "mean bytes of small attachments in a message")
	flag.Float64Var(&o.large, "large", 0.01, "share of messages with an attachment of 1 to 3 MB")
	flag.IntVar(&o.runs, "runs", 3, "how often each is run")
	flag.BoolVar(&o.slow, "slow", false, "also with 40 ms of delay and 100 Mbit/s, once")
	flag.BoolVar(&o.only, "only-slow", false, "only that")
	flag.StringVar(&o.dir, "tmp", "", "where to work (default: a new folder, removed at the end)")
	flag.Parse()
	if err := o.run(flag.Arg(0)); err != nil {
		log.Fatal(err)
	}
}

type options struct {
	bin         string
	n, runs     int
	size, files int
	large       float64
	slow, only  bool
	dir         string
}

func (o *options) run(mail string) error {
	dir, err := os.MkdirTemp(o.dir, "imapbench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	d, err := dovecot.Start(dir, "")
	if err != nil {
		return err
	}
	defer d.Stop()
	box, err := d.Maildir("INBOX")
	if err != nil {
		return err
	}
	bytes, err := o.fill(box, mail)
	if err != nil {
		return err
	}
	if err := d.Own(); err != nil {
		return err
	}
	fmt.Printf("%d messages, %.0f MB; %d CPUs\n", o.n, float64(bytes)/1e6, runtime.NumCPU())
	b := &bench{options: o, dovecot: d, dir: dir, bytes: bytes, results: map[string][]result{}}
	if err := os.WriteFile(filepath.Join(dir, "password"), []byte(dovecot.Password+"\n"), 0o600); err != nil {
		return err
	}
	// What a server has never looked at costs it more; a first audit pays that.
	if err := b.audit("audit, cold server", d.TLS, "tls"); err != nil {
		return err
	}
	if !o.only {
		for range o.runs {
			if err := b.round(); err != nil {
				return err
			}
		}
	}
	if o.slow || o.only {
		if err := b.slowRound(); err != nil {
			return err
		}
	}
	b.print()
	return nil
}

// round runs each once.
func (b *bench) round() error {
	for _, f := range []func() error{
		func() error { return b.mbsync("mbsync", b.dovecot.Plain, "None", false) },
		func() error { return b.audit("audit", b.dovecot.Plain, "plain") },
		func() error { return b.mbsync("mbsync, TLS", b.dovecot.TLS, "IMAPS", false) },
		func() error { return b.audit("audit, TLS", b.dovecot.TLS, "tls") },
		func() error { return b.again("second audit, TLS", b.dovecot.TLS, "tls") },
	} {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

// slowRound runs each once behind a slow line.
func (b *bench) slowRound() error {
	p, err := newProxy(b.dovecot.Plain, 40*time.Millisecond, 100e6/8)
	if err != nil {
		return err
	}
	defer p.close()
	if err := b.audit("slow: audit", p.address, "plain"); err != nil {
		return err
	}
	if err := b.audit("slow: audit, COMPRESS", p.address, "plain", "--compress", "always"); err != nil {
		return err
	}
	return b.mbsync("slow: mbsync, COMPRESS", p.address, "None", true)
}

// fill writes the mailbox and returns its size as it is on the wire.
func (o *options) fill(box, mail string) (int64, error) {
	var sources [][]byte
	if mail != "" {
		err := filepath.WalkDir(mail, func(path string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() || filepath.Ext(path) != ".eml" {
				return err
			}
			b, err := os.ReadFile(path)
			if len(b) > 0 {
				sources = append(sources, b)
			}
			return err
		})
		if err != nil {
			return 0, err
		}
		if len(sources) == 0 {
			return 0, fmt.Errorf("%s: no .eml files", mail)
		}
	}
	g := corpus.NewGenerator(1, &corpus.GenerateOptions{BodyBytes: o.size, Large: o.large, Files: o.files})
	var mu sync.Mutex
	var total int64
	var first error
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Go(func() {
			for i := w; i < o.n; i += workers {
				var data []byte
				if sources != nil {
					data = sources[i%len(sources)]
				} else {
					data = g.Message(i).Data
				}
				name := filepath.Join(box, "cur", fmt.Sprintf("%d.M%dP1.test:2,S", 1704088800+i, i))
				err := os.WriteFile(name, data, 0o600)
				mu.Lock()
				total += int64(len(data)) + int64(strings.Count(string(data), "\n")-strings.Count(string(data), "\r\n"))
				if first == nil {
					first = err
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return total, first
}
