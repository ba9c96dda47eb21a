// Package bench is what the runners of the filter engines share: the requests,
// the way of timing, and the result that each runner prints.
package bench

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"time"
)

// A Request is one line of the request file. Type is a resource type in the
// words of filter lists: image, script, xmlhttprequest, subdocument, …
type Request struct {
	URL    string `json:"url"`
	Source string `json:"source"`
	Type   string `json:"type"`
	Set    string `json:"set"`
}

// A Result is the line that a runner prints. Times are of one run; a runner
// without a cache of its own leaves its fields zero, as one that cannot count
// allocations leaves Allocs nil.
type Result struct {
	Engine     string   `json:"engine"`
	Version    string   `json:"version"`
	LoadMS     float64  `json:"load_ms"`
	CacheMS    float64  `json:"cache_ms,omitempty"`
	CacheBytes int64    `json:"cache_bytes,omitempty"`
	MeanNS     float64  `json:"mean_ns"`
	P50NS      float64  `json:"p50_ns"`
	P99NS      float64  `json:"p99_ns"`
	Allocs     *float64 `json:"allocs,omitempty"`
}

// An Explanation says which filter decided the request with the index I.
type Explanation struct {
	I         int    `json:"i"`
	Filter    string `json:"filter"`
	Exception bool   `json:"exception"`
}

// Verdicts, one byte a request.
const (
	Passed  = '0'
	Blocked = '1'
	Failed  = 'e'
)

// An Engine is a filter engine with its lists loaded.
type Engine interface {
	// Match parses one request and returns its verdict.
	Match(r *Request) byte
	// Explain returns the filter that decides r, "" for none.
	Explain(r *Request) (filter string, exception bool)
}

// Read reads a file of requests.
func Read(path string) ([]Request, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var rs []Request
	for dec := json.NewDecoder(bufio.NewReader(f)); ; {
		var r Request
		if err := dec.Decode(&r); err == io.EOF {
			return rs, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		rs = append(rs, r)
	}
}

// Run is the whole of a runner's main: it loads the lists named on the command
// line, times the requests and prints the result, or with -explain answers for
// the requests listed in that file and times nothing. Load fills in what it
// measured of loading.
func Run(res Result, load func(lists []string, res *Result) (Engine, error)) {
	if err := run(res, load); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", res.Engine, err)
		os.Exit(1)
	}
}

func run(res Result, load func(lists []string, res *Result) (Engine, error)) error {
	requests := flag.String("requests", "", "file of requests")
	verdicts := flag.String("verdicts", "", "file to write the verdicts to")
	passes := flag.Int("passes", 3, "timed passes; the fastest one counts")
	explain := flag.String("explain", "", "file of indexes, a JSON array, to explain instead")
	flag.Parse()

	rs, err := Read(*requests)
	if err != nil {
		return err
	}
	e, err := load(flag.Args(), &res)
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	if *explain != "" {
		return explainAll(out, e, rs, *explain)
	}
	got := Measure(e, rs, *passes, &res)
	if err := os.WriteFile(*verdicts, append(got, '\n'), 0o644); err != nil {
		return err
	}
	return out.Encode(res)
}

func explainAll(out *json.Encoder, e Engine, rs []Request, path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var indexes []int
	if err := json.Unmarshal(data, &indexes); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, i := range indexes {
		filter, exception := e.Explain(&rs[i])
		if err := out.Encode(Explanation{I: i, Filter: filter, Exception: exception}); err != nil {
			return err
		}
	}
	return nil
}

// Measure runs rs through e: once to warm up, then the timed passes, and once
// with a clock around every request, whose cost stays in the quantiles. It
// returns the verdicts.
func Measure(e Engine, rs []Request, passes int, res *Result) []byte {
	verdicts := make([]byte, len(rs))
	for i := range rs {
		verdicts[i] = e.Match(&rs[i])
	}
	n := float64(len(rs))
	var before, after runtime.MemStats
	for p := range passes {
		runtime.GC()
		runtime.ReadMemStats(&before)
		start := time.Now()
		for i := range rs {
			e.Match(&rs[i])
		}
		mean := float64(time.Since(start).Nanoseconds()) / n
		runtime.ReadMemStats(&after)
		allocs := float64(after.Mallocs-before.Mallocs) / n
		if p == 0 || mean < res.MeanNS {
			res.MeanNS, res.Allocs = mean, &allocs
		}
	}
	times := make([]int64, len(rs))
	for i := range rs {
		start := time.Now()
		e.Match(&rs[i])
		times[i] = time.Since(start).Nanoseconds()
	}
	slices.Sort(times)
	res.P50NS = float64(times[len(times)/2])
	res.P99NS = float64(times[len(times)*99/100])
	return verdicts
}
