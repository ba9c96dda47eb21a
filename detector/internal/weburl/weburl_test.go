package weburl

import (
	"net/url"
	"strings"
	"testing"
)

// parseTests follow the URL standard; base "" means none.
var parseTests = []struct{ raw, base, want string }{
	// Serialised already.
	{"https://h.example/a/b?c=d#e", "", "https://h.example/a/b?c=d#e"},
	{"http://h.example/%7Bx%7D", "", "http://h.example/%7Bx%7D"},
	// Empty path, case, ports.
	{"https://h.example", "", "https://h.example/"},
	{"https://h.example?q", "", "https://h.example/?q"},
	{"HTTPS://H.Example/Path", "", "https://h.example/Path"},
	{"https://h.example:443/", "", "https://h.example/"},
	{"http://h.example:0080/", "", "http://h.example/"},
	{"http://h.example:/", "", "http://h.example/"},
	{"http://h.example:8080/x", "", "http://h.example:8080/x"},
	{"http://h.example:65536/", "", "fail"},
	{"http://h.example:8a/", "", "fail"},
	{"ws://h.example:80/", "", "ws://h.example/"},
	{"ftp://h.example:21/x", "", "ftp://h.example/x"},
	// Spaces, tabs and line breaks.
	{" \r\n https://h.example/x \n", "", "https://h.example/x"},
	{"ht\ntps://h.exa\tmple/a\r\nb", "", "https://h.example/ab"},
	{"\x00https://h.example/\x1f", "", "https://h.example/"},
	{"https://h.example/a b?c d#e f", "", "https://h.example/a%20b?c%20d#e%20f"},
	{"https://h.exa mple/", "", "fail"},
	// Slashes.
	{`https:\\h.example\a\b`, "", "https://h.example/a/b"},
	{"https:h.example/x", "", "https://h.example/x"},
	{"https:/h.example/x", "", "https://h.example/x"},
	{"https:////h.example/x", "", "https://h.example/x"},
	{"//h.example/x", "", "https://h.example/x"},
	{"///h.example/x", "", "https://h.example/x"},
	{`\\h.example/x`, "", "https://h.example/x"},
	{"https://", "", "fail"},
	{"https:///", "", "fail"},
	// Users.
	{"https://user:pass@h.example/", "", "https://user:pass@h.example/"},
	{"https://us@er:p:w@h.example/", "", "https://us%40er:p%3Aw@h.example/"},
	{"https://@h.example/", "", "https://h.example/"},
	{"https://:@h.example/", "", "https://h.example/"},
	{"https://user@/x", "", "fail"},
	{"https://h.example\\@evil.example/", "", "https://h.example/@evil.example/"},
	// Dot segments.
	{"https://h.example/a/./b/../c", "", "https://h.example/a/c"},
	{"https://h.example/../../x", "", "https://h.example/x"},
	{"https://h.example/a/%2e%2E/b/.%2e/c/%2E", "", "https://h.example/c/"},
	{"https://h.example/a/..", "", "https://h.example/"},
	{"https://h.example/a//b/...", "", "https://h.example/a//b/..."},
	{"https://h.example/.well-known/x", "", "https://h.example/.well-known/x"},
	// Percent-encoding by place.
	{"https://h.example/{\"<>^`}|é", "", "https://h.example/%7B%22%3C%3E%5E%60%7D|%C3%A9"},
	{"https://h.example/?'\"<>`{}^é", "", "https://h.example/?%27%22%3C%3E`{}^%C3%A9"},
	{"https://h.example/#'\"<>`{}é", "", "https://h.example/#'%22%3C%3E%60{}%C3%A9"},
	{"foo://h/?'", "", "foo://h/?'"},
	{"https://h.example/%zz%4", "", "https://h.example/%zz%4"},
	{"https://h.example/\xff", "", "https://h.example/%EF%BF%BD"},
	// Hosts.
	{"https://B\u00fccher.example/", "", "https://xn--bcher-kva.example/"},
	{"https://fa\u00df.example/", "", "https://xn--fa-hia.example/"},
	{"https://\uff45xample\u3002com/", "", "https://example.com/"},
	{"https://ex%61mple.com/", "", "https://example.com/"},
	{"https://a_b.example/", "", "https://a_b.example/"},
	{"https://-a-.example/", "", "https://-a-.example/"},
	{"https://h.example./", "", "https://h.example./"},
	{"https://a..b/", "", "https://a..b/"},
	{"https://{{host}}/x", "", "https://{{host}}/x"},
	{"https://*|HOST|*/x", "", "fail"},
	{"https://a%00b/", "", "fail"},
	{"https://a<b/", "", "fail"},
	{"https://XN--a/", "", "https://xn--a/"},
	{"https://1.2.3.4/", "", "https://1.2.3.4/"},
	{"https://16909060/", "", "https://1.2.3.4/"},
	{"https://0x1.2.0x304/", "", "https://1.2.3.4/"},
	{"https://01.02.03.04./", "", "https://1.2.3.4/"},
	{"https://0x/", "", "https://0.0.0.0/"},
	{"https://1.2.3.4.5/", "", "fail"},
	{"https://256.1.1.1/", "", "fail"},
	{"https://4294967296/", "", "fail"},
	{"https://a.0x1/", "", "fail"},
	{"https://1.2.3.08/", "", "fail"},
	{"https://a.1x/", "", "https://a.1x/"},
	{"http://[0:0:0:0:0:0:0:1]:80/", "", "http://[::1]/"},
	{"http://[2001:DB8:0:0:1:0:0:1]/", "", "http://[2001:db8::1:0:0:1]/"},
	{"http://[::1.2.3.4]/", "", "http://[::102:304]/"},
	{"http://[1:0:3:4:5:6:7:8]/", "", "http://[1:0:3:4:5:6:7:8]/"},
	{"http://[::]/", "", "http://[::]/"},
	{"http://[::1/", "", "fail"},
	{"http://[fe80::1%25eth0]/", "", "fail"},
	{"http://[1.2.3.4]/", "", "fail"},
	// Relative, with a base.
	{"x", "https://h.example/a/b?q#f", "https://h.example/a/x"},
	{"/x", "https://h.example/a/b", "https://h.example/x"},
	{`\x`, "https://h.example/a/b", "https://h.example/x"},
	{"../x", "https://h.example/a/b/c", "https://h.example/a/x"},
	{".", "https://h.example/a/b", "https://h.example/a/"},
	{"..", "https://h.example/a/b", "https://h.example/"},
	{"?n", "https://h.example/a/b?q#f", "https://h.example/a/b?n"},
	{"#n", "https://h.example/a/b?q#f", "https://h.example/a/b?q#n"},
	{"", "https://h.example/a/b?q#f", "https://h.example/a/b?q"},
	{"//o.example/x", "http://h.example/", "http://o.example/x"},
	{"///o.example/x", "http://h.example/", "http://o.example/x"},
	{"x", "https://u:p@h.example:8443/a/", "https://u:p@h.example:8443/a/x"},
	{"https:x", "https://h.example/a/b", "https://h.example/a/x"},
	{"https:/x", "https://h.example/a/b", "https://h.example/x"},
	{"http:x", "https://h.example/a/b", "http://x/"},
	{"a:b", "https://h.example/", "a:b"},
	{"x", "foo://h/a/b", "foo://h/a/x"},
	{"x", "foo://h", "foo://h/x"},
	{"//o/x", "foo://h/a", "foo://o/x"},
	{"x", "mailto:a@b.example", "fail"},
	{"#x", "mailto:a@b.example?q", "mailto:a@b.example?q#x"},
	{"x", "rel/ative", "x"},
	// Relative, without one.
	{"img/a b.png?x#y", "", "img/a b.png?x#y"},
	{"/img.png", "", "/img.png"},
	{"{{unsubscribe}}", "", "{{unsubscribe}}"},
	{"#top", "", "#top"},
	{"", "", ""},
	{"1http://x/", "", "1http://x/"},
	// Opaque and other schemes.
	{"mailto:A@b.example?subject=x y", "", "mailto:A@b.example?subject=x%20y"},
	{"MAILTO:a@b.example", "", "mailto:a@b.example"},
	{"data:image/gif;base64,R0\r\nlG", "", "data:image/gif;base64,R0lG"},
	{"cid:part1@h.example", "", "cid:part1@h.example"},
	{"javascript:alert('é')", "", "javascript:alert('%C3%A9')"},
	{"about:blank", "", "about:blank"},
	{"about:blank #x", "", "about:blank%20#x"},
	{"tel:+1 2", "", "tel:+1 2"},
	{"foo://H:99/A/../b", "", "foo://H:99/b"},
	{"foo:///x", "", "foo:///x"},
	{"foo:/a/..//b", "", "foo:/.//b"},
	{"foo:/x", "", "foo:/x"},
	{"foo://a b/", "", "fail"},
	{"foo://h", "", "foo://h"},
	// Files.
	{"file:///C|/x", "", "file:///C:/x"},
	{"file:c:\\a\\..\\..\\b", "", "file:///c:/b"},
	{"file://localhost/x", "", "file:///x"},
	{"file://H/x", "", "file://h/x"},
	{"x", "file:///a/b", "file:///a/x"},
	{"/x", "file:///C:/b", "file:///C:/x"},
	{"C|/y", "file:///a/b", "file:///C:/y"},
	{"//h/x", "file:///a", "file://h/x"},
	{"?q", "file:///a/b", "file:///a/b?q"},
}

func TestParse(t *testing.T) {
	for _, tt := range parseTests {
		var base *URL
		if tt.base != "" {
			b, ok := Parse(tt.base, nil)
			if !ok {
				t.Fatalf("base %q fails", tt.base)
			}
			base = &b
		}
		got, ok := Parse(tt.raw, base)
		if !ok {
			got.Full = "fail"
		}
		if got.Full != tt.want {
			t.Errorf("Parse(%q, %q) = %q, want %q", tt.raw, tt.base, got.Full, tt.want)
		}
		if ok {
			checkParts(t, got)
		}
	}
}

// checkParts checks that the parts of u stand in u.Full in their places.
func checkParts(t *testing.T, u URL) {
	t.Helper()
	full := u.Full
	if u.Scheme == "" {
		return
	}
	rest, ok := strings.CutPrefix(full, u.Scheme+":")
	if !ok {
		t.Errorf("%q does not begin with scheme %q", full, u.Scheme)
	}
	if !strings.HasSuffix(rest, u.Fragment) || !strings.Contains(rest, u.Query) {
		t.Errorf("%q: query %q or fragment %q misplaced", full, u.Query, u.Fragment)
	}
	if u.opaque() {
		if u.Path != "" || u.Host != "" {
			t.Errorf("%q: opaque with host %q, path %q", full, u.Host, u.Path)
		}
		return
	}
	if u.Path != "" && u.Path[0] != '/' {
		t.Errorf("%q: path %q", full, u.Path)
	}
	again := u.Path
	if u.hasQuery() {
		again += "?" + u.Query
	}
	if strings.Contains(full, "#") {
		again += "#" + u.Fragment
	}
	if !strings.HasSuffix(rest, again) {
		t.Errorf("%q does not end in %q", full, again)
	}
	if a, _ := u.authority(); !strings.Contains(a, u.Host) {
		t.Errorf("%q: host %q not in %q", full, u.Host, a)
	}
}

func TestParts(t *testing.T) {
	got, _ := Parse("HTTPS://U:p@H.example:99/a/../b?q=1#f", nil)
	want := URL{"https://U:p@h.example:99/b?q=1#f", "https", "h.example", "/b", "q=1", "f"}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	got, _ = Parse("mailto:a@b.example?subject=x#f", nil)
	want = URL{"mailto:a@b.example?subject=x#f", "mailto", "", "", "subject=x", "f"}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestPlainLikeNetURL compares with net/url where both must agree.
func TestPlainLikeNetURL(t *testing.T) {
	for _, s := range []string{
		"https://h.example/a/b.gif?x=1&y=2#z", "http://a.b.c.example/", "https://h.example/a%20b?c%3D",
		"https://h.example:8443/x", "https://u:p@h.example/x?y", "http://10.0.0.1/x", "http://[::1]/x",
	} {
		want, err := url.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := Parse(s, nil)
		if !ok || got.Full != want.String() || got.Scheme != want.Scheme || strings.Trim(got.Host, "[]") != want.Hostname() ||
			got.Path != want.EscapedPath() || got.Query != want.RawQuery || got.Fragment != want.EscapedFragment() {
			t.Errorf("%q: got %+v, net/url %+v", s, got, want)
		}
	}
}

func TestParsePlainAllocates(t *testing.T) {
	raw := " https://click.mail.example.com/open/abc_DEF-123.gif?u=1234&id=abcdef "
	if n := testing.AllocsPerRun(100, func() { Parse(raw, nil) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
	raw = "HTTP://click.mail.example.com/a b"
	if n := testing.AllocsPerRun(100, func() { Parse(raw, nil) }); n > 2 {
		t.Errorf("%v allocations, want 2 at most", n)
	}
}

func TestIsRemote(t *testing.T) {
	for raw, want := range map[string]bool{
		"https://h.example/": true, "//h.example/": true, "ftp://h.example/": true, "wss://h.example/": true,
		"mailto:a@b.example": false, "data:,x": false, "cid:x": false, "x.png": false, "file://h/x": false,
	} {
		if u, _ := Parse(raw, nil); IsRemote(u) != want {
			t.Errorf("IsRemote(%q) = %v", raw, !want)
		}
	}
}

func TestSite(t *testing.T) {
	for host, want := range map[string]string{
		"":                      "",
		"a.b.example.com":       "example.com",
		"example.com":           "example.com",
		"example.com.":          "example.com",
		"a.b.example.co.uk":     "example.co.uk",
		"user.github.io":        "user.github.io",
		"github.io":             "github.io",
		"com":                   "com",
		"localhost":             "localhost",
		"1.2.3.4":               "1.2.3.4",
		"[::1]":                 "[::1]",
		"x.unknown-tld-example": "x.unknown-tld-example",
		"a..b.example.com":      "example.com",
	} {
		for range 2 {
			if got := Site(host); got != want {
				t.Errorf("Site(%q) = %q, want %q", host, got, want)
			}
		}
	}
}

func TestUnproxy(t *testing.T) {
	tests := []struct{ raw, want, name string }{
		{"https://ci3.googleusercontent.com/proxy/AbC=s0-d-e1-ft#https://t.example/o.gif?u=1", "https://t.example/o.gif?u=1", "Gmail"},
		{"https://ci6.googleusercontent.com/meips/AbC=s0#http://t.example", "http://t.example/", "Gmail"},
		{"https://ecp.yusercontent.com/mail?url=https%3A%2F%2Ft.example%2Fo.gif%3Fu%3D1&t=17&sig=x", "https://t.example/o.gif?u=1", "Yahoo Mail"},
		{"https://a.outlook.com/imageproxy/v1/x?originalUrl=https%3A%2F%2Ft.example%2Fo", "https://t.example/o", "Outlook"},
		{"https://media.superhumanapp.com/images/_/https%3A%2F%2Ft.example%2Fo%3Fa", "https://t.example/o?a", "Superhuman"},
		{"https://media.superhumanapp.com/images/_/https://t.example/o?a=1", "https://t.example/o?a=1", "Superhuman"},
		{"https://camo.githubusercontent.com/0123/68747470733a2f2f742e6578616d706c652f6f", "https://t.example/o", "GitHub camo"},
		{"https://ecp.yusercontent.com/mail?url=https%3A%2F%2Fci3.googleusercontent.com%2Fproxy%2Fx%23https%3A%2F%2Ft.example%2F", "https://t.example/", "Yahoo Mail"},
		// Not proxies, or nothing to be found.
		{"https://evilgoogleusercontent.com/proxy/x#https://t.example/", "", ""},
		{"https://lh3.googleusercontent.com/a/x#https://t.example/", "", ""},
		{"https://ci3.googleusercontent.com/proxy/AbC", "", ""},
		{"https://ci3.googleusercontent.com/proxy/AbC#javascript:x", "", ""},
		{"https://camo.githubusercontent.com/0123/zz", "", ""},
		{"mailto:x", "", ""},
	}
	for _, tt := range tests {
		u, _ := Parse(tt.raw, nil)
		got, name := Unproxy(u)
		if tt.want == "" {
			tt.want = u.Full
		}
		if got.Full != tt.want || name != tt.name {
			t.Errorf("Unproxy(%q) = %q, %q; want %q, %q", tt.raw, got.Full, name, tt.want, tt.name)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, tt := range parseTests {
		f.Add(tt.raw, tt.base)
	}
	f.Fuzz(func(t *testing.T, raw, base string) {
		b, _ := Parse(base, nil)
		u, ok := Parse(raw, &b)
		if !ok || u.Scheme == "" {
			return
		}
		checkParts(t, u)
		again, ok := Parse(u.Full, nil)
		if !ok || again != u {
			t.Errorf("%q: %+v reads as %+v, %v", raw, u, again, ok)
		}
		Unproxy(u)
		if site := Site(u.Host); !strings.HasSuffix(strings.TrimSuffix(u.Host, "."), site) {
			t.Errorf("site %q of %q", site, u.Host)
		}
	})
}

var benchURLs = map[string]string{
	"plain":  "https://click.mail.example.com/open/abc_DEF-123.gif?u=1234&id=abcdef0123456789abcdef0123456789&utm_source=newsletter&utm_medium=email",
	"upper":  "HTTPS://Click.Mail.Example.com/open/abc.gif?u=1234",
	"encode": "https://click.mail.example.com/open/a b.gif?u='x'&mail=a@b.example",
	"nopath": "https://www.example.com",
}

func BenchmarkParse(b *testing.B) {
	for name, raw := range benchURLs {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(raw)))
			for b.Loop() {
				Parse(raw, nil)
			}
		})
	}
}

func BenchmarkSite(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Site("click.mail.example.com")
	}
}

func BenchmarkUnproxy(b *testing.B) {
	u, _ := Parse(benchURLs["plain"], nil)
	for b.Loop() {
		Unproxy(u)
	}
}
