package auditreport

import (
	"strings"
	"testing"
)

// TestPlural counts one thing as one.
func TestPlural(t *testing.T) {
	opts := (*Options)(nil).withDefaults()
	a := &Audit{Totals: Totals{Counts: Counts{Messages: 3, Clean: 3}, Receipts: 1, Links: 2}}
	var b strings.Builder
	if err := writeText(&b, a, &opts); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{" 1 message asks for a read receipt\n", " 2 messages record clicks by wrapped links\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}
