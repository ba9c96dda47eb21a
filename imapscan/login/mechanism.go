package login

import (
	"strings"

	"github.com/emersion/go-sasl"
)

// passwordClient speaks PLAIN (RFC 4616) or LOGIN.
type passwordClient struct {
	mech, user string
	password   Secret
}

func (c *passwordClient) inner() sasl.Client {
	if c.mech == sasl.Login {
		return sasl.NewLoginClient(c.user, c.password.Reveal())
	}
	return sasl.NewPlainClient("", c.user, c.password.Reveal())
}

func (c *passwordClient) Start() (mech string, ir []byte, err error) { return c.inner().Start() }

func (c *passwordClient) Next(challenge []byte) ([]byte, error) { return c.inner().Next(challenge) }

// mechXOAuth2 is the mechanism that Google and Microsoft made before RFC 7628:
// https://developers.google.com/workspace/gmail/imap/xoauth2-protocol
const mechXOAuth2 = "XOAUTH2"

// tokenClient speaks OAUTHBEARER (RFC 7628) or XOAUTH2.
type tokenClient struct {
	mech   string
	opts   *Options
	token  Secret
	failed bool
}

// saslName escapes a name for the header of GS2 (RFC 5801 section 4).
var saslName = strings.NewReplacer("=", "=3D", ",", "=2C")

func (c *tokenClient) Start() (mech string, ir []byte, err error) {
	if c.mech == mechXOAuth2 {
		return c.mech, []byte("user=" + c.opts.User + "\x01auth=Bearer " + c.token.Reveal() + "\x01\x01"), nil
	}
	return sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{
		Username: saslName.Replace(c.opts.User), Token: c.token.Reveal(), Host: c.opts.Server, Port: c.opts.Port,
	}).Start()
}

// Next answers the one challenge that there may be: why the token is refused. The
// server says NO only after it (RFC 7628 section 3.2.3; XOAUTH2 wants it empty).
func (c *tokenClient) Next([]byte) ([]byte, error) {
	if c.failed {
		return nil, sasl.ErrUnexpectedServerChallenge
	}
	c.failed = true
	if c.mech == mechXOAuth2 {
		return []byte{}, nil
	}
	return []byte{1}, nil
}
