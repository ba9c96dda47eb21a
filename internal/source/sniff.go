package source

import (
	"bytes"
	"path/filepath"
	"strings"
)

// A format is how a file holds its items.
type format uint8

const (
	unknown format = iota
	single         // one message, perhaps with a "From " line before it
	mbox
	emlx
	page
)

// sniffLen is how much of a file is looked at to know what it is.
const sniffLen = 16 << 10

// A file is what the walk knows of one.
type file struct {
	root, path string
	named      bool  // on the command line
	mail       bool  // in a Maildir
	special    bool  // a pipe or a device: opening it may wait
	page       bool  // a page rather than nothing
	err        error // why there is nothing to read
}

// ext returns the extension in lower case, of "a.eml.gz" that of "a.eml".
func (f *file) ext() string {
	ext := strings.ToLower(filepath.Ext(f.path))
	if ext == ".gz" {
		ext = strings.ToLower(filepath.Ext(f.path[:len(f.path)-len(".gz")]))
	}
	return ext
}

// claimsMail reports whether place or name say that the file is a message.
func (f *file) claimsMail() bool {
	return f.mail || f.ext() == ".eml" || f.ext() == ".emlx"
}

// namedMail reports whether the name is one that messages often have, but
// other files too.
func (f *file) namedMail() bool {
	switch f.ext() {
	case ".msg", ".mbox", ".mbx", ".email", ".mail", ".mime", ".rfc822", ".raw", ".box":
		return true
	}
	return false
}

func (f *file) claimsPage() bool {
	switch f.ext() {
	case ".html", ".htm", ".xhtml", ".xht":
		return true
	}
	return false
}

// sniff says what a file that begins with head is, and how many bytes stand
// before the first "From " line of an mbox.
func sniff(f *file, head []byte) (format, int) {
	head = head[:min(len(head), sniffLen)]
	text := bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	mail := f.claimsMail()
	if isEmlx(f, text) {
		return emlx, 0
	}
	if skip, ok := mboxStart(head); ok && !mail {
		return mbox, skip
	}
	known, first := headerLines(text)
	switch {
	case known >= 2 || first && known == 1 && (f.named && !f.page || mail):
		return single, 0
	case f.claimsPage() && !binary(head):
		return page, 0
	case looksHTML(text) && !mail:
		return page, 0
	case (mail || f.namedMail() || isEntity(text) || first && f.named && !f.page) && !binary(head):
		return single, 0
	case f.page && !binary(head) && !isArchive(text):
		return page, 0
	}
	return unknown, 0
}

// isArchive reports whether text is an HTTP archive (HAR 1.2), which no page is.
func isArchive(text []byte) bool {
	text = bytes.TrimLeft(text, " \t\r\n")
	return bytes.HasPrefix(text, []byte("{")) && bytes.Contains(text[:min(len(text), 512)], []byte(`"log"`))
}

// mboxStart finds the "From " line that an mbox begins with, after at most three
// stray lines. Without a date the line counts at the very start only, before a header.
func mboxStart(head []byte) (int, bool) {
	at := 0
	for range 4 {
		end, whole := afterLine(head, at)
		line := head[at:end]
		if bytes.HasPrefix(line, fromPrefix) {
			known, _ := headerLines(head[end:])
			return at, isFromLine(bytes.TrimRight(line, "\r\n")) || at == 0 && known > 0
		}
		if !whole || isField(line) {
			return 0, false
		}
		at = end
	}
	return 0, false
}

// mailFields are the names that tell a message from other texts with colons.
var mailFields = map[string]bool{
	"from": true, "to": true, "cc": true, "bcc": true, "subject": true, "date": true, "received": true, "message-id": true,
	"return-path": true, "mime-version": true, "content-type": true, "content-transfer-encoding": true,
	"content-disposition": true, "delivered-to": true, "reply-to": true, "sender": true, "dkim-signature": true,
	"x-mailer": true, "x-mozilla-status": true, "envelope-to": true, "x-original-to": true, "list-unsubscribe": true,
	"x-gm-thrid": true, "x-gmail-labels": true, "status": true, "in-reply-to": true, "references": true,
	"authentication-results": true, "arc-seal": true, "received-spf": true, "x-received": true, "resent-from": true,
	"apparently-to": true, "precedence": true, "errors-to": true, "x-account-key": true, "x-uidl": true,
}

// headerLines counts the mail header fields that text begins with, two at most,
// and reports whether its first line is a field at all. Up to three stray lines
// may stand before the first field.
func headerLines(text []byte) (known int, first bool) {
	stray := 0
	for n, at := 0, 0; n < 200 && at < len(text); n++ {
		end, _ := afterLine(text, at)
		line := text[at:end]
		at = end
		switch {
		case blank(line) || line[0] == '\n':
			if known > 0 || n > stray {
				return known, first
			}
			stray++
		case isField(line):
			first = first || n == 0
			if isMailField(line) {
				if known++; known == 2 {
					return known, first
				}
			}
		case line[0] == ' ' || line[0] == '\t':
		default:
			if stray++; stray > 3 {
				return known, first
			}
		}
	}
	return known, first
}

// isField reports whether line begins with a field name and a colon.
func isField(line []byte) bool {
	i := bytes.IndexByte(line[:min(len(line), 78)], ':')
	if i <= 0 {
		return false
	}
	for _, c := range bytes.TrimRight(line[:i], " \t") {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}

// isEntity reports whether text begins with a media type, as a MIME part does that
// was saved alone.
func isEntity(text []byte) bool {
	const name = "content-type:"
	if len(text) < len(name) || !bytes.EqualFold(text[:len(name)], []byte(name)) {
		return false
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return bytes.IndexByte(line, '/') > 0
}

func isMailField(line []byte) bool {
	var name [32]byte
	n := copy(name[:], bytes.TrimRight(line[:bytes.IndexByte(line, ':')], " \t"))
	for i := range name[:n] {
		if c := name[i]; 'A' <= c && c <= 'Z' {
			name[i] = c | 0x20
		}
	}
	return mailFields[string(name[:n])]
}

// htmlTags are the elements that a page or a body may begin with.
var htmlTags = map[string]bool{
	"html": true, "head": true, "body": true, "title": true, "meta": true, "style": true, "table": true, "div": true,
	"center": true, "p": true, "a": true, "img": true, "span": true, "font": true, "link": true, "base": true, "br": true,
	"tbody": true, "tr": true, "td": true, "h1": true, "h2": true, "section": true, "main": true, "b": true, "i": true, "u": true,
}

// looksHTML reports whether text begins like a page: with a doctype or one of
// htmlTags, perhaps after comments.
func looksHTML(text []byte) bool {
	for {
		text = bytes.TrimLeft(text, " \t\r\n\f")
		if len(text) < 3 || text[0] != '<' {
			return false
		}
		switch {
		case bytes.HasPrefix(text, []byte("<!--")):
			i := bytes.Index(text, []byte("-->"))
			if i < 0 {
				return false
			}
			text = text[i+3:]
		case bytes.HasPrefix(text, []byte("<?xml")):
			i := bytes.IndexByte(text, '>')
			if i < 0 {
				return false
			}
			text = text[i+1:]
		case len(text) >= 14 && bytes.EqualFold(text[:14], []byte("<!doctype html")):
			return true
		default:
			name := text[1:min(len(text), 9)]
			if i := bytes.IndexAny(name, " \t\r\n/>"); i >= 0 {
				name = name[:i]
			}
			return htmlTags[string(bytes.ToLower(name))]
		}
	}
}

// binary reports whether head holds bytes that no text has. UTF-16 with its mark
// is text.
func binary(head []byte) bool {
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return false
	}
	head = head[:min(len(head), 1024)]
	odd := 0
	for _, c := range head {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b {
			odd++
		}
	}
	return odd*50 > len(head)
}

// isEmlx reports whether text begins with a line that is a number, as in the
// files of Apple Mail, and a header.
func isEmlx(f *file, text []byte) bool {
	_, rest, ok := emlxCount(text)
	if !ok {
		return false
	}
	if f.ext() == ".emlx" {
		return true
	}
	known, first := headerLines(rest)
	return first && known > 0
}

// emlxCount cuts the first line off text and returns the number that it is.
func emlxCount(text []byte) (n int, rest []byte, ok bool) {
	line, rest, found := bytes.Cut(text[:min(len(text), 32)], []byte("\n"))
	line = bytes.TrimSpace(line)
	if !found || len(line) == 0 || len(line) > 10 {
		return 0, nil, false
	}
	for _, c := range line {
		if !isDigit(c) {
			return 0, nil, false
		}
		n = n*10 + int(c-'0')
	}
	return n, text[min(len(text), 32)-len(rest):], true
}

// isGzip reports whether head is that of a gzip file.
func isGzip(head []byte) bool {
	return len(head) >= 3 && head[0] == 0x1f && head[1] == 0x8b && head[2] == 8
}
