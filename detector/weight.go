package detector

import "strings"

// Points are what each signal adds to the score, by the signal's name or, for
// one that comes in several strengths, by name and variant: "size:1x1".
type Points map[string]int

// DefaultPoints returns a copy of the points that findings get unless
// [Options] says otherwise. They are fitted on labelled mail; package corpus
// holds the step that does it.
func DefaultPoints() Points {
	p := make(Points, len(defaultPoints))
	for name, n := range defaultPoints {
		p[name] = n
	}
	return p
}

// SignalName returns the name of the signal that a name of [Points] belongs to:
// "size" for "size:1x1".
func SignalName(name string) string {
	name, _, _ = strings.Cut(name, ":")
	return name
}

// weight is one entry of [Points].
type weight uint8

// The weights, those against last.
const (
	knownService weight = iota
	serviceShape
	loadsClick
	personalContent
	sizeOne
	sizeTiny
	hidden
	namesReader
	address
	opaqueToken
	opaqueFile
	pathWordFound
	hostWord
	endpoint
	lastImage
	bareToken
	beaconElement
	sizeFrame
	linkShape
	linkHost
	conditional
	conditionalScheme
	inFilter
	ownName
	visibleSize
	deviceVariant
	plainFile
	repeated
	altText
	styleOrFont
	contentHost
	deviceMso
	inLink
	spacerFile
	weights // how many there are
)

var weightNames = [weights]string{
	"known-service", "service-shape", "loads-a-click", "personal-content", "size:1x1", "size:tiny", "hidden",
	"recipient", "address", "opaque-token", "opaque-token:file", "path-word", "host-word", "endpoint", "last",
	"bare-token", "beacon-element", "size:frame", "link-shape", "link-host", "conditional", "conditional:scheme", "filter", "own-name",
	"visible-size", "device-variant", "plain-file", "repeated", "alt-text", "style-or-font", "content-host",
	"device-variant:mso", "in-link", "plain-file:spacer",
}

// pointTable holds the points of each weight.
type pointTable [weights]int

// table lets the names of p win over the defaults. Names that no weight has
// are ignored.
func (p Points) table() *pointTable {
	var t pointTable
	for w, name := range weightNames {
		n, ok := p[name]
		if !ok {
			n = defaultPoints[name]
		}
		t[w] = n
	}
	return &t
}

// signal makes the signal of w. One without points says nothing.
func (m *matter) signal(w weight, detail string) (Signal, bool) {
	n := m.points[w]
	return Signal{SignalName(weightNames[w]), n, detail}, n != 0
}
