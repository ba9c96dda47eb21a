package source

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	mail     = "From: a@a.example\nTo: b@b.example\nSubject: x\n\nbody\n"
	fromLine = "From a@a.example Thu Jan  1 00:00:00 1970\n"
	html     = "<!doctype html><p>x"
)

// tree writes files below a new folder; names that end in "/" are folders.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(path, 0o700); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func zip(t testing.TB, text string) string {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	io.WriteString(w, text)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

// collect runs over paths and describes each item in a line: path, index, kind and
// size, or the error, then the warnings.
func collect(t *testing.T, o *Options, dir string, paths ...string) ([]string, Stats) {
	t.Helper()
	var got []string
	stats, err := Run(t.Context(), paths, o, func(_ int, it *Item) string {
		if it.Err != nil {
			return strings.ReplaceAll(it.Err.Error(), dir+"/", "")
		}
		line := strings.TrimPrefix(it.Path, dir+"/")
		if it.Index > 0 {
			line += fmt.Sprintf("#%d", it.Index)
		}
		line += fmt.Sprintf(" %v %d", it.Kind, len(it.Data))
		for _, w := range it.Warnings {
			line += "; " + w
		}
		return line
	}, func(s string) error { got = append(got, s); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return got, stats
}

func check(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestFolder(t *testing.T) {
	dir := tree(t, map[string]string{
		"a.eml":         mail,
		"b.html":        html,
		"c":             html,
		"d.txt":         "Just a text: nothing else.\n",
		"e.png":         "\x89PNG\r\n\x1a\n\x00\x00\x00\x00",
		"f/g.emlx":      fmt.Sprintf("%-10d\n%s<?xml?><plist/>", len(mail), mail),
		"f/h.emlx":      "900\n" + mail,
		"h.mbox":        fromLine + mail + "\n" + fromLine + mail,
		"i.eml.gz":      zip(t, mail),
		"j.mbox.gz":     zip(t, fromLine+mail+"\n"+fromLine+mail),
		"k.eml":         fromLine + mail,
		"l.eml":         "no header at all\n",
		"m.eml":         "",
		"n.txt":         "",
		"o.xhtml":       "<?xml version='1.0'?><html/>",
		"p.gz":          zip(t, "nothing known"),
		"q.htm":         "{{ template }}",
		"r.yaml":        "title: x\ndate: today\nbody: y\n",
		".git/HEAD":     mail,
		"s.raw":         "no header\n",
		"t.raw":         "\x00\x01\x02\x03",
		"u":             "Content-Type: text/html\n\n<p>",
		"empty-folder/": "",
	})
	got, stats := collect(t, nil, dir, dir)
	check(t, got, []string{
		"a.eml message 51",
		"b.html page 19",
		"c page 19",
		"f/g.emlx message 51",
		"f/h.emlx message 51; the message has 51 bytes of the 900 that its first line says",
		"h.mbox#1 message 51",
		"h.mbox#2 message 51",
		"i.eml.gz message 51",
		"j.mbox.gz#1 message 51",
		"j.mbox.gz#2 message 51",
		"k.eml message 51",
		"l.eml message 17",
		"read m.eml: empty file",
		"o.xhtml page 28",
		"q.htm page 14",
		"s.raw message 10",
		"u message 28",
	})
	want := Stats{Files: 14, Items: 16, Bytes: 9*51 + 17 + 2*19 + 28 + 14 + 10 + 28, Skipped: 7, Errors: 1, Partial: 1}
	if stats != want {
		t.Errorf("got %+v, want %+v", stats, want)
	}
	_, stats = collect(t, &Options{Others: true}, dir, dir)
	if stats != want {
		t.Errorf("with others: got %+v, want %+v", stats, want)
	}
}

func TestNamed(t *testing.T) {
	dir := tree(t, map[string]string{"a.bin": "\x00\x01\x02", "b": "", "c": "Subject: x\n\n", "d": "<td>x", "e.txt": "words"})
	if err := os.Mkdir(dir+"/locked", 0); err != nil {
		t.Fatal(err)
	}
	at := func(names ...string) (paths []string) {
		for _, n := range names {
			paths = append(paths, dir+"/"+n)
		}
		return paths
	}
	got, _ := collect(t, nil, dir, at("a.bin", "b", "missing", "c", "d", "e.txt")...)
	check(t, got, []string{
		"read a.bin: neither a message nor a page",
		"read b: empty file",
		"read missing: no such file or directory",
		"c message 12",
		"d page 5",
		"read e.txt: neither a message nor a page",
	})
	if os.Getuid() == 0 {
		return // may read everything
	}
	got, _ = collect(t, nil, dir, at("locked", "c")...)
	check(t, got, []string{"read locked: permission denied", "c message 12"})
}

func TestPathsAsGiven(t *testing.T) {
	dir := tree(t, map[string]string{"m/a.eml": mail})
	t.Chdir(dir)
	got, _ := collect(t, nil, "-", "m", "./m/", "m/../m", "m/a.eml")
	check(t, got, []string{"m/a.eml message 51", "./m/a.eml message 51", "m/../m/a.eml message 51", "m/a.eml message 51"})
}

func TestMaildir(t *testing.T) {
	dir := tree(t, map[string]string{
		"cur/1:2,S":       mail,
		"new/2":           "broken\n",
		"tmp/3":           mail,
		"dovecot-uidlist": "3 V1 N1\n",
		".Sent/cur/4":     mail,
		".Sent/new/":      "",
		".Sent/tmp/5":     mail,
		".Sent.Old/cur/6": mail,
		".Sent.Old/new/":  "",
		"cur/7:2,":        fromLine + mail,
	})
	got, stats := collect(t, nil, dir, dir)
	check(t, got, []string{".Sent/cur/4 message 51", ".Sent.Old/cur/6 message 51", "cur/1:2,S message 51", "cur/7:2, message 51", "new/2 message 7"})
	if stats.Skipped != 3 {
		t.Errorf("skipped %d, want the list and two tmp", stats.Skipped)
	}
}

func TestStdin(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{mail, "- message 51"},
		{html, "- page 19"},
		{fromLine + mail, "-#1 message 51"},
		{zip(t, mail), "- message 51"},
		{"", "read -: empty file"},
		{"\x00\x01", "read -: neither a message nor a page"},
	} {
		got, _ := collect(t, &Options{Stdin: strings.NewReader(tt.in)}, "/", "-")
		check(t, got, []string{tt.want})
	}
}

func TestGzipBomb(t *testing.T) {
	zeros := strings.Repeat("\x00", 8<<20)
	dir := tree(t, map[string]string{
		"a.gz":      zip(t, zeros),
		"b.eml.gz":  zip(t, mail+zeros),
		"c.gz":      zip(t, mail)[:30],
		"d.eml":     mail,
		"e.mbox.gz": zip(t, fromLine+mail+"\n"+fromLine+mail+zeros),
		"f.gz":      "\x1f\x8b\x08garbage",
		"g.eml.gz":  zip(t, strings.Repeat(mail, 200))[:70],
	})
	got, _ := collect(t, &Options{Workers: 2}, dir, dir)
	for i, want := range []string{
		"read a.gz: gzip ratio over 200",
		"b.eml.gz message ", "read c.gz: the compressed file is cut off", "d.eml message 51",
		"e.mbox.gz#1 message 51", "e.mbox.gz#2 message ", "read f.gz: the compressed file is cut off", "g.eml.gz message ",
	} {
		if i >= len(got) || !strings.HasPrefix(got[i], want) {
			t.Fatalf("got\n  %s\nwant %q at %d", strings.Join(got, "\n  "), want, i)
		}
	}
	for _, i := range []int{1, 5} {
		if !strings.HasSuffix(got[i], "; gzip ratio over 200") {
			t.Errorf("got %q", got[i])
		}
	}
	if !strings.HasSuffix(got[7], "; the compressed file is cut off") {
		t.Errorf("got %q", got[7])
	}
}

func TestMaxMessage(t *testing.T) {
	long := mail + strings.Repeat("0123456789abcde\n", 1<<17) // 2 MB
	dir := tree(t, map[string]string{
		"a.eml":  long,
		"b.mbox": fromLine + mail + "\n" + fromLine + long + "\n" + fromLine + mail,
		"c.mbox": strings.Repeat(fromLine+long+"\n", 4),
	})
	got, _ := collect(t, &Options{MaxMessage: 64 << 10}, dir, dir)
	const cut = " message 65536; longer than 64 KB: the rest is not read"
	want := []string{"a.eml" + cut, "b.mbox#1 message 51", "b.mbox#2" + cut, "b.mbox#3 message 51"}
	for i := range 4 {
		want = append(want, fmt.Sprintf("c.mbox#%d%s", i+1, cut))
	}
	check(t, got, want)
}

func TestErrorsAreTyped(t *testing.T) {
	_, err := Run(t.Context(), []string{"/nowhere/at all"}, nil, func(_ int, it *Item) error { return it.Err },
		func(err error) error { return err })
	var pe *fs.PathError
	if !errors.As(err, &pe) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// TestOrder checks that the number of workers changes nothing.
func TestOrder(t *testing.T) {
	files := map[string]string{}
	for i := range 200 {
		files[fmt.Sprintf("%d/%03d.eml", i%7, i)] = mail + strings.Repeat("x", i)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 6000)
	for i := range noise {
		noise[i] = 'a' + byte(rnd.IntN(26))
	}
	var box strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&box, "%s%s%s\n\n", fromLine, mail, noise[i:2*i])
	}
	files["3/big.mbox"] = box.String()
	files["3/big.mbox.gz"] = zip(t, box.String())
	dir := tree(t, files)
	want, stats := collect(t, &Options{Workers: 1}, dir, dir, dir+"/3", dir)
	for _, n := range []int{2, 3, 8} {
		got, s := collect(t, &Options{Workers: n}, dir, dir, dir+"/3", dir)
		check(t, got, want)
		if s != stats {
			t.Errorf("got %+v, want %+v", s, stats)
		}
	}
	if len(want) < 3*6000 {
		t.Errorf("%d items", len(want))
	}
}

func TestStop(t *testing.T) {
	dir := tree(t, map[string]string{"a.mbox": strings.Repeat(fromLine+mail+"\n", 100_000), "b.eml": mail})
	stop := errors.New("stop")
	n := 0
	_, err := Run(t.Context(), []string{dir, dir}, nil, func(int, *Item) int { return 0 }, func(int) error {
		if n++; n == 500 {
			return stop
		}
		return nil
	})
	if err != stop || n != 500 {
		t.Errorf("got %v after %d", err, n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	defer w.Close()
	go func() { w.Write([]byte(mail)); cancel() }()
	_, err = Run(ctx, []string{"-"}, &Options{Stdin: r}, func(int, *Item) int { return 0 }, func(int) error { return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestTruncated warns about the last message of a mailbox that ends in the middle
// of a line, however the mailbox is read.
func TestTruncated(t *testing.T) {
	box := fromLine + mail + "\n" + fromLine + mail + "cut of"
	dir := tree(t, map[string]string{
		"a.mbox":    box,
		"b.mbox.gz": zip(t, box),
		"c.mbox":    fromLine + mail + "\n",
		"d.eml":     mail + "no line feed",
		"e.eml.gz":  zip(t, mail)[:60],
	})
	got, stats := collect(t, nil, dir, dir)
	check(t, got, []string{
		"a.mbox#1 message 51",
		"a.mbox#2 message 57; " + cutOff,
		"b.mbox.gz#1 message 51",
		"b.mbox.gz#2 message 57; " + cutOff,
		"c.mbox#1 message 51",
		"d.eml message 63",
		"e.eml.gz message 51; the compressed file is cut off",
	})
	if stats.Partial != 3 {
		t.Errorf("got %+v", stats)
	}
	got, _ = collect(t, &Options{Stdin: strings.NewReader(box)}, dir, "-")
	check(t, got, []string{"-#1 message 51", "-#2 message 57; " + cutOff})
}

// TestLongMessages reads an mbox of messages that are longer than a block, and
// short ones between them.
func TestLongMessages(t *testing.T) {
	var box strings.Builder
	var want []string
	for i := range 6 {
		long := mail + strings.Repeat("a line of a long message\n", 300_000)
		fmt.Fprintf(&box, "%s%s\n%s%s\n", fromLine, long, fromLine, mail)
		want = append(want, fmt.Sprintf("-#%d message %d", 2*i+1, len(long)), fmt.Sprintf("-#%d message 51", 2*i+2))
	}
	got, _ := collect(t, &Options{Stdin: strings.NewReader(box.String()), Workers: 3}, "", "-")
	check(t, got, want)
}
