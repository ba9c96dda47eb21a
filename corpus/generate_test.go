package corpus_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/pixelsweep/pixelsweep/corpus"
	"github.com/pixelsweep/pixelsweep/detector"
)

// TestGenerated measures the detector on messages whose truth is known: all
// that must be found is, as the kind that it is, and nothing else.
func TestGenerated(t *testing.T) {
	n := 3000
	if testing.Short() {
		n = 300
	}
	set := &corpus.Set{Messages: slices.Collect(corpus.Generate(7, n))}
	m := corpus.Evaluate(set, nil)
	shown := 0
	for _, r := range m.Rows {
		got := detector.Kind("")
		if corpus.Noted(&r.Finding) {
			got = r.Finding.Kind
		}
		if got != r.Want {
			if shown++; shown <= 10 {
				t.Errorf("%s: %s on %s [%s], want %q; %v", r.File, got, r.URL, r.Vector, r.Want, r.Finding.Signals)
			}
		}
	}
	if shown > 10 {
		t.Errorf("%d rows are wrong", shown)
	}
	kinds := map[detector.Kind]bool{}
	for _, r := range m.Rows {
		kinds[r.Want] = true
	}
	if len(kinds) < 7 {
		t.Errorf("only %v are generated", kinds)
	}
}

func TestGeneratedAgain(t *testing.T) {
	a, b := corpus.NewGenerator(3, nil), corpus.NewGenerator(3, nil)
	for i := range 50 {
		if !bytes.Equal(a.Message(i).Data, b.Message(i).Data) {
			t.Fatalf("message %d differs from run to run", i)
		}
	}
	if bytes.Equal(a.Message(0).Data, a.Message(1).Data) || bytes.Equal(a.Message(0).Data, corpus.NewGenerator(4, nil).Message(0).Data) {
		t.Error("messages or seeds are the same")
	}
}

func TestGenerateOptions(t *testing.T) {
	size := func(o *corpus.GenerateOptions) (mean, most int) {
		for m := range corpus.NewGenerator(1, o).Messages(300) {
			mean += len(m.Data)
			most = max(most, len(m.Data))
		}
		return mean / 300, most
	}
	small, _ := size(&corpus.GenerateOptions{BodyBytes: 2 << 10})
	large, _ := size(&corpus.GenerateOptions{BodyBytes: 64 << 10})
	if large < 8*small {
		t.Errorf("mean size %d with bodies of 2 KB, %d with 64 KB", small, large)
	}
	if _, most := size(&corpus.GenerateOptions{Large: 0.1}); most < 1<<20 {
		t.Errorf("largest message has %d bytes, want an attachment of 1 MB or more", most)
	}
	data := corpus.NewGenerator(1, &corpus.GenerateOptions{CRLF: true}).Message(0).Data
	if n := bytes.Count(data, []byte("\n")); n != bytes.Count(data, []byte("\r\n")) {
		t.Error("lines without a carriage return")
	}
}

func BenchmarkGenerate(b *testing.B) {
	g := corpus.NewGenerator(1, &corpus.GenerateOptions{BodyBytes: 45 << 10, Large: 0.01})
	b.ReportAllocs()
	i, n := 0, 0
	for b.Loop() {
		n += len(g.Message(i).Data)
		i++
	}
	b.ReportMetric(float64(n)/float64(i), "B/message")
}
