package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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
	for _, args := range [][]string{
		{"-C", root, "diff", "--name-only", "-z", "--no-ext-diff", "--no-textconv", "--no-renames", "--diff-filter=d", strings.TrimSpace(string(base)), "--"},
		{"-C", root, "ls-files", "--others", "--exclude-standard", "-z", "--full-name"},
	} {
		out, err := git(ctx, args...)
		if err != nil {
			return nil, err
		}
		for name := range bytes.SplitSeq(out, []byte{0}) {
			if len(name) > 0 {
				changed[realPath(filepath.Join(root, filepath.FromSlash(string(name))))] = true
			}
		}
	}
	return changed, nil
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
