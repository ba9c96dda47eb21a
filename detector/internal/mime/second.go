package mime

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/emersion/go-message"
)

// View is an HTML part as go-message reads it, converted to UTF-8.
type View struct {
	Path string
	Type string
	Data []byte
}

// Bounds of the second view, which reads each level through the one above.
const (
	viewNesting = 12
	viewParts   = 200
	viewBytes   = 16 << 20
)

// SecondView reads the message with go-message and returns its HTML parts.
// It returns what it found when that library fails or panics.
func SecondView(msg []byte) (views []View) {
	w := viewer{}
	defer func() {
		if e := recover(); e != nil {
			views = w.views
		}
	}()
	e, err := message.Read(bytes.NewReader(msg))
	if e == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return nil
	}
	w.walk(e, "", 0)
	return w.views
}

type viewer struct {
	views []View
	parts int
}

var errViewLimit = errors.New("more parts than a second view reads")

// walk collects the HTML parts of e. Its depth is bounded by viewNesting.
func (w *viewer) walk(e *message.Entity, path string, depth int) error {
	if w.parts++; w.parts > viewParts {
		return errViewLimit
	}
	mr := e.MultipartReader()
	if mr == nil {
		return w.leaf(e, path)
	}
	if depth >= viewNesting {
		return nil
	}
	for n := 1; ; n++ {
		part, err := mr.NextPart()
		if part == nil {
			if err == io.EOF {
				return nil
			}
			return err
		}
		sub := strconv.Itoa(n)
		if path != "" {
			sub = path + "." + sub
		}
		if err := w.walk(part, sub, depth+1); err != nil {
			return err
		}
	}
}

func (w *viewer) leaf(e *message.Entity, path string) error {
	if path == "" {
		path = "1"
	}
	value := e.Header.Get("Content-Type")
	raw, _ := mediaType([]byte(value))
	t := string(bytes.ToLower(raw))
	data, err := io.ReadAll(io.LimitReader(e.Body, viewBytes))
	if isHTMLType(t) || looksHTML(data) {
		w.views = append(w.views, View{path, t, data})
	}
	if err != nil {
		return fmt.Errorf("part %s: %w", path, err)
	}
	return nil
}

// Differs returns the views whose text is in none of the documents that were
// read already, decoded and in UTF-8. Blanks and characters beyond ASCII do not
// count, since the two readers convert them differently.
func Differs(views []View, read [][]byte) []View {
	var only []View
	seen := make([][]byte, len(read))
	for i, b := range read {
		seen[i] = visibleASCII(b)
	}
	for _, v := range views {
		text := visibleASCII(v.Data)
		if len(text) > 0 && !containsAny(seen, text) {
			only = append(only, v)
			seen = append(seen, text)
		}
	}
	return only
}

func containsAny(texts [][]byte, text []byte) bool {
	for _, t := range texts {
		if bytes.Contains(t, text) {
			return true
		}
	}
	return false
}

func visibleASCII(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for _, c := range b {
		if c > ' ' && c < 0x7F {
			out = append(out, c)
		}
	}
	return out
}
