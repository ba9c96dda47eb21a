package imapscan

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/internal/dovecot"
)

// TestBye has the server say goodbye in the middle of its answers, between two and
// inside one, and close: the audit goes on over a new connection, with each message
// once.
func TestBye(t *testing.T) {
	d := dovecot.ForTest(t, "")
	const all = 60
	if err := d.Put("INBOX", true, generated(all)...); err != nil {
		t.Fatal(err)
	}
	for _, inside := range []bool{false, true} {
		for _, at := range []int{1, 7, 40, all + 3} {
			t.Run(fmt.Sprintf("inside %v, answer %d", inside, at), func(t *testing.T) {
				f := newFaulty(t, d.Plain)
				answers, ended := 0, false
				f.reset(func(p passed) (on, back []byte, cut bool) {
					if p.fromServer && !p.literal && bytes.Contains(p.data, []byte(" FETCH (")) {
						answers++
					}
					if ended || answers < at || inside != p.literal || !p.fromServer {
						return p.data, nil, false
					}
					ended = true
					const bye = "* BYE [UNAVAILABLE] going down\r\n"
					if inside {
						return append(bytes.Clone(p.data[:len(p.data)/2]), bye...), nil, true
					}
					return []byte(bye), nil, true
				})
				var said []string
				sc := &Scanner{
					Server: plainAccount(f.address), Detector: detector.New(nil), Account: "a", Pause: time.Millisecond,
					Say: func(text string) { said = append(said, text) },
				}
				seen := map[string]int{}
				stats, err := run(t, sc, nil, seen)
				sc.Close()
				if err != nil || !ended || stats.Messages != all || stats.Errors != 0 || len(seen) != all {
					t.Errorf("ended %v: %+v, %d messages, %v", ended, stats, len(seen), err)
				}
				for id, n := range seen {
					if n != 1 {
						t.Errorf("%s came %d times", id, n)
					}
				}
				if text := strings.Join(said, "\n"); !strings.Contains(text, "connection lost") || !inside && at < all && !strings.Contains(text, "going down") {
					t.Errorf("told: %q", said)
				}
			})
		}
	}
}
