package main

import "github.com/pixelsweep/pixelsweep/detector"

// prior is what each signal is worth before any mail is seen. A signal that
// the labelled messages hardly show keeps it.
var prior = detector.Points{
	// What is known of the service.
	"known-service":    70,
	"filter":           60,
	"own-name":         25,
	"service-shape":    60,
	"loads-a-click":    55,
	"personal-content": 20,
	"beacon-element":   60,
	// Nothing to see.
	"size:1x1":           40,
	"size:tiny":          28,
	"size:frame":         55,
	"hidden":             30,
	"bare-token":         20,
	"last":               10,
	"conditional":        30,
	"conditional:scheme": 15,
	// The URL tells readers apart, or is made to report.
	"recipient":         45,
	"address":           35,
	"opaque-token":      20,
	"opaque-token:file": 10,
	"path-word":         15,
	"host-word":         12,
	"endpoint":          12,
	"link-shape":        30,
	"link-host":         12,
	// There to be seen, or the same for everybody.
	"visible-size":       -40,
	"alt-text":           -20,
	"in-link":            -20,
	"plain-file":         -25,
	"plain-file:spacer":  -20,
	"content-host":       -15,
	"repeated":           -25,
	"device-variant":     -30,
	"device-variant:mso": -10,
	"style-or-font":      -30,
}
