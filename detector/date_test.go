package detector

import (
	"net/mail"
	"testing"
	"time"
)

// TestDate checks that the quick way reads a date as net/mail does.
func TestDate(t *testing.T) {
	for _, s := range []string{
		"Tue, 24 Nov 2026 22:49:00 +0100", "24 Nov 2026 22:49 -0730", "Tue,  4 Nov 2026 22:49:00 +0000 (UTC)", "Sun, 29 Feb 2004 01:02:03 +0000",
	} {
		got, ok := usualDate(s)
		want, err := mail.ParseDate(s)
		if !ok || err != nil || got.Format(time.RFC3339) != want.Format(time.RFC3339) {
			t.Errorf("%q: got %v %t, want %v %v", s, got, ok, want, err)
		}
	}
	for _, s := range []string{
		"", "Tue, 31 Nov 2026 22:49:00 +0100", "24 Nov 26 22:49 +0100", "24 Nov 2026 25:49 +0100", "24 Nov 2026", "24 Nov 2026 10:00 GMT",
		"24 NovX 2026 10:00 +0000", "24 Nov 2026 10:00 +0000 (", "29 Feb 2026 10:00 +0000",
	} {
		if got, ok := usualDate(s); ok {
			t.Errorf("%q: read as %v", s, got)
		}
	}
}
