package imapscan

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pixelsweep/pixelsweep/detector"
)

// played is a server with one message in one folder, which answers to FETCH as a
// test wants.
type played struct {
	address string
	// answer returns all that is said to a FETCH of items before it is done: "OK", or
	// what is returned as done.
	answer func(items string) (text, done string)

	mu    sync.Mutex
	asked []string // items
}

func play(t testing.TB, answer func(items string) (text, done string)) *played {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	p := &played{address: l.Addr().String(), answer: answer}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(c)
		}
	}()
	return p
}

func (p *played) serve(c net.Conn) {
	defer c.Close()
	io.WriteString(c, "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready\r\n")
	in := bufio.NewReader(c)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		tag, cmd, _ := strings.Cut(strings.TrimSpace(line), " ")
		text, done := "", "OK"
		name, rest, _ := strings.Cut(cmd, " ")
		switch name {
		case "CAPABILITY":
			text = "* CAPABILITY IMAP4rev1\r\n"
		case "LIST":
			text = "* LIST () \"/\" INBOX\r\n"
		case "STATUS":
			text = "* STATUS INBOX (MESSAGES 1 UIDNEXT 8 UIDVALIDITY 3)\r\n"
		case "EXAMINE":
			text = "* 1 EXISTS\r\n* OK [UIDVALIDITY 3] x\r\n* OK [UIDNEXT 8] x\r\n* FLAGS ()\r\n"
		case "UID":
			if rest, fetch := strings.CutPrefix(rest, "FETCH 7 "); fetch {
				p.mu.Lock()
				p.asked = append(p.asked, rest)
				text, done = p.answer(rest)
				p.mu.Unlock()
			} else {
				text = "* SEARCH 7\r\n"
			}
		case "LOGOUT":
			io.WriteString(c, "* BYE\r\n"+tag+" OK done\r\n")
			return
		}
		io.WriteString(c, text+tag+" "+done+" x\r\n")
	}
}

// pieces of the message that the server has: an HTML part, and one that nobody needs.
const (
	askedHead = "From: a@shop.example\r\nTo: ann@reader.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
	htmlHead  = "Content-Type: text/html\r\n\r\n"
	htmlBody  = `<p>Hello<img src="https://open.list-manage.com/track/open.php?u=1&id=2&e=3" width=1 height=1>`
)

var (
	picture  = strings.Repeat("AAAA", 5000)
	askedFor = askedHead + "--b\r\n" + htmlHead + htmlBody + "\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n" + picture + "\r\n--b--\r\n"

	outlineText = fmt.Sprintf("UID 7 RFC822.SIZE %d INTERNALDATE \"17-Jul-2026 02:44:25 -0700\" ", len(askedFor))
	structText  = fmt.Sprintf(`BODYSTRUCTURE (("TEXT" "HTML" NIL NIL NIL "7BIT" %d 0 NIL NIL NIL NIL)("IMAGE" "PNG" NIL NIL NIL "BASE64" %d NIL NIL NIL NIL) "MIXED" ("BOUNDARY" "b") NIL NIL NIL)`,
		len(htmlBody), len(picture))
)

func lit(name, text string) string { return fmt.Sprintf("%s {%d}\r\n%s", name, len(text), text) }

// TestAnswers reads a message from servers that answer in ways of their own. What is
// found in it is what is found in the whole message, which is asked for only where
// that must be.
func TestAnswers(t *testing.T) {
	one := func(items ...string) string { return "* 1 FETCH (" + strings.Join(items, " ") + ")\r\n" }
	head, mime, body := lit("BODY[HEADER]", askedHead), lit("BODY[1.MIME]", htmlHead), lit("BODY[1]", htmlBody)
	whole := one("UID 7", lit("BODY[]", askedFor))
	tests := []struct {
		name      string
		structure string // "" for the usual one
		sections  string
		done      string // to sections; "" for OK
		whole     string // "" for the usual one
		reads     bool   // the whole
	}{
		{name: "as usual", sections: one("UID 7", head, mime, body)},
		{name: "UID last", sections: one(body, head, mime, "UID 7")},
		{name: "unasked flags", sections: "* 1 FETCH (UID 7 FLAGS (\\Seen))\r\n* 2 EXISTS\r\n" + one("FLAGS ()", "MODSEQ (5)", "UID 7", head, mime, body) + "* 1 FETCH (FLAGS ())\r\n"},
		{name: "lower case", structure: strings.ToLower(one(outlineText + structText)), sections: one("uid 7", lit("body[header]", askedHead), lit("body[1.mime]", htmlHead), lit("body[1]", htmlBody))},
		{name: "fields as asked", sections: one("UID 7", lit(`BODY[HEADER.FIELDS.NOT ("RECEIVED" X-Y)]`, askedHead), mime, lit("BODY[1]<0>", htmlBody))},
		{name: "quoted", sections: one("UID 7", head, mime, `BODY[1] "`+strings.ReplaceAll(htmlBody, `"`, `\"`)+`"`)},
		{name: "literal8", sections: strings.ReplaceAll(one("UID 7", head, mime, body), " {", " ~{")},
		{name: "more than asked", sections: one("UID 7", "X-GM-LABELS (\"a)\" {2}\r\n]) b)", lit("BODY[2]", picture), head, mime, body)},

		{name: "one item an answer", sections: one("UID 7", head) + one("UID 7", mime) + one("UID 7", body), reads: true},
		{name: "size, then structure", structure: one("UID 7 RFC822.SIZE 20000") + one("UID 7 "+structText), reads: true},
		{name: "structure, then size", structure: one("UID 7 "+structText) + one("UID 7 RFC822.SIZE 20000"), reads: true},
		{name: "part NIL", sections: one("UID 7", head, mime, "BODY[1] NIL"), reads: true},
		{name: "part empty", sections: one("UID 7", head, mime, `BODY[1] ""`), reads: true},
		{name: "header of the part NIL", sections: one("UID 7", head, "BODY[1.MIME] NIL", body), reads: true},
		{name: "header empty", sections: one("UID 7", lit("BODY[HEADER]", ""), mime, body), reads: true},
		{name: "part left out", sections: one("UID 7", head, mime), reads: true},
		{name: "all NIL", sections: one("UID 7", "BODY[HEADER] NIL", "BODY[1.MIME] NIL", "BODY[1] NIL"), reads: true},
		{name: "sections refused", done: "NO", reads: true},
		{name: "sections unknown", done: "BAD", reads: true},
		{name: "no size", structure: one("UID 7 " + structText), reads: true},
		{name: "absurd size", structure: one("UID 7 RFC822.SIZE 99999999999999999999 " + structText), whole: one("UID 7", lit("BODY[]<0>", askedFor)), reads: true},
		{name: "size unknown", structure: one("UID 7 RFC822.SIZE -1 " + structText), reads: true},
	}
	det := detector.New(nil)
	want, err := det.Scan(detector.Source{}, []byte(askedFor))
	if err != nil || want.Verdict != detector.Tracked {
		t.Fatal(want.Verdict, err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := play(t, func(items string) (text, done string) {
				switch {
				case strings.Contains(items, "BODYSTRUCTURE"):
					if tt.structure == "" {
						tt.structure = one(outlineText + structText)
					}
					return tt.structure, "OK"
				case strings.Contains(items, "BODY.PEEK[]"):
					if tt.whole == "" {
						tt.whole = whole
					}
					return tt.whole, "OK"
				case tt.done != "":
					return "", tt.done
				}
				return tt.sections, "OK"
			})
			r := audited(t, p)
			if r.Err != nil {
				t.Fatal(r.Err)
			}
			if d := cmp.Diff(want.Findings, r.Report.Findings, cmpopts.EquateEmpty()); d != "" || r.Report.Verdict != want.Verdict {
				t.Errorf("%s (-whole +read)\n%s", r.Report.Verdict, d)
			}
			if reads := slices.ContainsFunc(p.asked, func(s string) bool { return strings.Contains(s, "BODY.PEEK[]") }); reads != tt.reads {
				t.Errorf("the whole is asked for: %v, want %v: %q", reads, tt.reads, p.asked)
			}
			if len(p.asked) > 3 {
				t.Errorf("asked %d times: %q", len(p.asked), p.asked)
			}
		})
	}
}

// audited returns what an audit tells of the one message.
func audited(t *testing.T, p *played) Result {
	t.Helper()
	sc := &Scanner{Server: plainAccount(p.address), Detector: detector.New(nil), Account: "a", Pause: time.Millisecond}
	defer sc.Close()
	var list []Result
	_, err := sc.Audit(t.Context(), &Audit{}, func(_ string, r Result) error {
		list = append(list, r)
		return nil
	})
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return list[0]
}
