package lint

import (
	"cmp"
	"slices"

	"github.com/pixelsweep/pixelsweep/detector"
)

// A Load is what a message makes a client load from one host.
type Load struct {
	Host       string   `json:"host"` // "" where a tag writes it
	Service    string   `json:"service,omitempty"`
	Operator   string   `json:"operator,omitempty"`
	Party      string   `json:"party"`     // first, third or unknown
	Reporting  bool     `json:"reporting"` // exists to report the opening
	Individual string   `json:"individual"`
	How        []string `json:"how,omitempty"`    // by what it is individual
	Events     []string `json:"events,omitempty"` // what is reported
	Count      int      `json:"count"`
	Files      []string `json:"files"`
}

// The grades of Load.Individual, as of recipient evidence.
const (
	aggregate  = "aggregate" // one URL for everybody, as far as can be seen
	individual = "individual"
	likely     = "likely individual"
)

// declare notes what the document loads by whom.
func (d *document) declare() {
	if !d.linter.opts.Declare {
		return
	}
	for _, r := range d.refs {
		if !r.loads() || r.Host == "" || r.Scheme() != "http" && r.Scheme() != "https" {
			continue
		}
		l := Load{Party: [...]string{"unknown", "first", "third"}[d.party(r)], Reporting: r.beacon(), Individual: aggregate, Count: 1, Files: []string{d.path}}
		if r.known() {
			l.Host = r.Host
		}
		if f := r.finding; f != nil {
			if f.Service != nil {
				l.Service, l.Operator = f.Service.Name, f.Service.Operator
			}
			if f.Kind != detector.RemoteContent {
				l.Events = f.Events
			}
		}
		if how := r.individual(); how != "" {
			l.Individual, l.How = individual, []string{how}
			if r.likely() {
				l.Individual = likely
			}
		}
		d.loads = append(d.loads, l)
	}
}

// A Declaration sums up what many files load: one entry for each host, service,
// party, and grade.
type Declaration struct {
	Schema string `json:"schema"`
	Files  int    `json:"files"`
	Loads  []Load `json:"loads"`
	Note   string `json:"note"`
}

// DeclarationSchema names the JSON form of a [Declaration].
const DeclarationSchema = "pixelsweep.declaration/1"

// Declare sums up files. What a server stores and for how long cannot be seen in a
// message, so it is left to whoever writes the notice.
func Declare(files []*File) *Declaration {
	d := &Declaration{Schema: DeclarationSchema, Files: len(files), Loads: []Load{}, Note: Disclaimer}
	type key struct {
		host, service, party, individual string
		reporting                        bool
	}
	at := map[key]int{}
	for _, f := range files {
		for _, l := range f.Loads {
			k := key{l.Host, l.Service, l.Party, l.Individual, l.Reporting}
			i, ok := at[k]
			if !ok {
				at[k] = len(d.Loads)
				l.How, l.Events, l.Files = slices.Clone(l.How), slices.Clone(l.Events), slices.Clone(l.Files)
				d.Loads = append(d.Loads, l)
				continue
			}
			have := &d.Loads[i]
			have.Count += l.Count
			have.How = union(have.How, l.How)
			have.Events = union(have.Events, l.Events)
			have.Files = union(have.Files, l.Files)
		}
	}
	slices.SortFunc(d.Loads, func(a, b Load) int {
		return cmp.Or(cmp.Compare(rank(&b), rank(&a)), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Host, b.Host),
			cmp.Compare(a.Party, b.Party), cmp.Compare(a.Individual, b.Individual))
	})
	return d
}

// rank puts first what matters most.
func rank(l *Load) int {
	n := map[string]int{individual: 4, likely: 2, aggregate: 0}[l.Individual]
	if l.Reporting {
		n++
	}
	return n
}

// maxListed is how many reasons or files an entry names.
const maxListed = 20

func union(have, more []string) []string {
	for _, s := range more {
		if len(have) < maxListed && !slices.Contains(have, s) {
			have = append(have, s)
		}
	}
	return have
}
