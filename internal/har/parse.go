package har

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// readAll reads what is in an archive, up to one byte more than it may have.
func readAll(r io.Reader) ([]byte, error) {
	in := bufio.NewReader(r)
	if magic, _ := in.Peek(2); string(magic) != "\x1f\x8b" {
		return io.ReadAll(io.LimitReader(in, MaxBytes+1))
	}
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(z, MaxBytes+1))
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errors.New("the compressed file is cut off")
	}
	return data, err
}

// maxSkipped is how many entries that cannot be read are named.
const maxSkipped = 5

// parser reads an archive member by member, so that one odd field costs no more
// than itself.
type parser struct {
	dec     *json.Decoder
	file    File
	found   bool // log.entries
	at      int  // entries so far
	odd     int
	skipped []string
}

// parse reads an archive as far as it goes.
func parse(data []byte) (*File, []string, error) {
	p := &parser{dec: json.NewDecoder(bytes.NewReader(data))}
	err := p.object(func(name string) error {
		if name != "log" {
			return p.value(nil)
		}
		return p.object(p.log)
	})
	if !p.found || err != nil && len(p.file.Log.Entries) == 0 {
		if err != nil {
			return nil, nil, fmt.Errorf("no HTTP archive: %w", plain(err))
		}
		return nil, nil, ErrNoArchive
	}
	if p.at > 0 && len(p.file.Log.Entries) == 0 {
		return nil, nil, errors.New("no HTTP archive: none of log.entries is a request")
	}
	if p.odd > maxSkipped {
		p.skipped = append(p.skipped, fmt.Sprintf("%d more entries of the archive are odd", p.odd-maxSkipped))
	}
	if p.at > maxEntries {
		p.skipped = append(p.skipped, fmt.Sprintf("the archive has %d entries; %d were read", p.at, maxEntries))
	}
	if err != nil {
		p.skipped = append(p.skipped, fmt.Sprintf("the archive breaks off after %d entries: %v", p.at, plain(err)))
	}
	return &p.file, p.skipped, nil
}

// plain is an end of input in words.
func plain(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("unexpected end of JSON input")
	}
	return err
}

// log reads a member of log.
func (p *parser) log(name string) error {
	switch name {
	case "entries":
		return p.entries()
	case "pages":
		return p.value(&p.file.Log.Pages)
	}
	return p.value(nil)
}

func (p *parser) entries() error {
	if err := p.open('['); err != nil {
		return err
	}
	p.found = true
	for p.dec.More() {
		var raw json.RawMessage
		if err := p.dec.Decode(&raw); err != nil {
			return err
		}
		if p.at++; p.at > maxEntries {
			continue
		}
		var e Entry
		err := json.Unmarshal(raw, &e)
		if err != nil {
			p.note(err, e.Request.URL != "")
		}
		if e.Request.URL != "" || err == nil {
			p.file.Log.Entries = append(p.file.Log.Entries, e)
		}
	}
	_, err := p.dec.Token()
	return err
}

// note says what is wrong with an entry.
func (p *parser) note(err error, kept bool) {
	if p.odd++; p.odd > maxSkipped {
		return
	}
	what := "is left out"
	if kept {
		what = "is read in part"
	}
	reason := "is no request"
	var t *json.UnmarshalTypeError
	if errors.As(err, &t) && t.Field != "" {
		reason = "its " + t.Field + " is a " + strings.TrimSuffix(t.Value, " ")
	}
	p.skipped = append(p.skipped, fmt.Sprintf("entry %d of the archive %s: %s", p.at, what, reason))
}

// object reads an object, each member by what is given.
func (p *parser) object(member func(name string) error) error {
	if err := p.open('{'); err != nil {
		return err
	}
	for p.dec.More() {
		t, err := p.dec.Token()
		if err != nil {
			return err
		}
		name, _ := t.(string)
		if err := member(name); err != nil {
			return err
		}
	}
	_, err := p.dec.Token()
	return err
}

func (p *parser) open(want json.Delim) error {
	t, err := p.dec.Token()
	if err != nil {
		return err
	}
	if t != want {
		return fmt.Errorf("%v where %q should be", t, rune(want))
	}
	return nil
}

// value reads one value into v, or past it; what v cannot hold is left out.
func (p *parser) value(v any) error {
	var raw json.RawMessage
	if err := p.dec.Decode(&raw); err != nil {
		return err
	}
	if v != nil {
		_ = json.Unmarshal(raw, v)
	}
	return nil
}
