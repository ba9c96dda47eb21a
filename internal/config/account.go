package config

import (
	"encoding/base64"
	"fmt"
	"net"
	"slices"
	"strings"
	"unicode"
)

// Account is a mailbox and how to log in to it.
type Account struct {
	Name    string
	User    string
	Server  string   // "" for the one known for User's domain
	Port    int      // 0 for the default
	TLS     string   `yaml:"tls"` // "implicit", "starttls", or "" for the default
	CA      string   `yaml:"ca"`  // path of PEM certificates
	Pin     string   // "sha256/" and the base64 of the digest of the public key
	Folders []string // patterns
	Exclude []string

	Auth            string   // "password", "xoauth2", "oauthbearer", or "" for the first that fits
	PasswordCommand []string `yaml:"password-command"` // program and arguments
	PasswordFile    string   `yaml:"password-file"`
	PasswordEnv     string   `yaml:"password-env"`
	Keyring         bool
	TokenCommand    []string `yaml:"token-command"`
	OAuth           *OAuth   `yaml:"oauth"`

	Store string // path of the audit store
}

// OAuth is how to get a token by the device flow.
type OAuth struct {
	Provider        string // "google" or "microsoft"
	ClientID        string `yaml:"client-id"`
	ClientSecretEnv string `yaml:"client-secret-env"` // the name of a variable
	Tenant          string // Microsoft's; "" is common
}

const accountKeys = "name, user, server, port, tls, ca, pin, folders, exclude, auth, password-command, password-file, " +
	"password-env, keyring, token-command, oauth (provider, client-id, client-secret-env, tenant), store"

// Account returns the account of that name; with "" the only one there is.
func (c *Config) Account(name string) (*Account, error) {
	var names []string
	for i := range c.Accounts {
		if c.Accounts[i].Name == name || name == "" && len(c.Accounts) == 1 {
			return &c.Accounts[i], nil
		}
		names = append(names, c.Accounts[i].Name)
	}
	switch {
	case len(names) == 0:
		return nil, fmt.Errorf("no accounts in the config")
	case name == "":
		return nil, fmt.Errorf("several accounts in the config; say which: %s", strings.Join(names, ", "))
	}
	return nil, fmt.Errorf("no account %q in the config; known are %s", name, strings.Join(names, ", "))
}

// checkAccounts returns what is wrong with accounts and the YAML path of it.
func checkAccounts(list []Account) (at, what string) {
	seen := make(map[string]bool)
	for i := range list {
		a := &list[i]
		at := fmt.Sprintf("$.accounts[%d]", i)
		if key, what := a.check(); what != "" {
			return at + "." + key, fmt.Sprintf("accounts: %q: %s: %s", a.Name, key, what)
		}
		if seen[a.Name] {
			return at + ".name", fmt.Sprintf("accounts: the name %q stands twice", a.Name)
		}
		seen[a.Name] = true
	}
	return "", ""
}

// check returns the key that is wrong, and how.
func (a *Account) check() (key, what string) {
	switch {
	case !isWord(a.Name, 100):
		return "name", "is missing, longer than 100 bytes or not one line"
	case !isWord(a.User, 254):
		return "user", "is missing, longer than 254 bytes or not one line"
	case a.Server != "" && !isHost(a.Server):
		return "server", fmt.Sprintf("%q is no host name or address; the port stands apart", a.Server)
	case a.Port < 0 || a.Port > 65535:
		return "port", fmt.Sprintf("%d is none", a.Port)
	case !slices.Contains([]string{"", "implicit", "starttls"}, a.TLS):
		return "tls", fmt.Sprintf("unknown %q; known are implicit, starttls", a.TLS)
	case a.Pin != "" && !IsPin(a.Pin):
		return "pin", "is not sha256/ and 44 characters of base64"
	case slices.Contains(a.Folders, ""):
		return "folders", "a pattern is empty"
	case slices.Contains(a.Exclude, ""):
		return "exclude", "a pattern is empty"
	}
	if key, what := a.checkCommands(); what != "" {
		return key, what
	}
	return a.checkAuth()
}

func (a *Account) checkCommands() (key, what string) {
	switch {
	case a.PasswordCommand != nil && (len(a.PasswordCommand) == 0 || a.PasswordCommand[0] == ""):
		return "password-command", "names no program"
	case a.TokenCommand != nil && (len(a.TokenCommand) == 0 || a.TokenCommand[0] == ""):
		return "token-command", "names no program"
	case strings.ContainsAny(a.PasswordEnv, "=\x00"):
		return "password-env", "is not the name of a variable"
	}
	return "", ""
}

// checkAuth sees to it that there is one way to log in.
func (a *Account) checkAuth() (key, what string) {
	var password, token []string
	for _, s := range []struct {
		key string
		set bool
	}{
		{"password-command", a.PasswordCommand != nil}, {"password-file", a.PasswordFile != ""},
		{"password-env", a.PasswordEnv != ""}, {"keyring", a.Keyring},
	} {
		if s.set {
			password = append(password, s.key)
		}
	}
	if a.TokenCommand != nil {
		token = append(token, "token-command")
	}
	if a.OAuth != nil {
		token = append(token, "oauth")
	}
	sources := append(password, token...)
	switch a.Auth {
	case "":
	case "password":
		if len(token) > 0 {
			return token[0], "does not go with auth: password"
		}
	case "xoauth2", "oauthbearer":
		if len(password) > 0 {
			return password[0], "does not go with auth: " + a.Auth
		}
		if len(token) == 0 {
			return "auth", a.Auth + " needs token-command or oauth"
		}
	default:
		return "auth", fmt.Sprintf("unknown %q; known are password, xoauth2, oauthbearer", a.Auth)
	}
	if len(sources) > 1 {
		return sources[1], "stands beside " + sources[0] + "; only one can be used"
	}
	return a.OAuth.check()
}

func (o *OAuth) check() (key, what string) {
	switch {
	case o == nil:
		return "", ""
	case o.Provider != "google" && o.Provider != "microsoft":
		return "oauth.provider", fmt.Sprintf("unknown %q; known are google, microsoft", o.Provider)
	case !isWord(o.ClientID, 300):
		return "oauth.client-id", "is missing; it is the id of an application that you register with the provider"
	case o.Tenant != "" && (o.Provider != "microsoft" || strings.Trim(o.Tenant, letters+".-") != ""):
		return "oauth.tenant", "is a name or number of Microsoft's"
	case strings.ContainsAny(o.ClientSecretEnv, "=\x00"):
		return "oauth.client-secret-env", "is not the name of a variable"
	}
	return "", ""
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// isWord reports whether s is one line of 1 to n bytes.
func isWord(s string, n int) bool {
	return strings.TrimSpace(s) != "" && len(s) <= n && !strings.ContainsFunc(s, unicode.IsControl)
}

func isHost(s string) bool {
	if net.ParseIP(s) != nil {
		return true
	}
	return len(s) <= 253 && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r == 0x7f || strings.ContainsRune(`/\:@?#[]"<>`, r)
	})
}

func IsPin(s string) bool {
	digest, ok := strings.CutPrefix(s, "sha256/")
	b, err := base64.StdEncoding.DecodeString(digest)
	return ok && err == nil && len(b) == 32
}
