package rulecache_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pixelsweep/pixelsweep/internal/rulecache"
	"github.com/pixelsweep/pixelsweep/rules/filter"
)

// fixture writes a list that has not changed for an hour, and names a folder
// for its table.
func fixture(t *testing.T, text string) (dir string, src rulecache.Source) {
	t.Helper()
	root := t.TempDir()
	src = rulecache.Source{Name: "list", Path: filepath.Join(root, "list.txt")}
	write(t, src.Path, text, time.Now().Add(-time.Hour))
	return filepath.Join(root, "cache"), src
}

func write(t *testing.T, path, text string, at time.Time) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

// load loads and checks which host is blocked.
func load(t *testing.T, dir, host string, src ...rulecache.Source) rulecache.Result {
	t.Helper()
	res, err := rulecache.Load(dir, src...)
	if err != nil {
		t.Fatal(err)
	}
	r := filter.NewRequest("https://"+host+"/x", filter.Image, nil)
	if !res.Engine.Match(r).Blocked {
		t.Errorf("%s is not blocked", host)
	}
	if res.Cached != (res.Lists == nil) {
		t.Errorf("cached %v with lists %v", res.Cached, res.Lists)
	}
	return res
}

func table(t *testing.T, dir string) string {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, "*.bin"))
	if len(files) != 1 {
		t.Fatalf("files %v", files)
	}
	return files[0]
}

func TestLoad(t *testing.T) {
	dir, src := fixture(t, "||a.example^\n")
	if res := load(t, dir, "a.example", src); res.Cached || res.Cache != nil {
		t.Errorf("first: %+v", res)
	}
	if res := load(t, dir, "a.example", src); !res.Cached || res.Cache != nil {
		t.Errorf("second: %+v", res)
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, table(t, dir): 0o600} {
		fi, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" && fi.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", path, fi.Mode(), want)
		}
	}
	files, _ := os.ReadDir(dir)
	if len(files) != 1 {
		t.Errorf("left behind: %v", files)
	}
}

func TestStale(t *testing.T) {
	dir, src := fixture(t, "||a.example^\n")
	load(t, dir, "a.example", src)
	write(t, src.Path, "||b.example^\n", time.Now().Add(-time.Minute))
	if res := load(t, dir, "b.example", src); res.Cached || res.Cache != nil {
		t.Errorf("after a change: %+v", res)
	}
	if res := load(t, dir, "b.example", src); !res.Cached {
		t.Errorf("not cached again: %+v", res)
	}
	// A list that is just being written is not cached: its time may not change.
	write(t, src.Path, "||c.example^\n", time.Now())
	for range 2 {
		if res := load(t, dir, "c.example", src); res.Cached || res.Cache != nil {
			t.Errorf("young list: %+v", res)
		}
	}
	other := rulecache.Source{Name: "other", Path: src.Path}
	if res := load(t, dir, "c.example", other, src); res.Cached {
		t.Errorf("other lists: %+v", res)
	}
}

func TestDamaged(t *testing.T) {
	dir, src := fixture(t, "||a.example^\n/p.gif\n")
	load(t, dir, "a.example", src)
	whole, err := os.ReadFile(table(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	changes := map[string]func([]byte) []byte{
		"empty":     func(b []byte) []byte { return nil },
		"truncated": func(b []byte) []byte { return b[:len(b)/2] },
		"magic":     func(b []byte) []byte { b[0] ^= 1; return b },
		"lengths":   func(b []byte) []byte { copy(b[8:], "\xff\xff\xff\xff\xff\xff\xff\xff"); return b },
		"last byte": func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"text":      func([]byte) []byte { return []byte(strings.Repeat("||b.example^\n", 50)) },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(table(t, dir), change(slices.Clone(whole)), 0o600); err != nil {
				t.Fatal(err)
			}
			if res := load(t, dir, "a.example", src); res.Cached || !errors.Is(res.Cache, filter.ErrTable) {
				t.Errorf("damaged: cached %v, %v", res.Cached, res.Cache)
			}
			if res := load(t, dir, "a.example", src); !res.Cached || res.Cache != nil {
				t.Errorf("not rebuilt: cached %v, %v", res.Cached, res.Cache)
			}
		})
	}
}

func TestUntrusted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes and links of Unix")
	}
	tests := []struct {
		name    string
		spoil   func(dir, file string) error
		rebuilt bool // the file is replaced
	}{
		{"group may write to the file", func(_, file string) error { return os.Chmod(file, 0o620) }, true},
		{"all may write to the file", func(_, file string) error { return os.Chmod(file, 0o602) }, true},
		{"all may write to the folder", func(dir, _ string) error { return os.Chmod(dir, 0o777) }, false},
		{"file is a link", func(dir, file string) error {
			if err := os.Rename(file, file+".real"); err != nil {
				return err
			}
			return os.Symlink(file+".real", file)
		}, true},
		{"folder is a link", func(dir, _ string) error {
			if err := os.Rename(dir, dir+".real"); err != nil {
				return err
			}
			return os.Symlink(dir+".real", dir)
		}, false},
		{"file is a folder", func(_, file string) error {
			os.Remove(file)
			return os.Mkdir(file, 0o700)
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir, src := fixture(t, "||a.example^\n")
			load(t, dir, "a.example", src)
			if err := tt.spoil(dir, table(t, dir)); err != nil {
				t.Fatal(err)
			}
			res := load(t, dir, "a.example", src)
			if res.Cached || !errors.Is(res.Cache, rulecache.ErrUntrusted) {
				t.Errorf("trusted: cached %v, %v", res.Cached, res.Cache)
			}
			if res := load(t, dir, "a.example", src); res.Cached != tt.rebuilt {
				t.Errorf("then: cached %v, want %v; %v", res.Cached, tt.rebuilt, res.Cache)
			}
		})
	}
}

func TestForeignOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	dir, src := fixture(t, "||a.example^\n")
	load(t, dir, "a.example", src)
	if err := os.Chown(table(t, dir), 12345, -1); err != nil {
		t.Skip(err)
	}
	if res := load(t, dir, "a.example", src); res.Cached || !errors.Is(res.Cache, rulecache.ErrUntrusted) {
		t.Errorf("another user's table: cached %v, %v", res.Cached, res.Cache)
	}
}

func TestErrors(t *testing.T) {
	dir, src := fixture(t, "||a.example^\n")
	if _, err := rulecache.Load(dir, rulecache.Source{Name: "x", Path: src.Path + ".missing"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing list: %v", err)
	}
	// A folder that cannot be made does not keep the lists from being used.
	res := load(t, filepath.Join(src.Path, "cache"), "a.example", src)
	if res.Cached || res.Cache == nil {
		t.Errorf("no folder: %+v", res)
	}
}

func TestConcurrent(t *testing.T) {
	dir, src := fixture(t, "||a.example^\n")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				if res := load(t, dir, "a.example", src); res.Cache != nil {
					t.Error(res.Cache)
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkLoad loads the table of EasyList and EasyPrivacy from the disk.
func BenchmarkLoad(b *testing.B) {
	corpora := os.Getenv("PIXELSWEEP_CORPORA")
	if corpora == "" {
		corpora, _ = filepath.Abs("../../../shared/corpora")
	}
	src := []rulecache.Source{
		{Name: "easylist", Path: filepath.Join(corpora, "lists", "easylist.txt")},
		{Name: "easyprivacy", Path: filepath.Join(corpora, "lists", "easyprivacy.txt")},
	}
	if _, err := os.Stat(src[0].Path); err != nil {
		b.Skip("SKIPPED: no filter lists; set PIXELSWEEP_CORPORA to a folder with lists/")
	}
	dir := filepath.Join(b.TempDir(), "cache")
	b.ReportAllocs()
	for b.Loop() {
		res, err := rulecache.Load(dir, src...)
		if err != nil || res.Cache != nil {
			b.Fatal(err, res.Cache)
		}
	}
}
