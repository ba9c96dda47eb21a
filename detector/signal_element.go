package detector

import "strings"

// signalElement: AMP's own pixel element has no other purpose than to report.
func signalElement(m *matter) (Signal, bool) {
	if !strings.HasPrefix(m.Vector, "amp-pixel[") {
		return Signal{}, false
	}
	return m.signal(beaconElement, "amp-pixel")
}
