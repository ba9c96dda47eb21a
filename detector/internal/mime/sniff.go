package mime

import (
	"bytes"
	"strings"
)

// sniff sets the type that a client would act on, from the file name or the
// first bytes, where the declared one says little.
func (r *Reader) sniff(p *Part) {
	switch {
	case p.Type == "text/plain" || p.Type == "text/enriched":
	case p.Type == "application/octet-stream" || bytes.IndexByte([]byte(p.Type), '/') < 0 ||
		strings.HasPrefix(p.Type, "application/x-") || p.Type == "application/html" || p.Type == "text/htm":
		if t := typeOfName(p.Filename()); t != "" {
			p.Type = t
			return
		}
		if p.Type == "application/octet-stream" && p.Filename() != "" {
			return
		}
	default:
		return
	}
	if looksHTML(r.head(p)) {
		p.Type, p.Sniffed = "text/html", true
	} else if p.Type == "text/plain" && len(p.disposition) > 0 {
		if t := typeOfName(p.Filename()); t != "" {
			p.Type = t
		}
	}
}

// typeOfName is the type that a file name stands for, "" for names that load
// nothing.
func typeOfName(name string) string {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return ""
	}
	switch strings.ToLower(name[i+1:]) {
	case "html", "htm", "shtml", "xht":
		return "text/html"
	case "xhtml":
		return "application/xhtml+xml"
	case "svg":
		return "image/svg+xml"
	case "ics":
		return "text/calendar"
	case "vcf":
		return "text/vcard"
	case "css":
		return "text/css"
	case "url", "webloc":
		return "text/uri-list"
	}
	return ""
}

// isMessageName reports whether a file of that name is a message: saved mail, or
// a web page saved as one.
func isMessageName(name string) bool {
	switch strings.ToLower(name[strings.LastIndexByte(name, '.')+1:]) {
	case "eml", "mht", "mhtml":
		return true
	}
	return false
}

// head decodes the first bytes of a part.
func (r *Reader) head(p *Part) []byte {
	raw := p.Raw()
	raw = raw[:min(len(raw), 1024)]
	if r.sniffed == nil {
		r.sniffed = make([]byte, 0, 1032)
	}
	switch p.Encoding {
	case "base64":
		out, _ := decodeBase64(r.sniffed, raw, 1024)
		return out
	case "quoted-printable":
		out, _ := decodeQP(r.sniffed, raw, 1024)
		return out
	}
	return raw
}

// looksHTML reports whether text starts as an HTML document does.
func looksHTML(b []byte) bool {
	b = bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF"))
	b = bytes.TrimLeft(b, " \t\r\n\f\x00")
	for bytes.HasPrefix(b, []byte("<!--")) {
		i := bytes.Index(b, []byte("-->"))
		if i < 0 {
			return false
		}
		b = bytes.TrimLeft(b[i+3:], " \t\r\n\f")
	}
	if len(b) < 4 || b[0] != '<' {
		return false
	}
	for _, s := range []string{
		"<!doctype html", "<html", "<head", "<body", "<table", "<div", "<img", "<p>", "<center", "<style", "<meta", "<font", "<script",
		"<iframe", "<a href", "<h1", "<br", "<span", "<?xml version", "<title",
	} {
		if len(b) >= len(s) && equalFold(b[:len(s)], s) {
			return s != "<?xml version" || bytes.Contains(bytes.ToLower(b), []byte("<html"))
		}
	}
	return false
}
