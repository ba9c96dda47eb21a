package detector

import "strings"

// signalElement: AMP's own pixel element, and the call that was made for beacons,
// have no other purpose than to report.
func signalElement(m *matter) (Signal, bool) {
	if m.Vector == "script:sendBeacon" {
		return m.signal(beaconElement, "sendBeacon")
	}
	if !strings.HasPrefix(m.Vector, "amp-pixel[") {
		return Signal{}, false
	}
	return m.signal(beaconElement, "amp-pixel")
}
