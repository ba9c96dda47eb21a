package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// changedSince asks the user's git which files differ from the commit where ref and
// HEAD part, with what is not committed and what is not tracked. It returns their
// real paths. It fails when one of paths lies outside of the repository.
func changedSince(ctx context.Context, ref string, paths []string) (map[string]bool, error) {
	top, err := git(ctx, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, err
	}
	root := strings.TrimRight(string(top), "\r\n")
	for _, path := range paths {
		rel, err := filepath.Rel(realPath(root), realPath(path))
		if path == "-" || err != nil || !filepath.IsLocal(rel) {
			return nil, fmt.Errorf("%s: not in the repository %s; leave it out or check it without the flag", path, root)
		}
	}
	if _, err := git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{commit}"); err != nil {
		return nil, fmt.Errorf("git knows no commit %q here; a clone for CI may have to fetch it first", ref)
	}
	base, err := git(ctx, "merge-base", "--", ref, "HEAD")
	if err != nil {
		return nil, fmt.Errorf("%q and HEAD have no commit in common here; a clone for CI may have to fetch more of the history", ref)
	}
	changed := map[string]bool{}
	return changed, addChanged(ctx, changed, root, strings.TrimSpace(string(base)))
}

// addChanged adds the files below root that differ from a commit, and those that are
// not tracked. A submodule is a repository of its own, compared with its commit there.
func addChanged(ctx context.Context, changed map[string]bool, root, commit string) error {
	listed := [][]string{{"ls-files", "--others", "--exclude-standard", "-z", "--full-name"}}
	if commit == "" {
		listed = append(listed, []string{"ls-files", "-z", "--full-name"}) // nothing to compare with: all of them
	} else {
		listed = append(listed, []string{"diff", "--name-only", "-z", "--no-ext-diff", "--no-textconv", "--no-renames", "--ignore-submodules=none", "--diff-filter=d", commit, "--"})
	}
	for _, args := range listed {
		out, err := git(ctx, append([]string{"-C", root}, args...)...)
		if err != nil {
			return err
		}
		for name := range bytes.SplitSeq(out, []byte{0}) {
			if len(name) == 0 {
				continue
			}
			path := filepath.Join(root, filepath.FromSlash(string(name)))
			if info, err := os.Lstat(path); err == nil && info.IsDir() {
				if _, err := os.Lstat(filepath.Join(path, ".git")); err != nil {
					continue // a submodule that is not checked out
				}
				if err := addChanged(ctx, changed, path, commitAt(ctx, root, commit, string(name))); err != nil {
					return err
				}
				continue
			}
			changed[realPath(path)] = true
		}
	}
	return nil
}

// commitAt is the commit that a submodule had in one of the repository around it, "" where
// it had none or the submodule does not know it.
func commitAt(ctx context.Context, root, commit, name string) string {
	if commit == "" {
		return ""
	}
	out, err := git(ctx, "-C", root, "rev-parse", "--verify", "--quiet", "--end-of-options", commit+":"+strings.TrimSuffix(name, "/"))
	if err != nil {
		return ""
	}
	old := strings.TrimSpace(string(out))
	if _, err := git(ctx, "-C", filepath.Join(root, filepath.FromSlash(name)), "rev-parse", "--verify", "--quiet", "--end-of-options", old+"^{commit}"); err != nil {
		return ""
	}
	return old
}

// git runs git without a shell and returns what it prints.
func git(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-c", "core.fsmonitor=false", "-c", "core.quotePath=false"}, args...)...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, errors.New("git is not installed")
	case err != nil:
		text, _, _ := strings.Cut(strings.TrimSpace(errs.String()), "\n")
		if text == "" {
			text = err.Error()
		}
		return nil, errors.New("git: " + strings.TrimPrefix(text, "fatal: "))
	}
	return out, nil
}

// realPath is a path without symbolic links, as far as it is there.
func realPath(path string) string {
	full, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if real, err := filepath.EvalSymlinks(full); err == nil {
		return real
	}
	return full
}
