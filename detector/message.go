package detector

import (
	"bytes"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/mime"
	"github.com/pixelsweep/pixelsweep/detector/internal/trace"
	"github.com/pixelsweep/pixelsweep/detector/internal/weburl"
)

// head reads the headers that the report names.
func (s *scan) head(m *mime.Message) (*Message, reader) {
	msg := &Message{
		ID:      strings.Clone(strings.Trim(strings.TrimSpace(m.Field("Message-ID")), "<>")),
		From:    strings.Clone(mime.DecodeHeader(m.Field("From"))),
		Subject: strings.Clone(mime.DecodeHeader(m.Field("Subject"))),
		Date:    date(m.Field("Date")),
	}
	if from := mime.Addresses(m.Field("From")); len(from) > 0 {
		msg.FromDomain = strings.Clone(domainOf(from[0]))
	}
	msg.To = mime.Addresses(m.Field("To"))
	for i, a := range msg.To {
		msg.To[i] = strings.Clone(a)
	}
	s.esp = s.det.services().ESP(m.Field, signers(m))
	rd := newReader(m, s.det.opts.Recipients)
	rd.site = weburl.Site(msg.FromDomain)
	return msg, rd
}

// maxSigners is how many signatures of one message count.
const maxSigners = 8

// signers lists the d= domains of the DKIM signatures (RFC 6376 section 3.5).
func signers(m *mime.Message) []string {
	var domains []string
	for _, f := range m.Fields() {
		if len(f.Name) != len("DKIM-Signature") || !strings.EqualFold(f.Name, "DKIM-Signature") {
			continue
		}
		if d := signer(view(f.Value.Of(m.Src))); d != "" {
			domains = append(domains, strings.ToLower(d))
		}
		if len(domains) == maxSigners {
			break
		}
	}
	return domains
}

func signer(tags string) string {
	for tags != "" {
		var tag string
		tag, tags, _ = strings.Cut(tags, ";")
		name, value, _ := strings.Cut(tag, "=")
		if strings.TrimSpace(name) == "d" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func domainOf(address string) string {
	return strings.ToLower(strings.Trim(address[strings.LastIndexByte(address, '@')+1:], ".> "))
}

// receiptHeaders ask the reader's client or server for an answer.
var receiptHeaders = []string{
	"Disposition-Notification-To", "Return-Receipt-To", "X-Confirm-Reading-To", "Read-Receipt-To",
	"Generate-Delivery-Report", "Return-Receipt-Requested", "X-Chameleon-Return-To", "Disposition-Notification",
}

// linkHeaders hold URLs; the trigger says what a client does with them.
var linkHeaders = []struct {
	name    string
	trigger Trigger
}{
	{"List-Unsubscribe", Click}, {"List-Subscribe", Click}, {"List-Help", Click}, {"List-Owner", Click},
	{"List-Archive", Click}, {"List-Post", Click}, {"Archived-At", Click}, {"X-Image-URL", Auto},
	{"X-Face-URL", Auto}, {"Face-URL", Auto}, {"BIMI-Location", Auto}, {"BIMI-Indicator", Auto},
	{"Remote-Attachment-Url", Auto}, {"X-Mozilla-External-Attachment-URL", Auto}, {"OpenPGP", Auto},
	{"Content-Base", Click}, {"Content-Location", Click},
}

// fieldShapes holds, for the first letter of a field's name, the lengths of the
// names that may hold a reference.
var fieldShapes = func() (shapes [256]uint64) {
	for _, h := range receiptHeaders {
		shapes[h[0]|0x20] |= 1 << len(h)
	}
	for _, h := range linkHeaders {
		shapes[h.name[0]|0x20] |= 1 << len(h.name)
	}
	return shapes
}()

// headerRefs lists what the headers of the message ask for or link to.
func (s *scan) headerRefs(m *mime.Message) {
	from := len(s.refs)
	for _, f := range m.Fields() {
		if len(f.Name) > 63 || fieldShapes[f.Name[0]|0x20]&(1<<len(f.Name)) == 0 {
			continue
		}
		for _, h := range receiptHeaders {
			if strings.EqualFold(f.Name, h) {
				s.receipt(m, f, h)
			}
		}
		for _, h := range linkHeaders {
			if strings.EqualFold(f.Name, h.name) {
				s.headerURLs(m, f, h.name, h.trigger)
			}
		}
	}
	s.settle(s.refs[from:], place{part: "HEADER", media: "message/rfc822", src: m.Src, text: m.Src, index: trace.InHeader})
	for i := from; i < len(s.refs); i++ {
		s.refs[i].rawOffset = s.refs[i].Offset
	}
}

func (s *scan) receipt(m *mime.Message, f mime.Field, name string) {
	value := strings.TrimSpace(mime.Unfold(f.Value.Of(m.Src)))
	if value == "" || strings.EqualFold(value, "no") || value == "0" {
		return
	}
	target := value
	if list := mime.Addresses(value); len(list) > 0 {
		target = "mailto:" + list[0]
	}
	r := ref{url: weburl.URL{Full: target, Scheme: "mailto"}}
	r.Vector, r.Trigger, r.Offset = "header:"+name, Receipt, f.Value.Start
	r.end = f.Value.End
	s.refs = append(s.refs, r)
}

func (s *scan) headerURLs(m *mime.Message, f mime.Field, name string, trigger Trigger) {
	s.written(m.Src, f.Value.Start, f.Value.End, "header:"+name, trigger)
}

// written lists the absolute URLs in a stretch of text.
func (s *scan) written(src []byte, from, end int, vector string, trigger Trigger) {
	for from < end && len(s.refs) < s.det.opts.Limits.References {
		i := bytes.Index(src[from:end], []byte("://"))
		if i < 0 {
			return
		}
		at := from + i
		start := at
		for start > from && isLetter(src[start-1]) {
			start--
		}
		stop := at + 3
		for stop < end && urlByte(src[stop]) {
			stop++
		}
		from = stop
		for stop > at+3 && strings.IndexByte(".,;:!?)]}'\"*_", src[stop-1]) >= 0 {
			if src[stop-1] == ')' && bytes.IndexByte(src[at:stop], '(') >= 0 {
				break
			}
			stop--
		}
		if !isWeb(src[start:at]) || stop-start > s.det.opts.Limits.URLBytes {
			continue
		}
		u, ok := weburl.Parse(view(src[start:stop]), nil)
		if !ok || !weburl.IsRemote(u) {
			continue
		}
		r := ref{url: u, end: stop}
		r.Vector, r.Trigger, r.Offset = vector, trigger, start
		s.refs = append(s.refs, r)
	}
}

func isWeb(scheme []byte) bool {
	return len(scheme) >= 4 && len(scheme) <= 5 && (strings.EqualFold(view(scheme), "http") || strings.EqualFold(view(scheme), "https"))
}

func isLetter(c byte) bool { c |= 0x20; return c >= 'a' && c <= 'z' }

func urlByte(c byte) bool {
	return c > ' ' && c != '<' && c != '>' && c != '"' && c != 0x7f && c != '`' && c != '|' && c != '^'
}

// plain lists the links that clients make of the URLs in a text part.
func (s *scan) plain(text []byte, at place) {
	from := len(s.refs)
	s.written(text, 0, len(text), "mime:"+at.media, Click)
	s.settle(s.refs[from:], at)
}

// calendar lists the URLs of an iCalendar object (RFC 5545); attachments and
// images are fetched by some clients when they file the event.
func (s *scan) calendar(text []byte, at place) {
	s.contentLines(text, at, "calendar:", func(name string) (Trigger, bool) {
		switch name {
		case "ATTACH", "IMAGE", "SOURCE", "X-ALT-DESC":
			return Auto, true
		case "URL", "DESCRIPTION", "LOCATION", "CONFERENCE", "X-GOOGLE-CONFERENCE", "COMMENT", "TZURL":
			return Click, true
		}
		return "", false
	})
}

// vcard lists the URLs of a vCard (RFC 6350) that a client fetches or shows.
func (s *scan) vcard(text []byte, at place) {
	s.contentLines(text, at, "vcard:", func(name string) (Trigger, bool) {
		switch name {
		case "PHOTO", "LOGO", "SOUND", "KEY":
			return Auto, true
		case "URL", "SOURCE", "FBURL", "CALURI", "NOTE":
			return Click, true
		}
		return "", false
	})
}

// contentLines walks the properties of iCalendar and vCard, whose long lines
// are folded.
func (s *scan) contentLines(text []byte, at place, prefix string, trigger func(string) (Trigger, bool)) {
	from := len(s.refs)
	for pos := 0; pos < len(text); {
		end := pos
		for end < len(text) {
			i := bytes.IndexByte(text[end:], '\n')
			if i < 0 {
				end = len(text)
				break
			}
			end += i + 1
			if end >= len(text) || text[end] != ' ' && text[end] != '\t' {
				break
			}
		}
		line := text[pos:end]
		if i := bytes.IndexAny(line, ":;"); i > 0 {
			name := strings.ToUpper(string(line[:i]))
			if _, after, ok := strings.Cut(name, "."); ok {
				name = after
			}
			if t, ok := trigger(name); ok {
				s.property(text, pos, end, prefix+name, t)
			}
		}
		pos = end
	}
	s.settle(s.refs[from:], at)
}

// property lists the URLs of one content line, unfolding it if need be.
func (s *scan) property(text []byte, from, end int, vector string, t Trigger) {
	line := text[from:end]
	body := bytes.TrimRight(line, "\r\n")
	if bytes.IndexByte(body, '\n') < 0 {
		s.written(text, from, end, vector, t)
		return
	}
	flat := bytes.ReplaceAll(bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n")), []byte("\n "), nil)
	flat = bytes.ReplaceAll(flat, []byte("\n\t"), nil)
	n := len(s.refs)
	s.written(flat, 0, len(flat), vector, t)
	for i := n; i < len(s.refs); i++ {
		s.refs[i].Offset, s.refs[i].end, s.refs[i].nested = from, from+len(body), true
	}
}
