package filter_test

import (
	"slices"
	"testing"
	"time"

	"github.com/pixelsweep/pixelsweep/rules/filter"
)

// BenchmarkMatch matches real requests against EasyList and EasyPrivacy, from
// the URL, the source's URL and the type of each. Beside the mean of the run it
// reports percentiles of single requests, each the best of several, so that
// another program on the machine does not count; the clock is read around each.
func BenchmarkMatch(b *testing.B) {
	e := engineOf(b, publicLists(b)...)
	named, browser, mails := namedRequests(b), browserRequests(b), mailRequests(b)
	sets := []struct {
		name     string
		requests []logged
	}{
		{"named", named},
		{"browser", browser},
		{"mail", mails},
		{"all", slices.Concat(named, browser, mails)},
	}
	for _, set := range sets {
		b.Run(set.name, func(b *testing.B) { benchmarkMatch(b, e, set.requests) })
	}
}

func benchmarkMatch(b *testing.B, e *filter.Engine, requests []logged) {
	var r filter.Request
	var src filter.Source
	blocked := 0
	one := func(q *logged) {
		src.Set(q.Source)
		r.Set(q.URL, q.Type, &src)
		if e.Match(&r).Blocked {
			blocked++
		}
	}
	for i := range requests {
		one(&requests[i])
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		one(&requests[n%len(requests)])
		n++
	}
	times := make([]time.Duration, len(requests))
	for pass := range 3 {
		for i := range requests {
			start := time.Now()
			one(&requests[i])
			if d := time.Since(start); pass == 0 || d < times[i] {
				times[i] = d
			}
		}
	}
	sum := time.Duration(0)
	for _, d := range times {
		sum += d
	}
	slices.Sort(times)
	b.ReportMetric(float64(sum.Nanoseconds())/float64(len(times)), "best-mean-ns")
	b.ReportMetric(float64(times[len(times)/2].Nanoseconds()), "p50-ns")
	b.ReportMetric(float64(times[len(times)*99/100].Nanoseconds()), "p99-ns")
	b.ReportMetric(float64(times[len(times)-1].Nanoseconds()), "max-ns")
}

// BenchmarkCompile makes the table of EasyList and EasyPrivacy from their text.
func BenchmarkCompile(b *testing.B) {
	easylist, easyprivacy := readList(b, "easylist.txt"), readList(b, "easyprivacy.txt")
	b.ReportAllocs()
	size := 0
	for b.Loop() {
		t, err := filter.Compile(filter.Parse("easylist", easylist), filter.Parse("easyprivacy", easyprivacy))
		if err != nil {
			b.Fatal(err)
		}
		size = len(t)
	}
	b.ReportMetric(float64(size)/1e6, "MB")
}

// BenchmarkLoad makes an engine from the table, checksum included.
func BenchmarkLoad(b *testing.B) {
	t, err := filter.Compile(publicLists(b)...)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(t)))
	for b.Loop() {
		if _, err := filter.Load(t); err != nil {
			b.Fatal(err)
		}
	}
}
