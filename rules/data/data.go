// Package data holds the services as they are written, one YAML file each, for
// those who check or change them. Nothing that scans reads them: package rules
// is compiled from them.
package data

import "embed"

// Files are the services: CATEGORY/NAME.yaml.
//
//go:embed */*.yaml
var Files embed.FS
