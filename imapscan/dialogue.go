package imapscan

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"

	"github.com/pixelsweep/pixelsweep/imapscan/internal/wire"
)

// dialogue is what is said before go-imap takes over: greeting, STARTTLS, login
// and COMPRESS. It is done by hand because go-imap cannot put a compressed
// stream under a client that is logged in, and so that no secret gets into a log.
type dialogue struct {
	server  *Server
	conn    net.Conn
	in      *bufio.Reader
	trace   *wire.Tracer
	secrets secrets
	tag     int

	caps      map[string]bool // in upper case; nil where not told yet
	encrypted bool
	preauth   bool
	initial   bool // SASL-IR is offered
}

// maxLine bounds the lines of a dialogue.
const maxLine = 64 << 10

func (d *dialogue) reset(conn net.Conn) {
	d.conn, d.in = conn, bufio.NewReaderSize(conn, maxLine)
}

// line reads one line without its end.
func (d *dialogue) line() (string, error) {
	b, err := d.in.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return "", &LimitError{What: fmt.Sprintf("a line of more than %d bytes", maxLine)}
	case err != nil:
		return "", err
	}
	text := string(bytes.TrimRight(b, "\r\n"))
	d.trace.Line("S", d.secrets.redact(text))
	return text, nil
}

// write sends a command; shown is what the trace shows of it.
func (d *dialogue) write(text, shown string) error {
	d.trace.Line("C", shown)
	_, err := d.conn.Write([]byte(text + "\r\n"))
	return err
}

// command sends one and reads its answer. more answers the server's requests to
// go on, nil where there must be none. The text of an OK is returned.
func (d *dialogue) command(text, shown string, more func(challenge string) (string, error)) (string, error) {
	d.tag++
	tag := "a" + strconv.Itoa(d.tag)
	if err := d.write(tag+" "+text, tag+" "+shown); err != nil {
		return "", err
	}
	for range 1000 {
		l, err := d.line()
		if err != nil {
			return "", err
		}
		if challenge, ok := strings.CutPrefix(l, "+"); ok {
			if more == nil {
				return "", fmt.Errorf("%s: the server asks for more than was announced", shown)
			}
			answer, err := more(strings.TrimSpace(challenge))
			if err != nil {
				return "", err
			}
			if err := d.write(answer, "[secret]"); err != nil {
				return "", err
			}
			continue
		}
		status, rest, _ := strings.Cut(l, " ")
		kind, rest, _ := strings.Cut(rest, " ")
		kind = strings.ToUpper(kind)
		switch {
		case status == "*" && kind == "CAPABILITY":
			d.learn(rest)
		case status == "*" && kind == "BYE":
			return "", d.refusal("BYE", rest)
		case status == tag && kind == "OK":
			d.code(rest)
			return rest, nil
		case status == tag:
			return "", d.refusal(kind, rest)
		}
	}
	return "", &LimitError{What: "no end of lines before an answer"}
}

// refusal makes an error of a NO, BAD or BYE.
func (d *dialogue) refusal(kind, rest string) error {
	e := &imap.Error{Type: imap.StatusResponseType(kind), Text: clip(d.secrets.redact(rest))}
	if inner, ok := strings.CutPrefix(rest, "["); ok {
		if code, after, ok := strings.Cut(inner, "]"); ok {
			name, _, _ := strings.Cut(code, " ")
			e.Code = imap.ResponseCode(strings.ToUpper(name))
			e.Text = clip(d.secrets.redact(strings.TrimSpace(after)))
		}
	}
	return e
}

func (d *dialogue) learn(list string) {
	d.caps = map[string]bool{}
	for _, c := range strings.Fields(list) {
		d.caps[strings.ToUpper(c)] = true
	}
}

// code learns from a response code [CAPABILITY …].
func (d *dialogue) code(rest string) {
	if inner, ok := strings.CutPrefix(rest, "["); ok {
		code, _, _ := strings.Cut(inner, "]")
		if name, list, _ := strings.Cut(code, " "); strings.EqualFold(name, "CAPABILITY") {
			d.learn(list)
		}
	}
}

// know asks for the capabilities where they are not told yet.
func (d *dialogue) know() error {
	if d.caps != nil {
		return nil
	}
	if _, err := d.command("CAPABILITY", "CAPABILITY", nil); err != nil {
		return err
	}
	if d.caps == nil {
		return errors.New("the server names no capabilities")
	}
	return nil
}

func (d *dialogue) greeting() error {
	l, err := d.line()
	if err != nil {
		return err
	}
	untagged, rest, _ := strings.Cut(l, " ")
	kind, rest, _ := strings.Cut(rest, " ")
	kind = strings.ToUpper(kind)
	d.code(rest)
	switch {
	case untagged != "*":
		return fmt.Errorf("no IMAP server: its first line is %q", l[:min(len(l), 80)])
	case kind == "OK":
		return nil
	case kind == "PREAUTH":
		d.preauth = true
		return nil
	}
	return d.refusal(kind, rest)
}

// startTLS encrypts the connection (RFC 9051 section 6.2.1). What came before is
// forgotten, and nothing may stand behind the answer in the clear.
func (d *dialogue) startTLS(ctx context.Context) error {
	if d.preauth {
		return &SetupError{errors.New("the server is logged in before STARTTLS; refused")}
	}
	if err := d.know(); err != nil {
		return err
	}
	if !d.caps["STARTTLS"] {
		return &SetupError{errors.New("the server does not offer STARTTLS; nothing was sent; use TLS (port 993)")}
	}
	if _, err := d.command("STARTTLS", "STARTTLS", nil); err != nil {
		return fmt.Errorf("STARTTLS: %w", err)
	}
	if d.in.Buffered() > 0 {
		return &SetupError{errors.New("the server sends more in the clear after STARTTLS; refused")}
	}
	c, err := d.server.encrypt(ctx, d.conn)
	if err != nil {
		return err
	}
	d.reset(c)
	d.caps, d.encrypted = nil, true
	return nil
}

// login authenticates with the first mechanism that the credentials choose.
func (d *dialogue) login(ctx context.Context) error {
	if d.preauth {
		return nil
	}
	if err := d.know(); err != nil {
		return err
	}
	var mechanisms []string
	for c := range d.caps {
		if m, ok := strings.CutPrefix(c, "AUTH="); ok {
			mechanisms = append(mechanisms, m)
		}
	}
	d.initial = d.caps["SASL-IR"]
	command := !d.caps["AUTH=PLAIN"] && !d.caps["LOGINDISABLED"]
	if command { // the command LOGIN takes what PLAIN would
		mechanisms = append(mechanisms, "PLAIN")
	}
	client, err := d.server.Credentials.Client(ctx, mechanisms)
	if err != nil {
		return &SetupError{fmt.Errorf("login: %w", err)}
	}
	mechanism, first, err := client.Start()
	if err != nil {
		return &SetupError{fmt.Errorf("login: %w", err)}
	}
	d.secrets.add(first)
	d.caps = nil
	if mechanism == "PLAIN" && command {
		err = d.loginCommand(first)
	} else {
		err = d.authenticate(mechanism, first, client.Next)
	}
	var refused *imap.Error
	if errors.As(err, &refused) && !passing(refused) {
		return &SetupError{&LoginError{mechanism, err}}
	}
	if err != nil {
		return fmt.Errorf("login with %s: %w", mechanism, err)
	}
	return d.know()
}

// authenticate speaks AUTHENTICATE, with the first message in the command where
// RFC 4959 allows it.
func (d *dialogue) authenticate(mechanism string, first []byte, next func([]byte) ([]byte, error)) error {
	cmd := "AUTHENTICATE " + mechanism
	initial := first != nil
	more := func(challenge string) (string, error) {
		if initial && challenge == "" {
			initial = false
			return base64.StdEncoding.EncodeToString(first), nil
		}
		b, err := base64.StdEncoding.DecodeString(challenge)
		if err != nil {
			return "", fmt.Errorf("challenge: %w", err)
		}
		answer, err := next(b)
		if err != nil {
			// RFC 9051 section 6.2.2: the server says NO once it knows.
			return "*", nil
		}
		d.secrets.add(answer)
		return base64.StdEncoding.EncodeToString(answer), nil
	}
	shown := cmd
	if initial && d.initial {
		text := base64.StdEncoding.EncodeToString(first)
		if text == "" {
			text = "="
		}
		cmd, shown, initial = cmd+" "+text, cmd+" [secret]", false
	}
	_, err := d.command(cmd, shown, more)
	return err
}

// loginCommand speaks LOGIN with the fields of a PLAIN message (RFC 4616).
func (d *dialogue) loginCommand(message []byte) error {
	f := bytes.Split(message, []byte{0})
	if len(f) != 3 {
		return errors.New("the credentials hold no user and password")
	}
	user, password := f[1], f[2]
	queue := [][]byte{user, password}
	text := fmt.Sprintf("LOGIN {%d}", len(user))
	_, err := d.command(text, "LOGIN [secret]", func(string) (string, error) {
		if len(queue) == 0 {
			return "", errors.New("the server asks for more than user and password")
		}
		part := string(queue[0])
		queue = queue[1:]
		if len(queue) > 0 {
			part += fmt.Sprintf(" {%d}", len(queue[0]))
		}
		return part, nil
	})
	return err
}
