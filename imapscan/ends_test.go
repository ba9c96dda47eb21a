package imapscan

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/internal/dovecot"
)

// TestNothingIsLeft stops audits in different ways, most while answers wait for the
// one worker: when the scanner is closed, no goroutine of it and of its connections
// runs any more.
func TestNothingIsLeft(t *testing.T) {
	d := dovecot.ForTest(t, "")
	if err := d.Put("INBOX", true, generated(2*windowSize+50)...); err != nil {
		t.Fatal(err)
	}
	stop := errors.New("enough")
	ways := map[string]func(ctx context.Context, sc *Scanner, end context.CancelCauseFunc) error{
		"finished": func(ctx context.Context, sc *Scanner, _ context.CancelCauseFunc) error {
			_, err := sc.Audit(ctx, &Audit{}, func(string, Result) error { return nil })
			return err
		},
		"emit fails": func(ctx context.Context, sc *Scanner, _ context.CancelCauseFunc) error {
			_, err := sc.Audit(ctx, &Audit{}, func(string, Result) error { return stop })
			return err
		},
		"cancelled while a result is emitted": func(ctx context.Context, sc *Scanner, end context.CancelCauseFunc) error {
			_, err := sc.Audit(ctx, &Audit{}, func(string, Result) error { end(stop); return nil })
			return err
		},
		"cancelled at once": func(ctx context.Context, sc *Scanner, end context.CancelCauseFunc) error {
			time.AfterFunc(50*time.Millisecond, func() { end(stop) })
			_, err := sc.Audit(ctx, &Audit{}, func(string, Result) error { return nil })
			return err
		},
		"cancelled soon": func(ctx context.Context, sc *Scanner, end context.CancelCauseFunc) error {
			time.AfterFunc(200*time.Millisecond, func() { end(stop) })
			_, err := sc.Audit(ctx, &Audit{}, func(string, Result) error { return nil })
			return err
		},
	}
	for name, way := range ways {
		ctx, end := context.WithCancelCause(t.Context())
		sc := &Scanner{Server: plainAccount(d.Plain), Detector: detector.New(nil), Account: "a", Workers: 1, Pause: time.Millisecond}
		if err := way(ctx, sc, end); err != nil && !errors.Is(err, stop) {
			t.Errorf("%s: %v", name, err)
		}
		sc.Close()
		end(nil)
		left := running()
		for until := time.Now().Add(5 * time.Second); left != "" && time.Now().Before(until); left = running() {
			time.Sleep(10 * time.Millisecond)
		}
		if left != "" {
			t.Errorf("%s: still running:\n%s", name, left)
		}
	}
}

// running are the goroutines of scanners and connections.
func running() string {
	buf := make([]byte, 1<<20)
	var list []string
	for _, g := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		for _, whose := range []string{"imapscan.(*Scanner)", "imapscan.(*link)", "imapscan.(*folder)", "imapscan.(*pass)", "imapscan.(*wire.Tap)", "imapclient."} {
			if strings.Contains(g, whose) && !strings.Contains(g, "testing.tRunner") {
				list = append(list, g)
				break
			}
		}
	}
	return strings.Join(list, "\n\n")
}
