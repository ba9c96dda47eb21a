package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A bom lists what a binary holds, in CycloneDX 1.5 (ECMA-424): read from the binary
// itself, so it cannot name what is not there.
type bom struct {
	Schema       string       `json:"$schema"`
	Format       string       `json:"bomFormat"`
	SpecVersion  string       `json:"specVersion"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Timestamp string    `json:"timestamp"`
	Component component `json:"component"`
}

type component struct {
	Type     string     `json:"type"`
	Ref      string     `json:"bom-ref"`
	Name     string     `json:"name"`
	Version  string     `json:"version"`
	PURL     string     `json:"purl,omitempty"`
	Hashes   []hash     `json:"hashes,omitempty"`
	Licenses []any      `json:"licenses,omitempty"`
	Props    []property `json:"properties,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn"`
}

// bom lists the modules of a binary.
func (r *release) bom(path, name string, binary []byte) ([]byte, error) {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return nil, err
	}
	self := module(info.Main.Path, r.version)
	self.Type, self.Name = "application", name
	self.Hashes = []hash{{"SHA-256", fmt.Sprintf("%x", sha256.Sum256(binary))}}
	self.Licenses = []any{map[string]any{"license": map[string]string{"id": "MIT"}}}
	for _, s := range info.Settings {
		if s.Key == "GOOS" || s.Key == "GOARCH" {
			self.Props = append(self.Props, property{"go:" + s.Key, s.Value})
		}
	}
	b := bom{
		Schema: "http://cyclonedx.org/schema/bom-1.5.schema.json", Format: "CycloneDX", SpecVersion: "1.5", Version: 1,
		Metadata: metadata{r.date.Format(time.RFC3339), self},
	}
	std := component{Type: "library", Ref: "go-std", Name: "std", Version: strings.TrimPrefix(info.GoVersion, "go"), PURL: "pkg:golang/std@" + strings.TrimPrefix(info.GoVersion, "go")}
	b.Components = append(b.Components, std)
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		c := module(m.Path, m.Version)
		if m.Sum != "" {
			c.Props = []property{{"go:sum", m.Sum}}
		}
		b.Components = append(b.Components, c)
	}
	slices.SortFunc(b.Components, func(a, c component) int { return strings.Compare(a.Ref, c.Ref) })
	d := dependency{Ref: self.Ref}
	for _, c := range b.Components {
		d.DependsOn = append(d.DependsOn, c.Ref)
	}
	b.Dependencies = []dependency{d}
	text, err := json.MarshalIndent(b, "", " ")
	return append(text, '\n'), err
}

// module is a component that is a Go module (package-url, type golang).
func module(path, version string) component {
	var parts []string
	for _, p := range strings.Split(path, "/") {
		parts = append(parts, url.PathEscape(p))
	}
	purl := "pkg:golang/" + strings.Join(parts, "/") + "@" + url.QueryEscape(version)
	return component{Type: "library", Ref: purl, Name: path, Version: version, PURL: purl}
}
