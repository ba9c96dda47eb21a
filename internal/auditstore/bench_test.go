package auditstore

import (
	"context"
	"path/filepath"
	"testing"
)

const many = 20_000

// fill saves a mailbox of 20,000 messages with 30 findings each, 500 at a time.
func fill(tb testing.TB, s *Store, rows []Row) {
	for i := 0; i < len(rows); i += 500 {
		st := State{UIDValidity: 1, UIDNext: uint32(i + 501)}
		if err := s.Save(context.Background(), "ann", "INBOX", st, rows[i:i+500]); err != nil {
			tb.Fatal(err)
		}
	}
}

func mailbox() (rows []Row) {
	for uid := range uint32(many) {
		rows = append(rows, row(uid+1, 29))
	}
	return rows
}

func BenchmarkSave20000(b *testing.B) {
	rows := mailbox()
	defer cpu(b)()
	for b.Loop() {
		s, err := Open(filepath.Join(b.TempDir(), "audit.db"))
		if err != nil {
			b.Fatal(err)
		}
		fill(b, s, rows)
		s.Close()
	}
}

func BenchmarkSecondRun(b *testing.B) {
	path := filepath.Join(b.TempDir(), "audit.db")
	s, err := Open(path)
	if err != nil {
		b.Fatal(err)
	}
	fill(b, s, mailbox())
	s.Close()
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			s, err := Open(path)
			if err != nil {
				b.Fatal(err)
			}
			s.Close()
		}
	})
	if s, err = Open(path); err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	b.Run("known", func(b *testing.B) {
		for b.Loop() {
			st, err := s.Folder("ann", "INBOX")
			if err != nil || st.UIDNext != many+1 {
				b.Fatal(st, err)
			}
			if got, err := s.Known("ann", "INBOX", 1); err != nil || len(got) != 1 {
				b.Fatal(got, err)
			}
		}
	})
	b.Run("messages", func(b *testing.B) {
		defer cpu(b)()
		for b.Loop() {
			if got := messages(b, s); len(got) != many {
				b.Fatal(len(got))
			}
		}
	})
}

// cpu reports the processor time of each round.
func cpu(b *testing.B) func() {
	start := cpuTime()
	return func() { b.ReportMetric(float64((cpuTime()-start).Milliseconds())/float64(b.N), "cpu-ms/op") }
}
