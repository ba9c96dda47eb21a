package detector

import (
	"strings"

	"github.com/pixelsweep/pixelsweep/rules"
)

// signalRule: the URL has a shape that a service is known by.
func signalRule(m *matter) (Signal, bool) {
	if m.call != nil {
		return m.signal(knownService, "call of "+m.call.Rule.Service.Name)
	}
	if m.rule == nil {
		return Signal{}, false
	}
	detail := m.rule.Service.Name
	if m.cloaked != "" {
		detail += ", under the name " + m.cloaked
	}
	switch m.rule.Event {
	case rules.EventOpen:
		if m.rule.Generic {
			return m.signal(serviceShape, "open tracking in the shape of "+detail)
		}
		return m.signal(knownService, "open tracking of "+detail)
	case rules.EventMeasure:
		return m.signal(knownService, "measurement by "+detail)
	case rules.EventPrint, rules.EventForward, rules.EventDarkMode:
		return m.signal(knownService, string(m.rule.Event)+" tracking of "+detail)
	case rules.EventScript:
		return m.signal(knownService, "script of "+detail)
	case rules.EventClick:
		if m.class != linkClass && !m.mayFollow() {
			return m.signal(loadsClick, "a redirect of "+detail+" that is loaded, not followed")
		}
	case rules.EventContent:
		return m.signal(personalContent, "content that "+detail+" makes for each reader")
	}
	return Signal{}, false
}

// mayFollow reports whether a script may only lead to the URL: it stands in a string
// whose use nobody knows, or in what an element does when it is clicked.
func (m *matter) mayFollow() bool {
	return m.page && (m.Vector == "script:string" || strings.HasSuffix(m.Vector, "[onclick]"))
}
