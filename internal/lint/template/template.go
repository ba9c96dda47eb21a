// Package template reads markup that holds the tags of a template language.
//
// It finds the tags (Handlebars and Mustache, Liquid and Braze, Jinja, Twig, Go,
// ERB and EJS, PHP, Mailchimp's *|…|*, AMPscript and %%…%%, and what smaller
// services use), says what stands around each, and hides them, byte for byte, so
// that an HTML reader sees the markup which is left:
//
//	<img {{#if wide}}src="https://a.example/w.png"{{else}}src="https://a.example/{{size}}.png"{{/if}}>
//
// is read twice, once for each branch:
//
//	<img             src="https://a.example/w.png"                                                   >
//	<img                                                   src="https://a.example/xxxxxxxx.png"       >
//
// A tag that writes something becomes letters, so that a URL stays one; a tag that
// controls becomes white space which HTML and URLs ignore (WHATWG URL section 4.4
// drops tabs). It knows which tags name a person, by a table of services (persons.go).
package template

import (
	"slices"
	"sort"
	"strings"
)

// Kind says what a tag does.
type Kind uint8

// The kinds of tags.
const (
	Output  Kind = iota // writes a value
	Control             // opens, parts or ends a block, or sets something
	Comment             // is not sent
)

// Around says where in the markup a tag stands.
type Around uint8

// The places of a tag.
const (
	InText  Around = iota // between elements, in a comment, a style sheet or a script
	InTag                 // where attributes stand
	InName                // at the place of an element's name
	InValue               // in the value of an attribute
)

// A Tag is one tag of a template language.
type Tag struct {
	Start, End int // in the text, with its delimiters
	From, To   int // what stands between the delimiters, without white space
	Kind       Kind
	Around     Around
	role       role
	person     Person
}

// A Doc is a template as it was read. It is immutable.
type Doc struct {
	Text     []byte
	Tags     []Tag // in order of place
	Elements []Element
	Cut      bool // there are more tags or elements than are read
	Missed   bool // there are more branches inside an element than are read
	attrs    []Attr
	comments []Stretch // of the markup
	blocks   []set
	people   map[string]Person // variables that were set to a person
	aliases  map[string]string // variables that were set to a person as a whole
	mjml     bool
}

// Read finds the tags and elements of a text.
func Read(text []byte) *Doc {
	d := &Doc{Text: text}
	d.Tags, d.Cut = find(text)
	d.outline()
	d.mjml = slices.ContainsFunc(d.Elements, func(e Element) bool { return e.Name == "mjml" || strings.HasPrefix(e.Name, "mj-") })
	d.findBlocks()
	d.assignments()
	d.persons()
	return d
}

// Inner returns what stands between the delimiters of a tag of text.
func (t *Tag) Inner(text []byte) string { return string(text[t.From:t.To]) }

// Within returns the tags that stand, at least in part, in [start, end).
func (d *Doc) Within(start, end int) []Tag {
	i := sort.Search(len(d.Tags), func(i int) bool { return d.Tags[i].End > start })
	j := i
	for j < len(d.Tags) && d.Tags[j].Start < end {
		j++
	}
	return d.Tags[i:j]
}
