package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// An output is where a report goes: standard output, or the file of --output.
type output struct {
	*bufio.Writer
	to   io.Writer // below the buffer; it may be a terminal
	file *os.File  // nil for standard output, and once it is closed
}

// openOutput begins a report in the file of that name, which must not be one of
// paths, or on standard output where the name is empty.
func openOutput(name string, paths []string, stdout io.Writer) (*output, error) {
	o := &output{to: stdout}
	if name != "" {
		if err := checkOutput(name, paths); err != nil {
			return nil, err
		}
		f, err := os.Create(name)
		if err != nil {
			return nil, fmt.Errorf("--output: %w", pathError(err))
		}
		o.to, o.file = f, f
	}
	o.Writer = bufio.NewWriterSize(o.to, 64<<10)
	return o, nil
}

// close writes what is left, and closes the file. Again it does nothing.
func (o *output) close() error {
	err := o.Flush()
	if o.file != nil {
		if e := o.file.Close(); err == nil {
			err = e
		}
		o.file = nil
	}
	return err
}

// checkOutput refuses to write the report over what is to be read.
func checkOutput(output string, paths []string) error {
	out, err := os.Stat(output)
	if err != nil {
		return nil // os.Create will say what is wrong
	}
	for _, p := range paths {
		if in, err := os.Stat(p); err == nil && in.Mode().IsRegular() && os.SameFile(in, out) {
			return fmt.Errorf("--output: %s is to be scanned, the report would overwrite it", output)
		}
	}
	for _, p := range paths {
		if in, err := os.Stat(p); err == nil && in.IsDir() && out.Mode().IsRegular() && namedPage(output) && nested("", output, []string{p}) != nil {
			return fmt.Errorf("--output: %s lies in %s, which is read, and the report would overwrite it", output, p)
		}
	}
	if out.Mode().IsRegular() && namedMail(output) {
		return fmt.Errorf("--output: %s is there already and named as mail is; a report would overwrite it", output)
	}
	return nil
}

// checkCreate reports why a file could not be written, and leaves it as it is. It is
// for work that writes at its end.
func checkCreate(name string) error {
	if name == "" {
		return nil
	}
	info, before := os.Stat(name)
	if before == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return nil // who reads a pipe must not see it end
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("--output: %w", pathError(err))
	}
	f.Close()
	if errors.Is(before, fs.ErrNotExist) {
		os.Remove(name)
	}
	return nil
}

// namedMail reports whether a file's name or folder is one of messages.
func namedMail(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".eml", ".emlx", ".mbox":
		return true
	}
	switch filepath.Base(filepath.Dir(path)) {
	case "cur", "new":
		return true
	}
	return false
}

// namedPage reports whether a file's name is one of pages and templates.
func namedPage(path string) bool {
	ext := strings.ToLower(filepath.Ext(path))
	switch ext {
	case ".html", ".htm", ".xhtml", ".xht":
		return true
	}
	return slices.Contains(templateNames, ext)
}
