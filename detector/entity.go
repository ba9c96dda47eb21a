package detector

import (
	"bytes"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/mime"
	"github.com/pixelsweep/pixelsweep/detector/internal/trace"
	"github.com/pixelsweep/pixelsweep/detector/internal/weburl"
)

// base is what the relative URLs of a part are relative to: what its header
// says, or that of what it stands in.
func (s *scan) base(p *mime.Part) *weburl.URL {
	parts := s.mime.Parts()
	for range maxNesting {
		if len(p.Base) > 0 {
			if u, ok := weburl.Parse(strings.Trim(view(p.Base), " \t\"<>"), nil); ok && weburl.IsRemote(u) {
				return &u
			}
		}
		if p.Parent < 0 {
			break
		}
		p = &parts[p.Parent]
	}
	return nil
}

// maxNesting bounds the search for a base.
const maxNesting = 64

// externalBody lists the URL that a message/external-body part points to (RFC
// 2017). Clients show it as an attachment that is fetched when it is opened.
func (s *scan) externalBody(p *mime.Part) {
	text := strings.NewReplacer(" ", "", "\t", "").Replace(p.Param("url"))
	u, ok := weburl.Parse(text, nil)
	if !ok || !weburl.IsRemote(u) {
		return
	}
	r := ref{url: u}
	r.Vector, r.Trigger, r.Offset, r.end, r.rawOffset = "mime:external-body", Click, 0, -1, -1
	s.refs = append(s.refs, r)
	s.settle(s.refs[len(s.refs)-1:], place{part: p.Path, media: p.Type, src: p.Raw(), text: p.Raw(), index: trace.Untraced})
}

// certificates lists the URLs in the certificates of an S/MIME part: who
// issued them, and where to ask whether they are revoked (RFC 5280 sections
// 4.2.1.13 and 4.2.2.1). Clients ask there when they check a signature.
func (s *scan) certificates(der []byte, at place) {
	from := len(s.refs)
	for pos := 0; len(s.refs) < s.det.opts.Limits.References; {
		i := bytes.Index(der[pos:], []byte("http"))
		if i < 0 {
			break
		}
		i += pos
		pos = i + 4
		// A GeneralName of kind uniformResourceIdentifier: tag, length, text.
		if i < 2 || der[i-2] != 0x86 || der[i-1] >= 0x80 || i+int(der[i-1]) > len(der) {
			continue
		}
		end := i + int(der[i-1])
		u, ok := weburl.Parse(view(der[i:end]), nil)
		if !ok || !weburl.IsRemote(u) {
			continue
		}
		r := ref{url: u, end: end}
		r.Vector, r.Trigger, r.Offset = "mime:certificate", Auto, i
		s.refs = append(s.refs, r)
		pos = end
	}
	s.settle(s.refs[from:], at)
}
