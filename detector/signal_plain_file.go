package detector

import "strings"

// signalStatic: a plain file is the same for everybody.
func signalStatic(m *matter) (Signal, bool) {
	switch {
	case m.class == frameClass && m.page && !m.known() && m.token == "" && m.real.Query == "" && documentName(m.real.Path):
		return m.signal(plainFile, "a document without a query or token")
	case m.class != imageClass || m.known() || !m.static():
	case m.token == "":
		return m.signal(plainFile, "a file without a query or token")
	case spacerName(m.real.Path):
		return m.signal(spacerFile, "a file named as layout images are")
	}
	return Signal{}, false
}

// documentName reports whether a path ends as the file of a document does.
func documentName(path string) bool {
	return strings.HasSuffix(path, ".html") || strings.HasSuffix(path, ".htm")
}

// spacerNames are in the names of files that only keep a distance.
var spacerNames = []string{"spacer", "transparent", "blank", "shim", "divider"}

// spacerName reports whether the file of a path is named as a layout image.
func spacerName(path string) bool {
	file := strings.ToLower(path[strings.LastIndexByte(path, '/')+1:])
	for _, n := range spacerNames {
		if strings.Contains(file, n) {
			return true
		}
	}
	return false
}
