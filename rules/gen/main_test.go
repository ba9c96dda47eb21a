package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pixelsweep/pixelsweep/rules/ruleyaml"
)

// TestCurrent checks that the generated files are those that gen would write.
func TestCurrent(t *testing.T) {
	services, err := ruleyaml.Load(os.DirFS("../data"))
	if err != nil {
		t.Fatal(err)
	}
	extra, err := ruleyaml.LoadExtra(os.DirFS("../data"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := render(services, extra)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("rules/%s is not current; run go generate ./rules", name)
		}
	}
}
