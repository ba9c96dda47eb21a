package rulecache

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pixelsweep/pixelsweep/rules/filter"
)

// A Source is a file that holds a filter list.
type Source struct {
	Name string // of the list, in matches and errors
	Path string
}

// A Result is an engine and where it came from.
type Result struct {
	Engine *filter.Engine
	Lists  []*filter.List // what was parsed; nil when the cache was used
	Cached bool
	// Cache says why the cache could not be used or written; a table that is
	// missing or older than its lists is no reason. The engine is good.
	Cache error
}

// ErrUntrusted is the reason for a folder or file that another user can have
// written.
var ErrUntrusted = errors.New("not ours alone")

// A file is a header, what the table was made from, and the table:
//
//	0  magic, 8 bytes
//	8  length of the stamp, uint32
//	12 length of the stamp and of what fills up to a multiple of 8, uint32
const (
	magic      = "pxsweepC"
	headerSize = 16
	// maxSize bounds what is read; both public lists take 6 MB.
	maxSize = 1 << 30
	// settled is how old a list must be for its time to tell of every change:
	// file systems count time in steps of up to two seconds.
	settled = 2 * time.Second
)

// Load returns the engine for lists, from dir if a table of them is there, and
// puts one there if not. The folder is made when it is missing. Load fails only
// when a list cannot be read or the lists are too large.
//
// On Unix the table is mapped into memory and stays so until the program ends:
// nothing rewrites the file, it is only ever replaced by another.
func Load(dir string, sources ...Source) (Result, error) {
	stamp, young, err := stampOf(sources)
	if err != nil {
		return Result{}, err
	}
	path := filepath.Join(dir, name(sources))
	var res Result
	res.Cache = checkFolder(dir)
	ours := res.Cache == nil
	if ours {
		if res.Engine, res.Cache = open(path, stamp); res.Engine != nil {
			res.Cached = true
			return res, nil
		}
	}
	table, err := compile(&res, sources)
	if err != nil {
		return Result{}, err
	}
	if res.Engine, err = filter.Load(table); err != nil {
		return Result{}, err
	}
	// In a folder of our own, whatever stands at the path may be replaced. Lists
	// that hold nothing are parsed each time, so that it is said each time.
	if ours && !young && !anyEmpty(res.Lists) {
		res.Cache = errors.Join(res.Cache, replace(path, stamp, table))
	}
	return res, nil
}

func anyEmpty(lists []*filter.List) bool {
	for _, l := range lists {
		if len(l.Filters) == 0 {
			return true
		}
	}
	return false
}

// name returns the name of the file for a set of lists.
func name(sources []Source) string {
	h := sha256.New()
	for _, s := range sources {
		fmt.Fprintf(h, "%q %q\n", s.Name, s.Path)
	}
	return "rules-" + hex.EncodeToString(h.Sum(nil)[:8]) + ".bin"
}

// stampOf describes the files of lists. They are young when one has changed so
// lately that it may change again without a new time.
func stampOf(sources []Source) (stamp []byte, young bool, err error) {
	stamp = fmt.Appendf(nil, "table %d\n", filter.TableVersion)
	for _, s := range sources {
		fi, err := os.Stat(s.Path)
		if err != nil {
			return nil, false, err
		}
		stamp = fmt.Appendf(stamp, "%q %q %d %d\n", s.Name, s.Path, fi.Size(), fi.ModTime().UnixNano())
		young = young || time.Since(fi.ModTime()) < settled
	}
	return stamp, young, nil
}

func compile(res *Result, sources []Source) ([]byte, error) {
	for _, s := range sources {
		data, err := os.ReadFile(s.Path)
		if err != nil {
			return nil, err
		}
		res.Lists = append(res.Lists, filter.Parse(s.Name, data))
	}
	return filter.Compile(res.Lists...)
}

// open loads a table with the wanted stamp. Without an engine, the error is nil
// when the file is missing or stale.
func open(path string, stamp []byte) (*filter.Engine, error) {
	f, err := openOwn(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if fi.Size() > maxSize {
		return nil, fmt.Errorf("%s: %w: %d bytes", path, filter.ErrTable, fi.Size())
	}
	if fi.Size() < headerSize {
		return nil, fmt.Errorf("%s: %w: not a cache", path, filter.ErrTable)
	}
	data, free, err := contents(f, int(fi.Size()))
	if err != nil {
		return nil, err
	}
	e, err := load(data, stamp)
	if e == nil {
		free()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return e, nil
}

// load makes an engine of a file's contents. It is nil without an error when
// the stamp is another.
func load(data, stamp []byte) (*filter.Engine, error) {
	if string(data[:8]) != magic {
		return nil, fmt.Errorf("%w: not a cache", filter.ErrTable)
	}
	n, padded := uint64(binary.LittleEndian.Uint32(data[8:])), uint64(binary.LittleEndian.Uint32(data[12:]))
	if n > padded || headerSize+padded > uint64(len(data)) {
		return nil, fmt.Errorf("%w: truncated", filter.ErrTable)
	}
	if !bytes.Equal(data[headerSize:headerSize+n], stamp) {
		return nil, nil
	}
	return filter.Load(data[headerSize+padded:])
}

// replace writes a file beside the old one and puts it in its place. It is not
// flushed to the disk: what a crash leaves half written has a wrong checksum.
func replace(path string, stamp, table []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".rules-*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	padded := (len(stamp) + 7) / 8 * 8
	head := make([]byte, headerSize+padded)
	copy(head, magic)
	binary.LittleEndian.PutUint32(head[8:], uint32(len(stamp)))
	binary.LittleEndian.PutUint32(head[12:], uint32(padded))
	copy(head[headerSize:], stamp)
	_, err = f.Write(head)
	if err == nil {
		_, err = f.Write(table)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// checkFolder makes the folder if it is missing, and checks that it is ours.
func checkFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	fi, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !fi.IsDir() {
		return fmt.Errorf("%s: %w: not a folder", dir, ErrUntrusted)
	}
	if reason := foreign(fi); reason != "" {
		return fmt.Errorf("%s: %w: %s", dir, ErrUntrusted, reason)
	}
	return nil
}

// openOwn opens a file that only this user can have written.
func openOwn(path string) (*os.File, error) {
	fi, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !fi.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w: not a regular file", path, ErrUntrusted)
	}
	f, err := os.OpenFile(path, os.O_RDONLY|openFlags, 0)
	if err != nil {
		return nil, err
	}
	// What was opened counts, not what stood there before.
	if fi, err = f.Stat(); err != nil {
		f.Close()
		return nil, err
	}
	reason := foreign(fi)
	if !fi.Mode().IsRegular() {
		reason = "not a regular file"
	}
	if reason != "" {
		f.Close()
		return nil, fmt.Errorf("%s: %w: %s", path, ErrUntrusted, reason)
	}
	return f, nil
}
