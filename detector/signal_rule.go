package detector

import "github.com/pixelsweep/pixelsweep/rules"

// signalRule: the URL has a shape that a service is known by.
func signalRule(m *matter) (Signal, bool) {
	if m.rule == nil {
		return Signal{}, false
	}
	detail := m.rule.Service.Name
	switch m.rule.Event {
	case rules.EventOpen:
		if m.rule.Generic {
			return Signal{"service-shape", 60, "open tracking in the shape of " + detail}, true
		}
		return Signal{"known-service", 70, "open tracking of " + detail}, true
	case rules.EventMeasure:
		return Signal{"known-service", 70, "measurement by " + detail}, true
	case rules.EventPrint, rules.EventForward, rules.EventDarkMode:
		return Signal{"known-service", 70, string(m.rule.Event) + " tracking of " + detail}, true
	case rules.EventScript:
		return Signal{"known-service", 70, "script of " + detail}, true
	case rules.EventClick:
		if m.class != linkClass {
			return Signal{"loads-a-click", 55, "a redirect of " + detail + " that is loaded, not followed"}, true
		}
	case rules.EventContent:
		return Signal{"personal-content", 20, "content that " + detail + " makes for each reader"}, true
	}
	return Signal{}, false
}
