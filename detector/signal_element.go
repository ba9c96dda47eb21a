package detector

import "strings"

// signalElement: AMP's own pixel element, the call that was made for beacons, and an
// image that a script never shows and asks for with what it found out have no other
// purpose than to report.
func signalElement(m *matter) (Signal, bool) {
	switch {
	case m.Vector == "script:sendBeacon":
		return m.signal(beaconElement, "sendBeacon")
	case m.Vector == "script:Image" && m.made && m.real.Query != "" && !m.pictured():
		return m.signal(beaconElement, "an image for what a script found out")
	}
	if !strings.HasPrefix(m.Vector, "amp-pixel[") {
		return Signal{}, false
	}
	return m.signal(beaconElement, "amp-pixel")
}
