package detector

import "strings"

// wrapped is what is known of the links of a message that carry a token, as a
// click tracker's do. It is collected when the first image asks for it.
type wrapped struct {
	ready  bool
	hosts  map[string]bool
	shapes map[string]string // a URL by what is left without its token; "" for several
}

// collect reads the links of refs.
func (w *wrapped) collect(refs []ref) {
	w.ready = true
	if w.hosts == nil {
		w.hosts, w.shapes = map[string]bool{}, map[string]string{}
	}
	for i := range refs {
		r := &refs[i]
		if r.Trigger != Click || r.Part == "HEADER" || r.real.Host == "" || w.hosts[r.real.Host] && len(w.shapes) >= maxShapes {
			continue
		}
		if token, _ := opaque(r.real.Path, r.real.Query); token != "" {
			w.hosts[r.real.Host] = true
			key := withoutToken(r.real.Full, token)
			if url, ok := w.shapes[key]; !ok {
				w.shapes[key] = r.real.Full
			} else if url != r.real.Full {
				w.shapes[key] = ""
			}
		}
	}
}

// maxShapes bounds the shapes that are kept of one message.
const maxShapes = 1000

func (w *wrapped) reset() {
	w.ready = false
	clear(w.hosts)
	clear(w.shapes)
}

// has reports whether a link has the shape of url. One that leads to url itself
// shows the picture in full, and tells nothing.
func (w *wrapped) has(url, token string) bool {
	link, ok := w.shapes[withoutToken(url, token)]
	return ok && link != url
}

// withoutToken is a URL with a star for its token.
func withoutToken(url, token string) string {
	before, after, _ := strings.Cut(url, token)
	return before + "*" + after
}
