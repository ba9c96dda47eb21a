package login

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/endpoints"
)

// Providers of tokens, for [OAuth.Provider].
const (
	Google    = "google"
	Microsoft = "microsoft"
)

// OAuth is how to get a token by the device flow (RFC 8628): the user opens a page
// on any device, logs in there, and enters a code.
//
// The client id is of an application that the user registers. Google gives no
// device codes for mail (its list of allowed scopes has none that opens IMAP), so
// there a token command or an app password is what works; see
// https://developers.google.com/identity/protocols/oauth2/limited-input-device#allowedscopes
type OAuth struct {
	Provider     string
	ClientID     string
	ClientSecret Secret // which Google wants beside the id
	Tenant       string // of Microsoft; "" is common, any account

	endpoint *oauth2.Endpoint // in place of the provider's, for tests
}

func (o *OAuth) check() error {
	switch {
	case o.Provider != Google && o.Provider != Microsoft:
		return fmt.Errorf("device flow: unknown provider %q; known are %s, %s", o.Provider, Google, Microsoft)
	case o.ClientID == "":
		return errors.New("device flow: no client id; register an application with the provider")
	}
	return nil
}

// config returns the endpoints and scopes of the provider: at Google
// https://oauth2.googleapis.com/device/code and /token, at Microsoft
// https://login.microsoftonline.com/TENANT/oauth2/v2.0/devicecode and /token, both
// with the grant urn:ietf:params:oauth:grant-type:device_code. The scope of Microsoft
// names its resource, outlook.office.com, for personal accounts too.
//
// Google: https://developers.google.com/workspace/gmail/imap/xoauth2-protocol
//
// Microsoft: https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth
// and https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
func (o *OAuth) config() *oauth2.Config {
	c := &oauth2.Config{ClientID: o.ClientID, ClientSecret: o.ClientSecret.Reveal()}
	switch o.Provider {
	case Google:
		c.Endpoint, c.Scopes = endpoints.Google, []string{"https://mail.google.com/"}
	case Microsoft:
		c.Endpoint, c.Scopes = endpoints.AzureAD(o.Tenant), []string{"https://outlook.office.com/IMAP.AccessAsUser.All", "offline_access"}
	}
	if o.endpoint != nil {
		c.Endpoint = *o.endpoint
	}
	c.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	return c
}

// token is an access token with its time, and what renews it.
type token struct {
	access, refresh Secret
	expiry          time.Time // zero for none
}

// early is how long before its end a token is renewed.
const early = 2 * time.Minute

func (t *token) valid() bool {
	return t != nil && (t.expiry.IsZero() || time.Until(t.expiry) > early)
}

// Token returns an access token: what the token command prints, or the one of the
// device flow, renewed when it is about to end.
func (l *Login) Token(ctx context.Context) (Secret, error) {
	if !l.byToken() {
		return Secret{}, errors.New("log in: a password logs in here, there is no token")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.opts.TokenCommand != nil { // one at a time, for it may ask the user
		return l.run(ctx, "token command", l.opts.TokenCommand)
	}
	if l.token.valid() {
		return l.token.access, nil
	}
	t, err := l.renew(ctx)
	if err != nil {
		return Secret{}, err
	}
	l.token = t
	return t.access, nil
}

// Forget drops the password or token that is remembered, after the server has
// refused it, so that the next Client fetches another.
func (l *Login) Forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.password = Secret{}
	if l.token != nil {
		l.token.access, l.token.expiry = Secret{}, time.Unix(1, 0)
	}
}

// renew gets a token with the refresh token that is at hand, else by asking the
// user.
func (l *Login) renew(ctx context.Context) (*token, error) {
	o := l.opts.OAuth
	config := o.config()
	ctx = context.WithValue(ctx, oauth2.HTTPClient, client())
	name := "oauth/" + o.Provider + "/" + o.ClientID + "/" + l.opts.User
	var refresh Secret
	var ring error
	if l.token != nil {
		refresh = l.token.refresh
	} else {
		refresh, ring = kept(ctx, name)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var got *oauth2.Token
	var err error
	if !refresh.IsZero() {
		got, err = config.TokenSource(ctx, &oauth2.Token{RefreshToken: refresh.Reveal()}).Token()
		if err != nil && !refused(err) {
			return nil, o.explain("renew the token", err)
		}
	}
	if got == nil {
		if got, err = l.ask(ctx, config); err != nil {
			return nil, err
		}
	}
	t := &token{access: Hide(got.AccessToken), refresh: refresh, expiry: got.Expiry}
	if strings.ContainsAny(got.AccessToken, "\x00\x01\r\n ") {
		return nil, o.explain("get a token", errors.New("what the provider sends is no token"))
	}
	if got.RefreshToken != "" && got.RefreshToken != refresh.Reveal() {
		t.refresh = Hide(got.RefreshToken)
		if ring == nil {
			ring = keep(ctx, name, t.refresh)
		}
		if ring != nil {
			l.opts.Say("the next run asks again, the login cannot be kept: " + ring.Error())
		}
	}
	return t, nil
}

// ask runs the device flow.
func (l *Login) ask(ctx context.Context, config *oauth2.Config) (*oauth2.Token, error) {
	o := l.opts.OAuth
	device, err := config.DeviceAuth(ctx)
	if err != nil {
		return nil, o.explain("ask for a device code", err)
	}
	if device.UserCode == "" || device.DeviceCode == "" || device.VerificationURI == "" {
		return nil, o.explain("ask for a device code", errors.New("the answer has none"))
	}
	if device.Interval > maxInterval {
		device.Interval = maxInterval
	}
	l.opts.Say(fmt.Sprintf("to let pixelsweep read the mail of %s, open %s and enter the code %s",
		l.opts.User, printable(device.VerificationURI), printable(device.UserCode)))
	got, err := config.DeviceAccessToken(ctx, device)
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.Is(err, context.DeadlineExceeded):
		return nil, o.explain("wait for the login", errors.New("the code has run out; start again"))
	case err != nil:
		return nil, o.explain("wait for the login", err)
	}
	return got, nil
}

// maxInterval is how many seconds a provider can make us wait between questions.
const maxInterval = 60

// client connects to the login service: within a time, and nowhere else.
func client() *http.Client {
	return &http.Client{
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// refused reports whether the provider no longer takes the refresh token (RFC 6749
// section 5.2).
func refused(err error) bool {
	var e *oauth2.RetrieveError
	return errors.As(err, &e) && e.ErrorCode == "invalid_grant"
}

// explain says in one line what failed: of the provider's answer its code and
// description, never its body.
func (o *OAuth) explain(what string, err error) error {
	var e *oauth2.RetrieveError
	if !errors.As(err, &e) {
		return fmt.Errorf("%s: %s: %w", o.Provider, what, err)
	}
	text := e.ErrorCode
	if text == "" && e.Response != nil {
		text = "HTTP " + e.Response.Status
	}
	if d, _, _ := strings.Cut(e.ErrorDescription, "\n"); d != "" {
		text += ": " + d[:min(len(d), 300)]
	}
	text = printable(strings.ToValidUTF8(strings.TrimSpace(text), ""))
	if e.ErrorCode == "invalid_scope" && o.Provider == Google {
		text += "; Google gives no device codes for mail: use an app password or a token command"
	}
	return fmt.Errorf("%s: %s: %s", o.Provider, what, text)
}
