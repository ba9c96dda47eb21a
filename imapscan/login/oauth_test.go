package login

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
	"golang.org/x/oauth2"
)

// A provider speaks the device flow (RFC 8628) on the loopback: the user enters
// the code after some questions of the client.
type provider struct {
	*httptest.Server
	mu        sync.Mutex
	t         *testing.T
	questions int    // until the user has logged in
	fail      string // the error of the device endpoint
	denied    bool   // by the user
	expires   int    // seconds of an access token
	revoked   bool   // the refresh token
	body      string // in place of an answer
	seen      []string
	device    int
}

func newProvider(t *testing.T) *provider {
	p := &provider{t: t, questions: 1, expires: 3600}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /device", p.code)
	mux.HandleFunc("POST /token", p.token)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *provider) answer(w http.ResponseWriter, status int, v map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if p.body != "" {
		w.Write([]byte(p.body))
		return
	}
	json.NewEncoder(w).Encode(v)
}

func (p *provider) code(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.device++
	if r.FormValue("client_id") != "the-client" || !strings.Contains(r.FormValue("scope"), "IMAP.AccessAsUser.All") {
		p.t.Errorf("asked for %v", r.Form)
	}
	if p.fail != "" {
		p.answer(w, 400, map[string]any{"error": p.fail, "error_description": "No\x1b[31m such scope\nat all"})
		return
	}
	p.answer(w, 200, map[string]any{
		"device_code": "DEVICE", "user_code": "WDJB-MJHT", "verification_uri": "https://login.example/device", "expires_in": 60, "interval": 1,
	})
}

func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r.ParseForm()
	grant := r.FormValue("grant_type")
	p.seen = append(p.seen, grant)
	refuse := func(code string) { p.answer(w, 400, map[string]any{"error": code}) }
	switch {
	case r.FormValue("client_id") != "the-client" || r.FormValue("client_secret") != "client-hunter2":
		refuse("invalid_client")
	case grant == "refresh_token" && (p.revoked || r.FormValue("refresh_token") != "refresh-hunter2"):
		refuse("invalid_grant")
	case grant == "refresh_token":
		p.answer(w, 200, map[string]any{"access_token": "access-renewed", "token_type": "Bearer", "expires_in": p.expires})
	case r.FormValue("device_code") != "DEVICE":
		refuse("invalid_grant")
	case p.denied:
		refuse("access_denied")
	case p.questions > 0:
		p.questions--
		refuse("authorization_pending")
	default:
		p.revoked = false
		p.answer(w, 200, map[string]any{
			"access_token": "access-hunter2", "refresh_token": "refresh-hunter2", "token_type": "Bearer", "expires_in": p.expires,
		})
	}
}

// login makes a Login at the provider and collects what is said.
func (p *provider) login(said *[]string) *Login {
	l, err := New(&Options{
		User: "ann@outlook.com",
		OAuth: &OAuth{
			Provider: Microsoft, ClientID: "the-client", ClientSecret: Hide("client-hunter2"),
			endpoint: &oauth2.Endpoint{DeviceAuthURL: p.URL + "/device", TokenURL: p.URL + "/token"},
		},
		Say: func(text string) { *said = append(*said, text) },
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return l
}

func TestDeviceFlow(t *testing.T) {
	keyring.MockInit()
	p := newProvider(t)
	var said []string
	ctx := context.Background()
	l := p.login(&said)
	c, err := l.Client(ctx, []string{"XOAUTH2"})
	if err != nil {
		t.Fatal(err)
	}
	if _, ir, _ := c.Start(); string(ir) != "user=ann@outlook.com\x01auth=Bearer access-hunter2\x01\x01" {
		t.Errorf("%q", ir)
	}
	if len(said) != 1 || said[0] != "to let pixelsweep read the mail of ann@outlook.com, open https://login.example/device and enter the code WDJB-MJHT" {
		t.Errorf("said %q", said)
	}
	if _, err := l.Client(ctx, []string{"XOAUTH2"}); err != nil || p.device != 1 || len(p.seen) != 2 {
		t.Errorf("a second connection asks again: %v, %v", p.seen, err)
	}

	// Another run has the refresh token of the keyring.
	p.seen = nil
	l = p.login(&said)
	if got, err := l.Token(ctx); err != nil || got.Reveal() != "access-renewed" || len(said) != 1 || p.device != 1 {
		t.Errorf("%q, %v, said %q", got.Reveal(), err, said)
	}
	// A token that is about to end is renewed; so is one that the server refused.
	l.token.expiry = time.Now().Add(time.Minute)
	l.Token(ctx)
	l.Forget()
	l.Token(ctx)
	if len(p.seen) != 3 {
		t.Errorf("renewed %v", p.seen)
	}
	// When the provider no longer takes it the user is asked.
	p.revoked = true
	l = p.login(&said)
	if got, err := l.Token(ctx); err != nil || got.Reveal() != "access-hunter2" || len(said) != 2 {
		t.Errorf("%q, %v, said %q", got.Reveal(), err, said)
	}
}

// TestNoKeyring checks that the flow works where nothing can be kept, and says so.
func TestNoKeyring(t *testing.T) {
	keyring.MockInitWithError(errors.New("no bus"))
	defer keyring.MockInit()
	p := newProvider(t)
	p.questions = 0
	var said []string
	if _, err := p.login(&said).Token(context.Background()); err != nil {
		t.Fatal(err)
	}
	if len(said) != 2 || !strings.Contains(said[1], "the next run asks again") || strings.Contains(said[1], "hunter2") {
		t.Errorf("said %q", said)
	}
}

func TestDeviceFlowErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		set  func(*provider)
		want string
	}{
		"scope":   {func(p *provider) { p.fail = "invalid_scope" }, "microsoft: ask for a device code: invalid_scope: No\uFFFD[31m such scope"},
		"denied":  {func(p *provider) { p.denied = true }, "microsoft: wait for the login: access_denied"},
		"page":    {func(p *provider) { p.body = "<html>hunter2" }, "microsoft: ask for a device code: "},
		"no code": {func(p *provider) { p.body = "{}" }, "the answer has none"},
		"endless": {func(p *provider) { p.body = `{"user_code":"` + strings.Repeat("A", 3<<20) + `"}` }, "microsoft: ask for a device code: "},
		"bad code": {func(p *provider) {
			p.body = `{"device_code":"OTHER","user_code":"A","verification_uri":"b","expires_in":9,"interval":1}`
		}, "microsoft: wait for the login: "},
		"gone": {func(p *provider) { p.Close() }, "microsoft: ask for a device code: "},
	} {
		t.Run(name, func(t *testing.T) {
			keyring.MockInit()
			p := newProvider(t)
			tt.set(p)
			var said []string
			_, err := p.login(&said).Token(context.Background())
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) && !strings.Contains(err.Error(), tt.want) || strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("got %v", err)
			}
			if err != nil && (strings.Contains(err.Error(), "hunter2") || len(err.Error()) > 500) {
				t.Errorf("the error tells: %v", err)
			}
		})
	}
	o := &OAuth{Provider: Google, ClientID: "x"}
	if err := o.explain("ask", &oauth2.RetrieveError{ErrorCode: "invalid_scope"}); !strings.Contains(err.Error(), "use an app password") {
		t.Error(err)
	}
}

// TestDeviceFlowEnds checks that an interrupt ends the waiting, and that a
// redirect is not followed.
func TestDeviceFlowEnds(t *testing.T) {
	keyring.MockInit()
	p := newProvider(t)
	p.questions = 1000
	var said []string
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(200*time.Millisecond, cancel)
	start := time.Now()
	if _, err := p.login(&said).Token(ctx); !errors.Is(err, context.Canceled) || time.Since(start) > 5*time.Second {
		t.Error(err)
	}
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect is followed") }))
	defer elsewhere.Close()
	redirect := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer redirect.Close()
	l := p.login(&said)
	l.opts.OAuth.endpoint.DeviceAuthURL = redirect.URL
	if _, err := l.Token(context.Background()); err == nil {
		t.Error("no error")
	}
}

// TestEndpoints checks that secrets go over TLS to the providers alone.
func TestEndpoints(t *testing.T) {
	for _, o := range []*OAuth{{Provider: Google}, {Provider: Microsoft}, {Provider: Microsoft, Tenant: "corp.example"}} {
		c := o.config()
		for _, raw := range []string{c.Endpoint.DeviceAuthURL, c.Endpoint.TokenURL} {
			u, err := url.Parse(raw)
			if err != nil || u.Scheme != "https" || u.Host != "oauth2.googleapis.com" && u.Host != "login.microsoftonline.com" {
				t.Errorf("%s: %q, %v", o.Provider, raw, err)
			}
		}
		if len(c.Scopes) == 0 {
			t.Errorf("%s: no scope", o.Provider)
		}
	}
	if c := (&OAuth{Provider: Microsoft, Tenant: "corp.example"}).config(); !strings.Contains(c.Endpoint.TokenURL, "/corp.example/") {
		t.Error(c.Endpoint.TokenURL)
	}
}
