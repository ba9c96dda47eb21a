package template

import "bytes"

// Variants is how many readings a template needs so that each branch is read once.
func (d *Doc) Variants() int { return min(most(d.blocks), maxVariants) }

// Letter stands for what a tag writes.
const Letter = 'x'

// Mask returns the text with the tags hidden and, of the blocks that need it, the
// branches of one reading only, from 0. Its length is that of the text.
func (d *Doc) Mask(variant int) []byte {
	if len(d.Tags) == 0 && !d.mjml {
		return d.Text
	}
	read := make([]byte, len(d.Text))
	copy(read, d.Text)
	for i := range d.Tags {
		t := &d.Tags[i]
		switch {
		case t.Kind != Output || t.Around == InTag:
			blank(read[t.Start:t.End])
		default:
			for j := t.Start; j < t.End; j++ {
				read[j] = Letter
			}
			if d.beginsURL(t) {
				base(read[t.Start:t.End], d.Text[t.End:])
			}
		}
	}
	hide(read, d.blocks, variant)
	if variant > 0 {
		d.onlyBranches(read)
	}
	if d.mjml {
		d.html(read)
	}
	return read
}

// loading are the attributes that most references stand in.
var loading = map[string]bool{"src": true, "href": true, "background": true, "srcset": true}

// onlyBranches hides what an earlier reading has shown already, as far as it is easily
// told: what loads in elements without a branch.
func (d *Doc) onlyBranches(read []byte) {
	next := 0
	for i := range d.Elements {
		e := &d.Elements[i]
		for next < len(d.blocks) && d.blocks[next].end() <= e.Start {
			next++
		}
		if next < len(d.blocks) && d.blocks[next].blocks[0].start < e.End {
			continue
		}
		for _, a := range d.Attrs(e) {
			if n := a.End - a.Start; a.To > a.From && (n == 3 || n == 4 || n == 6 || n == 10) && loading[string(bytes.ToLower(d.Text[a.Start:a.End]))] {
				blank(read[a.Start:min(a.To+1, e.End-1)])
			}
		}
	}
}

// blank hides a stretch as white space. Line breaks may stay.
func blank(b []byte) {
	for i, c := range b {
		if c != '\n' && c != '\r' {
			b[i] = '\t'
		}
	}
}

// beginsURL reports whether a value may begin with the tag: an attribute's, or that
// of url() in a style sheet.
func (d *Doc) beginsURL(t *Tag) bool {
	i := t.Start - 1
	for i >= 0 && isSpace(d.Text[i]) {
		i--
	}
	if i < 0 {
		return false
	}
	if c := d.Text[i]; (c == '"' || c == '\'') && i > 0 {
		i--
	}
	return d.Text[i] == '=' || d.Text[i] == '('
}

// base makes of a tag the beginning of a URL: what it writes is taken for a scheme
// where "://" follows, else for a host.
func base(tag, rest []byte) {
	switch {
	case len(rest) >= 3 && string(rest[:3]) == "://":
		if len(tag) >= 5 {
			blank(tag)
			copy(tag[len(tag)-5:], "https")
		}
	case len(rest) > 0 && rest[0] == ':':
	case len(tag) >= 4:
		copy(tag, "//")
	}
}
