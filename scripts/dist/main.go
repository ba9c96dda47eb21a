// Command dist makes the files of a release: an archive for each system with the
// binary, the manual pages and the completions of shells, their checksums, and a list
// of what is inside (SBOM). The same source and the same Go make the same bytes.
//
//	go run ./scripts/dist -out dist
package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// systems are what a release is made for.
const systems = "linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64,windows/arm64"

func main() {
	log.SetFlags(0)
	log.SetPrefix("dist: ")
	out := flag.String("out", "dist", "write to this `FOLDER`")
	version := flag.String("version", "", "the version (default: of git describe)")
	targets := flag.String("systems", systems, "for which systems")
	flag.Parse()
	if err := run(*out, *version, strings.Split(*targets, ",")); err != nil {
		log.Fatal(err)
	}
}

// A release is one run.
type release struct {
	out, version string
	date         time.Time
	common       []entry // that every archive has
}

// An entry is one file of an archive.
type entry struct {
	name string
	mode int64
	data []byte
}

func run(out, version string, targets []string) error {
	r := &release{out: out, version: version}
	if err := r.identify(); err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	if err := r.documents(); err != nil {
		return err
	}
	sums := map[string][32]byte{}
	for _, target := range targets {
		system, arch, ok := strings.Cut(target, "/")
		if !ok {
			return fmt.Errorf("%q is no system; write linux/amd64", target)
		}
		files, err := r.target(system, arch)
		if err != nil {
			return fmt.Errorf("%s: %w", target, err)
		}
		for _, f := range files {
			if err := os.WriteFile(filepath.Join(out, f.name), f.data, 0o644); err != nil {
				return err
			}
			sums[f.name] = sha256.Sum256(f.data)
		}
	}
	return r.checksums(sums)
}

// checksums writes what sha256sum -c reads.
func (r *release) checksums(sums map[string][32]byte) error {
	var lines []string
	for name, sum := range sums {
		lines = append(lines, fmt.Sprintf("%x  %s\n", sum, name))
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(a[66:], b[66:]) })
	return os.WriteFile(filepath.Join(r.out, "SHA256SUMS"), []byte(strings.Join(lines, "")), 0o644)
}

// identify finds the version and the date: of SOURCE_DATE_EPOCH, else of the commit
// (reproducible-builds.org, "SOURCE_DATE_EPOCH specification").
func (r *release) identify() error {
	if r.version == "" {
		text, err := output("git", "describe", "--tags", "--always", "--dirty")
		if err != nil {
			return fmt.Errorf("no version; name one with -version: %w", err)
		}
		r.version = strings.TrimPrefix(text, "v")
	}
	seconds := os.Getenv("SOURCE_DATE_EPOCH")
	if seconds == "" {
		text, err := output("git", "log", "-1", "--format=%ct")
		if err != nil {
			return fmt.Errorf("no date; set SOURCE_DATE_EPOCH: %w", err)
		}
		seconds = text
	}
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return fmt.Errorf("SOURCE_DATE_EPOCH: %q is no number of seconds", seconds)
	}
	r.date = time.Unix(n, 0).UTC()
	return nil
}

func output(name string, args ...string) (string, error) {
	out, err := exec.Command(name, args...).Output()
	return strings.TrimSpace(string(out)), err
}

// build compiles the command for one system.
func (r *release) build(system, arch, to string) error {
	flags := "-s -w -buildid= -X main.version=" + r.version
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-mod=readonly", "-ldflags", flags, "-o", to, "./cmd/pixelsweep")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+arch, "GOAMD64=v1", "GOARM64=v8.0", "GOFLAGS=", "GOEXPERIMENT=", "GOWORK=off")
	text, err := cmd.CombinedOutput()
	if err != nil {
		return errors.New(strings.TrimSpace(string(text)))
	}
	return nil
}

// documents makes what every archive has, with a binary for this system.
func (r *release) documents() error {
	dir, err := os.MkdirTemp("", "dist")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	tool := filepath.Join(dir, "pixelsweep")
	if runtime.GOOS == "windows" {
		tool += ".exe"
	}
	if err := r.build(runtime.GOOS, runtime.GOARCH, tool); err != nil {
		return err
	}
	for _, name := range []string{"LICENSE", "README.md", "CHANGELOG.md"} {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		r.common = append(r.common, entry{name, 0o644, data})
	}
	man := exec.Command(tool, "man", filepath.Join(dir, "man"))
	man.Env = append(os.Environ(), "SOURCE_DATE_EPOCH="+strconv.FormatInt(r.date.Unix(), 10))
	if text, err := man.CombinedOutput(); err != nil {
		return fmt.Errorf("manual pages: %s", text)
	}
	pages, err := filepath.Glob(filepath.Join(dir, "man", "*.1"))
	if err != nil {
		return err
	}
	for _, page := range pages {
		data, err := os.ReadFile(page)
		if err != nil {
			return err
		}
		r.common = append(r.common, entry{"man/" + filepath.Base(page), 0o644, data})
	}
	for _, shell := range [][2]string{{"bash", "pixelsweep.bash"}, {"zsh", "_pixelsweep"}, {"fish", "pixelsweep.fish"}, {"powershell", "pixelsweep.ps1"}} {
		var out bytes.Buffer
		cmd := exec.Command(tool, "completion", shell[0])
		cmd.Stdout = &out
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("completion for %s: %w", shell[0], err)
		}
		r.common = append(r.common, entry{"completion/" + shell[1], 0o644, out.Bytes()})
	}
	return nil
}

// target makes the files for one system: the archive, and the list of what is in the
// binary.
func (r *release) target(system, arch string) ([]entry, error) {
	dir, err := os.MkdirTemp("", "dist")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	name := "pixelsweep"
	if system == "windows" {
		name += ".exe"
	}
	path := filepath.Join(dir, name)
	if err := r.build(system, arch, path); err != nil {
		return nil, err
	}
	binary, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	bom, err := r.bom(path, name, binary)
	if err != nil {
		return nil, err
	}
	files := append([]entry{{name, 0o755, binary}}, r.common...)
	base := fmt.Sprintf("pixelsweep_%s_%s_%s", r.version, system, arch)
	pack, ending := r.tarball, ".tar.gz"
	if system == "windows" {
		pack, ending = r.zip, ".zip"
	}
	archive, err := pack(base, files)
	if err != nil {
		return nil, err
	}
	return []entry{{name: base + ending, data: archive}, {name: base + ".cdx.json", data: bom}}, nil
}
