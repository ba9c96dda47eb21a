package mime

import "testing"

func TestMediaType(t *testing.T) {
	for _, tt := range []struct {
		value, want string
		odd         bool
	}{
		{"text/html", "text/html", false},
		{"text/html;", "text/html", false},
		{"text/html; ;", "text/html", false},
		{"text/html; charset", "text/html", false},
		{" text/html ; charset=utf-8", "text/html", false},
		{"text/html (a comment)", "text/html", false},
		{"(a (nested) comment) text/html", "text/html", false},
		{"(never closed text/html", "", true},
		{"text / html", "text/html", true},
		{"text/ html; a=b", "text/html", true},
		{"text /html", "text/html", true},
		{`"text/html"`, "text/html", true},
		{"; text/html", "text/html", true},
		{"text/html charset=utf-8", "text/html", true},
		{"text/html, text/plain", "text/html", true},
		{"html", "html", true},
		{"", "", true},
	} {
		got, odd := mediaType([]byte(tt.value))
		if string(got) != tt.want || odd != tt.odd {
			t.Errorf("mediaType(%q) = %q, %v, want %q, %v", tt.value, got, odd, tt.want, tt.odd)
		}
	}
}

func TestParam(t *testing.T) {
	for _, tt := range []struct{ name, value, want string }{
		{"bare", "a/b; p=v", "v"},
		{"quoted", `a/b; p="v w;x"`, "v w;x"},
		{"escaped", `a/b; p="v\"w\\"`, `v"w\`},
		{"upper case", "a/b; P=V", "V"},
		{"blanks around", `a/b; p = "v"`, "v"},
		{"comment before", "a/b; (p=no) p=v", "v"},
		{"comment after", "a/b; p=v (no)", "v"},
		{"first of two", "a/b; p=v; p=w", "v"},
		{"after an empty one", "a/b; ; p=v", "v"},
		{"after one without value", "a/b; q; p=v", "v"},
		{"after one without name", "a/b; =q; p=v", "v"},
		{"quote never closed", `a/b; p="v; q=w`, "v"},
		{"quote only at the end", `a/b; p=v"; q=w`, "v"},
		{"semicolon missing", "a/b p=v", "v"},
		{"semicolon missing between", "a/b; q=w p=v", "v"},
		{"blank in the value", "a/b; p=v w; q=x", "v w"},
		{"equals sign in the value", "a/b; p=--=_v; q=x", "--=_v"},
		{"comma between", "a/b; q=w, p=v", "v"},
		{"empty", `a/b; p=""`, ""},
		{"absent", "a/b; pp=v", ""},
		{"sections", `a/b; p*0=v; p*1="w"`, "vw"},
		{"sections out of order", `a/b; p*1=w; p*0=v`, "vw"},
		{"encoded", "a/b; p*=utf-8'en'v%C3%A9%2", "vé%2"},
		{"encoded in Latin 1", "a/b; p*=iso-8859-1''v%E9", "vé"},
		{"encoded sections", "a/b; p*0*=utf-8''%C3; p*1*=%A9; p*2=%41", "é%41"},
		{"plain before encoded", "a/b; p*=utf-8''w; p=v", "v"},
		{"section number is huge", "a/b; p*99999999999999999999=v; p*-1=x; p*500=y", "v"},
	} {
		if got := paramText([]byte(tt.value), "p"); got != tt.want {
			t.Errorf("%s: p of %q is %q, want %q", tt.name, tt.value, got, tt.want)
		}
	}
}

func TestFilename(t *testing.T) {
	for _, tt := range []struct{ name, header, want string }{
		{"disposition", "Content-Disposition: attachment; filename=a.html", "a.html"},
		{"type", "Content-Type: application/x-y; name=\"a.html\"", "a.html"},
		{"disposition wins", "Content-Type: a/b; name=b.txt\r\nContent-Disposition: inline; filename=a.html", "a.html"},
		{"RFC 2231", "Content-Disposition: attachment; filename*=utf-8''%C3%A9.html", "é.html"},
		{"encoded word", "Content-Disposition: attachment; filename=\"=?utf-8?q?=C3=A9.html?=\"", "é.html"},
		{"none", "Content-Disposition: attachment", ""},
	} {
		var r Reader
		m := r.Split([]byte(tt.header+"\r\n\r\n"), Limits{})
		if got := m.Parts[0].Filename(); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
