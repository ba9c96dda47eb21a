package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/pixelsweep/pixelsweep/detector"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"pixelsweep": func() { os.Exit(run(os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})) },
	})
}

// TestScript runs the commands of testdata/script and compares what they print.
func TestScript(t *testing.T) {
	dir := "testdata/script"
	if testing.Short() {
		dir = copyOf(t, dir, "rules_export.txtar", "rules_test.txtar")
	}
	testscript.Run(t, testscript.Params{
		Dir: dir,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    exits,
			"gzipbomb": gzipBomb,
			"mbox":     writeMbox,
			"crlf":     crlf,
			"limit":    limit,
			"serve":    serve,
			"damage":   damage,
			"old":      old,
			"gzip":     zip,
		},
		Setup: func(env *testscript.Env) error { // the user's folders are the script's own
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, ".config"))
			env.Setenv("XDG_CACHE_HOME", filepath.Join(env.WorkDir, ".cache"))
			return nil
		},
		Condition:     func(cond string) (bool, error) { return cond == "root" && os.Getuid() == 0, nil },
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
	})
}

// damage FOLDER changes a byte in the middle of each file of a folder.
func damage(ts *testscript.TestScript, _ bool, args []string) {
	files, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "*.bin"))
	ts.Check(err)
	for _, f := range files {
		data := []byte(ts.ReadFile(f))
		data[len(data)/2] ^= 1
		ts.Check(os.WriteFile(f, data, 0o600))
	}
	if len(files) == 0 {
		ts.Fatalf("no file in %s", args[0])
	}
}

// old FILE… makes files that have not changed for an hour.
func old(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		at := time.Now().Add(-time.Hour)
		ts.Check(os.Chtimes(ts.MkAbs(name), at, at))
	}
}

// serve FOLDER FILE… serves the files of a folder, and writes the address of the
// server into each FILE where SERVER stands.
func serve(ts *testscript.TestScript, _ bool, args []string) {
	srv := httptest.NewServer(http.FileServer(http.Dir(ts.MkAbs(args[0]))))
	ts.Defer(srv.Close)
	for _, name := range args[1:] {
		text := strings.ReplaceAll(ts.ReadFile(name), "SERVER", srv.URL)
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o644))
	}
}

// exits CODE ARG… runs pixelsweep and checks its exit code, and that nothing
// it prints is a stack trace.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	var out, errs bytes.Buffer
	cmd := exec.Command("pixelsweep", args[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = ts.MkAbs("."), &out, &errs
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"} {
		cmd.Env = append(cmd.Environ(), name+"="+ts.Getenv(name))
	}
	if in, err := os.Open(ts.MkAbs("in")); err == nil { // the file in is standard input
		defer in.Close()
		cmd.Stdin = in
	}
	if err := cmd.Run(); cmd.ProcessState == nil {
		ts.Fatalf("%v", err)
	}
	code := cmd.ProcessState.ExitCode()
	ts.Logf("[stdout]\n%s[stderr]\n%s", out.String(), errs.String())
	if got := string(rune('0' + code)); (got == args[0]) == neg {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
	if strings.Contains(errs.String(), "goroutine ") {
		ts.Fatalf("a stack trace")
	}
	for _, line := range strings.Split(strings.TrimSuffix(errs.String(), "\n"), "\n") {
		if line != "" && !strings.HasPrefix(line, "pixelsweep: ") {
			ts.Fatalf("line without the tool's name: %q", line)
		}
	}
	ts.Check(os.WriteFile(ts.MkAbs("out"), out.Bytes(), 0o644))
	ts.Check(os.WriteFile(ts.MkAbs("err"), errs.Bytes(), 0o644))
}

// gzipBomb FILE writes a gzip file that expands a thousandfold.
func gzipBomb(ts *testscript.TestScript, _ bool, args []string) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte("From: a@b.example\nSubject: x\n\n"))
	for range 400 {
		w.Write(make([]byte, 64<<10))
	}
	ts.Check(w.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o644))
}

// zip OUT FILE compresses a file.
func zip(ts *testscript.TestScript, _ bool, args []string) {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	w.Write([]byte(ts.ReadFile(args[1])))
	ts.Check(w.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o644))
}

// limit FLAG… FILE expects that a limit is hit: exit code 3, and in each report a
// warning and no claim to be complete.
func limit(ts *testscript.TestScript, neg bool, args []string) {
	exits(ts, neg, append([]string{"3", "scan", "--format", "jsonl"}, args...))
	var r detector.Report
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("out")), &r))
	if r.Complete || len(r.Warnings) == 0 {
		ts.Fatalf("complete %v, warnings %v", r.Complete, r.Warnings)
	}
}

// writeMbox OUT FILE… joins messages to an mbox; one whose name begins with
// "cut" ends in the middle of a line.
func writeMbox(ts *testscript.TestScript, _ bool, args []string) {
	var b strings.Builder
	for _, name := range args[1:] {
		b.WriteString("From news@shop.example Tue Nov  3 09:15:00 2026\n" + ts.ReadFile(name) + "\n")
	}
	box := b.String()
	if strings.HasPrefix(args[0], "cut") {
		box = strings.TrimRight(box, "\n")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(box), 0o644))
}

// crlf OUT FILE writes FILE with CRLF line ends.
func crlf(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.ReplaceAll(ts.ReadFile(args[1]), "\n", "\r\n")), 0o644))
}

// TestWorkers checks that the number of workers changes nothing: not on our own
// messages, nor on real mail where it is at hand.
func TestWorkers(t *testing.T) {
	paths := []string{"../../corpus/testdata"}
	if corpora := "../../../shared/corpora"; os.Getenv("PIXELSWEEP_CORPORA") != "" {
		paths = append(paths, os.Getenv("PIXELSWEEP_CORPORA"))
	} else if _, err := os.Stat(corpora); err == nil {
		paths = append(paths, corpora+"/labelled")
	}
	var want string
	for _, jobs := range []string{"1", "8"} {
		var out, errs bytes.Buffer
		run(append([]string{"scan", "-f", "jsonl", "-j", jobs}, paths...), streams{os.Stdin, &out, &errs})
		if got := out.String() + errs.String(); want == "" {
			want = got
		} else if got != want {
			t.Errorf("with %s workers the output differs", jobs)
		}
	}
	if want == "" {
		t.Error("no output")
	}
}

// copyOf is a copy of a folder without some of its files.
func copyOf(t *testing.T, dir string, without ...string) string {
	t.Helper()
	to := t.TempDir()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if slices.Contains(without, f.Name()) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, f.Name()), data, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return to
}
