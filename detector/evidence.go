package detector

import (
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/token"
	"github.com/pixelsweep/pixelsweep/detector/internal/weburl"
	"github.com/pixelsweep/pixelsweep/rules"
)

// identity is what a URL says about its reader.
type identity struct {
	recipient Recipient
	place     token.Place // of the reader in the URL
	address   bool        // it carries somebody's address, encoded
	carries   []Carried
	token     string // an opaque token, and where it stands; not for links
	tokenAt   string
}

// identify decodes the URL and says whether it identifies the reader. Many URLs
// stand in a message more than once: an image and its text lead to one page.
func (s *scan) identify(m *matter) {
	if m.repeats == 1 {
		m.identity = s.identity(m)
	} else {
		key := judged{m.real.Full, m.class == linkClass}
		id, seen := s.judged[key]
		if !seen {
			id = s.identity(m)
			s.judged[key] = id
		}
		m.identity = id
	}
	if m.body != nil {
		s.identifyBody(m)
	}
}

// judged is a URL whose identity is known.
type judged struct {
	url  string
	link bool
}

// shares reports whether a token is the number of the mailing.
func (r *reader) shares(t string) bool {
	for i := range r.traits {
		if f := &r.traits[i]; f.evidence == NoEvidence && f.text == t {
			return true
		}
	}
	return false
}

func (s *scan) identity(m *matter) identity {
	var id identity
	var layers []token.Layer
	u, r := &m.real, s.know()
	id.recipient, id.place, layers = s.search(u)
	id.place.Name = ""
	if id.recipient.Evidence == NoEvidence {
		if guess := guess(m); guess.Evidence != "" {
			id.recipient = guess
		}
	}
	if m.class != linkClass {
		id.token, id.tokenAt = opaque(u.Path, u.Query)
		if id.token != "" && id.recipient.Evidence == NoEvidence && !m.static() && !r.shares(id.token) {
			id.recipient = Recipient{Likely, id.tokenAt + ": " + shapeOf(id.token).String()}
		}
	}
	if len(layers) > 0 {
		id.carries = carried(layers)
		for i := range layers {
			id.address = id.address || layers[i].Text && holdsAddress(view(layers[i].Data))
		}
	}
	return id
}

// search looks for the reader in a URL and in what it carries, which it returns.
func (s *scan) search(u *weburl.URL) (rec Recipient, at token.Place, layers []token.Layer) {
	rec.Evidence = NoEvidence
	r := s.know()
	best, layer := hit{}, -1
	if r.known() {
		best = r.find(bytesOf(u.Full))
	}
	if !s.spent {
		layers = s.tokens.Decode(u)
	}
	if best.evidence != Proven && r.known() {
		best, layer = r.within(layers, best)
	}
	if best.evidence != "" {
		rec.Evidence = best.evidence
	}
	switch {
	case layer >= 0:
		l := &layers[layer]
		at = l.Place
		rec.How = at.Words() + ": " + chain(l.Steps.List()) + best.what
	case best.what != "":
		at = token.At(u, best.at)
		rec.How = at.Words() + ": " + best.what
	}
	return rec, at, layers
}

// within looks for the reader in the layers of a URL and returns which one he
// stands in, -1 for none. Outer layers go first: the shortest way to read the
// reader out of it is the clearest.
func (r *reader) within(layers []token.Layer, best hit) (hit, int) {
	from := -1
	for i := range layers {
		l := &layers[i]
		got := r.find(l.Data)
		if got.rank() < 2 && !l.Text {
			got = r.isDigest(l.Data)
		}
		if got.rank() > max(best.rank(), 1) {
			best, from = got, i
		}
		if best.evidence == Proven {
			break
		}
	}
	return best, from
}

// chain names the encodings around a find, without those that every URL has, and
// without the one that a digest is written in.
func chain(steps []token.Encoding) string {
	var b strings.Builder
	for i, e := range steps {
		if e == token.Percent || e == token.Escapes || e == token.Entity || e == token.Base16 && i == len(steps)-1 {
			continue
		}
		b.WriteString(e.String())
		b.WriteString(" of ")
	}
	return b.String()
}

// guess looks for what a service puts where it has its token of the reader.
func guess(m *matter) Recipient {
	if m.rule != nil {
		u := rules.URL{Full: m.real.Full, Host: m.real.Host, Path: path(m.real.Path), Query: m.real.Query}
		for _, place := range m.rule.Recipient {
			if rules.Lookup(u, place) != "" {
				return Recipient{Likely, placeWords(place) + ": a token that " + m.rule.Service.Name + " makes for each recipient"}
			}
		}
	}
	if name, service := personal(m.real.Query); name != "" {
		return Recipient{Likely, "parameter " + name + ": by which " + service + " knows the reader again"}
	}
	return Recipient{}
}

// placeWords names a place of a rule as [token.Place.Words] does.
func placeWords(place string) string {
	where, name, _ := strings.Cut(place, ":")
	switch {
	case where == "query" && name != "":
		return "parameter " + name
	case where == "path" && name == "-1":
		return "last path segment"
	case where == "path":
		return "path segment " + name
	case where == "host":
		return "host label " + name
	}
	return where
}
