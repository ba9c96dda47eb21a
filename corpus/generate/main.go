// Command generate writes a mailbox of messages whose truth is known:
//
//	go run ./corpus/generate -n 20000 -size 45000 -large 0.01 -format maildir DIR
//
// The formats are maildir, mbox (a file named mbox in DIR), eml, and labelled:
// the folders tracked and ok that pixelsweep eval measures.
package main

import (
	"bufio"
	"bytes"
	"errors"
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
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("generate: ")
	n := flag.Int("n", 1000, "how many messages")
	seed := flag.Uint64("seed", 1, "the same seed makes the same messages")
	format := flag.String("format", "maildir", "maildir, mbox, eml, labelled")
	o := &corpus.GenerateOptions{}
	flag.IntVar(&o.BodyBytes, "size", 8<<10, "mean bytes of a body, before its transfer encoding")
	flag.Float64Var(&o.Large, "large", 0, "share of messages with an attachment of 1 to 3 MB")
	flag.IntVar(&o.Files, "files", 0, "mean bytes of small attachments in a message")
	flag.StringVar(&o.Recipient, "recipient", "", "whose mailbox it is")
	flag.BoolVar(&o.CRLF, "crlf", false, "end lines with CRLF")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("name one folder")
	}
	w, err := newWriter(*format, flag.Arg(0))
	if err != nil {
		log.Fatal(err)
	}
	if err := errors.Join(generate(corpus.NewGenerator(*seed, o), *n, w.write), w.close()); err != nil {
		log.Fatal(err)
	}
}

// generate makes messages on all CPUs and writes them in their order.
func generate(g *corpus.Generator, n int, write func(int, corpus.Message) error) error {
	const batch = 64
	messages := make([]corpus.Message, batch*runtime.GOMAXPROCS(0))
	for from := 0; from < n; from += len(messages) {
		k := min(len(messages), n-from)
		var wg sync.WaitGroup
		for start := 0; start < k; start += batch {
			wg.Go(func() {
				for i := start; i < min(k, start+batch); i++ {
					messages[i] = g.Message(from + i)
				}
			})
		}
		wg.Wait()
		for i := range k {
			if err := write(from+i, messages[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// writer is a mailbox in one of the formats.
type writer struct {
	write func(int, corpus.Message) error
	close func() error
}

func newWriter(format, dir string) (*writer, error) {
	w := &writer{close: func() error { return nil }}
	folders := []string{"."}
	switch format {
	case "maildir":
		folders = []string{"cur", "new", "tmp"}
		w.write = func(i int, m corpus.Message) error {
			name := fmt.Sprintf("%d.M%dP1.generated:2,S", 1704088800+i, i)
			return os.WriteFile(filepath.Join(dir, "cur", name), m.Data, 0o600)
		}
	case "eml":
		w.write = func(i int, m corpus.Message) error {
			return os.WriteFile(filepath.Join(dir, fmt.Sprintf("%06d.eml", i)), m.Data, 0o600)
		}
	case "labelled":
		folders = []string{"tracked", "ok"}
		w.write = func(i int, m corpus.Message) error { return writeLabelled(dir, i, m) }
	case "mbox":
	default:
		return nil, fmt.Errorf("unknown format %q; known are maildir, mbox, eml, labelled", format)
	}
	for _, f := range folders {
		if err := os.MkdirAll(filepath.Join(dir, f), 0o700); err != nil {
			return nil, err
		}
	}
	if format == "mbox" {
		f, err := os.Create(filepath.Join(dir, "mbox"))
		if err != nil {
			return nil, err
		}
		out := bufio.NewWriterSize(f, 1<<20)
		w.write = func(i int, m corpus.Message) error { return writeMbox(out, i, m) }
		w.close = func() error { return errors.Join(out.Flush(), f.Close()) }
	}
	return w, nil
}

// writeLabelled writes a message with its expectation.
func writeLabelled(dir string, i int, m corpus.Message) error {
	name := filepath.Join(dir, m.Group, fmt.Sprintf("%06d", i))
	if len(m.Labels) > 0 {
		var b strings.Builder
		for _, l := range m.Labels {
			fmt.Fprintf(&b, "%s - %s - - %s\n", l.Want, l.Vector, l.URL)
		}
		if err := os.WriteFile(name+".want", []byte(b.String()), 0o600); err != nil {
			return err
		}
	}
	return os.WriteFile(name+".eml", m.Data, 0o600)
}

// writeMbox appends a message in the mboxrd form.
func writeMbox(w *bufio.Writer, i int, m corpus.Message) error {
	fmt.Fprintf(w, "From news@generated.example %s\n", time.Unix(int64(1704088800+i), 0).UTC().Format(time.ANSIC))
	data := m.Data
	for {
		at := bytes.Index(data, []byte("\nFrom "))
		if at < 0 {
			break
		}
		w.Write(data[:at+1])
		w.WriteByte('>')
		data = data[at+1:]
	}
	w.Write(data)
	_, err := w.WriteString("\n")
	return err
}
