package template

import "strings"

// mjmlElements are the elements of MJML that load or link, and the HTML that loads the
// same (documentation.mjml.io, "Components"). No name is longer than the one that it
// stands for.
var mjmlElements = map[string]string{
	"mj-image": "img", "mj-carousel-image": "img", "mj-social-element": "img", "mj-font": "img", "mj-button": "a", "mj-navbar-link": "a",
	"mj-accordion": "img", "mj-accordion-element": "img", "mj-carousel": "img", "mj-class": "img",
	"mj-section": "table", "mj-wrapper": "table", "mj-hero": "table", "mj-body": "div", "mj-style": "style",
}

// html turns the elements of MJML into HTML, in place.
func (d *Doc) html(read []byte) {
	for i := range d.Elements {
		e := &d.Elements[i]
		name, slash := strings.CutPrefix(e.Name, "/")
		as, ok := mjmlElements[name]
		if !ok {
			continue
		}
		at := e.Start + 1
		if slash {
			at++
		}
		put(read[at:at+len(name)], as)
		for _, a := range d.Attrs(e) {
			switch strings.ToLower(string(d.Text[a.Start:a.End])) {
			case "background-url":
				if as == "img" { // mj-class, whose attributes go to any element
					put(read[a.Start:a.End], "lowsrc")
				} else {
					put(read[a.Start:a.End], "background")
				}
			case "icon-wrapped-url", "left-icon":
				put(read[a.Start:a.End], "src")
			case "thumbnails-src", "icon-unwrapped-url", "right-icon": // which load beside src
				put(read[a.Start:a.End], "lowsrc")
			case "href":
				if name == "mj-font" {
					put(read[a.Start:a.End], "src")
				}
			}
		}
	}
}

// put writes s over b and fills the rest with spaces.
func put(b []byte, s string) {
	for i := copy(b, s); i < len(b); i++ {
		b[i] = ' '
	}
}
