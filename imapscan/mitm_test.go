package imapscan

import (
	"bufio"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// mitm stands between client and server, without TLS.
type mitm struct {
	address string
	l       net.Listener

	mu    sync.Mutex
	dials int
	// cut says after how many bytes from the server connection n ends; 0 never.
	cut func(n int) int
	// answer may answer a command of the client itself, "" passes it on.
	answer func(line string) string
	lines  []string // commands of clients
}

func newMITM(t testing.TB, target string, set func(*mitm)) *mitm {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &mitm{address: l.Addr().String(), l: l}
	if set != nil {
		set(m)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go m.serve(c, target)
		}
	}()
	return m
}

func (m *mitm) serve(c net.Conn, target string) {
	defer c.Close()
	s, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer s.Close()
	m.mu.Lock()
	m.dials++
	limit := 0
	if m.cut != nil {
		limit = m.cut(m.dials)
	}
	m.mu.Unlock()
	go func() {
		defer c.Close()
		defer s.Close()
		var from io.Reader = s
		if limit > 0 {
			from = io.LimitReader(s, int64(limit))
		}
		io.Copy(c, from)
	}()
	in := bufio.NewReader(c)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		m.mu.Lock()
		m.lines = append(m.lines, strings.TrimSpace(line))
		reply := ""
		if m.answer != nil {
			reply = m.answer(line)
		}
		m.mu.Unlock()
		if reply != "" {
			io.WriteString(c, reply)
			continue
		}
		if _, err := io.WriteString(s, line); err != nil {
			return
		}
	}
}

// commands lists what clients have sent that contains text.
func (m *mitm) commands(text string) (list []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range m.lines {
		if strings.Contains(l, text) {
			list = append(list, l)
		}
	}
	return list
}
