package mime

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/emersion/go-message"
)

// View is an HTML part as go-message sees it.
type View struct {
	Path string
	Type string
	Data []byte // decoded and, where go-message can, in UTF-8
}

// maxViews bounds the second view.
const (
	maxViews     = 200
	maxViewBytes = 16 << 20
)

// SecondView reads the HTML parts of a message with go-message, which takes
// some broken structures in another way. It never panics.
func SecondView(msg []byte) (views []View) {
	defer func() { _ = recover() }()
	e, err := message.Read(bytes.NewReader(msg))
	if e == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return nil
	}
	_ = e.Walk(func(path []int, part *message.Entity, err error) error {
		if part == nil || len(path) > 64 {
			return err
		}
		if len(views) >= maxViews {
			return errors.New("too many parts")
		}
		t, _, _ := part.Header.ContentType()
		if t, _, _ = strings.Cut(strings.ToLower(t), ";"); !isHTMLType(strings.TrimSpace(t)) {
			return nil
		}
		data, _ := io.ReadAll(io.LimitReader(part.Body, maxViewBytes))
		views = append(views, View{Path: pathOf(path), Type: strings.TrimSpace(t), Data: data})
		return nil
	})
	return views
}

func pathOf(path []int) string {
	if len(path) == 0 {
		return "1"
	}
	var b strings.Builder
	for i, n := range path {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(strconv.Itoa(n + 1))
	}
	return b.String()
}

// Differs reports whether no part of m holds what v does, so that v is worth
// scanning.
func Differs(r *Reader, m *Message, v View) bool {
	want := essence(v.Data)
	if len(want) == 0 {
		return false
	}
	for i := range m.Parts {
		p := &m.Parts[i]
		if !p.IsHTML() {
			continue
		}
		data, _ := r.decode(p)
		if bytes.Contains(essence(data), want[:min(len(want), 4096)]) {
			return false
		}
	}
	return true
}

// essence drops what charset conversion and line ends change.
func essence(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for _, c := range b {
		if c > ' ' && c < 0x7f {
			out = append(out, c)
		}
	}
	return out
}
