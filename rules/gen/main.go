// Command gen compiles the services under data to Go: rules/table.go, and
// rules/table_test.go with their samples, and calls_table.go and consent_table.go. Run it with go generate ./rules.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pixelsweep/pixelsweep/rules/ruleyaml"
)

func main() {
	dir := flag.String("dir", ".", "the folder of package rules")
	flag.Parse()
	if err := write(*dir); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func write(dir string) error {
	services, err := ruleyaml.Load(os.DirFS(filepath.Join(dir, "data")))
	if err != nil {
		return err
	}
	extra, err := ruleyaml.LoadExtra(os.DirFS(filepath.Join(dir, "data")))
	if err != nil {
		return err
	}
	files, err := render(services, extra)
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
