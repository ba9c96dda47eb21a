package detector

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// document is a page or a message, and what a scan that uses nothing again says
// of it.
type document struct {
	name string
	data []byte
	want [2]string // with references, and without
}

func (d *document) scan(o *Options, data []byte) *Report {
	det := New(o)
	var rep *Report
	if strings.HasSuffix(d.name, ".eml") {
		rep, _ = det.Scan(Source{Path: d.name}, data)
	} else {
		rep, _ = det.ScanHTML(Source{Path: d.name, Type: TypePage}, data)
	}
	return rep
}

func encoded(tb testing.TB, rep *Report) string {
	tb.Helper()
	text, err := json.Marshal(rep)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// pairs are the options that the documents are scanned with. Their time is long,
// because the race detector makes them slow.
var pairs = [2]*Options{{Limits: Limits{CPU: 1 << 40}}, {NoReferences: true, Limits: Limits{CPU: 1 << 40}}}

// documents are those of the corpora that are there, and some that use what is
// used again in every way.
func documents(t *testing.T) []*document {
	t.Helper()
	all := madeDocuments()
	dir := os.Getenv("PIXELSWEEP_CORPORA")
	if dir == "" {
		dir = "../../shared/corpora"
	}
	most := 150
	if testing.Short() {
		most = 30
	}
	for _, sub := range []string{filepath.Join(dir, "web"), filepath.Join(dir, "mail"), "../corpus/testdata"} {
		var names []string
		err := filepath.WalkDir(sub, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && (strings.HasSuffix(path, ".eml") || strings.HasSuffix(path, ".html")) {
				names = append(names, path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(names) == 0 {
			t.Logf("SKIPPED: nothing in %s; set PIXELSWEEP_CORPORA to a folder with web/ and mail/", sub)
		}
		for i := 0; i < len(names); i += max(len(names)/most, 1) {
			data, err := os.ReadFile(names[i])
			if err != nil {
				t.Fatal(err)
			}
			if len(data) > 0 {
				all = append(all, &document{name: names[i], data: data})
			}
		}
	}
	for _, d := range all {
		for n, o := range pairs {
			scratches = sync.Pool{New: scratches.New} // nothing is used again
			d.want[n] = encoded(t, d.scan(o, d.data))
		}
	}
	scratches = sync.Pool{New: scratches.New}
	return all
}

// madeDocuments are documents with the same variables, functions and hosts that
// mean other things in each of them.
func madeDocuments() (all []*document) {
	add := func(name, text string) { all = append(all, &document{name: name, data: []byte(text)}) }
	for i := range 12 {
		var calls strings.Builder
		for k := range 40 * i {
			fmt.Fprintf(&calls, "o%d={u:'https://t%d-%d.example/p?id='+h,l:[h,%d,{v:'%d'}]};fetch(o%d.u);(new Image).src=o%d.l[0]+'/%d.gif';", k, i, k, k, i, k, k, k)
		}
		add(fmt.Sprintf("same%d.html", i), fmt.Sprintf(`<script>var h='https://h%d.example',v%d='x%d';function f(u,a,b,c,d,e,g,i,j){fetch(u+v%d+a);return{u:u}}f(h,'/%d');%s</script>`+
			`<script>fetch(h+'/second');fetch(v%d+'/none');fbq('init','%d%d%d4567',{em:'a%d@b.example'});fbq('track','Purchase',{value:%d.5,currency:'EUR'});gtag('consent','default',{ad_storage:'%s'});gtag('config','G-%dABCDEF');`+
			`document.write('<img src="'+h+'/w.gif">')</script><img src="https://h%d.example/open.gif?u=8Jq2FvNf0Yw3ZkSB7mQxT5r%d" width=1 height=1>`,
			i, i, i, i, i, calls.String(), (i+1)%12, i, i, i, i, i, []string{"denied", "granted"}[i%2], i, i, i))
		add(fmt.Sprintf("unset%d.html", i), `<script>fetch(h+'/p');f('https://n.example/'+(typeof v1));for(k in o1)fetch(o1.u);g=o3;fetch(g.l[0]);fetch(arguments[0]+'//x');//</script>`)
		add(fmt.Sprintf("mail%d.eml", i), fmt.Sprintf("From: a@s%d.example\r\nTo: ann%d@reader.example\r\nMessage-ID: <%d@s%d.example>\r\nContent-Type: text/html; charset=%s\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"+
			"<img src=3D\"https://s%d.example/o?e=3Dann%d=40reader.example&t=3D8Jq2FvNf0Yw3ZkSB7mQxT5rLhC9uEa\"><a href=3D\"https://s%d.example/c?t=3D8Jq2FvNf0Yw3ZkSB7mQxT5rLhC9u%d\">=FC</a><script>fetch('https://h%d.example/'+h)</script>",
			i, i, i, i, []string{"utf-8", "iso-8859-1"}[i%2], i, i, i, i, i))
	}
	for i := range 3 {
		add(fmt.Sprintf("alike%d.eml", i), fmt.Sprintf("From: a@s.example\nTo: ann%d@reader.example\nContent-Type: text/html\n\n", i)+
			strings.Repeat("<img src=https://s.example/o?e=ann1%40reader.example>\n", 2))
	}
	var many strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&many, `<img src="https://t%d.example/open.gif?u=8Jq2FvNf0Yw3ZkSB7mQxT5rLhC9uEa%d" width=1 height=1>`, i%200, i)
	}
	add("many.html", many.String())
	add("dull.html", strings.Repeat(`<img src="/a.jpg" width=300 height=200>`, 3000)) // whose findings have no signals
	add("many.eml", "From: a@b.example\nTo: ann@reader.example\nContent-Type: text/html\n\n"+many.String())
	return all
}

// TestAgain scans documents one after the other in one worker, and in two, in
// any order and twice: each report is that of a scan that uses nothing again,
// and stays so when others are scanned and the bytes are used for something else.
func TestAgain(t *testing.T) {
	all := documents(t)
	work := func(seed uint64) {
		random, room := rand.New(rand.NewPCG(seed, 1)), []byte(nil)
		var reports []*Report
		var wants []string
		for range 2 {
			for _, i := range random.Perm(len(all)) {
				d, n := all[i], random.IntN(2)
				room = append(room[:0], d.data...)
				reports, wants = append(reports, d.scan(pairs[n], room)), append(wants, d.want[n])
				for k := range room {
					room[k] = '#'
				}
			}
		}
		for i, rep := range reports {
			if got := encoded(t, rep); got != wants[i] {
				t.Errorf("report of %s: %s", rep.Source.Path, cmp.Diff(wants[i], got))
			}
		}
	}
	work(1)
	var workers sync.WaitGroup
	for n := range 2 {
		workers.Go(func() { work(uint64(2 + n)) })
	}
	workers.Wait()
}

// TestCallsOfParts: what a script says in one part of a message is still known
// once the next part was read.
func TestCallsOfParts(t *testing.T) {
	var text strings.Builder
	text.WriteString("From: a@s.example\nContent-Type: multipart/mixed; boundary=b\n\n")
	for i := range 9 {
		fmt.Fprintf(&text, "--b\nContent-Type: text/html\n\n<script>fbq('track','Purchase',{value:%d,list:[{currency:'EU%d'}]})</script>\n", i, i)
	}
	text.WriteString("--b--\n")
	rep, _ := New(nil).Scan(Source{}, []byte(text.String()))
	if len(rep.Findings) != 9 {
		t.Fatalf("got %d findings, want 9", len(rep.Findings))
	}
	for i, f := range rep.Findings {
		want := []Field{{"value", fmt.Sprint(i)}, {"currency", fmt.Sprint("EU", i)}}
		if d := cmp.Diff(want, f.Values); d != "" {
			t.Errorf("finding %d: %s", i, d)
		}
	}
}

// TestRoomOfLargePage: the references and findings of a page with many are not
// moved to larger room again and again, which once cost more than the rest of it.
func TestRoomOfLargePage(t *testing.T) {
	var page strings.Builder
	for i := range 18000 {
		fmt.Fprintf(&page, "<img src=https://t.example/%d>", i)
	}
	scratches = sync.Pool{New: scratches.New}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	rep, _ := New(pairs[1]).ScanHTML(Source{Type: TypePage}, []byte(page.String()))
	runtime.ReadMemStats(&after)
	if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 80 || len(rep.Findings) != 18000 {
		t.Errorf("%d findings took %d MB, want no more than 80", len(rep.Findings), n)
	}
}
