package rewrite

import (
	"testing"

	"github.com/pixelsweep/pixelsweep/detector"
)

// TestWants checks that what a rewrite changes is wanted, so that reading reports
// alone misses no message, and that not all is.
func TestWants(t *testing.T) {
	det := detector.New(&detector.Options{NoReferences: true})
	for name, o := range map[string]*Options{
		"default": nil, "block": {BlockAll: true}, "low": {Severity: detector.SeverityLow},
		"links": {Kinds: map[detector.Kind]Mode{detector.ClickTracker: Links}},
		"all":   {Kinds: map[detector.Kind]Mode{detector.TrackedContent: Remove, detector.RemoteContent: Remove}},
	} {
		files, changed, unwanted := 0, 0, 0
		each(t, "../../corpus", []string{"testdata"}, func(file string, data []byte) {
			res, err := Message(data, o)
			if err != nil {
				return
			}
			rep, err := det.Scan(detector.Source{}, data)
			if err != nil {
				t.Fatal(err)
			}
			files++
			if res.Changed {
				changed++
			}
			if !o.Wants(rep) {
				unwanted++
				if res.Changed {
					t.Errorf("%s: %s would be changed, and is not wanted", name, file)
				}
			}
		})
		if changed == 0 || unwanted == 0 {
			t.Errorf("%s: %d files, %d changed, %d not wanted", name, files, changed, unwanted)
		}
	}
}
