package login

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const hunter = "hunter2-\x07correct"

// TestSecret prints a secret, and what holds one, in every way that fmt and the
// encoders know: the text never shows, in plain, in hexadecimal or as numbers.
func TestSecret(t *testing.T) {
	s := Hide(hunter)
	if s.Reveal() != hunter || s.IsZero() || !(Secret{}).IsZero() || (Secret{}).Reveal() != "" {
		t.Fatal("a secret does not hold its text")
	}
	type inside struct {
		Name   string
		Secret Secret
		hidden Secret
		Ptr    *Secret
		Map    map[string]Secret
		Any    any
	}
	l, err := New(&Options{User: "ann", OAuth: &OAuth{Provider: Google, ClientID: "x", ClientSecret: s}})
	if err != nil {
		t.Fatal(err)
	}
	l.password, l.token = s, &token{access: s, refresh: s}
	holders := []any{
		s, &s, []Secret{s}, [1]Secret{s}, map[string]Secret{"a": s}, inside{"n", s, s, &s, map[string]Secret{"a": s}, s}, &inside{hidden: s},
		errors.Join(fmt.Errorf("with %v", s), fmt.Errorf("with %s", &s)), l, *l.token, l.token, l.opts, &l.opts,
		&passwordClient{"PLAIN", "ann", s}, &tokenClient{opts: &l.opts, token: s}, tokenClient{opts: &l.opts, token: s},
	}
	leaks := []string{
		hunter, "hunter2", fmt.Sprintf("%x", hunter), fmt.Sprintf("%X", hunter), fmt.Sprintf("% x", hunter), fmt.Sprint([]byte(hunter)),
		fmt.Sprintf("%q", hunter), fmt.Sprintf("%U", []rune(hunter)),
	}
	check := func(how, out string) {
		t.Helper()
		for _, leak := range leaks {
			if strings.Contains(out, leak) {
				t.Errorf("%s shows the secret: %s", how, out)
			}
		}
	}
	for i, v := range holders {
		for verb := rune('A'); verb <= 'z'; verb++ {
			for _, flags := range []string{"", "+", "#", "-", " ", "0", "30", ".3", "+#30.8", "[1]", "# "} {
				format := "%" + flags + string(verb)
				check(fmt.Sprintf("%d: %s", i, format), fmt.Sprintf(format, v))
			}
		}
		check("Sprintln", fmt.Sprintln(v))
		b, err := json.Marshal(v)
		check("JSON", fmt.Sprint(string(b), err))
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", v)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", v)
		check("slog", log.String())
	}
	if got := fmt.Sprintf("%s %v %+v %#v %q %x", s, s, s, s, s, s); got != strings.TrimSpace(strings.Repeat(hidden+" ", 6)) {
		t.Errorf("got %s", got)
	}
	if b, err := json.Marshal(map[string]any{"a": s}); err != nil || string(b) != `{"a":"[secret]"}` {
		t.Errorf("JSON: %s, %v", b, err)
	}
}
