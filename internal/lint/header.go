package lint

import (
	"bytes"
	"strings"

	"github.com/pixelsweep/pixelsweep/internal/lint/template"
)

// A field is one field of a message's header, with its place in the file.
type field struct {
	name, value string // the value unfolded, without white space around it
	start, end  int
}

// headerFields reads the header of a message (RFC 5322 section 2.2), as forgiving as
// can be: lines that are no fields are passed over.
func headerFields(data []byte) []field {
	var fields []field
	for at := 0; at < len(data); {
		end := at
		if i := bytes.IndexByte(data[at:], '\n'); i >= 0 {
			end = at + i + 1
		} else {
			end = len(data)
		}
		line := bytes.TrimRight(data[at:end], "\r\n")
		if len(line) == 0 {
			if len(fields) > 0 {
				return fields
			}
			at = end
			continue
		}
		if (line[0] == ' ' || line[0] == '\t') && len(fields) > 0 {
			f := &fields[len(fields)-1]
			f.value = strings.TrimSpace(f.value + " " + strings.TrimSpace(string(line)))
			f.end = at + len(line)
		} else if name, value, ok := bytes.Cut(line, []byte(":")); ok && len(name) > 0 && !bytes.ContainsAny(name, " \t<") {
			fields = append(fields, field{string(name), strings.TrimSpace(string(value)), at, at + len(line)})
		}
		at = end
	}
	return fields
}

// field returns the first header field of a name, nil for none.
func (d *document) field(name string) *field {
	for i := range d.fields {
		if strings.EqualFold(d.fields[i].name, name) {
			return &d.fields[i]
		}
	}
	return nil
}

func (f *field) spot() spot { return spot{start: f.start, end: f.end, header: true} }

// finished reports whether the file is a message that was made for somebody, whose
// tags should have been filled in: one without tags in its header.
func (d *document) finished() bool {
	if d.html {
		return false
	}
	for _, name := range []string{"From", "To", "Subject"} {
		if f := d.field(name); f != nil && len(template.Read([]byte(f.value)).Tags) > 0 {
			return false
		}
	}
	return true
}
