package lint

import "testing"

// TestRepeatOpen tells what is another value at each opening from the moments of things
// and from dates.
func TestRepeatOpen(t *testing.T) {
	for inner, want := range map[string]bool{
		"now": true, "'now' | date: '%s'": true, "\"now\"|date(\"U\")": true, "now \"U\"": true, "Time.now.to_i": true, "Date.now()": true,
		"time()": true, "time.time()": true, "timestamp": true, "rand()": true, "Math.random()": true, "random_number": true,
		"guid": true, "GUID()": true, "'now' | date: '%Y%m%d%H%M'": true, "FormatDate(Now(),'yyyyMMddHHmm')": true, "now | date 'x'": true,
		"event.time": false, "event_properties.${timestamp}": false, "article.guid": false, "post->timestamp": false, "delivery_time": false,
		"'now' | date: '%Y'": false, "\"now\"|date(\"Y-m-d\")": false, "now \"Y\"": false, "'now' | date: '%Y-%m-%d'": false,
		"FormatDate(Now(),'yyyyMMdd')": false, "campaign.random_number": true,
	} {
		if got := namesMoment(inner); got != want {
			t.Errorf("%s: %v", inner, got)
		}
	}
}
