package imapscan

import (
	"bytes"
	"context"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/internal/dovecot"
)

// plainLogin are credentials with a password.
type plainLogin struct{ user, password string }

func (p plainLogin) Client(context.Context, []string) (sasl.Client, error) {
	return sasl.NewPlainClient("", p.user, p.password), nil
}

// account is the account of a test server.
func account(t testing.TB, d *dovecot.Server) *Server {
	t.Helper()
	pem, err := os.ReadFile(d.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return &Server{
		Address: d.TLS, Security: TLS, RootCAs: roots, Credentials: plainLogin{dovecot.User, dovecot.Password}, Compress: CompressAuto,
	}
}

func scanner(t testing.TB, s *Server, o *detector.Options) *Scanner {
	t.Helper()
	sc := &Scanner{Server: s, Detector: detector.New(o), Account: "test", Say: func(text string) { t.Log(text) }}
	t.Cleanup(sc.Close)
	return sc
}

// messages reads the mail below dirs, without what is no message.
func messages(t testing.TB, dirs ...string) (names []string, data [][]byte) {
	t.Helper()
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() || filepath.Ext(path) != ".eml" {
				return err
			}
			b, err := os.ReadFile(path)
			if len(b) > 0 {
				names, data = append(names, path), append(data, b)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return names, data
}

// TestSectionsLikeWhole puts real and made mail into Dovecot and compares what an
// audit finds with what the detector finds in the whole messages.
func TestSectionsLikeWhole(t *testing.T) {
	dirs := []string{"../corpus/testdata"}
	if _, err := os.Stat("../../shared/corpora/mail"); err == nil && !testing.Short() {
		dirs = append(dirs, "../../shared/corpora/mail", "../../shared/corpora/malformed")
	} else {
		t.Log("REAL MAIL IS NOT COMPARED: ../shared/corpora/mail is missing, or -short")
	}
	names, data := messages(t, dirs...)
	d := dovecot.ForTest(t, "")
	if err := d.Put("INBOX", true, data...); err != nil {
		t.Fatal(err)
	}
	sc := scanner(t, account(t, d), nil)
	det := detector.New(nil)
	seen, sections, different := 0, 0, 0
	_, err := sc.Folder(context.Background(), "INBOX", Selection{}, nil, func(list []Result) error {
		for _, r := range list {
			seen++
			i := int(r.UID) - 1
			if r.Err != nil {
				t.Errorf("%s: %v", names[i], r.Err)
				continue
			}
			crlf := bytes.ReplaceAll(bytes.ReplaceAll(data[i], []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
			want, _ := det.Scan(detector.Source{}, crlf)
			if offsets(want) && !offsets(r.Report) {
				sections++
			}
			if diff := differ(want, r.Report); diff != "" {
				if different++; different <= 20 {
					t.Errorf("%s:\n%s", names[i], diff)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen != len(data) {
		t.Errorf("%d of %d messages", seen, len(data))
	}
	if sections == 0 {
		t.Error("no message was read by its sections")
	}
	t.Logf("%d messages, %d of them by sections, %d differ; %d bytes", seen, sections, different, total(data))
}

// offsets reports whether a report points into the whole message.
func offsets(r *detector.Report) bool {
	for i := range r.References {
		if r.References[i].RawOffset != nil && r.References[i].Part != "HEADER" {
			return true
		}
	}
	return false
}

func total(data [][]byte) (n int) {
	for _, b := range data {
		n += len(b)
	}
	return n
}

// differ compares reports, without what depends on which header fields were read.
func differ(want, got *detector.Report) string {
	plain := func(r *detector.Report) detector.Report {
		c := *r
		c.Source = detector.Source{}
		c.References = append([]detector.Reference(nil), r.References...)
		for i := range c.References {
			c.References[i].RawOffset = nil
			if c.References[i].Part == "HEADER" {
				c.References[i].Offset, c.References[i].Line, c.References[i].Column = 0, 0, 0
			}
		}
		c.Findings = append([]detector.Finding(nil), r.Findings...)
		for i := range c.Findings {
			if c.Findings[i].Part == "HEADER" {
				c.Findings[i].Line, c.Findings[i].Column = 0, 0
			}
		}
		return c
	}
	diff := cmp.Diff(plain(want), plain(got), cmpopts.EquateEmpty())
	if len(diff) > 1500 {
		diff = diff[:1500] + "…"
	}
	return strings.TrimSpace(diff)
}
