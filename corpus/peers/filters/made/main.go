// Command made writes requests made from the filters of lists: for each filter
// two URLs that hold its pattern, or nearly. "*" becomes some text, "^" a
// separator, the options choose type and source, and chance puts something
// before and behind, so that about half of them match. Requests of real pages
// try few filters; these try nearly all.
//
// The choice is the same on every run. Sets are the names of the lists.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pixelsweep/pixelsweep/corpus/peers/filters/bench"
)

func main() {
	out := bufio.NewWriter(os.Stdout)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	m := maker{rand.New(rand.NewPCG(1, 2))}
	for _, path := range os.Args[1:] {
		data, err := os.ReadFile(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, "made:", err)
			os.Exit(1)
		}
		set := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		for line := range strings.Lines(string(data)) {
			f, ok := read(strings.TrimSpace(line))
			for i := 0; ok && i < 2; i++ {
				r := m.request(f)
				r.Set = set
				enc.Encode(r)
			}
		}
	}
	if err := out.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, "made:", err)
		os.Exit(1)
	}
}

type filter struct {
	pattern string
	types   []string // that it is for; all of them when it names none
	domains []string // that it is for, and with "~" not for
}

var (
	cosmetic = regexp.MustCompile(`#[@$?%]*#`)
	options  = regexp.MustCompile(`\$(~?[a-z0-9-]+(?:=[^,]*)?(?:,~?[a-z0-9-]+(?:=[^,]*)?)*)$`)
	all      = []string{"image", "script", "xmlhttprequest", "subdocument", "stylesheet", "font", "media", "object", "other", "ping"}
)

// read takes apart a line, roughly; it says false for what is no filter or a
// regular expression.
func read(line string) (f filter, ok bool) {
	if line == "" || strings.ContainsAny(line[:1], "![") || cosmetic.MatchString(line) {
		return f, false
	}
	f.pattern = strings.TrimPrefix(line, "@@")
	not := map[string]bool{}
	if at := options.FindStringIndex(f.pattern); at != nil {
		for o := range strings.SplitSeq(f.pattern[at[0]+1:], ",") {
			name, inverted := strings.CutPrefix(o, "~")
			if ds, found := strings.CutPrefix(o, "domain="); found {
				f.domains = strings.Split(ds, "|")
			} else if slices.Contains(all, name) && inverted {
				not[name] = true
			} else if slices.Contains(all, name) {
				f.types = append(f.types, name)
			}
		}
		f.pattern = f.pattern[:at[0]]
	}
	if len(f.types) == 0 {
		f.types = slices.DeleteFunc(slices.Clone(all), func(t string) bool { return not[t] })
	}
	n := len(f.pattern)
	return f, n > 0 && len(f.types) > 0 && !(n > 2 && f.pattern[0] == '/' && f.pattern[n-1] == '/')
}

type maker struct{ *rand.Rand }

func (m maker) of(texts ...string) string { return texts[m.IntN(len(texts))] }
func (m maker) chance(percent int) bool   { return m.IntN(100) < percent }
func (m maker) request(f filter) (r bench.Request) {
	r.Type = m.of(f.types...)
	if m.chance(15) {
		r.Type = m.of(all...)
	}
	r.URL = m.url(f.pattern)
	r.Source = "https://" + m.source(f) + "/"
	if host, _, ok := strings.Cut(strings.TrimPrefix(r.URL, "https://"), "/"); ok && m.chance(10) {
		r.Source = "https://" + strings.ToLower(host) + "/"
	}
	return r
}

func (m maker) source(f filter) string {
	host := m.of("www.example.org", "news.site.co.uk", "example.com")
	if len(f.domains) > 0 && m.chance(80) {
		host = strings.TrimPrefix(m.of(f.domains...), "~")
		if name, ok := strings.CutSuffix(host, ".*"); ok {
			host = name + m.of(".com", ".co.uk", ".de")
		}
		if m.chance(40) {
			host = "www." + host
		}
	}
	return host
}

// url returns a URL for a pattern. Whatever stands for a separator behind a
// host name is one that a host name may end with.
func (m maker) url(pattern string) string {
	p, whole := strings.CutSuffix(pattern, "|")
	host := false
	switch {
	case strings.HasPrefix(p, "||"):
		p, host = "https://"+m.of("", "", "sub.", "a.b.", "x-", "notes")+p[2:], true
	case strings.HasPrefix(p, "|"):
		p = p[1:]
	case strings.HasPrefix(p, "://"):
		p = "https" + p
	default:
		p = "https://host.example.com/" + m.of("", "d/", "q", "a-") + p
	}
	if !strings.Contains(p, "://") {
		p = "https://" + p
	}
	var b strings.Builder
	for i, c := range []byte(p) {
		switch {
		case c == '^' && host:
			b.WriteString(m.of("/", "?", ":8080/"))
		case c == '^':
			b.WriteString(m.of("/", "?", "&", "=", ":"))
		case c == '*' && host:
			b.WriteString(m.of("", "zz", "-1-"))
		case c == '*':
			b.WriteString(m.of("", "zz", "a/b", "-1-"))
		default:
			b.WriteByte(c)
		}
		host = host && (i < 8 || c != '/' && c != '^' && c != '?')
	}
	if !whole {
		b.WriteString(m.of("", "", "/x.gif", "?a=1", "&z", ".js", "Z"))
	}
	u := b.String()
	if m.chance(10) {
		u = u[:8] + strings.ToUpper(u[8:])
	}
	return u
}
