package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestAccounts(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "c.yaml")
	write(t, path, `accounts:
- name: home
  user: ann@mail.example
  server: imap.mail.example
  port: 993
  tls: implicit
  ca: corp.pem
  pin: sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
  folders: [INBOX, Archive/*]
  exclude: ["\\Junk"]
  auth: password
  password-command: [pass, show, "mail/ann; rm"]
  store: /data/home.db
- name: work
  user: ann@corp.example
  auth: xoauth2
  oauth: {provider: microsoft, client-id: abc, tenant: corp.example}
- {name: file, user: ann, server: "::1", password-file: secret, tls: starttls}
- {name: bare, user: ann@mail.example}
- {name: ring, user: ann@mail.example, keyring: true}
`)
	c, err := Load(path, ".")
	if err != nil {
		t.Fatal(err)
	}
	want := []Account{
		{
			Name: "home", User: "ann@mail.example", Server: "imap.mail.example", Port: 993, TLS: "implicit", CA: filepath.Join(dir, "corp.pem"),
			Pin: "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", Folders: []string{"INBOX", "Archive/*"}, Exclude: []string{`\Junk`},
			Auth: "password", PasswordCommand: []string{"pass", "show", "mail/ann; rm"}, Store: "/data/home.db",
		},
		{Name: "work", User: "ann@corp.example", Auth: "xoauth2", OAuth: &OAuth{Provider: "microsoft", ClientID: "abc", Tenant: "corp.example"}},
		{Name: "file", User: "ann", Server: "::1", PasswordFile: filepath.Join(dir, "secret"), TLS: "starttls"},
		{Name: "bare", User: "ann@mail.example"},
		{Name: "ring", User: "ann@mail.example", Keyring: true},
	}
	if !reflect.DeepEqual(c.Accounts, want) {
		t.Errorf("got %+v\nwant %+v", c.Accounts, want)
	}
	if a, err := c.Account("work"); err != nil || a.User != "ann@corp.example" {
		t.Errorf("work: %v, %v", a, err)
	}
	if _, err := c.Account("none"); err == nil || !strings.Contains(err.Error(), "known are home, work, file, bare, ring") {
		t.Errorf("none: %v", err)
	}
	if _, err := c.Account(""); err == nil {
		t.Error("one of several is taken")
	}
	one := &Config{Accounts: want[:1]}
	if a, err := one.Account(""); err != nil || a.Name != "home" {
		t.Errorf("the only one: %v, %v", a, err)
	}
}

func TestAccountErrors(t *testing.T) {
	const head = "accounts:\n- name: a\n  user: b@c.example\n"
	for _, tt := range []struct{ text, want string }{
		{"accounts:\n- user: b\n", ":2: accounts: \"\": name: is missing"},
		{"accounts:\n- name: a\n", ":2: accounts: \"a\": user: is missing"},
		{"accounts:\n- name: a\n  user: \"b\\r\\nA1 LOGIN\"\n", ":3: accounts: \"a\": user: "},
		{head + "- {name: a, user: b}\n", `:4: accounts: the name "a" stands twice`},
		{head + "  server: imaps://x.example\n", `:4: accounts: "a": server: "imaps://x.example" is no host`},
		{head + "  server: x.example:993\n", "the port stands apart"},
		{head + "  port: 70000\n", ":4: accounts: \"a\": port: 70000"},
		{head + "  port: imap\n", ":4:"},
		{head + "  tls: none\n", `:4: accounts: "a": tls: unknown "none"; known are implicit, starttls`},
		{head + "  pin: abc\n", ":4: accounts: \"a\": pin: "},
		{head + "  folders: ['']\n", ":4: accounts: \"a\": folders: "},
		{head + "  auth: plain\n", `:4: accounts: "a": auth: unknown "plain"`},
		{head + "  auth: xoauth2\n", ":4: accounts: \"a\": auth: xoauth2 needs token-command or oauth"},
		{head + "  auth: oauthbearer\n  keyring: true\n  token-command: [x]\n", ":5: accounts: \"a\": keyring: does not go with"},
		{head + "  keyring: true\n  password-env: X\n", ":4: accounts: \"a\": keyring: stands beside password-env"},
		{head + "  password-command: []\n", ":4: accounts: \"a\": password-command: names no program"},
		{head + "  password-command: pass show x\n", ":4:"},
		{head + "  password: hunter2\n", ":4:3: password: no password is read from here; use keyring"},
		{head + "  passwort: hunter2\n", `:4:3: accounts: unknown field "passwort"; known are name, user, server, port`},
		{head + "  oauth: {provider: apple, client-id: x}\n", `oauth.provider: unknown "apple"`},
		{head + "  oauth:\n    provider: google\n", ":5: accounts: \"a\": oauth.client-id: is missing"},
		{head + "  oauth: {provider: microsoft, client-id: x, tenant: ../x}\n", "oauth.tenant"},
		{head + "  oauth: {provider: google, client-id: x, client-secret: y}\n", `accounts.oauth: unknown field "client-secret"; known are provider, client-id`},
		{"password: x\n", `unknown field "password"; known are rules`},
	} {
		path := filepath.Join(t.TempDir(), "c.yaml")
		write(t, path, tt.text)
		_, err := Load(path, ".")
		check(t, tt.text, path, tt.want, err)
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("a password shows: %v", err)
		}
	}
}

// TestReadme loads the configs that the README shows.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	accounts := 0
	for _, block := range strings.Split(string(text), "```yaml\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		path := filepath.Join(t.TempDir(), "c.yaml")
		write(t, path, block)
		c, err := Load(path, ".")
		if err != nil {
			t.Errorf("%v in\n%s", err, block)
			continue
		}
		accounts += len(c.Accounts)
	}
	if accounts == 0 {
		t.Error("no accounts in the README")
	}
}
