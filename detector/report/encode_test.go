package report

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/detector"
)

// marshal is what encoding/json makes of r, with what a terminal could obey
// escaped.
func marshal(t testing.TB, r *detector.Report) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		t.Fatal(err)
	}
	var out encoder
	for _, c := range strings.TrimSuffix(b.String(), "\n") {
		if unsafe(c) {
			out.rune(c)
		} else {
			out.b = append(out.b, string(c)...)
		}
	}
	return string(out.b)
}

func checkEncoder(t testing.TB, r *detector.Report) {
	t.Helper()
	var e encoder
	e.report(r)
	if got, want := string(e.b), marshal(t, r); got != want {
		t.Fatalf("got\n%s\nwant\n%s", got, want)
	}
}

// TestEncoder compares with encoding/json, for reports of which each field is
// set, and those of which one is not.
func TestEncoder(t *testing.T) {
	for _, r := range stored(t) {
		checkEncoder(t, r)
	}
	checkEncoder(t, &detector.Report{})
	n := 0
	full := reflect.New(reflect.TypeFor[detector.Report]()).Elem()
	fill(full, func(reflect.Value) bool { n++; return true })
	checkEncoder(t, full.Addr().Interface().(*detector.Report))
	for skip := range n {
		k := 0
		r := reflect.New(reflect.TypeFor[detector.Report]()).Elem()
		fill(r, func(reflect.Value) bool { k++; return k != skip+1 })
		checkEncoder(t, r.Addr().Interface().(*detector.Report))
	}
}

// fill sets each value below v that set agrees to.
func fill(v reflect.Value, set func(reflect.Value) bool) {
	if v.Kind() != reflect.Struct && !set(v) {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), set)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), set)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), set)
		fill(v.Index(1), set)
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]int{"b": 1, "a": -2, "\n": 3}))
	case reflect.String:
		v.SetString("é<&>\"\\\x1b")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(1.5)
	case reflect.Uint32:
		v.SetUint(7)
	default:
		v.SetInt(-7)
	}
}

// FuzzEncoder compares strings and numbers with encoding/json.
func FuzzEncoder(f *testing.F) {
	for _, s := range []string{"", "a", "\x00\x1f\x7f\b\f\n\r\t", "<script>&\"\\/", "\xff\xc3", "\u2028\u2029\u009b\u202e\ufeff\ufffd", "\U000e0041\U0001f600", "ü日本"} {
		f.Add(s, 1.5, 3)
	}
	f.Add("x", 1e21, 0)
	f.Add("x", 1e-7, -1)
	f.Add("x", 123456789.125, 1<<40)
	f.Fuzz(func(t *testing.T, s string, w float64, n int) {
		if w != w || w-w != 0 {
			return // not finite: no JSON
		}
		checkEncoder(t, &detector.Report{
			Schema: s, Source: detector.Source{Path: s, Index: n, Mailbox: s, UID: uint32(n), Bytes: int64(n)}, Message: &detector.Message{Subject: s, To: []string{s, s}},
			References: []detector.Reference{{URL: s, Width: &w, Height: &w, RawOffset: &n}},
			Findings:   []detector.Finding{{URL: s, Signals: []detector.Signal{{Name: s, Points: n}}, Events: []string{s}}},
			Counts:     map[string]int{s: n, s + "x": n},
		})
	})
}

func BenchmarkJSONLines(b *testing.B) {
	reports := stored(b)
	h, err := New("jsonl", io.Discard, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, r := range reports {
			if err := h.Report(r); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// TestJSON checks that what a terminal could obey is escaped, and nothing else
// changes.
func TestJSON(t *testing.T) {
	in := map[string]string{"a<b>&": "\x1b[31m\u0085\u202e\U000e0041 é 日本 \"\\\n"}
	b, err := JSON(in)
	if want := `{"a<b>&":"\u001b[31m\u0085\u202e\udb40\udc41 é 日本 \"\\\n"}`; err != nil || string(b) != want {
		t.Errorf("got %s, want %s (%v)", b, want, err)
	}
	var out map[string]string
	if err := json.Unmarshal(b, &out); err != nil || out["a<b>&"] != in["a<b>&"] {
		t.Errorf("read back %q, %v", out, err)
	}
}
