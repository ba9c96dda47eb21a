package outfile

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func openRoot(t *testing.T) (*os.Root, string) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root, dir
}

func TestWrite(t *testing.T) {
	root, dir := openRoot(t)
	when := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	err := Write(root, "a/b/c:2,S", Attr{Mode: 0o440, Time: when}, func(w io.Writer) error {
		return Apply(w, bytes.NewReader([]byte("one two three")), 13, []Change{{0, 0, []byte("<")}, {4, 3, []byte("2")}, {13, 0, []byte(">")}})
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "a", "b", "c:2,S")
	got, _ := os.ReadFile(path)
	info, _ := os.Stat(path)
	if string(got) != "<one 2 three>" || info.Mode().Perm() != 0o440 || !info.ModTime().Equal(when) {
		t.Errorf("got %q, %v, %v", got, info.Mode(), info.ModTime())
	}
}

// TestWriteFails has every step fail: the file that was there stays whole, and
// nothing else is left.
func TestWriteFails(t *testing.T) {
	root, dir := openRoot(t)
	path := filepath.Join(dir, "f")
	if err := os.WriteFile(path, []byte("original"), 0o644); err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left on device")
	half := func(w io.Writer) error {
		io.WriteString(w, "half")
		return full
	}
	ok := func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }
	outside := func(w io.Writer) error {
		return Apply(w, bytes.NewReader(nil), 0, []Change{{0, 1, nil}})
	}
	for name, try := range map[string]func() error{
		"disk full":  func() error { return Write(root, "f", Attr{Mode: 0o644}, half, nil) },
		"changed":    func() error { return Write(root, "f", Attr{Mode: 0o644}, ok, func() error { return full }) },
		"bad change": func() error { return Write(root, "f", Attr{Mode: 0o644}, outside, nil) },
		"leads out":  func() error { return Write(root, "../f", Attr{Mode: 0o644}, ok, nil) },
		"is a folder": func() error {
			os.Mkdir(filepath.Join(dir, "d"), 0o755)
			return Write(root, "d", Attr{Mode: 0o644}, ok, nil)
		},
	} {
		if err := try(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	got, _ := os.ReadFile(path)
	entries, _ := os.ReadDir(dir)
	if string(got) != "original" || len(entries) != 2 {
		t.Errorf("got %q, %v", got, entries)
	}
}

// TestWriteOverLink replaces a symbolic link and not what it leads to.
func TestWriteOverLink(t *testing.T) {
	root, dir := openRoot(t)
	target := filepath.Join(t.TempDir(), "target")
	os.WriteFile(target, []byte("original"), 0o644)
	if err := os.Symlink(target, filepath.Join(dir, "f")); err != nil {
		t.Skip(err)
	}
	if err := Write(root, "f", Attr{Mode: 0o644}, func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }, nil); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(target)
	now, _ := os.ReadFile(filepath.Join(dir, "f"))
	if string(got) != "original" || string(now) != "new" {
		t.Errorf("got %q and %q", got, now)
	}
}

func TestJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	j, err := OpenJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	before, changes := []byte("one two three"), []Change{{4, 3, []byte("2")}, {8, 5, nil}}
	var after bytes.Buffer
	if err := Apply(&after, bytes.NewReader(before), 13, changes); err != nil {
		t.Fatal(err)
	}
	sum, _ := Hash(bytes.NewReader(after.Bytes()), int64(after.Len()))
	e, err := Record("/x", bytes.NewReader(before), 13, changes, sum)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := j.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	j.Close()
	f, _ := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	f.WriteString(`{"schema":"pixelsweep.jour`) // cut off by a crash
	f.Close()
	list, err := ReadJournal(path)
	if err != nil || len(list) != 2 {
		t.Fatalf("%v, %v", list, err)
	}
	restore := func(text string) (string, error) {
		var out bytes.Buffer
		err := list[0].Restore(&out, bytes.NewReader([]byte(text)), int64(len(text)))
		return out.String(), err
	}
	if got, err := restore(after.String()); err != nil || got != string(before) {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := restore(after.String() + "x"); !errors.Is(err, ErrHash) {
		t.Errorf("changed file: %v", err)
	}
	if _, err := restore(string(before)); !errors.Is(err, ErrRestored) {
		t.Errorf("restored file: %v", err)
	}
}

func TestSpool(t *testing.T) {
	var s Spool
	defer s.Close()
	piece := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	for range 40 {
		if _, err := s.Write(piece); err != nil {
			t.Fatal(err)
		}
	}
	b := make([]byte, 32)
	if _, err := s.ReadAt(b, int64(len(piece)*33-16)); err != nil || string(b) != "0123456789abcdef0123456789abcdef" || s.Size() != int64(40*len(piece)) {
		t.Errorf("got %q, %v, size %d", b, err, s.Size())
	}
}
