package imapscan

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/internal/dovecot"
)

// TestHostileMessage has the server break a bound whenever it tells of one message:
// the others are read, soon.
func TestHostileMessage(t *testing.T) {
	d := dovecot.ForTest(t, "")
	if err := d.Put("INBOX", true, generated(40)...); err != nil {
		t.Fatal(err)
	}
	for name, answer := range map[string]string{
		"endless literal": "* 13 FETCH (UID 13 BODY[] {9223372036854775807}\r\n",
		"long line":       "* 13 FETCH (UID 13 X \"" + strings.Repeat("x", 4<<20+1),
		"nesting":         "* 13 FETCH (UID 13 BODYSTRUCTURE " + strings.Repeat("(", 10_000) + "\r\n",
	} {
		f := newFaulty(t, d.Plain)
		f.reset(func(p passed) (on, back []byte, cut bool) {
			if p.fromServer && !p.literal && bytes.HasPrefix(p.data, []byte("* 13 FETCH (UID 13 ")) {
				return []byte(answer), nil, false
			}
			return p.data, nil, false
		})
		sc := &Scanner{Server: plainAccount(f.address), Detector: detector.New(nil), Account: "a", Pause: time.Hour}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		good, bad := 0, 0
		_, err := sc.Audit(ctx, &Audit{}, func(_ string, r Result) error {
			if r.Err == nil {
				good++
				return nil
			}
			bad++
			if r.UID != 13 || !strings.Contains(r.Err.Error(), "the server sends") {
				t.Errorf("%s: %d: %v", name, r.UID, r.Err)
			}
			return nil
		})
		cancel()
		sc.Close()
		if err != nil || good != 39 || bad != 1 {
			t.Errorf("%s: %d read, %d not, %v", name, good, bad, err)
		}
	}
}
