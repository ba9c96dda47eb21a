package detector

import "strings"

// contentLabels begin the names of hosts that serve files.
var contentLabels = []string{"assets", "asset", "img", "image", "cdn", "media", "static", "content", "files", "pics", "photo", "res", "upload", "pbs"}

// signalHost: the host is named for serving files.
func signalHost(m *matter) (Signal, bool) {
	if m.known() || m.class != imageClass {
		return Signal{}, false
	}
	label, _, _ := strings.Cut(m.real.Host, ".")
	for _, l := range contentLabels {
		if strings.HasPrefix(label, l) {
			return m.signal(contentHost, strings.Clone(label))
		}
	}
	return Signal{}, false
}
