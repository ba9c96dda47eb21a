package login

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/zalando/go-keyring"
)

func needShell(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no sh here")
	}
}

func newLogin(t *testing.T, o Options) *Login {
	t.Helper()
	if o.User == "" {
		o.User = "ann@mail.example"
	}
	o.Server, o.Port = "imap.mail.example", 993
	l, err := New(&o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func secretFile(t *testing.T, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPassword(t *testing.T) {
	needShell(t)
	keyring.MockInit()
	ctx := context.Background()
	if err := Store(ctx, "ann@mail.example", "imap.mail.example", Hide("from the ring")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TEST_PASSWORD", "from env\nnot this")
	for name, tt := range map[string]struct {
		o    Options
		want string
	}{
		"command":  {Options{PasswordCommand: []string{"sh", "-c", "printf 'from command\\r\\nuser: x\\n'"}}, "from command"},
		"no shell": {Options{PasswordCommand: []string{"printf", "%s", "$(id); `id` | x > y"}}, "$(id); `id` | x > y"},
		"long":     {Options{PasswordCommand: []string{"sh", "-c", "echo p; yes | head -c 1000000"}}, "p"},
		"no end":   {Options{PasswordCommand: []string{"printf", " spaces  "}}, " spaces  "},
		"file":     {Options{PasswordFile: secretFile(t, "from file\nnot this\n", 0o600)}, "from file"},
		"own file": {Options{PasswordFile: secretFile(t, "pässword", 0o400)}, "pässword"},
		"env":      {Options{PasswordEnv: "TEST_PASSWORD"}, "from env"},
		"keyring":  {Options{Keyring: true}, "from the ring"},
	} {
		l := newLogin(t, tt.o)
		if got, err := l.Password(ctx); err != nil || got.Reveal() != tt.want {
			t.Errorf("%s: %q, %v; want %q", name, got.Reveal(), err, tt.want)
		}
	}
	if err := Remove(ctx, "ann@mail.example", "imap.mail.example"); err != nil {
		t.Error(err)
	}
	if err := Remove(ctx, "ann@mail.example", "imap.mail.example"); err != nil {
		t.Error("none there: ", err)
	}
}

func TestPasswordErrors(t *testing.T) {
	needShell(t)
	keyring.MockInit()
	t.Setenv("TEST_EMPTY", "")
	folder := t.TempDir()
	for name, tt := range map[string]struct {
		o    Options
		want string
	}{
		"command fails":  {Options{PasswordCommand: []string{"sh", "-c", "echo hunter2; echo hunter2 >&2; exit 3"}}, `password command "sh": exit status 3`},
		"no command":     {Options{PasswordCommand: []string{"/none/such"}}, `password command "/none/such": `},
		"empty command":  {Options{PasswordCommand: []string{""}}, "names no program"},
		"no output":      {Options{PasswordCommand: []string{"true"}}, "the first line is empty"},
		"binary":         {Options{PasswordCommand: []string{"printf", `hunter2\000\377`}}, "is no text"},
		"late":           {Options{PasswordCommand: []string{"sleep", "20"}, CommandTime: 100 * time.Millisecond}, "no end after 100ms"},
		"late child":     {Options{PasswordCommand: []string{"sh", "-c", "sleep 20 & sleep 20"}, CommandTime: 100 * time.Millisecond}, "no end after 100ms"},
		"no file":        {Options{PasswordFile: filepath.Join(folder, "none")}, "password file: open "},
		"folder":         {Options{PasswordFile: folder}, "not a regular file"},
		"device":         {Options{PasswordFile: "/dev/zero"}, "not a regular file"},
		"readable":       {Options{PasswordFile: secretFile(t, "hunter2", 0o640)}, "others can read it (mode 0640); chmod 600 it"},
		"empty file":     {Options{PasswordFile: secretFile(t, "\nhunter2", 0o600)}, "the first line is empty"},
		"empty variable": {Options{PasswordEnv: "TEST_EMPTY"}, `the variable "TEST_EMPTY", which is to hold the password, is not set`},
		"not in keyring": {Options{Keyring: true}, "no password of ann@mail.example at imap.mail.example in the keyring; put it there with"},
	} {
		if runtime.GOOS == "windows" && name == "readable" {
			continue
		}
		start := time.Now()
		_, err := newLogin(t, tt.o).Password(context.Background())
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want %s", name, err, tt.want)
		}
		if d := time.Since(start); d > 10*time.Second {
			t.Errorf("%s: took %s", name, d)
		}
	}
	keyring.MockInitWithError(errors.New("no bus"))
	defer keyring.MockInit()
	if _, err := newLogin(t, Options{Keyring: true}).Password(context.Background()); err == nil || !strings.Contains(err.Error(), "the keyring cannot be used: no bus; use a password command") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := newLogin(t, Options{PasswordCommand: []string{"sleep", "20"}}).Password(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestOnce checks that a password is fetched once, and anew after Forget.
func TestOnce(t *testing.T) {
	needShell(t)
	log := filepath.Join(t.TempDir(), "log")
	l := newLogin(t, Options{PasswordCommand: []string{"sh", "-c", `echo x >> "$0"; echo p`, log}})
	for range 3 {
		if _, err := l.Client(context.Background(), []string{"PLAIN"}); err != nil {
			t.Fatal(err)
		}
	}
	if b, _ := os.ReadFile(log); string(b) != "x\n" {
		t.Errorf("ran %q", b)
	}
	l.Forget()
	l.Password(context.Background())
	if b, _ := os.ReadFile(log); string(b) != "x\nx\n" {
		t.Errorf("ran %q", b)
	}
}

func TestNewErrors(t *testing.T) {
	for want, o := range map[string]Options{
		"no user":               {},
		"control characters":    {User: "a\r\nb"},
		"only one of":           {User: "a", Keyring: true, PasswordEnv: "X"},
		"unknown way":           {User: "a", Auth: "kerberos"},
		"gives no password":     {User: "a", Auth: Password, TokenCommand: []string{"x"}},
		"needs a token command": {User: "a", Auth: XOAuth2},
		"unknown provider":      {User: "a", OAuth: &OAuth{Provider: "apple", ClientID: "x"}},
		"no client id":          {User: "a", OAuth: &OAuth{Provider: Google}},
	} {
		if _, err := New(&o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// TestClient checks the bytes of each mechanism, and which is chosen.
func TestClient(t *testing.T) {
	t.Setenv("TEST_PASSWORD", "p w")
	password := Options{PasswordEnv: "TEST_PASSWORD"}
	token := Options{TokenCommand: []string{"printf", "ya29.x"}, User: "ann=a,b@mail.example"}
	auth := func(o Options, a string) Options { o.Auth = a; return o }
	for _, tt := range []struct {
		o     Options
		mechs string
		mech  string
		ir    string
	}{
		{password, "PLAIN LOGIN", "PLAIN", "\x00ann@mail.example\x00p w"},
		{password, "XOAUTH2 login", "LOGIN", "ann@mail.example"},
		{password, "plain", "PLAIN", "\x00ann@mail.example\x00p w"},
		{token, "PLAIN XOAUTH2 OAUTHBEARER", "OAUTHBEARER",
			"n,a=ann=3Da=2Cb@mail.example,\x01host=imap.mail.example\x01port=993\x01auth=Bearer ya29.x\x01\x01"},
		{token, "XOAUTH2", "XOAUTH2", "user=ann=a,b@mail.example\x01auth=Bearer ya29.x\x01\x01"},
		{auth(token, XOAuth2), "OAUTHBEARER XOAUTH2", "XOAUTH2", "user=ann=a,b@mail.example\x01auth=Bearer ya29.x\x01\x01"},
		{auth(token, OAuthBearer), "XOAUTH2", "", ""},
		{password, "XOAUTH2", "", ""},
		{token, "PLAIN", "", ""},
		{password, "", "", ""},
	} {
		c, err := newLogin(t, tt.o).Client(context.Background(), strings.Fields(tt.mechs))
		if tt.mech == "" {
			if !errors.Is(err, ErrMechanism) {
				t.Errorf("%s: %v", tt.mechs, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.mechs, err)
			continue
		}
		mech, ir, err := c.Start()
		if mech != tt.mech || string(ir) != tt.ir || err != nil {
			t.Errorf("%s: %s %q, %v", tt.mechs, mech, ir, err)
		}
	}
}

// TestConversation checks what follows: the password of LOGIN, and the answer to a
// refused token, which go-sasl's own server judges for OAUTHBEARER.
func TestConversation(t *testing.T) {
	t.Setenv("TEST_PASSWORD", "p w")
	c, err := newLogin(t, Options{PasswordEnv: "TEST_PASSWORD"}).Client(context.Background(), []string{"LOGIN"})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.Next([]byte("Password:")); string(got) != "p w" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := c.Next([]byte("Anything:")); err == nil {
		t.Error("a password is sent to whatever asks")
	}
	token := newLogin(t, Options{TokenCommand: []string{"printf", "old"}})
	c, err = token.Client(context.Background(), []string{"OAUTHBEARER"})
	if err != nil {
		t.Fatal(err)
	}
	refusal := &sasl.OAuthBearerError{Status: "invalid_token", Schemes: "bearer"}
	server := sasl.NewOAuthBearerServer(func(o sasl.OAuthBearerOptions) *sasl.OAuthBearerError {
		if o.Username != "ann@mail.example" || o.Token != "old" || o.Host != "imap.mail.example" || o.Port != 993 {
			t.Errorf("the server reads %+v", o)
		}
		return refusal
	})
	_, ir, _ := c.Start()
	challenge, done, err := server.Next(ir)
	if done || err != nil {
		t.Fatal(done, err)
	}
	answer, err := c.Next(challenge)
	if err != nil || !bytes.Equal(answer, []byte{1}) {
		t.Fatalf("%q, %v", answer, err)
	}
	if _, done, err := server.Next(answer); !done || err == nil {
		t.Errorf("the server: %v, %v", done, err)
	}
	if _, err := c.Next(challenge); !errors.Is(err, sasl.ErrUnexpectedServerChallenge) {
		t.Error(err)
	}
	c, _ = token.Client(context.Background(), []string{"XOAUTH2"})
	if answer, err := c.Next([]byte(`{"status":"400"}`)); err != nil || answer == nil || len(answer) > 0 {
		t.Errorf("%q, %v", answer, err)
	}
	// A token command runs for each connection, since tokens end.
	if got, err := token.Token(context.Background()); err != nil || got.Reveal() != "old" {
		t.Error(err)
	}
	if _, err := token.Password(context.Background()); err == nil {
		t.Error("a token is given as a password")
	}
}

func TestProviders(t *testing.T) {
	for address, want := range map[string]string{
		"ann@gmail.com": "gmail", "Ann@GoogleMail.com": "gmail", "a@outlook.com": "outlook", "a@hotmail.co.uk": "outlook", "a@live.nl": "outlook",
		"a@icloud.com": "icloud", "a@me.com": "icloud", "a@fastmail.fm": "fastmail", "a@yahoo.com": "yahoo", "a@yahoo.de": "yahoo",
		"a@yahoo.com.br": "yahoo", "a@ymail.com": "yahoo", "a@aol.com": "aol", "a@gmx.net": "gmx", "a@posteo.de": "posteo",
		"a@yahoo.co.jp": "", "a@outlook.xyz": "", "a@mail.yahoo.com": "", "a@gmail.com.evil.example": "", "gmail.com": "", "": "", "a@": "",
		"a@live.me": "", "a@aol.co.uk": "aol", "a@gmx.com": "gmx.com", "a@gmx.de": "gmx", "a@gmx.us": "gmx.com", "a@fastmail.uk": "fastmail",
		"a@posteo.net": "posteo", "a@windowslive.com": "outlook", "a@hotmail.co.in": "outlook", "a@myyahoo.com": "yahoo", "a@web.de": "web.de",
	} {
		p, ok := Detect(address)
		if p.Name != want || ok != (want != "") {
			t.Errorf("%s: %q", address, p.Name)
		}
	}
	names, owner := "", map[string]string{}
	for _, p := range Providers() {
		if again, ok := Preset(strings.ToUpper(p.Name)); !ok || again.Host != p.Host {
			t.Errorf("%s: no preset", p.Name)
		}
		if p.Port != 993 || p.Host == "" || p.Hint == "" || p.Title == "" || !strings.HasPrefix(p.Source, "https://") || len(p.Auth) == 0 || p.Name < names {
			t.Errorf("%s: incomplete or out of order: %+v", p.Name, p)
		}
		names = p.Name
		list := slices.Clone(p.domains)
		for label, suffixes := range p.under {
			for _, suffix := range strings.Fields(suffixes) {
				list = append(list, label+"."+suffix)
			}
		}
		for _, domain := range list {
			if other := owner[domain]; other != "" {
				t.Errorf("%s: of %s and %s", domain, other, p.Name)
			}
			owner[domain] = p.Name
		}
		if again, ok := At(strings.ToUpper(p.Host)); !ok || again.Name != p.Name {
			t.Errorf("%s: nobody is at %s", p.Name, p.Host)
		}
	}
	for _, name := range []string{"gmail", "outlook", "icloud", "fastmail", "yahoo"} {
		if _, ok := Preset(name); !ok {
			t.Errorf("no preset %s", name)
		}
	}
	icloud, _ := Preset("icloud")
	gmail, _ := Preset("gmail")
	if got := icloud.UserName("ann@icloud.com") + " " + gmail.UserName("ann@gmail.com"); got != "ann ann@gmail.com" {
		t.Error(got)
	}
}

func TestRead(t *testing.T) {
	for in, want := range map[string]string{"p w\r\nx": "p w", "p": "p", "": "", "\n": ""} {
		got, err := Read(strings.NewReader(in))
		if got.Reveal() != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", in, got.Reveal(), err)
		}
	}
}
