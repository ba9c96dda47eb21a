// Package subscription fetches filter lists and keeps the last good copy of each.
//
// A list is fetched only when it has changed, within a limit of size and time,
// over TLS unless its source says otherwise. What arrives is read as a list
// before it replaces the copy at hand, in one step; an error page, a truncated
// file or rubbish changes nothing. Copies are readable by their owner alone.
package subscription

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Source is a list and where it is fetched from.
type Source struct {
	Name     string
	URL      string
	Insecure bool // http is allowed
}

// Copy is the last good copy of a list.
type Copy struct {
	Path    string    // of the list, which may be missing
	Fetched time.Time // zero when there is none
}

// state is what is known of a copy, in a file beside it.
type state struct {
	URL          string    `json:"url"`
	Fetched      time.Time `json:"fetched"`
	SHA256       string    `json:"sha256"` // of the copy
	ETag         string    `json:"etag,omitempty"`
	LastModified string    `json:"last_modified,omitempty"`
}

// Dir returns the folder of copies in the user's cache.
func Dir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "pixelsweep", "lists"), nil
}

// Find returns the copy of a list in dir.
func Find(dir string, src Source) Copy {
	c := Copy{Path: filepath.Join(dir, src.file())}
	if fi, err := os.Stat(c.Path); err == nil {
		c.Fetched = fi.ModTime()
		if st := readState(c.Path); !st.Fetched.IsZero() {
			c.Fetched = st.Fetched
		}
	}
	return c
}

// file names the copy of a list: for people by its name, and by a hash of its
// name and URL, so that another URL is another list.
func (s *Source) file() string {
	var b strings.Builder
	for _, r := range strings.ToLower(s.Name) {
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= 40 {
			break
		}
	}
	sum := sha256.Sum256([]byte(s.Name + "\x00" + s.URL))
	return strings.Trim(b.String(), "-") + "-" + hex.EncodeToString(sum[:6]) + ".txt"
}

// readState returns what is known of a copy; nothing when it is damaged.
func readState(path string) (st state) {
	text, err := os.ReadFile(path + ".json")
	if err != nil || json.Unmarshal(text, &st) != nil {
		return state{}
	}
	return st
}

// held returns what is known of a copy that is as it was fetched.
func held(path, url string) (state, bool) {
	st := readState(path)
	data, err := os.ReadFile(path)
	if err != nil || st.URL != url || st.SHA256 != checksum(data) {
		return state{}, false
	}
	return st, true
}

func checksum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// put replaces a copy. Were the state not written, the next fetch would be
// unconditional.
func put(path string, data []byte, st state) error {
	if err := replace(path, data); err != nil {
		return err
	}
	return putState(path, st)
}

func putState(path string, st state) error {
	text, err := json.Marshal(st)
	if err != nil {
		return err
	}
	return replace(path+".json", text)
}

// replace writes a file beside the old one and puts it in its place.
func replace(path string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".list-*.tmp") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// makeDir makes the folder of copies, and refuses one that others may write to.
func makeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	fi, err := os.Stat(dir)
	switch {
	case err != nil:
		return err
	case !fi.IsDir():
		return &fs.PathError{Op: "open", Path: dir, Err: errors.New("not a folder")}
	case runtime.GOOS != "windows" && fi.Mode().Perm()&0o022 != 0:
		return fmt.Errorf("%s: others may write to it", dir)
	}
	return nil
}
