package outfile

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
)

// JournalSchema names the format of a journal: JSON lines, one an [Entry].
const JournalSchema = "pixelsweep.journal/1"

// Entry is what was taken out of one file.
type Entry struct {
	Schema string  `json:"schema"`
	Path   string  `json:"path"`   // of the rewritten file, absolute; "-" for standard output
	Before string  `json:"before"` // SHA-256 of the whole file
	After  string  `json:"after"`
	Taken  []Taken `json:"taken"`
}

// Taken is one stretch of the rewritten file and what stood there.
type Taken struct {
	Offset int64  `json:"offset"`
	Length int64  `json:"length"` // -1 for all that follows
	Bytes  []byte `json:"bytes"`  // base64
}

// Record makes the entry of a change of src, whose hash is after.
func Record(path string, src io.ReaderAt, size int64, changes []Change, after string) (Entry, error) {
	e := Entry{Schema: JournalSchema, Path: path, After: after}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(src, 0, size)); err != nil {
		return e, err
	}
	e.Before = hex.EncodeToString(h.Sum(nil))
	shift := int64(0)
	for _, c := range changes {
		b := make([]byte, c.Len)
		if _, err := src.ReadAt(b, c.Offset); err != nil && !(errors.Is(err, io.EOF) && c.Offset+c.Len == size) {
			return e, err
		}
		e.Taken = append(e.Taken, Taken{Offset: c.Offset + shift, Length: int64(len(c.New)), Bytes: b})
		shift += int64(len(c.New)) - c.Len
	}
	return e, nil
}

// Hash is the SHA-256 of size bytes of r.
func Hash(r io.ReaderAt, size int64) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(r, 0, size)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// ErrHash is what Restore returns for a file that is not the one that was
// written.
var ErrHash = errors.New("the file was changed since it was rewritten, it is left alone")

// ErrRestored is what Restore returns for a file that is as it was.
var ErrRestored = errors.New("the file is as it was")

// Restore writes to w what was before e.
func (e *Entry) Restore(w io.Writer, src io.ReaderAt, size int64) error {
	sum, err := Hash(src, size)
	switch {
	case err != nil:
		return err
	case sum == e.Before:
		return ErrRestored
	case sum != e.After:
		return ErrHash
	}
	changes := make([]Change, len(e.Taken))
	for i, t := range e.Taken {
		if t.Length < 0 {
			t.Length = size - t.Offset
		}
		changes[i] = Change{t.Offset, t.Length, t.Bytes}
	}
	h := sha256.New()
	if err := Apply(io.MultiWriter(w, h), src, size, changes); err != nil {
		return err
	}
	if hex.EncodeToString(h.Sum(nil)) != e.Before {
		return errors.New("the journal is damaged: what it gives is not the original")
	}
	return nil
}

// A Journal appends entries to a file. A nil *Journal keeps nothing.
type Journal struct {
	mu sync.Mutex
	f  *os.File
}

// OpenJournal appends to the journal at path, which it creates for its owner
// alone.
func OpenJournal(path string) (*Journal, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return &Journal{f: f}, nil
}

// Add writes an entry so that it lasts.
func (j *Journal) Add(e Entry) error {
	if j == nil {
		return nil
	}
	b, err := json.Marshal(e)
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	info, err := j.f.Stat()
	if err != nil {
		return err
	}
	if _, err := j.f.Write(append(b, '\n')); err != nil {
		// Half a line would spoil the ones after it.
		return errors.Join(err, j.f.Truncate(info.Size()))
	}
	return j.f.Sync()
}

// Close closes the file.
func (j *Journal) Close() error {
	if j == nil {
		return nil
	}
	return j.f.Close()
}

// ReadJournal returns the entries of a journal, the last one first, since they
// are undone in that order. A last line that was cut off is left out.
func ReadJournal(path string) ([]Entry, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var out []Entry
	r := bufio.NewReader(bytes.NewReader(data))
	for n := 1; ; n++ {
		line, err := r.ReadBytes('\n')
		if err != nil {
			break
		}
		var e Entry
		if err := json.Unmarshal(line, &e); err != nil || e.Schema != JournalSchema {
			return nil, fmt.Errorf("%s:%d: no journal of pixelsweep", path, n)
		}
		out = append(out, e)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no journal of pixelsweep", path)
	}
	slices.Reverse(out)
	return out, nil
}
