package detector

import "strings"

// signalHidden: a style or an attribute hides the image from everybody. What a
// script names is seen nowhere anyhow, wherever the script stands.
func signalHidden(m *matter) (Signal, bool) {
	if m.box.Hidden == "" || m.box.Device || m.class == scriptClass || m.folded() {
		return Signal{}, false
	}
	return m.signal(hidden, m.box.Hidden)
}

// folded reports whether a page hides an image until its reader asks for it, as it
// does what stands in menus, tabs and galleries: a plain file, or one that has
// room to be seen.
func (m *matter) folded() bool {
	if !m.page || m.class != imageClass || m.known() {
		return false
	}
	if m.static() && m.token == "" {
		return true
	}
	return strings.HasPrefix(m.box.Hidden, "inside ") && (m.static() || m.roomy())
}
