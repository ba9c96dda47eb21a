package rewrite

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
)

// A ProxyTemplate makes the signed URLs of an image proxy that speaks the
// protocol of camo.
type ProxyTemplate struct {
	text string
	key  []byte
}

// NewProxy reads a template such as "https://host/{sig}/{url}". {sig} stands for
// the HMAC-SHA1 of the URL and {url} for the URL itself, both in hexadecimal;
// {sig64} and {url64} are the same in URL-safe base64.
func NewProxy(template string, key []byte) (*ProxyTemplate, error) {
	switch {
	case !strings.HasPrefix(template, "https://") && !strings.HasPrefix(template, "http://"):
		return nil, fmt.Errorf("%q is no http or https URL", template)
	case !strings.Contains(template, "{url}") && !strings.Contains(template, "{url64}"):
		return nil, fmt.Errorf("%q holds neither {url} nor {url64}", template)
	case !strings.Contains(prefix(template)[strings.Index(template, "://")+3:], "/"):
		return nil, fmt.Errorf("%q names no host", template)
	case strings.ContainsAny(template, " \"'<>()\\`,"):
		return nil, fmt.Errorf("%q holds a character that must not stand in a URL", template)
	case len(key) == 0:
		return nil, fmt.Errorf("no key to sign the URLs with")
	}
	return &ProxyTemplate{template, key}, nil
}

// prefix is what all URLs of the proxy begin with.
func prefix(template string) string {
	before, _, _ := strings.Cut(template, "{")
	return before
}

// URL is the address under which the proxy serves u.
func (p *ProxyTemplate) URL(u string) string {
	mac := hmac.New(sha1.New, p.key)
	mac.Write([]byte(u))
	sum := mac.Sum(nil)
	return strings.NewReplacer(
		"{sig}", hex.EncodeToString(sum), "{sig64}", base64.RawURLEncoding.EncodeToString(sum),
		"{url}", hex.EncodeToString([]byte(u)), "{url64}", base64.RawURLEncoding.EncodeToString([]byte(u)),
	).Replace(p.text)
}

// proxied reports whether u loads through the proxy already.
func (r *run) proxied(u string) bool {
	return r.opts.Proxy != nil && strings.HasPrefix(u, prefix(r.opts.Proxy.text))
}

// proxy returns the proxy's URL of an image, "" for what is none.
func (r *run) proxy(f *detector.Finding) string {
	if r.opts.Proxy == nil || resource(f.Vector, string(f.Trigger)) != image || !strings.HasPrefix(f.URL, "http") {
		return ""
	}
	return r.opts.Proxy.URL(f.URL)
}
