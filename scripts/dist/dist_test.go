package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/xeipuuv/gojsonschema"
)

// schema is the official schema of CycloneDX 1.5, which its library for Go has beside
// its source.
func schema(t *testing.T) *gojsonschema.Schema {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go").Output()
	if err != nil {
		t.Fatal(err)
	}
	load := func(name string) gojsonschema.JSONLoader {
		text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "schema", name))
		if err != nil {
			t.Fatal(err)
		}
		return gojsonschema.NewBytesLoader(text)
	}
	l := gojsonschema.NewSchemaLoader() // with what the schema refers to, so that nothing is fetched
	if err := l.AddSchemas(load("spdx.schema.json"), load("jsf-0.82.schemax.json")); err != nil {
		t.Fatal(err)
	}
	s, err := l.Compile(load("bom-1.5.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// checkBOM validates a list of what is inside, and returns it.
func checkBOM(t *testing.T, text []byte) *cdx.BOM {
	t.Helper()
	res, err := schema(t).Validate(gojsonschema.NewBytesLoader(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range res.Errors() {
		t.Error(e)
	}
	var b cdx.BOM
	if err := cdx.NewBOMDecoder(bytes.NewReader(text), cdx.BOMFileFormatJSON).Decode(&b); err != nil {
		t.Fatal(err)
	}
	return &b
}

// TestBOM lists what this test holds, and checks that the schema would object.
func TestBOM(t *testing.T) {
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := &release{version: "1.2.3-4-gabc+dirty", date: time.Unix(1700000000, 0).UTC()}
	text, err := r.bom(path, "pixelsweep", []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	b := checkBOM(t, text)
	if again, err := r.bom(path, "pixelsweep", []byte("x")); err != nil || !bytes.Equal(text, again) {
		t.Errorf("differs the next time: %v", err)
	}
	for _, want := range []string{"std", "github.com/CycloneDX/cyclonedx-go"} {
		if !slices.ContainsFunc(*b.Components, func(c cdx.Component) bool { return c.Name == want && c.Version != "" }) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	m := b.Metadata.Component
	if b.Metadata.Timestamp != "2023-11-14T22:13:20Z" || m.Version != r.version || (*m.Hashes)[0].Value != fmt.Sprintf("%x", sha256.Sum256([]byte("x"))) {
		t.Errorf("%+v", m)
	}
	for _, bad := range [][2]string{{`"MIT"`, `"Mine"`}, {`"application"`, `"programme"`}, {`"bomFormat"`, `"format"`}} {
		res, err := schema(t).Validate(gojsonschema.NewBytesLoader(bytes.Replace(text, []byte(bad[0]), []byte(bad[1]), 1)))
		if err != nil || res.Valid() {
			t.Errorf("the schema takes %s: %v", bad[1], err)
		}
	}
}

// TestRelease makes the release for this system and runs what is in it.
func TestRelease(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the command")
	}
	t.Chdir("../..")
	t.Setenv("SOURCE_DATE_EPOCH", "1700000000")
	out := t.TempDir()
	if err := run(out, "1.2.3", []string{runtime.GOOS + "/" + runtime.GOARCH}); err != nil {
		t.Fatal(err)
	}
	base := fmt.Sprintf("pixelsweep_1.2.3_%s_%s", runtime.GOOS, runtime.GOARCH)
	sums, err := os.ReadFile(filepath.Join(out, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(sums)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		data, err := os.ReadFile(filepath.Join(out, name))
		if err != nil || fmt.Sprintf("%x", sha256.Sum256(data)) != sum {
			t.Errorf("%s: %v", line, err)
		}
	}
	if n := strings.Count(string(sums), base); n != 2 {
		t.Errorf("%d files:\n%s", n, sums)
	}
	files := unpack(t, filepath.Join(out, base))
	for _, name := range []string{"LICENSE", "README.md", "CHANGELOG.md", "man/pixelsweep-lint.1", "completion/pixelsweep.bash", "completion/_pixelsweep", "completion/pixelsweep.fish", "completion/pixelsweep.ps1"} {
		if len(files[base+"/"+name]) == 0 {
			t.Errorf("no %s", name)
		}
	}
	tool := "pixelsweep"
	if runtime.GOOS == "windows" {
		tool += ".exe"
	}
	binary := files[base+"/"+tool]
	text, err := os.ReadFile(filepath.Join(out, base+".cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	b := checkBOM(t, text)
	if (*b.Metadata.Component.Hashes)[0].Value != fmt.Sprintf("%x", sha256.Sum256(binary)) || len(*b.Components) < 10 {
		t.Errorf("%s", text)
	}
	path := filepath.Join(t.TempDir(), tool)
	if err := os.WriteFile(path, binary, 0o755); err != nil {
		t.Fatal(err)
	}
	if got, err := exec.Command(path, "--version").Output(); err != nil || string(got) != "pixelsweep version 1.2.3\n" {
		t.Errorf("%q %v", got, err)
	}
	if got, err := exec.Command(path, "lint", "internal/lint/testdata/seeded/open-pixel.hbs").Output(); err == nil || !bytes.Contains(got, []byte("[open-pixel]")) {
		t.Errorf("%s %v", got, err)
	}
}

// unpack reads an archive, named without its ending.
func unpack(t *testing.T, base string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	keep := func(name string, r io.Reader) {
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = data
	}
	if runtime.GOOS == "windows" {
		z, err := zip.OpenReader(base + ".zip")
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			keep(f.Name, r)
			r.Close()
		}
		return files
	}
	f, err := os.Open(base + ".tar.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		keep(h.Name, r)
	}
}
