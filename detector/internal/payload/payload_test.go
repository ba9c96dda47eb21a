package payload

import (
	"bytes"
	"compress/gzip"
	"strconv"
	"strings"
	"testing"
)

func packed(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRead(t *testing.T) {
	for _, c := range []struct{ name, media, body, want string }{
		{"form", "application/x-www-form-urlencoded", "a=1&b=x%40y+z&c=&d", "?a=1 ?b=x@y z"},
		{"lines", "text/plain;charset=UTF-8", "en=page_view&_et=5\r\nen=purchase&epn.value=3", "?en=page_view ?_et=5 ?en=purchase ?epn.value=3"},
		{"json", "text/plain", `{"a":{"b":[1,{"c":"x"}],"d":true,"e":null},"f":"y"}`, "a.b=1 a.b.c=x f=y"},
		{"empty key", "", `{"":{"a":"1"},"b":"2"}`, "..a=1 b=2"},
		{"array", "", `[{"event":"a"},{"event":"b"}]`, "event=a event=b"},
		{"json lines", "", "{\"e\":\"a\"}\n{\"e\":\"b\"}", "e=a e=b"},
		{"base64 in a form", "", "data=eyJldmVudCI6ImJ1eSJ9&ip=1", "data.event=buy ?ip=1"},
		{"base64", "", "eyJldmVudCI6ImJ1eSJ9", "event=buy"},
		{"json in json", "", `{"a":"{\"b\":\"c\"}"}`, "a.b=c"},
		{"forms in json", "", `{"requests":["?idsite=3&rec=1","?idsite=3&rec=2"]}`, "?idsite=3 ?rec=1 ?idsite=3 ?rec=2"},
		{"multipart", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"ev\"\r\n\r\nPurchase\r\n--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\nno\r\n--x--\r\n", "?ev=Purchase"},
		{"gzip", "application/json", packed(t, `{"a":"b"}`), "a=b"},
		{"prose", "", "what = this & that", ""},
		{"bytes", "", "\x00\xff=\x01", ""},
		{"nothing", "", "", ""},
	} {
		fields, whole := Read(c.media, []byte(c.body))
		var got []string
		for _, f := range fields {
			mark := ""
			if f.Form {
				mark = "?"
			}
			got = append(got, mark+f.Name+"="+f.Value)
		}
		if s := strings.Join(got, " "); s != c.want || !whole {
			t.Errorf("%s: got %q, whole %v; want %q", c.name, s, whole, c.want)
		}
	}
}

// TestBounded: what is hostile costs little, and is not taken for the whole.
func TestBounded(t *testing.T) {
	many := "a=1" + strings.Repeat("&b=2", MaxFields)
	for name, body := range map[string]string{
		"deep":       strings.Repeat(`{"a":`, 100_000),
		"deep array": strings.Repeat(`[`, 500_000),
		"broken":     `{"a":"b","c":`,
		"many":       many,
		"large":      "a=" + strings.Repeat("x", 2*MaxBytes),
		"bomb":       packed(t, "a="+strings.Repeat("x", 30*MaxBytes)),
		"many parts": strings.Repeat("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n", 2*MaxFields),
	} {
		media := ""
		if name == "many parts" {
			media = "multipart/form-data; boundary=x"
		}
		fields, whole := Read(media, []byte(body))
		if whole || len(fields) > MaxFields {
			t.Errorf("%s: %d fields, whole %v", name, len(fields), whole)
		}
	}
	if fields, _ := Read("", []byte(`{"a":"b","c":`)); len(fields) != 1 {
		t.Errorf("of what breaks off: %v", fields)
	}
	// An encoding inside an encoding ends.
	text := "x"
	for range 12 {
		text = `{"a":` + strconv.Quote(text) + `}`
	}
	if fields, _ := Read("", []byte(text)); len(fields) != 1 {
		t.Errorf("of nested JSON: %d fields", len(fields))
	}
}

func FuzzRead(f *testing.F) {
	f.Add("", `{"a":["?b=c",{"d":"eyJldmVudCI6ImJ1eSJ9"}]}`)
	f.Add("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--")
	f.Fuzz(func(t *testing.T, media, body string) {
		fields, _ := Read(media, []byte(body))
		for _, f := range fields {
			if len(f.Name) > maxName || f.Value == "" {
				t.Errorf("%.40q=%.40q", f.Name, f.Value)
			}
		}
	})
}
