// Command ours runs the requests through rules/filter.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pixelsweep/pixelsweep/corpus/peers/filters/bench"
	"github.com/pixelsweep/pixelsweep/rules/filter"
)

func main() {
	bench.Run(bench.Result{Engine: "ours", Version: "-"}, load)
}

func load(paths []string, res *bench.Result) (bench.Engine, error) {
	start := time.Now()
	var lists []*filter.List
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			return nil, err
		}
		lists = append(lists, filter.Parse(filepath.Base(p), data))
	}
	table, err := filter.Compile(lists...)
	if err != nil {
		return nil, err
	}
	e, err := filter.Load(table)
	if err != nil {
		return nil, err
	}
	res.LoadMS = milliseconds(start)
	if err := cache(table, res); err != nil {
		return nil, err
	}
	return &engine{engine: e}, nil
}

// cache times reading the compiled form from a file: the fastest of three, as
// for the other engines.
func cache(table []byte, res *bench.Result) error {
	dir, err := os.MkdirTemp("", "filters-ours-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "table")
	if err := os.WriteFile(path, table, 0o600); err != nil {
		return err
	}
	res.CacheBytes = int64(len(table))
	for i := range 3 {
		start := time.Now()
		data, err := os.ReadFile(path)
		if err == nil {
			_, err = filter.Load(data)
		}
		if err != nil {
			return fmt.Errorf("cache: %w", err)
		}
		if ms := milliseconds(start); i == 0 || ms < res.CacheMS {
			res.CacheMS = ms
		}
	}
	return nil
}

func milliseconds(since time.Time) float64 { return float64(time.Since(since).Microseconds()) / 1000 }

type engine struct {
	engine  *filter.Engine
	request filter.Request
	source  filter.Source
}

func (e *engine) match(r *bench.Request) filter.Verdict {
	e.source.Set(r.Source)
	e.request.Set(r.URL, filter.ParseType(r.Type), &e.source)
	return e.engine.Match(&e.request)
}

func (e *engine) Match(r *bench.Request) byte {
	if e.match(r).Blocked {
		return bench.Blocked
	}
	return bench.Passed
}

func (e *engine) Explain(r *bench.Request) (text string, exception bool) {
	v := e.match(r)
	if v.Exception.Found() {
		return v.Exception.Text(), true
	}
	return v.Filter.Text(), false
}
