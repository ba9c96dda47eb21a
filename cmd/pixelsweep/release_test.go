package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

func readYAML(t *testing.T, path string, v any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// TestAction runs the step of the action that lints, with every input.
func TestAction(t *testing.T) {
	var action struct {
		Inputs map[string]struct{ Description string }
		Runs   struct {
			Using string
			Steps []struct {
				Name, Run, Shell string
				Env              map[string]string
			}
		}
	}
	readYAML(t, "../../action.yml", &action)
	if action.Runs.Using != "composite" || len(action.Inputs) == 0 {
		t.Fatalf("%+v", action)
	}
	last := action.Runs.Steps[len(action.Runs.Steps)-1]
	for name, in := range action.Inputs {
		variable := "LINT_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		if last.Env[variable] != "${{ inputs."+name+" }}" || in.Description == "" {
			t.Errorf("input %s: %s is %q", name, variable, last.Env[variable])
		}
	}
	for _, s := range action.Runs.Steps {
		if strings.Contains(s.Run, "${{") {
			t.Errorf("%s: what is from outside must not stand in a command: %s", s.Name, s.Run)
		}
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	tool, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir, temp := t.TempDir(), t.TempDir()
	if err := os.Symlink(tool, filepath.Join(temp, "pixelsweep")); err != nil { // the test binary acts as the command by its name
		t.Skip(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "mail"), 0o755); err != nil {
		t.Fatal(err)
	}
	page := "<img src='http://img.shop.example/a.png' width=80 height=80>\n<iframe src='x'></iframe>\n"
	if err := os.WriteFile(filepath.Join(dir, "mail", "a.html"), []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	act := func(env ...string) (string, int) {
		cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", last.Run) // as the runner does
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), append(env, "GITHUB_ACTION_PATH="+root, "RUNNER_TEMP="+temp, "XDG_CONFIG_HOME="+dir)...)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		cmd.Run()
		return out.String(), cmd.ProcessState.ExitCode()
	}
	if out, code := act("LINT_PATHS=mail nowhere", "LINT_FORMAT=github"); code != exitPartial || !strings.Contains(out, "::error file=mail/a.html,line=2,col=1") || !strings.Contains(out, "nowhere: no such file") {
		t.Errorf("%d: %s", code, out)
	}
	if out, code := act("LINT_PATHS=mail\n", "LINT_FORMAT=sarif", "LINT_OUTPUT=o.sarif", "LINT_PROFILE=edpb", "LINT_FAIL_ON=error"); code != exitOK || out != "" {
		t.Errorf("%d: %s", code, out)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "o.sarif")); err != nil || !bytes.Contains(text, []byte(`"2.1.0"`)) {
		t.Errorf("no SARIF: %v", err)
	}
	if out, code := act("LINT_PATHS=mail", "LINT_BASELINE=none.json"); code != exitUsage || !strings.Contains(out, "no such file") {
		t.Errorf("%d: %s", code, out)
	}
	if out, code := act("LINT_PATHS=$(touch hacked) `touch hacked` ; touch hacked", "LINT_CHANGED_SINCE=--x; touch hacked"); code != exitUsage || exists(filepath.Join(dir, "hacked")) {
		t.Errorf("%d: %s", code, out)
	}
}

// TestGoVersion checks that whatever builds the command asks for the Go that go.mod
// wants.
func TestGoVersion(t *testing.T) {
	version := func(path, pattern string) string {
		text, err := os.ReadFile(filepath.Join("../..", path))
		if err != nil {
			t.Fatal(err)
		}
		m := regexp.MustCompile(pattern).FindSubmatch(text)
		if m == nil {
			t.Fatalf("%s: no %s", path, pattern)
		}
		return string(m[1])
	}
	want := version("go.mod", `(?m)^go (\d+\.\d+)`)
	for path, pattern := range map[string]string{
		"Dockerfile": `FROM golang:(\S+) AS build`, "action.yml": `go-version: "(.*)"`, "scripts/gitlab-ci.yml": `image: golang:(\S+)`,
	} {
		if got := version(path, pattern); got != want {
			t.Errorf("%s: Go %s, and go.mod wants %s", path, got, want)
		}
	}
}

// TestPreCommitHook checks that the pre-commit hook and the job for GitLab run what there is.
func TestPreCommitHook(t *testing.T) {
	var hooks []struct{ ID, Name, Description, Entry, Language, Files string }
	readYAML(t, "../../.pre-commit-hooks.yaml", &hooks)
	if len(hooks) != 1 || hooks[0].Entry != "pixelsweep lint" || hooks[0].Language != "golang" || hooks[0].ID == "" {
		t.Fatalf("%+v", hooks)
	}
	files := regexp.MustCompile(hooks[0].Files)
	for _, ending := range append([]string{".html", ".htm", ".eml"}, templateNames...) {
		if !files.MatchString("mail/a" + ending) {
			t.Errorf("the hook passes over %s", ending)
		}
	}
	if files.MatchString("a.go") || files.MatchString("html") {
		t.Error("the hook takes files that are no mail")
	}
	var jobs map[string]struct {
		Script    []string
		Artifacts struct{ Reports struct{ Codequality string } }
	}
	readYAML(t, "../../scripts/gitlab-ci.yml", &jobs)
	job := jobs["pixelsweep"]
	if len(job.Script) != 1 || !strings.Contains(job.Script[0], "--format gitlab --output "+job.Artifacts.Reports.Codequality) {
		t.Errorf("%+v", job)
	}
}

// TestMan writes the manual pages: one for each command, the same each time.
func TestMan(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1700000000")
	var first string
	for range 2 {
		dir := t.TempDir()
		var out, errs bytes.Buffer
		if code := run([]string{"man", dir}, streams{strings.NewReader(""), &out, &errs}); code != exitOK {
			t.Fatal(errs.String())
		}
		page, err := os.ReadFile(filepath.Join(dir, "pixelsweep-lint.1"))
		if err != nil || !bytes.Contains(page, []byte("Nov 2023")) || !bytes.Contains(page, []byte("changed-since")) || !bytes.Contains(page, []byte("<!-- pixelsweep-ignore RULE: reason -->")) {
			t.Fatalf("%v: %.200s", err, page)
		}
		if first != "" && first != string(page) {
			t.Error("the pages differ")
		}
		first = string(page)
	}
	t.Setenv("SOURCE_DATE_EPOCH", "yesterday")
	var out, errs bytes.Buffer
	if code := run([]string{"man", t.TempDir()}, streams{strings.NewReader(""), &out, &errs}); code != exitUsage {
		t.Errorf("exit code %d", code)
	}
}
