package detector

import (
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/payload"
	"github.com/pixelsweep/pixelsweep/detector/internal/weburl"
)

// body is what a request posts.
type body struct {
	fields  []payload.Field
	address bool // somebody's address stands in it
}

// body reads what a request posts, nil where it holds nothing to read.
func (s *scan) body(q *Request) *body {
	fields, whole := payload.Read(q.Media, []byte(q.Body))
	if !whole {
		s.cut("", "what is posted to "+short(q.URL)+" is not read whole")
	}
	if len(fields) == 0 {
		return nil
	}
	return &body{fields: fields}
}

// at returns the values at a place that a rule names: "query:ev" is the
// parameter of a form too, "body:user.email" what ends with these names.
func (b *body) at(place string) (values []string) {
	if b == nil {
		return nil
	}
	where, name, _ := strings.Cut(place, ":")
	for i := range b.fields {
		f := &b.fields[i]
		switch {
		case where == "query" && f.Form && f.Name == name, where == "body" && endsWith(f.Name, name):
			values = append(values, f.Value)
		}
	}
	return values
}

// endsWith reports whether the last keys of a name are those of end.
func endsWith(name, end string) bool {
	head, ok := strings.CutSuffix(name, end)
	return ok && end != "" && (head == "" || strings.HasSuffix(head, "."))
}

// named returns the fields that a rule's tag knows by their names.
func (b *body) named(places []string) (fields []payload.Field) {
	for _, p := range places {
		switch p {
		case "body":
			return b.fields
		case "query":
			for _, f := range b.fields {
				if f.Form {
					fields = append(fields, f)
				}
			}
		}
	}
	return fields
}

// queryText escapes what would end a parameter.
var queryText = strings.NewReplacer("%", "%25", "&", "%26", "#", "%23", "+", "%2B")

// url is the body written as the query of a URL, for the places of its tokens.
func (b *body) url() *weburl.URL {
	var q strings.Builder
	for i := range b.fields {
		f := &b.fields[i]
		if q.Len() > maxBodyText {
			break
		}
		if i > 0 {
			q.WriteByte('&')
		}
		q.WriteString(strings.ReplaceAll(queryText.Replace(f.Name), "=", "%3D"))
		q.WriteByte('=')
		q.WriteString(queryText.Replace(f.Value))
	}
	full := "body:?" + q.String()
	return &weburl.URL{Full: full, Scheme: "body", Query: full[len("body:?"):]}
}

// maxBodyText is how much of a body is searched for its reader; what a decoder
// takes of one URL is no more.
const maxBodyText = 64 << 10

// identifyBody adds to what a URL says about its reader what is posted there.
func (s *scan) identifyBody(m *matter) {
	u := m.body.url()
	rec, _, layers := s.search(u)
	if rec.Evidence == Proven || rec.Evidence == Likely && m.recipient.Evidence == NoEvidence {
		rec.How = "body, " + rec.How
		m.recipient = rec
	}
	if m.recipient.Evidence == NoEvidence && m.rule != nil {
		for _, place := range m.rule.Recipient {
			if len(m.body.at(place)) > 0 {
				m.recipient = Recipient{Likely, "body, " + placeWords(place) + ": a token that " + m.rule.Service.Name + " makes for each recipient"}
				break
			}
		}
	}
	m.body.address = holdsAddress(u.Query)
	for _, c := range carried(layers) {
		if len(m.carries) < maxCarried {
			c.At = "body" + strings.TrimPrefix(c.At, "query")
			m.carries = append(m.carries[:len(m.carries):len(m.carries)], c)
		}
	}
	for i := range layers {
		m.body.address = m.body.address || layers[i].Text && holdsAddress(view(layers[i].Data))
	}
}
