package detector

import (
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/token"
	"github.com/pixelsweep/pixelsweep/rules"
)

// identify decodes the URL and says whether it identifies the reader.
func (s *scan) identify(m *matter) {
	m.recipient.Evidence = NoEvidence
	u := &m.real
	r := s.know()
	best := r.find(bytesOf(u.Full))
	at, steps := -1, []token.Encoding(nil)
	if best.evidence == Proven {
		at = best.at
	}
	m.layers = s.tokens.Decode(u)
	place := token.Place{}
	if at < 0 {
		best, place, steps = r.within(m.layers, best)
	}
	if best.what != "" && steps == nil {
		place = token.At(u, best.at)
	}
	if best.evidence != "" {
		m.recipient.Evidence = best.evidence
	}
	if best.what != "" {
		m.place = place
		m.recipient.How = place.Words() + ": " + chain(steps) + best.what
	}
	if m.recipient.Evidence == NoEvidence {
		s.guess(m)
	}
	if m.class != linkClass {
		m.token, m.tokenAt = opaque(u.Path, u.Query)
		if m.token != "" && m.recipient.Evidence == NoEvidence && !m.static() {
			m.recipient = Recipient{Likely, m.tokenAt + ": " + shapeOf(m.token).String()}
		}
	}
}

// within looks for the reader in the layers of a URL. Outer layers go first:
// the shortest way to read the reader out of it is the clearest.
func (r *reader) within(layers []token.Layer, best hit) (hit, token.Place, []token.Encoding) {
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
	if from < 0 {
		return best, token.Place{}, nil
	}
	l := &layers[from]
	return best, l.Place, l.Steps.List()
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
func (s *scan) guess(m *matter) {
	if m.rule != nil {
		u := rules.URL{Full: m.real.Full, Host: m.real.Host, Path: path(m.real.Path), Query: m.real.Query}
		for _, place := range m.rule.Recipient {
			if rules.Lookup(u, place) != "" {
				m.recipient = Recipient{Likely, placeWords(place) + ": a token that " + m.rule.Service.Name + " makes for each recipient"}
				return
			}
		}
	}
	if name, service := personal(m.real.Query); name != "" {
		m.recipient = Recipient{Likely, "parameter " + name + ": by which " + service + " knows the reader again"}
	}
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
