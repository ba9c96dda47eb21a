package corpus_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pixelsweep/pixelsweep/corpus"
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

// TestLabels measures the detector on labelled mail and fails below the
// promised precision and recall. With -v it lists every error.
func TestLabels(t *testing.T) {
	set, err := corpus.ReadTable(os.DirFS(corporaDir(t)), "labels.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range set.Errors {
		t.Error(err)
	}
	m := corpus.Evaluate(set, nil)
	listed := 0
	for _, r := range m.Rows {
		if r.Listed {
			listed++
		}
		if s := r.Score(); s.FP+s.FN > 0 {
			t.Logf("line %d %s %v found=%v %s %s %s %v", r.Line, r.Kind, r.Why, r.Found(), r.URL, r.Finding.Kind, r.Finding.Rule, r.Finding.Signals)
		}
	}
	t.Logf("%d of %d labelled loads listed", listed, len(m.Rows))
	t.Logf("precision %.4f recall %.4f F1 %.4f %+v", m.Total.Precision(), m.Total.Recall(), m.Total.F1(), m.Total)
	if m.Total.Precision() < 0.99 || m.Total.Recall() < 0.98 {
		t.Errorf("precision %.4f, recall %.4f; promised are 0.99 and 0.98", m.Total.Precision(), m.Total.Recall())
	}
}
