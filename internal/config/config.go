// Package config reads what the user has set in files.
//
// The user's own file is config.yaml in the folder pixelsweep of their config
// folder, or the file that --config names. All of it:
//
//	rules: [easylist.txt, own.txt]      filter lists that every command uses; paths are relative to this file
//	fail-on: medium                     the severity from which scan ends with 1: info, low, medium, high, never
//	subscriptions:                      filter lists that pixelsweep rules update fetches
//	- name: EasyPrivacy
//	  url: https://lists.example/easyprivacy.txt
//	- name: intranet
//	  url: http://lists.corp.example/mail.txt
//	  insecure: true                    may be fetched without TLS
//	accounts:                           mailboxes that pixelsweep imap reads
//	- name: home                        what --account calls it, and the audit store
//	  user: ann@mail.example
//	  server: imap.mail.example         default: known for the domain of user
//	  port: 993                         default: 993, with starttls 143
//	  tls: implicit                     or starttls (RFC 8314 section 3)
//	  ca: corp.pem                      certificates to trust besides the system's
//	  pin: sha256/AAAA…=                the server's public key, as in RFC 7469 section 2.4
//	  folders: [INBOX, Archive/*]       default: all
//	  exclude: [Spam]
//	  auth: password                    or xoauth2, oauthbearer
//	  password-command: [pass, show, mail/ann]   program and arguments, run without a shell
//	  token-command: [oama, access, ann@mail.example]
//	  oauth:                            a token by the device flow (RFC 8628)
//	    provider: microsoft             or google
//	    client-id: 00000000-0000-0000-0000-000000000000
//	    client-secret-env: GOOGLE_SECRET   which Google wants beside the id
//	  store: home.db                    default: audit.db in the user's data folder
//
// In place of password-command there may be password-file, password-env (the name
// of a variable) or keyring: true; with none of them the password is asked for.
// Paths are relative to the file.
//
//	lint:                               what pixelsweep lint allows; see internal/lint and pixelsweep.schema.json
//	  profile: strict
//
// Beside it there may be a policy: the file .pixelsweep.yaml in the folder where
// the command runs, or the nearest above it. It comes with a project and belongs
// to whoever wrote that, so it holds rules, fail-on and lint only. What makes
// pixelsweep connect, run or write somewhere (subscriptions, accounts, commands,
// stores) is an error there. Its fail-on goes before the user's, its rules are
// added to theirs. With --config only that file is read.
//
// Files are read strictly: a key that is unknown, or stands twice, is an error
// with its line.
package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/pixelsweep/pixelsweep/internal/lint"
)

// PolicyName is the name of a file with a policy.
const PolicyName = ".pixelsweep.yaml"

// Config is what all files together say.
type Config struct {
	Rules         []string // paths of filter lists
	FailOn        string   // "" where no file says
	Subscriptions []Subscription
	Accounts      []Account
	Lint          *lint.Policy // nil where no file says
	LintDir       string       // the folder that its globs start from
	Files         []string     // that were read
}

// Subscription is a filter list that is fetched.
type Subscription struct {
	Name     string
	URL      string
	Insecure bool // may be fetched without TLS
}

// file is one file as written.
type file struct {
	Rules         []string
	FailOn        string `yaml:"fail-on"`
	Subscriptions []Subscription
	Accounts      []Account
	Lint          *lint.Policy
}

// notPolicy are the keys that a policy must not hold.
var notPolicy = map[string]bool{"subscriptions": true, "accounts": true, "commands": true, "stores": true}

// Load reads the file that explicit names. Where it is "", it reads the user's
// own file and the policy that holds in dir; either may be missing.
func Load(explicit, dir string) (*Config, error) {
	c := &Config{}
	if explicit != "" {
		return c, c.read(explicit, false)
	}
	if own, err := os.UserConfigDir(); err == nil {
		err := c.read(filepath.Join(own, "pixelsweep", "config.yaml"), false)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	if policy := findPolicy(dir); policy != "" {
		if err := c.read(policy, true); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// findPolicy returns the path of the policy that holds in dir, or "".
func findPolicy(dir string) string {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for {
		path := filepath.Join(dir, PolicyName)
		if _, err := os.Lstat(path); err == nil {
			return path
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// maxSize is how large a file may be.
const maxSize = 1 << 20

// read adds what a file says.
func (c *Config) read(path string, policy bool) error {
	text, err := readRegular(path)
	if err != nil {
		return err
	}
	doc, err := parser.ParseBytes(text, 0)
	if err != nil {
		return locate(path, err, nil, policy)
	}
	if policy {
		if err := checkPolicy(path, doc); err != nil {
			return err
		}
	}
	var f file
	if err := yaml.UnmarshalWithOptions(text, &f, yaml.Strict()); err != nil && !errors.Is(err, io.EOF) {
		return locate(path, err, doc, policy)
	}
	switch { // by a way around the check of keys, such as a merge key
	case policy && f.Subscriptions != nil:
		return notInPolicy(path, 1, "subscriptions")
	case policy && f.Accounts != nil:
		return notInPolicy(path, 1, "accounts")
	}
	if at, what := f.check(); what != "" {
		return fmt.Errorf("%s:%d: %s", path, line(doc, at), what)
	}
	for _, r := range f.Rules {
		c.Rules = append(c.Rules, beside(path, r))
	}
	for _, a := range f.Accounts {
		a.CA, a.PasswordFile, a.Store = beside(path, a.CA), beside(path, a.PasswordFile), beside(path, a.Store)
		c.Accounts = append(c.Accounts, a)
	}
	if f.FailOn != "" {
		c.FailOn = f.FailOn
	}
	if f.Lint != nil {
		c.Lint, c.LintDir = f.Lint, filepath.Dir(path)
	}
	c.Subscriptions = append(c.Subscriptions, f.Subscriptions...)
	c.Files = append(c.Files, path)
	return nil
}

// beside returns the path that a file names, "" for none.
func beside(file, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(file), path)
}

// readRegular reads a file that is neither a pipe nor endless.
func readRegular(path string) ([]byte, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	switch {
	case !fi.Mode().IsRegular():
		return nil, fmt.Errorf("%s: not a regular file", path)
	case fi.Size() > maxSize:
		return nil, fmt.Errorf("%s: larger than %d bytes", path, maxSize)
	}
	return os.ReadFile(path)
}

// checkPolicy refuses the keys that a policy must not hold.
func checkPolicy(path string, doc *ast.File) error {
	for _, d := range doc.Docs {
		m, ok := d.Body.(ast.MapNode)
		if !ok {
			continue
		}
		for it := m.MapRange(); it.Next(); {
			key := it.Key().GetToken()
			if notPolicy[key.Value] {
				return notInPolicy(path, key.Position.Line, key.Value)
			}
		}
	}
	return nil
}

func notInPolicy(path string, line int, key string) error {
	return fmt.Errorf("%s:%d: %s: a policy that is found in a folder may hold %s only; this belongs in your own config or in --config FILE",
		path, line, key, policyKeys)
}

// check returns what is wrong with a file and the YAML path of it.
func (f *file) check() (at, what string) {
	switch f.FailOn {
	case "", "info", "low", "medium", "high", "never":
	default:
		return "$.fail-on", fmt.Sprintf("fail-on: unknown severity %q; known are info, low, medium, high, never", f.FailOn)
	}
	for i, r := range f.Rules {
		if strings.TrimSpace(r) == "" {
			return fmt.Sprintf("$.rules[%d]", i), "rules: a path is empty"
		}
	}
	if f.Lint != nil {
		if at, what := f.Lint.Check(); what != "" {
			return "$.lint" + at, "lint: " + what
		}
	}
	seen := make(map[string]bool)
	for i, s := range f.Subscriptions {
		at := fmt.Sprintf("$.subscriptions[%d]", i)
		if what := s.check(); what != "" {
			return at, "subscriptions: " + what
		}
		if seen[s.Name] {
			return at + ".name", fmt.Sprintf("subscriptions: the name %q stands twice", s.Name)
		}
		seen[s.Name] = true
	}
	return checkAccounts(f.Accounts)
}

func (s *Subscription) check() string {
	u, err := url.Parse(s.URL)
	switch {
	case strings.TrimSpace(s.Name) == "" || len(s.Name) > 100:
		return "a name is missing or longer than 100 bytes"
	case s.URL == "":
		return fmt.Sprintf("%q has no url", s.Name)
	case err != nil || u.Host == "":
		return fmt.Sprintf("%q: %q is no URL", s.Name, s.URL)
	case u.Scheme != "https" && u.Scheme != "http":
		return fmt.Sprintf("%q: scheme %q; only https and http are fetched", s.Name, u.Scheme)
	}
	return ""
}
