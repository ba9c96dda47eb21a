package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestRewriteDiskFull rewrites in place on a file system that has no room left:
// every message is the original or the rewritten one, whole, nothing else is left
// behind, the reason is said, and the journal gives back what was rewritten.
func TestRewriteDiskFull(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := exec.Command("unshare", "-rm", "true").Run(); err != nil {
		t.Skipf("SKIPPED: no mount namespace of its own can be had here: %v", err)
	}
	const n = 200
	// A link of that name lets the test binary be the command.
	link := filepath.Join(t.TempDir(), "pixelsweep")
	if err := os.Symlink(exe, link); err != nil {
		t.Fatal(err)
	}
	for _, keep := range []string{"--backup .orig", "--journal $full/journal"} {
		dir, out := writeTree(t, n), t.TempDir()
		// Each message takes a page of 4 KB, so that room for a few is left.
		script := fmt.Sprintf(`set -e
full=%[1]s/full; mkdir $full; mount -t tmpfs -o size=830k none $full; cp %[2]s/*.eml $full
code=0; %[3]s rewrite --in-place `+keep+` $full >/dev/null 2>%[1]s/errs || code=$?
echo $code >%[1]s/code; cp -a $full %[1]s/after
if [ -e $full/journal ]; then
	mount -o remount,size=8m $full
	%[3]s rewrite --undo --journal $full/journal >/dev/null
	for f in %[2]s/*.eml; do cmp $f $full/${f##*/}; done
fi`, out, dir, link)
		if msg, err := exec.Command("unshare", "-rm", "sh", "-c", script).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, msg)
		}
		code, _ := os.ReadFile(filepath.Join(out, "code"))
		errs, _ := os.ReadFile(filepath.Join(out, "errs"))
		if strings.TrimSpace(string(code)) != "3" || !strings.Contains(string(errs), "no space left on device") {
			t.Errorf("%s: exit code %s, %.300s", keep, code, errs)
		}
		original, changed := 0, 0
		for i := range n {
			got, err := os.ReadFile(filepath.Join(out, "after", fmt.Sprintf("%04d.eml", i)))
			switch text := string(got); {
			case err != nil:
				t.Fatal(err)
			case text == fmt.Sprintf(trackedMail, i):
				original++
			case strings.Contains(text, "X-Pixelsweep") && strings.HasSuffix(text, "height=1>\n"):
				changed++
			default:
				t.Fatalf("%s: %04d.eml holds %q", keep, i, text)
			}
		}
		if temps, _ := filepath.Glob(filepath.Join(out, "after", ".pixelsweep-*")); len(temps) > 0 {
			t.Errorf("%s: left behind: %v", keep, temps)
		}
		if original == 0 {
			t.Errorf("%s: all of %d were rewritten; the disk was not full", keep, changed)
		}
		t.Logf("%s: %d rewritten, %d as they were: %.200s", keep, changed, original, errs)
	}
}
