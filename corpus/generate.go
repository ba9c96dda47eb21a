package corpus

import (
	"encoding/base64"
	"fmt"
	"iter"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/pixelsweep/pixelsweep/detector"
)

// GenerateOptions are the choices of a [Generator]. A nil *GenerateOptions
// means the zero value.
type GenerateOptions struct {
	// Recipient is whose mailbox it is, default ann.reed@reader.example.
	Recipient string
	// BodyBytes is the mean size of a message without large attachments,
	// before its transfer encoding; default 8 KB.
	BodyBytes int
	// Large is the share of messages with an attachment of 1 to 3 MB.
	Large float64
	// Files is the mean of bytes that a message has in attachments of less than
	// that; default almost none. Half of the messages have one.
	Files int
	// CRLF ends lines as on the wire, not as in files.
	CRLF bool
}

// Generator makes messages whose truth is known. The same seed makes the same
// messages; each can be made by itself. It is safe for concurrent use.
type Generator struct {
	seed uint64
	opts GenerateOptions
}

// NewGenerator returns a generator. A nil *GenerateOptions means the zero value.
func NewGenerator(seed uint64, o *GenerateOptions) *Generator {
	g := &Generator{seed: seed}
	if o != nil {
		g.opts = *o
	}
	if g.opts.Recipient == "" {
		g.opts.Recipient = "ann.reed@reader.example"
	}
	if g.opts.BodyBytes <= 0 {
		g.opts.BodyBytes = 8 << 10
	}
	return g
}

// Generate makes n messages with default options.
func Generate(seed uint64, n int) iter.Seq[Message] { return NewGenerator(seed, nil).Messages(n) }

// Messages makes the first n messages.
func (g *Generator) Messages(n int) iter.Seq[Message] {
	return func(yield func(Message) bool) {
		for i := range n {
			if !yield(g.Message(i)) {
				return
			}
		}
	}
}

// Message makes message i. Its labels are whole, and its group is tracked or
// ok.
func (g *Generator) Message(i int) Message {
	d := &draft{
		Rand:    rand.New(rand.NewPCG(g.seed, uint64(i))),
		opts:    &g.opts,
		index:   i,
		mailing: plots[0],
	}
	d.sender = senders[d.IntN(len(senders))]
	n := d.IntN(plotShares)
	for _, p := range plots {
		if n -= p.share; n < 0 {
			d.mailing = p
			break
		}
	}
	d.write()
	m := Message{Name: "generated/" + strconv.Itoa(i) + ".eml", Group: "ok", Data: d.message, Labels: d.labels, Whole: true}
	for k := range m.Labels {
		m.Labels[k].File = m.Name
		if m.Labels[k].Want.Decides() {
			m.Group = "tracked"
		}
	}
	return m
}

// draft is a message in the making.
type draft struct {
	*rand.Rand
	opts    *GenerateOptions
	index   int
	sender  string // a domain
	mailing plot
	head    []byte // into the head element
	body    []byte // HTML, or plain text where there is none
	headers []byte
	labels  []Label
	message []byte
}

// want says that a load must be found.
func (d *draft) want(k detector.Kind, vector, url string) {
	d.labels = append(d.labels, Label{URL: url, Kind: LabelTracker, Want: k, Vector: vector})
}

// token draws n characters of an alphabet. It always holds letters and digits,
// mixed as chance would.
func (d *draft) token(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[d.IntN(len(alphabet))]
	}
	for i := 0; i+2 < n; i += 5 {
		b[i], b[i+1], b[i+2] = alphabet[10+d.IntN(len(alphabet)-10)], alphabet[d.IntN(10)], alphabet[10+d.IntN(len(alphabet)-10)]
	}
	return string(b)
}

const (
	hexDigits = "0123456789abcdef"
	alnum     = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

func (d *draft) hex(n int) string { return d.token(hexDigits, n) }

// pick returns one of list.
func pick[T any](d *draft, list []T) T { return list[d.IntN(len(list))] }

// add appends formatted HTML to the body.
func (d *draft) add(format string, args ...any) { d.body = fmt.Appendf(d.body, format, args...) }

// write makes the message.
func (d *draft) write() {
	size := int(float64(d.opts.BodyBytes) * (0.3 + 1.4*d.Float64()))
	plain := d.mailing.plain
	if plain {
		size /= 8
	}
	d.body = make([]byte, 0, size+4096)
	if !plain {
		d.fill(size / 2)
	}
	d.mailing.write(d)
	if plain {
		for len(d.body) < size {
			d.body = append(append(d.body, pick(d, sentences)...), '\n')
		}
	} else {
		d.footer()
	}
	d.assemble()
}

// fill appends about n bytes of newsletter: rows of a table, with pictures.
func (d *draft) fill(n int) {
	d.body = append(d.body, "<table width=\"600\" cellpadding=\"0\" cellspacing=\"0\" role=\"presentation\">\n"...)
	for end := len(d.body) + n; len(d.body) < end; {
		d.body = append(d.body, rows[d.IntN(len(rows))]...)
		if d.IntN(24) == 0 {
			d.add("<tr><td><a href=\"https://www.%s/p/%d\"><img src=\"https://img.%s/%d/%s.jpg\" width=\"600\" height=\"280\" alt=\"%s\"></a></td></tr>\n",
				d.sender, d.IntN(9000), d.sender, 2020+d.IntN(7), pick(d, words), pick(d, words))
		}
	}
	d.body = append(d.body, "</table>\n"...)
}

func (d *draft) footer() {
	d.add("<p style=\"font-size:11px;color:#777\">You get this letter because you asked for it. <a href=\"https://www.%s/unsubscribe\">Leave</a></p>\n", d.sender)
}

// assemble puts headers and parts together.
func (d *draft) assemble() {
	large := d.Float64() < d.opts.Large
	attachment := 0
	if large {
		attachment = 1<<20 + d.IntN(2<<20)
	} else if d.opts.Files > 0 {
		if d.IntN(2) == 0 {
			attachment = 200 + d.IntN(4*d.opts.Files)
		}
	} else if d.IntN(12) == 0 {
		attachment = 200 + d.IntN(d.opts.BodyBytes)
	}
	room := len(d.body)*3/2 + attachment*4/3 + attachment/50 + 4096
	if d.opts.CRLF {
		room += room / 40
	}
	b := make([]byte, 0, room)
	date := time.Date(2024, 1, 1, 6, 0, 0, 0, time.UTC).Add(time.Duration(d.index)*37*time.Minute + time.Duration(d.IntN(1800))*time.Second)
	b = fmt.Appendf(b, "Return-Path: <bounce@%s>\nReceived: from mail.%s by mx.reader.example with ESMTP id %s;\n\t%s\nFrom: %s <news@%s>\nTo: <%s>\nSubject: %s %s\nDate: %s\nMessage-ID: <%s.%d@%s>\n%sMIME-Version: 1.0\n",
		d.sender, d.sender, d.hex(12), date.Format(time.RFC1123Z), pick(d, words), d.sender, d.opts.Recipient, pick(d, words), pick(d, subjects),
		date.Format(time.RFC1123Z), d.hex(16), d.index, d.sender, d.headers)
	boundary := "=_" + d.hex(20)
	switch {
	case attachment > 0:
		b = fmt.Appendf(b, "Content-Type: multipart/mixed; boundary=\"%s\"\n\n--%s\n", boundary, boundary)
		b = d.text(b)
		b = fmt.Appendf(b, "--%s\nContent-Type: application/pdf; name=\"report.pdf\"\nContent-Disposition: attachment; filename=\"report.pdf\"\nContent-Transfer-Encoding: base64\n\n", boundary)
		b = d.file(b, attachment)
		b = fmt.Appendf(b, "--%s--\n", boundary)
	default:
		b = d.text(b)
	}
	if d.opts.CRLF {
		b = crlf(b)
	}
	d.message = b
}

// text writes the readable parts.
func (d *draft) text(b []byte) []byte {
	if d.mailing.plain {
		return d.part(b, "text/plain", d.body)
	}
	html := make([]byte, 0, len(d.body)+len(d.head)+256)
	html = append(html, "<!doctype html>\n<html><head><title>"...)
	html = append(append(html, pick(d, words)...), "</title>"...)
	html = append(append(html, d.head...), "</head>\n<body>\n"...)
	html = append(append(html, d.body...), "</body></html>\n"...)
	switch d.IntN(3) {
	case 0:
		return d.part(b, "text/html", html)
	case 1:
		return d.related(b, html)
	}
	return d.alternative(b, func(b []byte) []byte { return d.part(b, "text/html", html) })
}

func (d *draft) alternative(b []byte, html func([]byte) []byte) []byte {
	boundary := "_alt_" + d.hex(16)
	b = fmt.Appendf(b, "Content-Type: multipart/alternative; boundary=\"%s\"\n\n--%s\n", boundary, boundary)
	b = d.part(b, "text/plain", []byte(pick(d, sentences)+"\n"))
	b = fmt.Appendf(b, "--%s\n", boundary)
	b = html(b)
	return fmt.Appendf(b, "--%s--\n", boundary)
}

// related puts the HTML beside a picture of its own.
func (d *draft) related(b, html []byte) []byte {
	return d.alternative(b, func(b []byte) []byte {
		boundary := "_rel_" + d.hex(16)
		b = fmt.Appendf(b, "Content-Type: multipart/related; boundary=\"%s\"\n\n--%s\n", boundary, boundary)
		b = d.part(b, "text/html", html)
		b = fmt.Appendf(b, "--%s\nContent-Type: image/png\nContent-ID: <logo@%s>\nContent-Transfer-Encoding: base64\n\n", boundary, d.sender)
		b = d.file(b, 600+d.IntN(2000))
		return fmt.Appendf(b, "--%s--\n", boundary)
	})
}

// part writes a text part in one of the usual charsets and transfer encodings.
func (d *draft) part(b []byte, media string, text []byte) []byte {
	charset := pick(d, []string{"utf-8", "utf-8", "utf-8", "iso-8859-1", "windows-1251", "us-ascii"})
	greeting := map[string]string{"utf-8": "Grüße aus Žilina · Привет", "iso-8859-1": "Gr\xfc\xdfe", "windows-1251": "\xcf\xf0\xe8\xe2\xe5\xf2", "us-ascii": "Hello"}[charset]
	whole := make([]byte, 0, len(text)+len(greeting)+8)
	if media == "text/html" {
		whole = append(append(append(append(whole, text[:len(text)-len("</body></html>\n")]...), "<p>"...), greeting...), "</p></body></html>\n"...)
	} else {
		whole = append(append(append(whole, text...), greeting...), '\n')
	}
	b = fmt.Appendf(b, "Content-Type: %s; charset=%s\nContent-Transfer-Encoding: ", media, charset)
	switch d.IntN(3) {
	case 0:
		return append(append(b, "8bit\n\n"...), whole...)
	case 1:
		return encodeBase64(append(b, "base64\n\n"...), whole)
	}
	return quotedPrintable(append(b, "quoted-printable\n\n"...), whole)
}

// file writes n bytes of an attachment. Bytes that look drawn at random are
// taken from one pool.
func (d *draft) file(b []byte, n int) []byte {
	for n > 0 {
		at := d.IntN(len(attachmentPool) / 2)
		k := min(n, len(attachmentPool)-at)
		k -= k % lineBytes
		if k == 0 {
			k = n
		}
		b = encodeBase64(b, attachmentPool[at:at+k])
		n -= k
	}
	return b
}

// attachmentPool holds bytes as a compressed file has them.
var attachmentPool = func() []byte {
	r := rand.New(rand.NewPCG(1, 1))
	b := make([]byte, 1<<20)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}()

// lineBytes fill a line of base64.
const lineBytes = 57

func encodeBase64(b, data []byte) []byte {
	for len(data) > 0 {
		n := min(len(data), lineBytes)
		b = base64.StdEncoding.AppendEncode(b, data[:n])
		b = append(b, '\n')
		data = data[n:]
	}
	return b
}

// quotedPrintable appends text, whose lines end in \n.
func quotedPrintable(b, text []byte) []byte {
	const digits = "0123456789ABCDEF"
	line := 0
	for i, c := range text {
		if c == '\n' {
			b = append(b, c)
			line = 0
			continue
		}
		literal := c > ' ' && c < 0x7f && c != '=' || (c == ' ' || c == '\t') && i+1 < len(text) && text[i+1] != '\n'
		width := 1
		if !literal {
			width = 3
		}
		if line+width > 75 {
			b = append(b, '=', '\n')
			line = 0
		}
		if literal {
			b = append(b, c)
		} else {
			b = append(b, '=', digits[c>>4], digits[c&15])
		}
		line += width
	}
	return b
}

// crlf ends every line with a carriage return too.
func crlf(b []byte) []byte {
	out := make([]byte, 0, len(b)+len(b)/40)
	from := 0
	for i, c := range b {
		if c == '\n' {
			out = append(append(out, b[from:i]...), '\r', '\n')
			from = i + 1
		}
	}
	return append(out, b[from:]...)
}
