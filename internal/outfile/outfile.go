// Package outfile writes files whole or not at all, as copies of others with
// some bytes changed, and keeps a journal from which they can be restored.
//
// A file is written under another name in its folder, and takes its name when
// it is complete. All names are below an [os.Root], so that no symbolic link
// leads out of it.
package outfile

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// A Change puts New in the place of Len bytes at Offset.
type Change struct {
	Offset int64
	Len    int64
	New    []byte
}

// Apply copies size bytes of src to w with the changes, which are in order and
// apart.
func Apply(w io.Writer, src io.ReaderAt, size int64, changes []Change) error {
	if f, ok := src.(*os.File); ok && len(changes) == 0 {
		// Between two files the system may copy by itself.
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		_, err := io.Copy(w, io.LimitReader(f, size))
		return err
	}
	at := int64(0)
	for _, c := range changes {
		if c.Offset < at || c.Offset+c.Len > size {
			return errors.New("a change lies outside the file")
		}
		if _, err := io.Copy(w, io.NewSectionReader(src, at, c.Offset-at)); err != nil {
			return err
		}
		if _, err := w.Write(c.New); err != nil {
			return err
		}
		at = c.Offset + c.Len
	}
	_, err := io.Copy(w, io.NewSectionReader(src, at, size-at))
	return err
}

// Attr is what a file keeps of the one that it was made of.
type Attr struct {
	Mode fs.FileMode
	Time time.Time   // zero for now
	New  bool        // nothing of that name is there, and its source stays
	Like fs.FileInfo // of the file whose owner it gets, nil for ours
}

// Write writes the file name below root: what fill writes, or nothing if that
// fails. check, if not nil, runs when the file is complete and can still stop it.
func Write(root *os.Root, name string, attr Attr, fill func(io.Writer) error, check func() error) (err error) {
	dir := path.Dir(filepath.ToSlash(name))
	temp, f, err := create(root, dir)
	if errors.Is(err, fs.ErrNotExist) && dir != "." {
		if err := root.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		temp, f, err = create(root, dir)
	}
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			root.Remove(temp)
		}
	}()
	buf := buffers.Get().(*bufio.Writer)
	defer buffers.Put(buf)
	buf.Reset(f)
	if err := fill(buf); err != nil {
		return err
	}
	if err := buf.Flush(); err != nil {
		return err
	}
	if attr.Like != nil {
		if err := keepOwner(f, attr.Like); err != nil {
			return fmt.Errorf("its owner cannot be kept: %w", err)
		}
	}
	if err := f.Chmod(attr.Mode.Perm() | 0o200); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	// What is replaced must not be lost when the machine stops; what is new has
	// its source.
	if !attr.New {
		if err := f.Sync(); err != nil {
			return err
		}
	}
	if err := f.Close(); err != nil {
		return err
	}
	if !attr.Time.IsZero() {
		if err := root.Chtimes(temp, attr.Time, attr.Time); err != nil {
			return err
		}
	}
	if attr.Mode.Perm()&0o200 == 0 {
		if err := root.Chmod(temp, attr.Mode.Perm()); err != nil {
			return err
		}
	}
	if check != nil {
		if err := check(); err != nil {
			return err
		}
	}
	if err := root.Rename(temp, name); err != nil || attr.New {
		return err
	}
	return syncDir(root, dir)
}

// syncDir makes the names in dir last. Not every system can.
func syncDir(root *os.Root, dir string) error {
	d, err := root.Open(dir)
	if err != nil {
		return nil
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}

// IsTemp reports whether a name is one of the files that are being written. One
// may be left where a program was killed.
func IsTemp(name string) bool {
	return strings.HasPrefix(name, tempPrefix) && strings.HasSuffix(name, tempSuffix)
}

const tempPrefix, tempSuffix = ".pixelsweep-", ".tmp"

var buffers = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, 64<<10) }}

// create makes a file of a new name in dir.
func create(root *os.Root, dir string) (string, *os.File, error) {
	for range 100 {
		var b [8]byte
		rand.Read(b[:])
		name := path.Join(dir, tempPrefix+hex.EncodeToString(b[:])+tempSuffix)
		f, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if !errors.Is(err, fs.ErrExist) {
			return name, f, err
		}
	}
	return "", nil, fmt.Errorf("%s: no free name for a temporary file", dir)
}
