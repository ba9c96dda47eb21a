package corpus_test

import (
	"html"
	"os"
	"path/filepath"
	"testing"

	"github.com/pixelsweep/pixelsweep/corpus"
	"github.com/pixelsweep/pixelsweep/detector"
)

func corporaDir(t *testing.T) string {
	dir := os.Getenv("PIXELSWEEP_CORPORA")
	if dir == "" {
		dir, _ = filepath.Abs("../../shared/corpora")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("SKIPPED: no labelled mail; set PIXELSWEEP_CORPORA to a folder with labels.csv and labelled/")
	}
	return dir
}

// TestLabels measures the embedded rules on labelled mail and fails below the
// promised precision and recall. With -v it lists every error.
func TestLabels(t *testing.T) {
	dir := corporaDir(t)
	f, err := os.Open(filepath.Join(dir, "labels.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	labels, err := corpus.ReadLabels(f)
	if err != nil {
		t.Fatal(err)
	}
	var total corpus.Score
	found := map[string]map[string]detector.Finding{}
	listed := 0
	for _, l := range labels {
		m := found[l.File]
		if m == nil {
			m = scanLabelled(t, filepath.Join(dir, "labelled", l.File))
			found[l.File] = m
		}
		f, seen := m[corpus.Key(l.URL)]
		if seen {
			listed++
		}
		hit := seen && f.Kind.Decides() && f.Severity.Rank() >= detector.SeverityMedium.Rank()
		switch {
		case l.Kind == "unknown":
		case hit && l.Kind == "tracker":
			total.TP++
		case hit:
			total.FP++
			t.Logf("FP line %d %s %s [%s] %s %v", l.Line, l.Kind, f.URL, f.Vector, f.Rule, f.Signals)
		case l.Kind == "tracker":
			total.FN++
			t.Logf("FN line %d %q %s [%s] listed=%v %s %d %v", l.Line, l.Why, l.URL, f.Vector, seen, f.Kind, f.Score, f.Signals)
		}
	}
	t.Logf("%d of %d labelled loads listed", listed, len(labels))
	t.Logf("precision %.4f recall %.4f F1 %.4f (tp %d fp %d fn %d)", total.Precision(), total.Recall(), total.F1(), total.TP, total.FP, total.FN)
	if total.Precision() < 0.97 || total.Recall() < 0.95 {
		t.Errorf("precision %.4f, recall %.4f; promised are 0.97 and 0.95", total.Precision(), total.Recall())
	}
}

// scanLabelled maps each loaded URL of a message to the gravest finding on it.
func scanLabelled(t *testing.T, path string) map[string]detector.Finding {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := detector.New(nil).Scan(detector.Source{Path: path}, data)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	found := map[string]detector.Finding{}
	add := func(key string, f detector.Finding) {
		old, ok := found[key]
		if !ok || f.Severity.Rank() > old.Severity.Rank() {
			found[key] = f
		}
	}
	raw := map[int]string{}
	for _, r := range rep.References {
		if r.Raw != "" {
			raw[r.Ref] = html.UnescapeString(r.Raw)
		}
		if r.Trigger != detector.Click {
			none := detector.Finding{URL: r.URL, Vector: r.Vector, Severity: detector.SeverityInfo, Kind: detector.RemoteContent}
			add(corpus.Key(r.URL), none)
			if r.Raw != "" {
				add(corpus.Key(html.UnescapeString(r.Raw)), none)
			}
		}
	}
	for _, f := range rep.Findings {
		if f.Kind == detector.ClickTracker || f.Kind == detector.ReadReceipt {
			continue
		}
		add(corpus.Key(f.URL), f)
		if r := raw[f.Ref]; r != "" {
			add(corpus.Key(r), f)
		}
	}
	return found
}
