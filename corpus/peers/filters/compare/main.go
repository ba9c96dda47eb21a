// Command compare sums up a run of the filter engines. Its folder holds
// requests.jsonl and for each engine NAME.json, one result a round, and
// NAME.verdicts.
//
//	compare DIR            prints the table and the agreement, writes DIR/indexes.json;
//	                       with -times=false the agreement only
//	compare -join OUT DIR  writes every disagreement to OUT, with the filters that
//	                       the engines gave for those indexes in DIR/NAME.explain
//
// A disagreement is a request on which ghostery and ubo agree and ours says
// otherwise ("ours"), or on which those two differ ("peers").
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"text/tabwriter"

	"github.com/pixelsweep/pixelsweep/corpus/peers/filters/bench"
)

// engines in the order of the table; the first is what the others are
// multiples of, the next two are those whose agreement counts.
var engines = []string{"ours", "ubo", "ghostery", "adguard"}

func main() {
	join := flag.String("join", "", "file to write the disagreements to")
	times := flag.Bool("times", true, "print the table of times")
	flag.Parse()
	r := run{dir: flag.Arg(0)}
	err := r.read()
	if err == nil && *join != "" {
		err = r.join(*join)
	} else if err == nil {
		if *times {
			r.table(os.Stdout)
		}
		err = r.agreement(os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

type run struct {
	dir      string
	requests []bench.Request
	results  map[string]bench.Result
	verdicts map[string][]byte
}

func (r *run) path(name string) string { return filepath.Join(r.dir, name) }

// lines decodes the JSON values of a file.
func lines[T any](path string) ([]T, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []T
	for dec := json.NewDecoder(bufio.NewReader(f)); ; {
		var v T
		if err := dec.Decode(&v); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, v)
	}
}

// read reads the folder; an engine that has no results is left out.
func (r *run) read() (err error) {
	r.results, r.verdicts = map[string]bench.Result{}, map[string][]byte{}
	if r.requests, err = bench.Read(r.path("requests.jsonl")); err != nil {
		return err
	}
	for _, e := range engines {
		rounds, err := lines[bench.Result](r.path(e + ".json"))
		if errors.Is(err, fs.ErrNotExist) || err == nil && len(rounds) == 0 {
			continue
		} else if err != nil {
			return err
		}
		r.results[e] = median(rounds)
		v, err := os.ReadFile(r.path(e + ".verdicts"))
		if err != nil {
			return err
		}
		if v = bytes.TrimSpace(v); len(v) != len(r.requests) {
			return fmt.Errorf("%s: %d verdicts for %d requests", e, len(v), len(r.requests))
		}
		r.verdicts[e] = v
	}
	return nil
}

// median returns a result that holds the median of every measure.
func median(rounds []bench.Result) bench.Result {
	res := rounds[0]
	of := func(field func(*bench.Result) float64) float64 {
		var vs []float64
		for i := range rounds {
			vs = append(vs, field(&rounds[i]))
		}
		slices.Sort(vs)
		return vs[len(vs)/2]
	}
	res.LoadMS = of(func(r *bench.Result) float64 { return r.LoadMS })
	res.CacheMS = of(func(r *bench.Result) float64 { return r.CacheMS })
	res.MeanNS = of(func(r *bench.Result) float64 { return r.MeanNS })
	res.P50NS = of(func(r *bench.Result) float64 { return r.P50NS })
	res.P99NS = of(func(r *bench.Result) float64 { return r.P99NS })
	return res
}

func (r *run) table(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "engine\tversion\ttext ms\tcache ms\tcache MB\tmean µs\tp50 µs\tp99 µs\tallocs\t× ours\t\n")
	base, ok := r.results[engines[0]]
	for _, e := range engines {
		res, found := r.results[e]
		if !found {
			continue
		}
		cache, size, allocs, ratio := "-", "-", "-", "-"
		if res.CacheBytes > 0 {
			cache, size = fmt.Sprintf("%.1f", res.CacheMS), fmt.Sprintf("%.1f", float64(res.CacheBytes)/1e6)
		}
		if res.Allocs != nil {
			allocs = fmt.Sprintf("%.2f", *res.Allocs)
		}
		if ok {
			ratio = fmt.Sprintf("%.1f", res.MeanNS/base.MeanNS)
		}
		fmt.Fprintf(w, "%s\t%s\t%.0f\t%s\t%s\t%.2f\t%.2f\t%.2f\t%s\t%s\t\n", e, res.Version, res.LoadMS, cache, size,
			res.MeanNS/1e3, res.P50NS/1e3, res.P99NS/1e3, allocs, ratio)
	}
	w.Flush()
}

// side says who differs on the request i, "" when nobody does.
func (r *run) side(i int) string {
	ghostery, ubo, ours := r.verdicts["ghostery"], r.verdicts["ubo"], r.verdicts["ours"]
	switch {
	case ghostery == nil || ubo == nil:
		return ""
	case ghostery[i] != ubo[i]:
		return "peers"
	case ours != nil && ours[i] != ubo[i]:
		return "ours"
	}
	return ""
}

// class says what makes a request ambiguous: the engines differ by design on
// those without a source, on documents, and on URLs with user information.
func class(r *bench.Request) string {
	u, err := url.Parse(r.URL)
	source, serr := url.Parse(r.Source)
	switch {
	case serr != nil || source.Hostname() == "":
		return "no source"
	case r.Type == "document":
		return "document"
	case err != nil:
		return "not a URL"
	case u.User != nil:
		return "user information"
	}
	return "other"
}

func (r *run) agreement(out io.Writer) error {
	var sets []string
	type key struct{ set, what string }
	count, classes := map[key]int{}, map[key]int{}
	indexes := []int{}
	for i := range r.requests {
		q := &r.requests[i]
		if !slices.Contains(sets, q.Set) {
			sets = append(sets, q.Set)
		}
		count[key{q.Set, "all"}]++
		if v := r.verdicts["ubo"]; v != nil && v[i] == bench.Blocked {
			count[key{q.Set, "blocked"}]++
		}
		side := r.side(i)
		count[key{q.Set, side}]++
		if side != "" {
			indexes = append(indexes, i)
			classes[key{side, class(q)}]++
		}
		if a := r.verdicts["adguard"]; a != nil && side != "peers" && a[i] != r.verdicts["ubo"][i] {
			count[key{q.Set, "adguard"}]++
		}
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\nset\trequests\tblocked by ubo\tghostery = ubo\tours differs\tadguard differs\t\n")
	for _, s := range sets {
		all, peers, ours := count[key{s, "all"}], count[key{s, "peers"}], strconv.Itoa(count[key{s, "ours"}])
		if r.verdicts["ours"] == nil {
			ours = "-"
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\t%d\t\n", s, all, count[key{s, "blocked"}], all-peers, ours, count[key{s, "adguard"}])
	}
	w.Flush()
	for _, side := range []string{"ours", "peers"} {
		what := "\nours differs, by class:"
		if side == "peers" {
			what = "ghostery differs from ubo, by class:"
		}
		fmt.Fprint(out, what)
		for _, c := range []string{"no source", "document", "user information", "not a URL", "other"} {
			fmt.Fprintf(out, " %s %d,", c, classes[key{side, c}])
		}
		fmt.Fprintln(out)
	}
	data, err := json.Marshal(indexes)
	if err != nil {
		return err
	}
	return os.WriteFile(r.path("indexes.json"), data, 0o644)
}

// A disagreement is one line of the file that join writes.
type disagreement struct {
	I     int    `json:"i"`
	Who   string `json:"who"`
	Class string `json:"class"`
	bench.Request
	Verdicts map[string]string `json:"verdicts"`
	Filters  map[string]string `json:"filters"`
}

func (r *run) join(path string) error {
	var all []*disagreement
	at := map[int]*disagreement{}
	for i := range r.requests {
		side := r.side(i)
		if side == "" {
			continue
		}
		d := &disagreement{I: i, Who: side, Class: class(&r.requests[i]), Request: r.requests[i],
			Verdicts: map[string]string{}, Filters: map[string]string{}}
		for e, v := range r.verdicts {
			d.Verdicts[e] = string(v[i])
		}
		all, at[i] = append(all, d), d
	}
	for e := range r.verdicts {
		xs, err := lines[bench.Explanation](r.path(e + ".explain"))
		if err != nil {
			return err
		}
		for _, x := range xs {
			if d := at[x.I]; d != nil && x.Filter != "" {
				d.Filters[e] = x.Filter
			}
		}
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(f)
	enc.SetEscapeHTML(false)
	for _, d := range all {
		if err := enc.Encode(d); err != nil {
			f.Close()
			return err
		}
	}
	return f.Close()
}
