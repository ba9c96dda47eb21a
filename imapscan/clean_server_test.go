package imapscan

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"github.com/pixelsweep/pixelsweep/internal/dovecot"
)

// memory serves messages from go-imap's own server, with some capabilities.
func memory(t testing.TB, caps imap.CapSet, messages ...[]byte) *Server {
	t.Helper()
	mem := imapmemserver.New()
	user := imapmemserver.NewUser(dovecot.User, dovecot.Password)
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	for _, m := range messages {
		o := &imap.AppendOptions{Flags: []imap.Flag{imap.FlagAnswered, "Label"}, Time: at}
		if _, err := user.Append("INBOX", literal{bytes.NewReader(m)}, o); err != nil {
			t.Fatal(err)
		}
	}
	mem.AddUser(user)
	srv := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return mem.NewSession(), nil, nil
		},
		InsecureAuth: true, Caps: caps,
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	return plainAccount(l.Addr().String())
}

// TestCleanInMemory cleans on go-imap's own server, and leaves all as it is where
// that does not have UIDPLUS.
func TestCleanInMemory(t *testing.T) {
	one, oneClean := tracked(t, 1)
	s := memory(t, imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapUIDPlus: {}}, one, plain(1))
	before := mail(t, s, "INBOX")
	list, err := clean(t, cleaner(t, s, t.TempDir()))
	if err != nil || len(list) != 1 || list[0].Err != nil || list[0].Copy != 3 {
		t.Fatalf("%v, %v", told(list), err)
	}
	after := mail(t, s, "INBOX")
	if got := bodies(after); !slices.Equal(got, texts(oneClean, plain(1))) {
		t.Errorf("got %q", got)
	}
	if c := after[1]; !sameFlags(c.flags, before[0].flags) || !c.date.Equal(before[0].date) {
		t.Errorf("got %+v, want %+v", c, before[0])
	}

	s = memory(t, imap.CapSet{imap.CapIMAP4rev1: {}}, one)
	if _, err := clean(t, cleaner(t, s, t.TempDir())); !errors.Is(err, ErrUIDPlus) {
		t.Errorf("without UIDPLUS: %v", err)
	}
	if got := bodies(mail(t, s, "INBOX")); !slices.Equal(got, texts(one)) {
		t.Errorf("without UIDPLUS: %q", got)
	}
}

// TestCleanQuota fills a mailbox so that no copy fits beside its original.
func TestCleanQuota(t *testing.T) {
	d := dovecot.ForTest(t, "protocol imap {\n  mail_plugins = imap_zlib zlib quota imap_quota\n}\n"+
		"plugin {\n  quota = maildir:User quota\n  quota_rule = *:bytes=2000\n  quota_grace = 0\n}\n")
	one, _ := tracked(t, 1)
	two, _ := tracked(t, 2)
	if err := d.Put("INBOX", true, one, two); err != nil {
		t.Fatal(err)
	}
	s := account(t, d)
	list, err := clean(t, cleaner(t, s, t.TempDir()))
	if err == nil || !strings.Contains(err.Error(), "free some") || !strings.Contains(strings.ToLower(err.Error()), "quota") || len(list) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	if got := bodies(mail(t, s, "INBOX")); !slices.Equal(got, texts(one, two)) {
		t.Errorf("%d messages", len(got))
	}
}

// TestCleanReadOnly has a folder that may only be read, by an access list, and one
// where nothing may be expunged.
func TestCleanReadOnly(t *testing.T) {
	d := dovecot.ForTest(t, "protocol imap {\n  mail_plugins = imap_zlib zlib acl imap_acl\n}\nplugin {\n  acl = vfile\n}\n")
	one, _ := tracked(t, 1)
	for folder, rights := range map[string]string{"Read": "lr", "Kept": "lrwsti"} {
		if err := d.Put(folder, true, one); err != nil {
			t.Fatal(err)
		}
		dir, err := d.Maildir(folder)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "dovecot-acl"), []byte("owner "+rights+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Own(); err != nil {
		t.Fatal(err)
	}
	s := account(t, d)
	list, err := clean(t, cleaner(t, s, t.TempDir(), "Read"))
	if err != nil || len(list) != 1 || list[0].Err == nil || !strings.Contains(list[0].Err.Error(), "read-only") {
		t.Errorf("%v, %v", told(list), err)
	}
	if got := bodies(mail(t, s, "Read")); !slices.Equal(got, texts(one)) {
		t.Errorf("%d messages", len(got))
	}
	dir := t.TempDir()
	list, err = clean(t, cleaner(t, s, dir, "Kept"))
	if err != nil || len(list) != 1 || list[0].Err == nil || !strings.Contains(list[0].Err.Error(), `your rights there, "`) {
		t.Errorf("%v, %v", told(list), err)
	}
	if got := bodies(mail(t, s, "Kept")); !slices.Equal(got, texts(one)) {
		t.Errorf("%d messages", len(got))
	}
}

// TestCleanAnew has a folder made anew between two runs: what was begun is given
// up, and said so; nothing is removed.
func TestCleanAnew(t *testing.T) {
	b := newFaultBench(t)
	all := b.pieces()
	after := slices.IndexFunc(all, func(p passed) bool { return isCommand(p) && commandOf(p.data) == "UID EXPUNGE" })
	folder := b.folder()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b.f.reset(cutAt(after, "before"))
	b.f.onCut(cancel)
	b.run(ctx, folder)
	b.f.reset(nil)
	had := bodies(mail(t, b.direct, folder))
	if len(had) != len(b.put)+1 {
		t.Fatalf("%d messages", len(had))
	}
	dir, _ := b.d.Maildir(folder)
	for _, name := range []string{"dovecot-uidlist", "dovecot.index", "dovecot.index.log", "dovecot.index.cache"} {
		os.Remove(filepath.Join(dir, name))
	}
	list, err := clean(t, cleaner(t, b.direct, b.dir, folder))
	if err != nil || len(list) == 0 || list[0].Err == nil || !strings.Contains(list[0].Err.Error(), "made anew") {
		t.Fatalf("%+v, %v", list, err)
	}
	// The originals that are there are cleaned; the copy that stood beside one of
	// them is, with UIDs that mean something else, a message like others.
	if got := mail(t, b.direct, folder); len(got) != len(had) {
		t.Errorf("%d messages, before %d", len(got), len(had))
	}
}

// TestCleanLocked has two runs at once, a journal that was cut off and one of
// somebody else.
func TestCleanLocked(t *testing.T) {
	dir := t.TempDir()
	one, err := openLedger(dir, "a/../b", true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openLedger(dir, "a/../b", true); !errors.Is(err, ErrLocked) {
		t.Errorf("second run: %v", err)
	}
	s := &swap{Folder: "INBOX", UID: 7}
	if err := one.begin(s); err != nil {
		t.Fatal(err)
	}
	s.Copy = 9
	if err := one.reach(s, removing); err != nil {
		t.Fatal(err)
	}
	one.close()
	names, _ := os.ReadDir(dir)
	if len(names) != 1 || names[0].Name() != "a%2F..%2Fb" {
		t.Fatalf("%v", names)
	}
	path := filepath.Join(dir, names[0].Name(), "journal")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString(`{"schema":"pixelsweep.clean-jour`)
	f.Close()
	for range 2 { // it is mended, and so can be appended to
		l, err := openLedger(dir, "a/../b", true)
		if err != nil {
			t.Fatal(err)
		}
		p := l.pending("INBOX")
		if len(p) != 1 || p[0].Step != removing || p[0].Copy != 9 || p[0].UID != 7 {
			t.Fatalf("%+v", p)
		}
		if err := l.reach(p[0], removing); err != nil {
			t.Fatal(err)
		}
		l.close()
	}
	if err := os.WriteFile(path, []byte("something else\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openLedger(dir, "a/../b", true); err == nil || !strings.Contains(err.Error(), "none of a journal") {
		t.Errorf("foreign journal: %v", err)
	}
}

// TestCleanInterrupted interrupts a run while the first message is changed: that is
// brought to an end, the others stay.
func TestCleanInterrupted(t *testing.T) {
	b := newFaultBench(t)
	folder := b.folder()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b.f.reset(func(p passed) (on, back []byte, cut bool) {
		if isCommand(p) && commandOf(p.data) == "APPEND" {
			cancel()
		}
		return p.data, nil, false
	})
	list, err := b.run(ctx, folder)
	b.f.reset(nil)
	if !errors.Is(err, context.Canceled) || len(list) != 1 || list[0].Err != nil {
		t.Errorf("%+v, %v", list, err)
	}
	if got := mail(t, b.direct, folder); len(got) != len(b.put) {
		t.Errorf("%s", summary(got))
	}
	b.finished(folder, "interrupted", 1)
}

// TestFileName checks that names of folders lead nowhere, and that each has its own
// on disks that do not tell upper from lower case, and on Windows.
func TestFileName(t *testing.T) {
	for name, want := range map[string]string{
		"INBOX": "INBOX", "../../x": "%2E.%2F..%2Fx", "a/b": "a%2Fb", ".": "%2E", "a\x00b": "a%00b", "büro": "b%C3%BCro", "": "",
		"a.": "a%2E", "con": "%63on", "nul.txt": "%6Eul.txt", "console": "console", "com1": "%63om1", "a:b": "a%3Ab",
	} {
		if got := fileName(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
	if n := len(fileName(strings.Repeat("/", 400))); n > 150 {
		t.Errorf("%d bytes", n)
	}
	seen := map[string]string{}
	long := strings.Repeat("x", 200)
	for _, name := range []string{
		"INBOX", "inbox", "Inbox", "Lists", "lists", "LISTS", "a/b", "a%2Fb", "a%2fb", "A/b", "Con", "con", "CON", "NUL.Txt", "nul.txt", long, strings.ToUpper(long), "é", "É", "e\u0301",
	} {
		got := strings.ToLower(fileName(name))
		if other, ok := seen[got]; ok {
			t.Errorf("%q and %q are both %q", name, other, got)
		}
		seen[got] = name
		if base, _, _ := strings.Cut(got, "."); slices.Contains(devices, base) || strings.HasSuffix(got, ".") || strings.ContainsAny(got, "<>:\"/\\|?* ") {
			t.Errorf("%q: %q is no name on Windows", name, got)
		}
	}
}
