package filter_test

import (
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/rules/filter"
)

// TestParseFilter parses one line and prints it in its canonical spelling.
func TestParseFilter(t *testing.T) {
	tests := []struct{ line, want string }{
		{"||ads.example^", "||ads.example^"},
		{"||Ads.Example^$IMAGE", "||ads.example^$image"},
		{"  ||ads.example^  ", "||ads.example^"},
		{"|https://ads.example/|", "|https://ads.example/|"},
		{"*/banner/*", "/banner/*"},
		{"||*.ads.example^", ".ads.example^"},
		{"a**b***c", "a*b*c"},
		{"/banner/*$image", "/banner/*$image"},
		{"@@||ads.example^$script,third-party", "@@||ads.example^$script,third-party"},
		{"||a.example^$3p", "||a.example^$third-party"},
		{"||a.example^$1p", "||a.example^$first-party"},
		{"||a.example^$~third-party", "||a.example^$first-party"},
		{"||a.example^$~first-party", "||a.example^$third-party"},
		{"||a.example^$first-party,third-party", "||a.example^"},
		{"||a.example^$strict3p", "||a.example^$strict3p"},
		{"||a.example^$css,frame,xhr,beacon,doc", "||a.example^$stylesheet,subdocument,xmlhttprequest,ping,document"},
		{"||a.example^$~image,~script", "||a.example^$~image,~script"},
		{"||a.example^$all", "||a.example^$all"},
		{"||a.example^$popup", "||a.example^$popup"},
		{"||a.example^$object-subrequest", "||a.example^$object"},
		{"||a.example^$domain=B.example|~c.example", "||a.example^$domain=b.example|~c.example"},
		{"||a.example^$from=google.*", "||a.example^$domain=google.*"},
		{"*$image,denyallow=x.com|y.com,domain=z.com", "*$image,to=~x.com|~y.com,domain=z.com"},
		{"*$to=x.com,script", "*$script,to=x.com"},
		{"||a.example^$important,match-case", "||a.example^$match-case,important"},
		{"||a.example/X$match-case", "||a.example/X$match-case"},
		{"||a.example^$badfilter", "||a.example^$badfilter"},
		{"||a.example^$redirect=noopjs,script", "||a.example^$script"},
		{"||a.example/v$rewrite=abp-resource:blank-mp4,domain=b.com", "||a.example/v$domain=b.com"},
		{"||a.example^$method=get", "||a.example^"},
		{"||a.example^$script,_____", "||a.example^$script"},
		{"@@||a.example^$generichide,image", "@@||a.example^$image"},
		{"||a.example^$removeparam=utm_source", "||a.example^$removeparam=utm_source"},
		{"$removeparam=/^utm_/", "*$removeparam=/^utm_/"},
		{"||a.example^$removeparam=/a,b$/,image", "||a.example^$image,removeparam=/a,b$/"},
		{"$ping,third-party", "*$ping,third-party"},
		{`/ad[0-9]+\.gif/$image`, `/ad[0-9]+\.gif/$image`},
		{`/^https?:\/\/a\.example\/$/`, `/^https?:\/\/a\.example\/$/`},
		{"/.*/$script,domain=a.com", "*$script,domain=a.com"},
		{"||bücher.example^", "||xn--bcher-kva.example^"},
		{"||a.example/ü", "||a.example/%c3%bc"},
		{"/foo$bar/baz", "/foo$bar/baz"},
		{"ads.example", "||ads.example^"},
		{"ads.example # a comment", "||ads.example^"},
		{"-ads.gif", "-ads.gif"},
		{"0.0.0.0 ads.example", "||ads.example^"},
		{"127.0.0.1\tads.example # why", "||ads.example^"},
		{"::1 ads.example", "||ads.example^"},
		{"||[::1]^", "||[::1]^"},
	}
	for _, tt := range tests {
		l := filter.Parse("list", []byte(tt.line))
		if len(l.Filters) != 1 {
			t.Errorf("Parse(%q): %d filters, %v", tt.line, len(l.Filters), l.Unsupported)
			continue
		}
		f := l.Filters[0]
		if got := f.String(); got != tt.want {
			t.Errorf("Parse(%q) = %q, want %q", tt.line, got, tt.want)
		}
		again := filter.Parse("list", []byte(f.String()))
		if len(again.Filters) != 1 || again.Filters[0].String() != f.String() {
			t.Errorf("Parse(%q) printed as %q, which is read as %v %v", tt.line, &f, again.Filters, again.Unsupported)
		}
	}
}

func TestUnsupported(t *testing.T) {
	tests := []struct{ line, reason string }{
		{"*", "matches every request"},
		{"||", "matches every request"},
		{"|", "matches every request"},
		{"^", "matches every request"},
		{"/.*/", "matches every request"},
		{"/^.*$/", "matches every request"},
		{"|https://", "matches every request"},
		{"|http*://", "matches every request"},
		{"x", "pattern of one character"},
		{"a b", "space in the pattern"},
		{`/(?!x)y/`, "looks around"},
		{`/(?<=x)y/`, "looks around"},
		{`/(a)\1/`, `back reference: \1`},
		{`/[/`, "regular expression that RE2 does not know"},
		{`/a{2000}/`, "regular expression that RE2 does not know"},
		{"||a.com^$csp=script-src 'none'", "option csp: changes the response"},
		{"||a.com^$replace=/a/b/", "option replace: changes the response"},
		{"||a.com^$header=via:1.1", "option header: needs the response"},
		{"||a.com^$cname", "option cname: needs DNS"},
		{"||a.com^$redirect-rule=noopjs", "option redirect-rule: only redirects"},
		{"@@||a.com^$redirect=noopjs", "option redirect: only cancels a redirect"},
		{"||a.com^$method=post", "option method: is for other methods"},
		{"||a.com^$nonsense", "option nonsense: unknown"},
		{"||a.com^$image=1", "option image takes no value"},
		{"||a.com^$image,~image", "options leave no resource type"},
		{`||a.com^$domain=/a\.b/`, "regular expression or path among domains"},
		{"||a.com^$domain=", "no domain"},
		{"||a.com^$domain=a b", "not a host name"},
		{"||a.com^$removeparam=/(?!a)/", "RE2 does not know"},
		{"203.0.113.7 a.com", "points to another machine"},
		{"0.0.0.0 a..com", "not a host name"},
		{"||a\x01.com^", "not text"},
		{"||" + strings.Repeat("a", 70000), "line too long"},
		{"!#include other.txt", "included lists are not fetched"},
		{"!#if (a", "condition that cannot be read"},
		{"!#endif", `"!#endif" without "!#if"`},
	}
	for _, tt := range tests {
		l := filter.Parse("list", []byte("! comment\n"+tt.line+"\n||good.example^\n"))
		if len(l.Unsupported) == 0 {
			t.Errorf("Parse(%.60q): no reason, filters %v", tt.line, l.Filters)
			continue
		}
		if e := l.Unsupported[0]; !strings.Contains(e.Reason, tt.reason) || e.Line != 2 || e.List != "list" {
			t.Errorf("Parse(%.60q): %v, want %q in line 2", tt.line, e, tt.reason)
		}
		if !strings.HasPrefix(tt.line, "!#if") && len(l.Filters) != 1 {
			t.Errorf("Parse(%.60q): the next line was not read", tt.line)
		}
	}
}

func TestSkipped(t *testing.T) {
	const list = `[Adblock Plus 2.0]
! Title: A list
! Expires: 4 days
! Homepage: https://list.example/
! Title: another
# hosts comment
##.ad
a.example##.ad
a.example#@#.ad
a.example#?#div:has(.ad)
a.example#@?#div
a.example#$#body { margin: 0 }
a.example#%#//scriptlet("x")
a.example$$script[tag-content="x"]
a.example$@$script
[$path=/x]a.example##.ad
@@||a.example^$generichide
127.0.0.1 localhost
!#if ext_ublock && !adguard
||one.example^
!#else
||two.example^
!#endif
!#if (env_safari || false)
||three.example^
!#if ext_ublock
||four.example^
!#endif
!#else
||five.example^
!#endif
`
	l := filter.Parse("list", []byte(list))
	if l.Title != "A list" || l.Expires != "4 days" || l.Homepage != "https://list.example/" {
		t.Errorf("metadata: %q %q %q", l.Title, l.Expires, l.Homepage)
	}
	if l.Cosmetic != 11 || l.Comments != 6 || l.Inactive != 3 || len(l.Unsupported) != 0 {
		t.Errorf("cosmetic %d, comments %d, inactive %d, unsupported %v", l.Cosmetic, l.Comments, l.Inactive, l.Unsupported)
	}
	if len(l.Filters) != 2 || l.Filters[0].String() != "||one.example^" || l.Filters[1].Line != 30 {
		t.Errorf("filters %v", l.Filters)
	}
}

func TestRubbish(t *testing.T) {
	for _, text := range []string{"", "\x00\x01\x02", "\xff\xfe||\x00", "{", `{"a":`, "[]", `{"providers":{"a":1}}`,
		strings.Repeat("{\"a\":", 1000), strings.Repeat("(", 1000), "!#if " + strings.Repeat("(", 100000)} {
		l := filter.Parse("list", []byte(text))
		if _, err := filter.Compile(l); err != nil {
			t.Errorf("Compile(%.20q): %v", text, err)
		}
	}
}

// TestFormats reads each public list and looks a host up that it blocks.
func TestFormats(t *testing.T) {
	tests := []struct {
		file   string
		format filter.Format
		least  int // filters
		url    string
		line   string // in the file
	}{
		{"easylist.txt", filter.Adblock, 54000, "https://ad.doubleclick.net/ddm/x", "doubleclick.net^"},
		{"easyprivacy.txt", filter.Adblock, 55000, "https://www.google-analytics.com/collect?v=1", "google-analytics"},
		{"adguard_mail_tracking.txt", filter.Adblock, 300, "https://x.list-manage.com/track/open.php?u=1", "list-manage.com"},
		{"disconnect_services.json", filter.Disconnect, 2000, "https://open.mkt1248.com/x", "mkt1248.com"},
		{"ddg_tds.json", filter.DuckDuckGo, 250, "https://a.tribalfusion.com/x", "a.tribalfusion.com"},
	}
	for _, tt := range tests {
		data := readList(t, tt.file)
		l := filter.Parse(tt.file, data)
		if l.Format != tt.format || len(l.Filters) < tt.least {
			t.Errorf("%s: format %v, %d filters", tt.file, l.Format, len(l.Filters))
		}
		v := engineOf(t, l).Match(filter.NewRequest(tt.url, filter.Image, filter.NewSource("news.example")))
		if !v.Blocked || v.Filter.List() != tt.file {
			t.Errorf("%s does not block %s", tt.file, tt.url)
			continue
		}
		if line := strings.Split(string(data), "\n")[v.Filter.Line()-1]; !strings.Contains(line, tt.line) {
			t.Errorf("%s: %s is blocked by line %d, %q", tt.file, tt.url, v.Filter.Line(), line)
		}
	}
}

func TestParams(t *testing.T) {
	clear := filter.Parse("clearurls", readList(t, "clearurls.json"))
	own := filter.Parse("own", []byte("$removeparam=mytoken\n@@||keep.example^$removeparam=mytoken\n||all.example^$removeparam\n||not.example^$removeparam=~id\n"))
	e := engineOf(t, clear, own)
	tests := []struct{ url, want string }{
		{"https://news.example/?utm_source=a&id=1&utm_medium=b#utm_x=1", "utm_source utm_medium"},
		{"https://news.example/?mytoken=1", "mytoken"},
		{"https://keep.example/?mytoken=1", ""},
		{"https://all.example/?a=1&b", "a b"},
		{"https://not.example/?a=1&id=2", "a"},
		{"https://github.com/?utm_source=a", ""},
		{"https://www.amazon.com/x?pf_rd_p=1&q=2", "pf_rd_p"},
		{"https://news.example/utm_source=a", ""},
	}
	for _, tt := range tests {
		var names []string
		r := filter.NewRequest(tt.url, filter.Document, nil)
		for _, p := range e.Params(r) {
			names = append(names, p.Name)
		}
		if got := strings.Join(names, " "); got != tt.want {
			t.Errorf("Params(%s) = %q, want %q", tt.url, got, tt.want)
		}
		if e.Match(r).Blocked {
			t.Errorf("%s is blocked", tt.url)
		}
	}
}
