package source

import (
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/pixelsweep/pixelsweep/internal/outfile"
)

// stdinPath stands for standard input.
const stdinPath = "-"

// A walk lists the files of the paths given to Run in sorted order, and what went
// wrong on the way. It knows folders by their number in the file system, so that
// symbolic links cannot lead it around for ever.
type walk struct {
	add     func(file) bool // returns false to stop
	only    func(path string) bool
	pages   []string
	asPages bool
	skipped int

	root  string
	seen  map[folderID]bool // the folders of one argument
	stack []frame
}

// A frame is a folder that is being walked.
type frame struct {
	path    string
	id      folderID
	entries []fs.DirEntry // still to be looked at
	maildir bool          // holds cur and new
	mail    bool          // is cur or new
}

// run walks all paths, or stops when add says so.
func (w *walk) run(paths []string) {
	for _, path := range paths {
		if !w.argument(path) {
			return
		}
	}
}

func (w *walk) argument(path string) bool {
	f := file{root: path, path: path, named: true}
	if path == stdinPath {
		f.page = w.pages != nil || w.asPages
		return w.add(f)
	}
	info, err := os.Stat(path)
	if err != nil {
		f.err = pathError("read", path, err)
		return w.add(f)
	}
	if !info.IsDir() {
		f.special = !info.Mode().IsRegular()
		return w.file(f)
	}
	w.root, w.seen, w.stack = path, map[folderID]bool{}, w.stack[:0]
	if err := w.enter(path, info, false); err != nil && !w.add(file{root: path, path: path, err: err}) {
		return false
	}
	return w.folders()
}

// file adds a file that is there, unless it is to be left out.
func (w *walk) file(f file) bool {
	if w.only != nil && !w.only(f.path) {
		return true
	}
	f.page = w.pages != nil && (f.named || slices.Contains(w.pages, f.ext())) || w.asPages && f.named
	return w.add(f)
}

// folders walks until the stack is empty.
func (w *walk) folders() bool {
	for len(w.stack) > 0 {
		top := &w.stack[len(w.stack)-1]
		if len(top.entries) == 0 {
			w.stack = w.stack[:len(w.stack)-1]
			continue
		}
		e := top.entries[0]
		top.entries = top.entries[1:]
		if !w.entry(top, e) {
			return false
		}
	}
	return true
}

// entry walks one entry of the folder top.
func (w *walk) entry(top *frame, e fs.DirEntry) bool {
	f := file{root: w.root, path: join(top.path, e.Name()), mail: top.mail}
	switch mode := e.Type(); {
	case outfile.IsTemp(e.Name()):
		return true // half written, by a run that was killed or that goes on
	case mode.IsRegular():
		return w.file(f)
	case mode&fs.ModeSymlink == 0 && !mode.IsDir():
		w.skipped++ // a pipe, a device or a socket
		return true
	}
	info, err := os.Stat(f.path)
	switch {
	case err != nil:
		f.err = pathError("read", f.path, err)
		return w.add(f)
	case info.Mode().IsRegular():
		return w.file(f)
	case !info.IsDir() || ignored(top, e.Name()):
		w.skipped++
		return true
	}
	mail := top.maildir && (e.Name() == "cur" || e.Name() == "new")
	if f.err = w.enter(f.path, info, mail); f.err != nil {
		return w.add(f)
	}
	return true
}

// ignored reports whether a folder holds nothing to be read: deliveries that are
// not complete, and the stores of version control.
func ignored(top *frame, name string) bool {
	switch name {
	case "tmp":
		return top.maildir
	case ".git", ".hg", ".svn":
		return true
	}
	return false
}

// enter puts a folder on the stack, unless it was walked already.
func (w *walk) enter(path string, info fs.FileInfo, mail bool) error {
	id, ok := identify(info)
	for i := range w.stack {
		if ok && w.stack[i].id == id {
			return pathError("read", path, fmt.Errorf("%w: it is %s again", ErrLoop, w.stack[i].path))
		}
	}
	if ok && w.seen[id] {
		return nil
	}
	w.seen[id] = true
	entries, err := os.ReadDir(path)
	if err != nil {
		return pathError("read", path, err)
	}
	w.stack = append(w.stack, frame{path: path, id: id, entries: entries, maildir: isMaildir(entries), mail: mail})
	return nil
}

func isMaildir(entries []fs.DirEntry) bool {
	found := 0
	for _, e := range entries {
		if n := e.Name(); e.IsDir() && (n == "cur" || n == "new") {
			found++
		}
	}
	return found == 2
}

// join sets name below dir and leaves dir as it was given.
func join(dir, name string) string {
	if dir != "" && os.IsPathSeparator(dir[len(dir)-1]) {
		return dir + name
	}
	return dir + string(os.PathSeparator) + name
}
