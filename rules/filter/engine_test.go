package filter_test

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pixelsweep/pixelsweep/rules/filter"
)

// TestMatchOne matches one filter against one request.
func TestMatchOne(t *testing.T) {
	tests := []struct {
		filter string
		url    string
		typ    filter.Type
		source string
		want   bool
	}{
		{"||a.example^", "https://a.example/", filter.Image, "", true},
		{"||a.example^", "https://A.EXAMPLE/", filter.Image, "", true},
		{"||a.example^", "https://a.example", filter.Image, "", true},
		{"||a.example^", "https://sub.a.example:8080/x", filter.Image, "", true},
		{"||a.example^", "https://user:pw@a.example/x", filter.Image, "", true},
		{"||a.example^", "https://a.example./x", filter.Image, "", true},
		{"||a.example^", "https://ba.example/", filter.Image, "", false},
		{"||a.example^", "https://a.example.evil.test/", filter.Image, "", false},
		{"||a.example^", "https://evil.test/a.example/", filter.Image, "", false},
		{"||a.example^", "https://evil.test/?u=//a.example/", filter.Image, "", false},
		{"||a.example^", "//a.example/x", filter.Image, "", true},
		{"||a.example^", "a.example/x", filter.Image, "", false},
		{"||a.example^", "data:image/gif;base64,a.example", filter.Image, "", false},
		{"||a.example^|", "https://a.example/", filter.Image, "", true},
		{"||a.example^|", "https://a.example/x", filter.Image, "", false},
		{"||a.example", "https://a.example.evil.test/", filter.Image, "", true},
		{"||a.exam", "https://x.a.example/", filter.Image, "", true},
		{"||a.exam", "https://ba.example/", filter.Image, "", false},
		{"||a.example/p", "https://x.a.example/pixel", filter.Image, "", true},
		{"||a.example/p", "https://x.a.example/x/pixel", filter.Image, "", false},
		{"||a.example/p", "https://x.a.example:80/pixel", filter.Image, "", false},
		{"||a.example^*/p.gif", "https://a.example/x/y/p.gif", filter.Image, "", true},
		{"||a.*/p.gif", "https://b.a.test/x/p.gif", filter.Image, "", true},
		{"||[::1]^", "http://[::1]:80/x", filter.Image, "", true},
		{"|https://a.", "https://a.example/", filter.Image, "", true},
		{"|https://a.", "https://b.test/https://a.", filter.Image, "", false},
		{"/p.gif|", "https://a.example/p.gif", filter.Image, "", true},
		{"/p.gif|", "https://a.example/p.gif?x", filter.Image, "", false},
		{"/p.gif^", "https://a.example/p.gif", filter.Image, "", true},
		{"/p.gif^", "https://a.example/p.gif?x", filter.Image, "", true},
		{"/p.gif^", "https://a.example/p.gifs", filter.Image, "", false},
		{"^p^", "https://a.example/p/", filter.Image, "", true},
		{"^p^", "https://a.example/-p_", filter.Image, "", false},
		{"/a*c*e", "https://a.example/abcde", filter.Image, "", true},
		{"/a*c*e", "https://b.test/aec", filter.Image, "", false},
		{"=tok*pixel=", "https://a.example/?x=tok1&pixel=2", filter.Image, "", true},
		{"open%3A", "https://a.example/?u=open%3a", filter.Image, "", true},
		{"/Open$match-case", "https://a.example/Open", filter.Image, "", true},
		{"/Open$match-case", "https://a.example/open", filter.Image, "", false},
		{"||A.Example/Open$match-case", "https://a.example/Open", filter.Image, "", true},
		{`/ad[0-9]+\.gif/`, "https://a.example/AD12.gif", filter.Image, "", true},
		{`/ad[0-9]+\.gif/$match-case`, "https://a.example/AD12.gif", filter.Image, "", false},
		{`/^https?:\/\/a\.example\/$/`, "https://a.example/", filter.Image, "", true},
		{`/^https?:\/\/a\.example\/$/`, "https://a.example/x", filter.Image, "", false},
		{`/\bopen\b/`, "https://a.example/open.gif", filter.Image, "", true},
		{`/\bopen\b/`, "https://a.example/reopen", filter.Image, "", false},
		{`/ü/`, "https://a.example/ü", filter.Image, "", true},
		{`/\u0061bc/`, "https://x.test/abc", filter.Image, "", true},

		{"||a.example^$image", "https://a.example/", filter.Script, "", false},
		{"||a.example^$~image", "https://a.example/", filter.Image, "", false},
		{"||a.example^$~image", "https://a.example/", filter.Script, "", true},
		{"||a.example^", "https://a.example/", filter.Document, "", false},
		{"||a.example^", "https://a.example/", filter.Popup, "", false},
		{"||a.example^", "wss://a.example/", filter.WebSocket, "", true},
		{"||a.example^$all", "https://a.example/", filter.Document, "", true},
		{"||a.example^$all", "https://a.example/", filter.Popup, "", true},
		{"||a.example^$document", "https://a.example/", filter.Document, "", true},
		{"||a.example^$document", "https://a.example/", filter.Image, "", false},
		{"$ping,third-party", "https://a.example/", filter.Ping, "b.example", true},

		{"||a.example^$third-party", "https://a.example/", filter.Image, "", true},
		{"||a.example^$third-party", "https://a.example/", filter.Image, "about:blank", true},
		{"||a.example^$third-party", "https://a.example/", filter.Image, "https://www.a.example/x", false},
		{"||a.example^$third-party", "https://a.example/", filter.Image, "b.example", true},
		{"||a.example^$first-party", "https://x.a.example/", filter.Image, "y.a.example", true},
		{"||x.github.io^$third-party", "https://x.github.io/", filter.Image, "y.github.io", true},
		{"||1.2.3.4^$third-party", "https://1.2.3.4/", filter.Image, "1.2.3.4", false},
		{"||a.example^$strict1p", "https://x.a.example/", filter.Image, "a.example", false},
		{"||a.example^$strict3p", "https://x.a.example/", filter.Image, "a.example", true},

		{"/p.gif$domain=b.example", "https://a.example/p.gif", filter.Image, "www.B.example", true},
		{"/p.gif$domain=b.example", "https://a.example/p.gif", filter.Image, "bb.example", false},
		{"/p.gif$domain=~b.example", "https://a.example/p.gif", filter.Image, "b.example", false},
		{"/p.gif$domain=~b.example", "https://a.example/p.gif", filter.Image, "", true},
		{"/p.gif$domain=b.example|~x.b.example", "https://a.example/p.gif", filter.Image, "x.b.example", false},
		{"/p.gif$domain=b.example|~x.b.example", "https://a.example/p.gif", filter.Image, "y.b.example", true},
		{"/p.gif$domain=b.*", "https://a.example/p.gif", filter.Image, "www.b.co.uk", true},
		{"/p.gif$domain=b.*", "https://a.example/p.gif", filter.Image, "b.evil.test", false},
		{"$image,domain=b.example", "https://a.example/p.gif", filter.Image, "b.example", true},
		{"$image,domain=b.example", "https://a.example/p.gif", filter.Image, "c.example", false},
		{"*$image,denyallow=a.example,domain=b.example", "https://x.a.example/p.gif", filter.Image, "b.example", false},
		{"*$image,denyallow=a.example,domain=b.example", "https://c.example/p.gif", filter.Image, "b.example", true},
		{"*$image,to=a.example", "https://x.a.example/p.gif", filter.Image, "b.example", true},
		{"||xn--bcher-kva.example^", "https://bücher.example/", filter.Image, "", true},
		{"||bücher.example^", "https://xn--bcher-kva.example/", filter.Image, "", true},
		{"0.0.0.0 a.example", "https://x.a.example/", filter.Script, "a.example", true},
		{"||a.example/" + strings.Repeat("long", 100), "https://a.example/" + strings.Repeat("long", 101), filter.Image, "", true},
	}
	for _, tt := range tests {
		l := filter.Parse("list", []byte(tt.filter))
		if len(l.Filters) != 1 {
			t.Errorf("%s: %v", tt.filter, l.Unsupported)
			continue
		}
		e := engineOf(t, l)
		v := e.Match(filter.NewRequest(tt.url, tt.typ, filter.NewSource(tt.source)))
		if v.Blocked != tt.want {
			t.Errorf("%.60s on %s %.60s from %q: %v, want %v", tt.filter, tt.typ, tt.url, tt.source, v.Blocked, tt.want)
		}
		if v.Blocked && v.Filter.Text() != tt.filter {
			t.Errorf("%s is reported as %q", tt.filter, v.Filter.Text())
		}
	}
}

// TestVerdict checks how filters, exceptions, important and badfilter decide.
func TestVerdict(t *testing.T) {
	tests := []struct {
		name, filters string
		blocked       bool
		by, exception string
	}{
		{"none", "||other.example^", false, "", ""},
		{"block", "||a.example^", true, "||a.example^", ""},
		{"exception alone", "@@||a.example^", false, "", ""},
		{"exception", "||a.example^\n@@/p.gif", false, "||a.example^", "@@/p.gif"},
		{"other exception", "||a.example^\n@@/q.gif", true, "||a.example^", ""},
		{"important", "||a.example^\n@@/p.gif\n/p.gif$important", true, "/p.gif$important", ""},
		{"important exception", "||a.example^$important\n@@/p.gif$important", false, "||a.example^$important", "@@/p.gif$important"},
		{"badfilter", "||a.example^$image\n||a.example^$image,badfilter", false, "", ""},
		{"badfilter, other order", "||a.example^$image,third-party\n||a.example^$3p,image,badfilter", false, "", ""},
		{"badfilter, other options", "||a.example^\n||a.example^$image,badfilter", true, "||a.example^", ""},
		{"badfilter on exception", "||a.example^\n@@/p.gif\n@@/p.gif$badfilter", true, "||a.example^", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := engineOf(t, filter.Parse("list", []byte(tt.filters)))
			v := e.Match(filter.NewRequest("https://a.example/p.gif", filter.Image, filter.NewSource("b.example")))
			if v.Blocked != tt.blocked || v.Filter.Text() != tt.by || v.Exception.Text() != tt.exception {
				t.Errorf("got %v by %q except %q", v.Blocked, v.Filter.Text(), v.Exception.Text())
			}
		})
	}
}

func TestAllNamesListAndLine(t *testing.T) {
	e := engineOf(t,
		filter.Parse("one", []byte("! comment\n||a.example^\n@@||a.example^$script\n")),
		filter.Parse("two", []byte("/p.gif$important\n@@||a.example/p.gif\nb.example##.ad\n$image,domain=b.example|c.example\n")))
	r := filter.NewRequest("https://a.example/p.gif?/p.gif", filter.Image, filter.NewSource("b.example"))
	var got []string
	for _, m := range e.All(r) {
		got = append(got, m.List()+" "+string(rune('0'+m.Line()))+" "+m.Text())
	}
	slices.Sort(got)
	want := []string{"one 2 ||a.example^", "two 1 /p.gif$important", "two 2 @@||a.example/p.gif", "two 4 $image,domain=b.example|c.example"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	var zero filter.Match
	if zero.Found() || zero.Text() != "" || zero.List() != "" || zero.Line() != 0 || zero.Exception() {
		t.Error("the zero Match is not empty")
	}
}

// TestMatchAllocates checks the promise of Request.Set and Engine.Match.
func TestMatchAllocates(t *testing.T) {
	e := engineOf(t, publicLists(t)...)
	requests := slices.Concat(namedRequests(t), browserRequests(t))
	sources := map[string]*filter.Source{}
	for _, q := range requests {
		sources[q.Source] = filter.NewSource(q.Source)
	}
	var r filter.Request
	pass := func() {
		for i := range requests {
			r.Set(requests[i].URL, requests[i].Type, sources[requests[i].Source])
			e.Match(&r)
		}
	}
	pass()
	if n := testing.AllocsPerRun(1, pass); n > 0 {
		t.Errorf("%v allocations in %d requests", n, len(requests))
	}
}

// TestConcurrent matches from several goroutines; the race detector watches.
func TestConcurrent(t *testing.T) {
	l := filter.Parse("list", []byte(`/a[0-9]+\.gif/`+"\n||a.example^$removeparam=/^x/\n@@/(b|c)[0-9]x/\n"))
	e := engineOf(t, l)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 100 {
				r := filter.NewRequest("https://a.example/a1.gif?x=1", filter.Image, filter.NewSource("b.example"))
				if !e.Match(r).Blocked || len(e.Params(r)) != 1 {
					t.Error("not blocked")
				}
			}
		})
	}
	wg.Wait()
}

func TestLoadErrors(t *testing.T) {
	table, err := filter.Compile(filter.Parse("list", []byte("||a.example^\n/p.gif\n$image,domain=b.example\n/x[0-9]/\n")))
	if err != nil {
		t.Fatal(err)
	}
	change := func(at int, b ...byte) []byte {
		out := slices.Clone(table)
		copy(out[at:], b)
		return out
	}
	tests := []struct {
		name  string
		table []byte
		want  string
	}{
		{"empty", nil, "not a table"},
		{"text", []byte(strings.Repeat("||a.example^\n", 100)), "not a table"},
		{"version", change(8, 99), "version 99"},
		{"truncated", table[:len(table)-1], "truncated"},
		{"longer", append(slices.Clone(table), 0), "truncated"},
		{"changed", change(len(table)-9, 0xff), "checksum"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := filter.Load(tt.table)
			if !errors.Is(err, filter.ErrTable) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// seal makes the checksum of a table right.
func seal(table []byte) {
	if len(table) > 16 {
		sum := crc32.Checksum(table[16:], crc32.MakeTable(crc32.Castagnoli))
		binary.LittleEndian.PutUint32(table[12:], sum)
	}
}

// use asks an engine everything that there is to ask.
func use(e *filter.Engine, urls ...string) {
	for _, url := range urls {
		for _, typ := range []filter.Type{filter.Image, filter.Document, filter.InlineFont} {
			r := filter.NewRequest(url, typ, filter.NewSource("b.example"))
			e.Match(r)
			e.Params(r)
			for _, m := range e.All(r) {
				_ = m.List() + m.Text()
				m.Line()
			}
		}
	}
}

// TestDamaged changes tables in many places, checksum and all: nothing panics.
func TestDamaged(t *testing.T) {
	table, err := filter.Compile(filter.Parse("list", []byte(seedList)))
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 4000 {
		b := slices.Clone(table)
		for range 1 + rnd.IntN(4) {
			b[rnd.IntN(len(b))] = byte(rnd.IntN(256))
		}
		seal(b)
		if e, err := filter.Load(b); err == nil {
			use(e, seedURLs...)
		}
	}
}

const seedList = `||a.example^
||a.example/p$image
||a.exam
/p.gif
/track/*/open^
=tok*pixel=
|https://x.
@@||a.example/ok^$domain=b.example|~c.b.example
@@/x[0-9]+\.gif/$image
/^https?:\/\/.*\.(club|bid)\/.*/$domain=b.example
$image,domain=b.example
*$ping,third-party
||b.example^$removeparam=/^utm_/
@@||b.example^$removeparam
*$script,denyallow=a.example,domain=b.*
/Up.gif$match-case
||c.example^$important
0.0.0.0 d.example
`

var seedURLs = []string{
	"https://a.example/p.gif", "https://x.a.example/track/1/open?x=tok&pixel=1", "https://x.club/x1.gif",
	"https://b.example/?utm_source=1", "", "https://", "data:,x", "https://c.example/Up.gif", "//d.example",
}
