package detector

// wrapped is what is known of the links of a message that carry a token, as a
// click tracker's do. It is collected when the first image asks for it.
type wrapped struct {
	ready  bool
	hosts  map[string]bool
	shapes map[string]bool // their URLs with the token taken out
}

// collect reads the links of refs.
func (w *wrapped) collect(refs []ref) {
	w.ready = true
	if w.hosts == nil {
		w.hosts, w.shapes = map[string]bool{}, map[string]bool{}
	}
	for i := range refs {
		r := &refs[i]
		if r.Trigger != Click || r.Part == "HEADER" || r.real.Host == "" || w.hosts[r.real.Host] && len(w.shapes) >= maxShapes {
			continue
		}
		if token, _ := opaque(r.real.Path, r.real.Query); token != "" {
			w.hosts[r.real.Host] = true
			w.shapes[shape(r.real.Full, token)] = true
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
