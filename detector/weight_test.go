package detector

import "testing"

func TestPointsAreComplete(t *testing.T) {
	known := map[string]bool{}
	for w, name := range weightNames {
		known[name] = true
		n, ok := defaultPoints[name]
		if !ok {
			t.Errorf("%s has no points", name)
		}
		if accuses := weight(w) < visibleSize; n != 0 && accuses != (n > 0) {
			t.Errorf("%s has %d points", name, n)
		}
	}
	for name := range defaultPoints {
		if !known[name] {
			t.Errorf("points for %q, which is no signal", name)
		}
	}
}

func TestPointsOption(t *testing.T) {
	mail := []byte("From: a@shop.example\nContent-Type: text/html\n\n<img src=https://t.shop.example/x?id=7 width=1 height=1>")
	scan := func(p Points) []Signal {
		rep, err := New(&Options{Points: p}).Scan(Source{}, mail)
		if err != nil {
			t.Fatal(err)
		}
		return rep.Findings[0].Signals
	}
	if got := scan(Points{"size:1x1": 7, "nonsense": 3})[0]; got.Name != "size" || got.Points != 7 {
		t.Errorf("size:1x1 set to 7 gives %v", got)
	}
	for _, s := range scan(Points{"size:1x1": 0}) {
		if s.Name == "size" {
			t.Errorf("size left out gives %v", s)
		}
	}
}
