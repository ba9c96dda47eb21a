package imapscan

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"net"
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

// farConn is a connection to another network, as it says.
type farConn struct{ net.Conn }

func (farConn) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(203, 0, 113, 1), Port: 993} }

// far has a server seem to be in another network: the connection is compressed, and
// fields of no use are left out of headers.
func far(s *Server) *Server {
	s.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return farConn{c}, nil
	}
	return s
}

// named are messages with attachments whose names servers tell as they are written.
func named() (list [][]byte) {
	html := "\r\n\r\n<html><img src=https://open.list-manage.com/track/open.php?u=1&id=2&e=3 width=1 height=1>\r\n"
	for _, field := range []string{
		"application/octet-stream\r\nContent-Disposition: attachment; filename*0=\"a.ht\"; filename*1=ml",
		"application/octet-stream\r\nContent-Disposition: attachment; filename*=utf-8''a%2Ehtml",
		"application/octet-stream; name=x.bin\r\nContent-Disposition: attachment; filename*=utf-8''a%2Ehtml",
		"application/octet-stream; name=\"=?gb2312?B?YS5odG1s?=\"",
		"application/octet-stream; names=x.bin; name=a.html; name=x.bin",
		"application/x-a; name=a.html\r\nContent-Disposition: attachment; filename=\"\"",
	} {
		for _, rest := range []string{"", strings.Repeat("<p>words\r\n", 300)} {
			list = append(list, []byte("From: a@shop.example\r\nTo: ann@reader.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"+
				"--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n--b\r\nContent-Type: "+field+html+rest+"\r\n--b\r\nContent-Type: image/png\r\n"+
				"Content-Transfer-Encoding: base64\r\n\r\n"+strings.Repeat("AAAA", 10_000)+"\r\n--b--\r\n"))
		}
	}
	return list
}

// TestSectionsLikeWhole puts real and made mail into Dovecot and compares what an
// audit finds with what the detector finds in the whole messages, near and far from
// the server.
func TestSectionsLikeWhole(t *testing.T) {
	dirs := []string{"../corpus/testdata"}
	if _, err := os.Stat("../../shared/corpora/mail"); err == nil && !testing.Short() {
		dirs = append(dirs, "../../shared/corpora/mail", "../../shared/corpora/malformed", "../../shared/corpora/labelled")
	} else {
		t.Log("REAL MAIL IS NOT COMPARED: ../shared/corpora/mail is missing, or -short")
	}
	names, data := messages(t, dirs...)
	for i, m := range named() {
		names, data = append(names, fmt.Sprintf("named %d", i)), append(data, m)
	}
	d := dovecot.ForTest(t, "")
	if err := d.Put("INBOX", true, data...); err != nil {
		t.Fatal(err)
	}
	det := detector.New(nil)
	want := make([]*detector.Report, len(data))
	for i := range data {
		crlf := bytes.ReplaceAll(bytes.ReplaceAll(data[i], []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
		want[i], _ = det.Scan(detector.Source{}, crlf)
	}
	for _, where := range []string{"near", "far"} {
		t.Run(where, func(t *testing.T) {
			s, trace := account(t, d), new(bytes.Buffer)
			if s.Trace = trace; where == "far" {
				s = far(s)
			}
			likeWhole(t, scanner(t, s, nil), names, want)
			if left := strings.Contains(trace.String(), "HEADER.FIELDS.NOT"); left != (where == "far") {
				t.Errorf("fields are left out: %v", left)
			}
		})
	}
}

// likeWhole compares what is found in INBOX with what is wanted.
func likeWhole(t *testing.T, sc *Scanner, names []string, want []*detector.Report) {
	seen, sections, different := 0, 0, 0
	_, err := sc.Folder(context.Background(), "INBOX", Selection{}, nil, func(list []Result) error {
		for _, r := range list {
			seen++
			i := int(r.UID) - 1
			if r.Err != nil {
				t.Errorf("%s: %v", names[i], r.Err)
				continue
			}
			if offsets(want[i]) && !offsets(r.Report) {
				sections++
			}
			if diff := differ(want[i], r.Report); diff != "" {
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
	if seen != len(want) {
		t.Errorf("%d of %d messages", seen, len(want))
	}
	if sections == 0 {
		t.Error("no message was read by its sections")
	}
	t.Logf("%d messages, %d of them by sections, %d differ", seen, sections, different)
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
