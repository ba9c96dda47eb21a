package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/pixelsweep/pixelsweep/internal/dovecot"
)

// result is one run.
type result struct {
	wall time.Duration
	cpu  time.Duration
	rss  int64 // peak, bytes
	wire int64 // bytes to the client and from it
}

type bench struct {
	*options
	dovecot *dovecot.Server
	dir     string
	bytes   int64
	order   []string
	results map[string][]result
}

// audit runs a first audit, with a store of its own.
func (b *bench) audit(name, address, security string, more ...string) error {
	store := filepath.Join(b.dir, "store", "audit.db")
	if err := os.RemoveAll(filepath.Dir(store)); err != nil {
		return err
	}
	return b.again(name, address, security, more...)
}

// again runs an audit with the store that the last one left.
func (b *bench) again(name, address, security string, more ...string) error {
	args := append([]string{"imap", "audit", "--user", dovecot.User, "--server", address, "--security", security, "--allow-plain",
		"--ca", b.dovecot.CAFile, "--password-file", filepath.Join(b.dir, "password"), "--store", filepath.Join(b.dir, "store", "audit.db"),
		"--format", "text", "--output", filepath.Join(b.dir, "report.txt")}, more...)
	return b.measure(name, exec.Command(b.bin, args...))
}

// mbsync downloads the mailbox into an empty Maildir, without FSync.
func (b *bench) mbsync(name, address, ssl string, compress bool) error {
	bin, err := exec.LookPath("mbsync")
	if err != nil {
		return fmt.Errorf("mbsync is missing; to install it: apt-get install isync")
	}
	local := filepath.Join(b.dir, "mbsync")
	if err := os.RemoveAll(local); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(local, "state"), 0o700); err != nil {
		return err
	}
	_, port, _ := strings.Cut(address, ":")
	disable := "DisableExtension COMPRESS=DEFLATE\n"
	if compress {
		disable = ""
	}
	conf := fmt.Sprintf(`FSync no
IMAPAccount a
Host %s
Port %s
User %s
Pass "%s"
SSLType %s
CertificateFile %s
AuthMechs *
%s
IMAPStore far
Account a

MaildirStore near
Path %s/
Inbox %s/inbox

Channel c
Far :far:
Near :near:
Patterns INBOX
Create Near
SyncState %s/state/
`, "localhost", port, dovecot.User, dovecot.Password, ssl, b.dovecot.CAFile, disable, local, local, local)
	file := filepath.Join(b.dir, "mbsyncrc")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		return err
	}
	if err := b.measure(name, exec.Command(bin, "-c", file, "c")); err != nil {
		return err
	}
	got, err := os.ReadDir(filepath.Join(local, "inbox", "cur"))
	if err != nil {
		return err
	}
	if len(got) < b.n {
		return fmt.Errorf("mbsync fetched %d of %d messages", len(got), b.n)
	}
	return os.RemoveAll(local)
}

// measure runs a command. Bytes are those that the loopback carries meanwhile, for
// other programs too; behind the slow line each is carried twice.
func (b *bench) measure(name string, cmd *exec.Cmd) error {
	if !slices.Contains(b.order, name) {
		b.order = append(b.order, name)
	}
	var errs bytes.Buffer
	cmd.Stderr = &errs
	in0, out0 := loopback()
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, errs.String())
	}
	wall := time.Since(start)
	in1, out1 := loopback()
	hops := int64(1)
	if strings.HasPrefix(name, "slow: ") {
		hops = 2
	}
	u := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	r := result{
		wall: wall, cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), rss: u.Maxrss << 10, wire: (in1 - in0 + out1 - out0) / 2 / hops,
	}
	b.results[name] = append(b.results[name], r)
	fmt.Printf("  %-26s %8.2f s  cpu %6.2f s  %7.1f MB on the wire  peak %3d MB\n", name, wall.Seconds(), r.cpu.Seconds(), float64(r.wire)/1e6, r.rss>>20)
	return nil
}

// loopback returns the bytes that the loopback has carried; it counts those of
// other programs too.
func loopback() (in, out int64) {
	text, err := os.ReadFile("/proc/net/dev")
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(text)) {
		if name, rest, ok := strings.Cut(strings.TrimSpace(line), ":"); ok && name == "lo" {
			f := strings.Fields(rest)
			fmt.Sscan(f[0], &in)
			fmt.Sscan(f[8], &out)
		}
	}
	return in, out
}

func (b *bench) median(name string, of func(result) float64) float64 {
	var list []float64
	for _, r := range b.results[name] {
		list = append(list, of(r))
	}
	slices.Sort(list)
	if len(list) == 0 {
		return 0
	}
	return list[len(list)/2]
}

func wall(r result) float64 { return r.wall.Seconds() }

// print writes the medians and the ratios that are promised.
func (b *bench) print() {
	fmt.Println("\nmedians")
	for _, name := range b.order {
		fmt.Printf("  %-26s %8.2f s  %6.0f msg/s  %5.1f %% of the mailbox on the wire  peak %3.0f MB\n", name, b.median(name, wall),
			float64(b.n)/b.median(name, wall), 100*b.median(name, func(r result) float64 { return float64(r.wire) })/float64(b.bytes),
			b.median(name, func(r result) float64 { return float64(r.rss >> 20) }))
	}
	for _, p := range []struct{ a, b string }{
		{"mbsync", "audit"}, {"mbsync, TLS", "audit, TLS"}, {"slow: mbsync, COMPRESS", "slow: audit"}, {"slow: mbsync, COMPRESS", "slow: audit, COMPRESS"},
	} {
		if b.results[p.a] != nil && b.results[p.b] != nil {
			fmt.Printf("  %s is %.1f times as fast as %s\n", p.b, b.median(p.a, wall)/b.median(p.b, wall), p.a)
		}
	}
}
