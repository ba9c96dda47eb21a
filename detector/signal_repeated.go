package detector

import "fmt"

// signalRepeated: what reports needs to be asked once; spacers repeat.
func signalRepeated(m *matter) (Signal, bool) {
	if m.repeats >= 3 && !m.known() && m.call == nil && m.Trigger != Print && m.Trigger != Forward {
		return m.signal(repeated, fmt.Sprintf("stands %d times in the message", m.repeats))
	}
	return Signal{}, false
}
