package detector

import (
	"strconv"
	"strings"

	"github.com/pixelsweep/pixelsweep/rules/filter"
)

// signalFilter: a filter list blocks the request.
func signalFilter(m *matter) (Signal, bool) {
	if !m.filter.Found() {
		return Signal{}, false
	}
	return m.signal(inFilter, m.filter.List()+":"+strconv.Itoa(m.filter.Line()))
}

// requestTypes are the types of requests in the words of filter lists.
var requestTypes = map[string]filter.Type{
	"image": filter.Image, "script": filter.Script, "stylesheet": filter.Stylesheet, "font": filter.Font, "media": filter.Media,
	"subdocument": filter.Subdocument, "xhr": filter.XHR, "ping": filter.Ping, "websocket": filter.WebSocket, "document": filter.Document,
}

// filtered asks the filter lists about a reference that is loaded.
func (s *scan) filtered(m *matter) {
	e := s.det.opts.Filters
	if e == nil || m.class == linkClass || m.class == hintClass {
		return
	}
	s.request.Set(m.real.Full, resourceType(m), &s.source)
	if v := e.Match(&s.request); v.Blocked {
		m.filter = v.Filter
	}
}

// resourceType is what a reference loads, in the words of filter lists.
func resourceType(m *matter) filter.Type {
	if m.request != nil {
		if t, ok := requestTypes[m.request.Type]; ok {
			return t
		}
	}
	switch m.Vector {
	case "script:sendBeacon":
		return filter.Ping
	case "script:fetch", "script:XMLHttpRequest", "script:ajax", "script:post", "script:getJSON":
		return filter.XHR
	case "script:Image", "script:img":
		return filter.Image
	case "script:iframe":
		return filter.Subdocument
	}
	switch m.class {
	case frameClass:
		if strings.HasPrefix(m.Vector, "object") || strings.HasPrefix(m.Vector, "embed") || strings.HasPrefix(m.Vector, "applet") {
			return filter.Object
		}
		return filter.Subdocument
	case scriptClass:
		return filter.Script
	case styleClass:
		if m.Vector == "css:@font-face" || m.Vector == "css:src" {
			return filter.Font
		}
		return filter.Stylesheet
	}
	switch name, _, _ := strings.Cut(m.Vector, "["); name {
	case "video", "audio", "track", "bgsound", "amp-video", "amp-audio":
		return filter.Media
	}
	return filter.Image
}
