// Package corpus measures accuracy: it scans labelled messages and counts what
// was found, missed, and wrongly found.
//
// A [Set] is read from a folder of messages with expectations ([ReadFolder]) or
// from a table of labelled loads ([ReadTable]); [Evaluate] judges it and counts
// by kind, vector, sender and more. [Generate] makes messages whose truth is
// known, as many as a test wants.
package corpus

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
)

// Message is a labelled message.
type Message struct {
	Name   string // its path in the set
	Group  string // the folder it stands in
	Data   []byte
	Labels []Label
	// Whole says that the labels name all that may be found; otherwise loads
	// without a label are left out of the count.
	Whole bool
}

// Set is a collection of labelled messages.
type Set struct {
	Messages []Message
	// Errors tell of messages and expectations that could not be read.
	Errors []error
}

// ErrNoLabels is returned for a folder or table that labels nothing.
var ErrNoLabels = errors.New("no labelled messages")

// ReadFolder reads messages of two folders, tracked and ok. Beside each
// NAME.eml of tracked stands NAME.want, with a line for each finding that must
// be made: kind, severity, vector, rule or -, recipient evidence, URL. In ok
// nothing that decides a verdict may be found.
func ReadFolder(fsys fs.FS) (*Set, error) {
	set := &Set{}
	for _, dir := range []string{"tracked", "ok"} {
		err := fs.WalkDir(fsys, dir, func(name string, d fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist) && name == dir:
			case err != nil:
				set.Errors = append(set.Errors, err)
			case !d.IsDir() && path.Ext(name) == ".eml":
				set.add(readMessage(fsys, name, dir == "tracked"))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if len(set.Messages) == 0 && len(set.Errors) == 0 {
		return nil, fmt.Errorf("%w: neither tracked/*.eml nor ok/*.eml", ErrNoLabels)
	}
	return set, nil
}

func (set *Set) add(m Message, err error) {
	if err != nil {
		set.Errors = append(set.Errors, err)
		return
	}
	set.Messages = append(set.Messages, m)
}

func readMessage(fsys fs.FS, name string, tracked bool) (Message, error) {
	m := Message{Name: name, Group: path.Dir(name), Whole: true}
	var err error
	if m.Data, err = fs.ReadFile(fsys, name); err != nil {
		return m, err
	}
	wants := strings.TrimSuffix(name, ".eml") + ".want"
	text, err := fs.ReadFile(fsys, wants)
	if errors.Is(err, fs.ErrNotExist) && !tracked {
		return m, nil
	}
	if err != nil {
		return m, err
	}
	m.Labels, err = parseWant(string(text), name)
	if err != nil {
		return m, fmt.Errorf("%s: %w", wants, err)
	}
	return m, nil
}

// parseWant reads an expectation.
func parseWant(text, name string) ([]Label, error) {
	var labels []Label
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if line == "" {
			continue
		}
		f := strings.SplitN(line, " ", 6)
		if len(f) != 6 {
			return nil, fmt.Errorf("line %d: want kind, severity, vector, rule, evidence and URL, got %q", i+1, line)
		}
		labels = append(labels, Label{File: name, URL: f[5], Kind: LabelTracker, Line: i + 1, Want: detector.Kind(f[0]), Vector: f[2]})
	}
	return labels, nil
}

// ReadTable reads a table of labels and the messages it names, which stand in
// the folder labelled beside it.
func ReadTable(fsys fs.FS, name string) (*Set, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	labels, err := ReadLabels(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(labels) == 0 {
		return nil, fmt.Errorf("%s: %w", name, ErrNoLabels)
	}
	set := &Set{}
	slices.SortStableFunc(labels, func(a, b Label) int { return strings.Compare(a.File, b.File) })
	for from := 0; from < len(labels); {
		to := from
		for to < len(labels) && labels[to].File == labels[from].File {
			to++
		}
		m := Message{Name: labels[from].File, Group: folder(labels[from].File), Labels: labels[from:to]}
		m.Data, err = fs.ReadFile(fsys, path.Join(path.Dir(name), "labelled", m.Name))
		set.add(m, err)
		from = to
	}
	return set, nil
}

// folder is the first two folders of a path.
func folder(name string) string {
	parts := strings.Split(name, "/")
	return strings.Join(parts[:min(len(parts)-1, 2)], "/")
}
