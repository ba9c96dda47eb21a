package outfile

import (
	"bytes"
	"io"
	"os"
)

// A Spool holds what is written to it, in memory while it is small and else in
// a temporary file. The zero value is empty.
type Spool struct {
	mem  []byte
	file *os.File
	size int64
}

// inMemory is how much a Spool holds without a file.
const inMemory = 32 << 20

// Write appends b.
func (s *Spool) Write(b []byte) (int, error) {
	if s.file == nil && len(s.mem)+len(b) > inMemory {
		f, err := os.CreateTemp("", "pixelsweep-")
		if err != nil {
			return 0, err
		}
		os.Remove(f.Name()) // it lives as long as it is open
		s.file = f
		if _, err := f.Write(s.mem); err != nil {
			return 0, err
		}
		s.mem = nil
	}
	s.size += int64(len(b))
	if s.file != nil {
		return s.file.Write(b)
	}
	s.mem = append(s.mem, b...)
	return len(b), nil
}

// Size is how many bytes were written.
func (s *Spool) Size() int64 { return s.size }

// ReadAt implements [io.ReaderAt].
func (s *Spool) ReadAt(b []byte, off int64) (int, error) {
	if s.file != nil {
		return s.file.ReadAt(b, off)
	}
	return bytes.NewReader(s.mem).ReadAt(b, off)
}

// Close frees what s holds.
func (s *Spool) Close() error {
	s.mem = nil
	if s.file != nil {
		return s.file.Close()
	}
	return nil
}

var _ io.ReaderAt = (*Spool)(nil)
