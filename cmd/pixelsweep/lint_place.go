package main

import (
	"os"
	"path/filepath"

	"github.com/pixelsweep/pixelsweep/detector/report"
)

// placed are the formats that a service reads, which knows files by their path in the
// repository.
var placed = map[string]bool{"github": true, "gitlab": true, "sarif": true}

// A repository finds the root of the one that a folder lies in.
type repository map[string]string

// place is the path of a file from the root of its repository on, with slashes; that as
// given, cleaned, for a file in none.
func (r repository) place(path string) string {
	if path == "-" {
		return path
	}
	full, err := filepath.Abs(path)
	if err == nil {
		if root := r.root(filepath.Dir(full)); root != "" {
			if rel, err := filepath.Rel(root, full); err == nil {
				return filepath.ToSlash(rel)
			}
		}
	}
	return filepath.ToSlash(filepath.Clean(path))
}

// root is the nearest folder upwards with .git in it, which is a file in a worktree,
// "" for none.
func (r repository) root(dir string) string {
	root, known := r[dir]
	if known {
		return root
	}
	if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
		root = dir
	} else if up := filepath.Dir(dir); up != dir {
		root = r.root(up)
	}
	r[dir] = root
	return root
}

// problems are those of a file, at their place.
func (r repository) problems(list []report.Problem) []report.Problem {
	moved := make([]report.Problem, len(list))
	for i := range list {
		moved[i] = list[i]
		moved[i].Path = r.place(list[i].Path)
	}
	return moved
}
