package main

import (
	"bytes"
	"slices"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/internal/source"
)

// byLine are the formats that name the line in a file.
var byLine = map[string]bool{"github": true, "gitlab": true, "sarif": true, "junit": true}

// inFile says of the findings in a message where they stand in its file: the line, in
// base64 that of the letters that hold them, and the column where the bytes are the
// same there. r must list its references. In an mbox and in a compressed file nothing
// is known.
func inFile(r *detector.Report, it *source.Item) {
	if it.Kind == source.HTML || it.Index > 0 || it.Gzip {
		return
	}
	above := bytes.Count(it.Before, []byte("\n"))
	var starts []int // of lines
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Ref < 1 || f.Ref > len(r.References) {
			continue
		}
		ref := &r.References[f.Ref-1]
		if ref.RawOffset == nil || *ref.RawOffset > len(it.Data) {
			continue
		}
		if starts == nil {
			starts = []int{0}
			for i, c := range it.Data {
				if c == '\n' {
					starts = append(starts, i+1)
				}
			}
		}
		at := *ref.RawOffset
		line, _ := slices.BinarySearch(starts, at+1)
		f.FileLine = above + line
		written := ref.Raw
		if written == "" {
			written = ref.URL
		}
		if bytes.HasPrefix(it.Data[at:], []byte(written)) {
			f.FileColumn = at - starts[line-1] + 1
		}
	}
}
