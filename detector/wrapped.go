package detector

import "strings"

// wrapped is what is known of the links of a message that carry a token, as a
// click tracker's do. Those of a host are collected when the first image there
// asks for them.
type wrapped struct {
	ready  map[string]bool // hosts whose links are collected
	all    bool            // those of all others too
	hosts  map[string]bool
	shapes map[string]string // a URL by what is left without its token; "" for several
}

// maxAsked is how many hosts are asked for one by one.
const maxAsked = 20

// collect reads the links of refs to a host, unless it did so before.
func (w *wrapped) collect(refs []ref, host string) {
	if w.all || w.ready[host] {
		return
	}
	if w.hosts == nil {
		w.ready, w.hosts, w.shapes = map[string]bool{}, map[string]bool{}, map[string]string{}
	}
	w.ready[host] = true
	w.all = len(w.ready) > maxAsked
	for i := range refs {
		r := &refs[i]
		if r.Trigger != Click || r.Part == "HEADER" || r.real.Host == "" || r.real.Host != host && (!w.all || w.ready[r.real.Host]) || w.hosts[r.real.Host] && len(w.shapes) >= maxShapes {
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
	w.all = false
	clear(w.ready)
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
