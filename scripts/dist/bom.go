package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// bom lists what a binary holds, in CycloneDX 1.5 (ECMA-424): read from the binary
// itself, so it cannot name what is not there. It has no serial number, which would
// differ each time.
func (r *release) bom(path, name string, binary []byte) ([]byte, error) {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return nil, err
	}
	self := module(info.Main.Path, r.version)
	self.Type, self.Name = cdx.ComponentTypeApplication, name
	self.Hashes = &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: fmt.Sprintf("%x", sha256.Sum256(binary))}}
	self.Licenses = &cdx.Licenses{{License: &cdx.License{ID: "MIT"}}}
	props := []cdx.Property{}
	for _, s := range info.Settings {
		if s.Key == "GOOS" || s.Key == "GOARCH" {
			props = append(props, cdx.Property{Name: "go:" + s.Key, Value: s.Value})
		}
	}
	self.Properties = &props

	parts := []cdx.Component{module("std", strings.TrimPrefix(info.GoVersion, "go"))}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		c := module(m.Path, m.Version)
		if m.Sum != "" {
			c.Properties = &[]cdx.Property{{Name: "go:sum", Value: m.Sum}}
		}
		parts = append(parts, c)
	}
	slices.SortFunc(parts, func(a, b cdx.Component) int { return strings.Compare(a.BOMRef, b.BOMRef) })
	needs := make([]string, len(parts))
	for i := range parts {
		needs[i] = parts[i].BOMRef
	}

	b := cdx.NewBOM()
	b.Metadata = &cdx.Metadata{Timestamp: r.date.Format(time.RFC3339), Component: &self}
	b.Components = &parts
	b.Dependencies = &[]cdx.Dependency{{Ref: self.BOMRef, Dependencies: &needs}}
	var out bytes.Buffer
	err = cdx.NewBOMEncoder(&out, cdx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false).EncodeVersion(b, cdx.SpecVersion1_5)
	return out.Bytes(), err
}

// module is a component that is a Go module (package-url, type golang).
func module(path, version string) cdx.Component {
	var parts []string
	for _, p := range strings.Split(path, "/") {
		parts = append(parts, url.PathEscape(p))
	}
	purl := "pkg:golang/" + strings.Join(parts, "/") + "@" + url.QueryEscape(version)
	return cdx.Component{Type: cdx.ComponentTypeLibrary, BOMRef: purl, Name: path, Version: version, PackageURL: purl}
}
