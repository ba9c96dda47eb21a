package template

import (
	"bytes"
	"cmp"
	"slices"
)

// A Stretch is a part of the text, [From, To).
type Stretch struct{ From, To int }

// Comments lists what stands in comments, without their signs: those of the template
// language, of the markup, and of style sheets and scripts. What only looks like one,
// in an attribute's value, in a string or in text that is shown, is none. Without
// markup only the template language has comments.
func (d *Doc) Comments(markup bool) []Stretch {
	var found, strs []Stretch
	if markup {
		found = slices.Clone(d.comments)
	}
	for i := 0; markup && i < len(d.Elements); i++ {
		e := &d.Elements[i]
		switch {
		case e.Name == "style":
			strs = d.code(Stretch{e.End, e.Body}, false, strs, &found)
		case e.Name == "script":
			strs = d.code(Stretch{e.End, e.Body}, true, strs, &found)
		case e.Name == "mj-style" && i+1 < len(d.Elements):
			strs = d.code(Stretch{e.End, d.Elements[i+1].Start}, false, strs, &found)
		}
	}
	for i := range d.Tags {
		t := &d.Tags[i]
		for len(strs) > 0 && strs[0].To <= t.Start {
			strs = strs[1:]
		}
		if t.Kind != Comment || t.Around == InValue || t.Around == InName || len(strs) > 0 && strs[0].From <= t.Start {
			continue
		}
		to := t.To
		if d.Text[t.Start+1] == '%' && d.Text[t.Start] == '{' { // {% comment %} … {% endcomment
			to = t.From + max(bytes.LastIndex(d.Text[t.From:to], []byte("{%")), 0)
		}
		from := t.From
		for from < to && (isSpace(d.Text[from]) || d.Text[from] == '!' || d.Text[from] == '-') {
			from++
		}
		found = append(found, Stretch{from, to})
	}
	slices.SortStableFunc(found, func(a, b Stretch) int { return cmp.Compare(a.From, b.From) })
	return found
}

// code reads a style sheet or a script: its comments go to found, its strings to strs.
// A regular expression with a quote is taken for a string up to the end of the line.
func (d *Doc) code(s Stretch, script bool, strs []Stretch, found *[]Stretch) []Stretch {
	text := d.Text[:s.To]
	tags := d.Within(s.From, s.To)
	quote, from := byte(0), 0
	for i := s.From; i < s.To; i++ {
		for len(tags) > 0 && tags[0].End <= i {
			tags = tags[1:]
		}
		if len(tags) > 0 && tags[0].Start <= i {
			i = tags[0].End - 1
			continue
		}
		c := text[i]
		switch {
		case quote != 0:
			switch {
			case c == '\\':
				i++
			case c == quote || quote != '`' && c == '\n':
				strs, quote = append(strs, Stretch{from, i}), 0
			}
		case c == '"' || c == '\'' || script && c == '`':
			quote, from = c, i
		case c == '/' && i+1 < s.To && text[i+1] == '*':
			n := bytes.Index(text[i+2:min(s.To, i+2+maxTag)], []byte("*/"))
			if n < 0 {
				return append(strs, Stretch{i, s.To})
			}
			*found = append(*found, Stretch{i + 2, i + 2 + n})
			i += n + 3
		case script && c == '/' && i+1 < s.To && text[i+1] == '/':
			for i < s.To && text[i] != '\n' {
				i++
			}
		}
	}
	if quote != 0 {
		strs = append(strs, Stretch{from, s.To})
	}
	return strs
}
