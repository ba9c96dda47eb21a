package dovecot

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
)

func TestStart(t *testing.T) {
	s := ForTest(t, "")
	if err := s.Put("INBOX", false, []byte("Subject: a\n\nb\n")); err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", s.Plain)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "a LOGIN %s {%d+}\r\n%s\r\nb EXAMINE INBOX\r\nc LOGOUT\r\n", User, len(Password), Password)
	var all strings.Builder
	for in := bufio.NewScanner(c); in.Scan(); {
		all.WriteString(in.Text() + "\n")
	}
	for _, want := range []string{"COMPRESS=DEFLATE", "* 1 EXISTS", "c OK"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("no %q in:\n%s\nlog:\n%s", want, all.String(), s.Log())
		}
	}
}
