// Command scan is the obvious Go loop: go-message's walk, the tokenizer of
// x/net over each HTML part with all attributes read, and nothing else.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset"
	"golang.org/x/net/html"
)

func main() {
	paths, _ := filepath.Glob(filepath.Join(os.Args[1], "*.eml"))
	var next, parts, attributes atomic.Int64
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(paths) {
					return
				}
				p, a := read(paths[i])
				parts.Add(p)
				attributes.Add(a)
			}
		})
	}
	wg.Wait()
	fmt.Println(len(paths), parts.Load(), attributes.Load())
}

// read returns the numbers of HTML parts and of attributes of one message.
func read(path string) (parts, attributes int64) {
	f, err := os.Open(path)
	if err != nil {
		return 0, 0
	}
	defer f.Close()
	m, _ := message.Read(f)
	if m == nil {
		return 0, 0
	}
	m.Walk(func(_ []int, e *message.Entity, _ error) error {
		if t, _, _ := e.Header.ContentType(); t == "text/html" {
			parts++
			attributes += tokens(e.Body)
		}
		return nil
	})
	return parts, attributes
}

func tokens(r io.Reader) (attributes int64) {
	z := html.NewTokenizer(r)
	for {
		switch z.Next() {
		case html.ErrorToken:
			return attributes
		case html.StartTagToken, html.SelfClosingTagToken:
			_, more := z.TagName()
			for more {
				_, _, more = z.TagAttr()
				attributes++
			}
		}
	}
}
