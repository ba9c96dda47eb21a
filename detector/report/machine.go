package report

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
)

// line writes one finding a line: file:part:line, without the part for a page, and
// the file alone for a request that a browser made.
type line struct {
	w    io.Writer
	opts Options
}

func (l *line) Report(r *detector.Report) error {
	path := clean(r.Source.Place())
	if r.Source.Index > 0 {
		path += ":" + strconv.Itoa(r.Source.Index)
	}
	at := func(part string, line int) string {
		where := path
		if part != "" {
			where += ":" + part
		}
		if part != "" || line > 0 {
			where += ":" + strconv.Itoa(line)
		}
		return where
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Kind == detector.RemoteContent {
			continue
		}
		id := string(f.Kind)
		if f.Rule != "" {
			id = f.Rule
		} else if f.Filter != nil {
			id = clean(f.Filter.List) + ":" + strconv.Itoa(f.Filter.Line)
		}
		host := f.URL
		if !l.opts.FullURLs {
			host = shortURL(host)
		}
		if _, err := fmt.Fprintf(l.w, "%s: %s: %s %s [%s]\n", at(f.Part, f.Line), f.Severity, told(f), clean(host), id); err != nil {
			return err
		}
	}
	for _, w := range r.Warnings {
		if _, err := fmt.Fprintf(l.w, "%s: warning: %s\n", at(w.Part, 0), clean(w.Text)); err != nil {
			return err
		}
	}
	return nil
}

func (l *line) Close(*Summary) error { return nil }

// jsonLines writes one report a line.
type jsonLines struct {
	w    io.Writer
	opts Options
	enc  encoder
}

func (j *jsonLines) Report(r *detector.Report) error {
	j.enc.b = j.enc.b[:0]
	j.enc.redacted(r, j.opts)
	j.enc.raw("\n")
	_, err := j.w.Write(j.enc.b)
	return err
}

func (j *jsonLines) Close(*Summary) error { return nil }

// jsonArray writes one document with all reports, as they come.
type jsonArray struct {
	w    io.Writer
	opts Options
	enc  encoder
	n    int
}

func (j *jsonArray) Report(r *detector.Report) error {
	j.enc.b = j.enc.b[:0]
	if j.n == 0 {
		j.enc.raw(`{"schema":"pixelsweep.reports/1","reports":[` + "\n")
	} else {
		j.enc.raw(",\n")
	}
	j.n++
	j.enc.redacted(r, j.opts)
	_, err := j.w.Write(j.enc.b)
	return err
}

func (j *jsonArray) Close(s *Summary) error {
	lead := "\n],"
	if j.n == 0 {
		lead = `{"schema":"pixelsweep.reports/1","reports":[],`
	}
	sum := *s
	if sum.Kinds == nil {
		sum.Kinds, sum.Services = map[string]int{}, map[string]int{}
	}
	b, err := json.Marshal(sum)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(j.w, "%s\"summary\":%s}\n", lead, b)
	return err
}

func (e *encoder) redacted(r *detector.Report, o Options) {
	if o.Redact {
		r = redacted(r)
	}
	e.report(r)
}

// csvTable writes one finding a row.
type csvTable struct {
	w    *csv.Writer
	opts Options
	head bool
}

func newCSV(w io.Writer, o Options) *csvTable { return &csvTable{w: csv.NewWriter(w), opts: o} }

var csvHead = []string{
	"path", "index", "message_id", "from", "subject", "verdict", "part", "line", "column", "vector", "trigger", "kind",
	"severity", "score", "service", "rule", "recipient", "url", "account", "events", "values", "personal", "consent",
}

func (c *csvTable) Report(r *detector.Report) error {
	if err := c.header(); err != nil {
		return err
	}
	if c.opts.Redact {
		r = redacted(r)
	}
	m := r.Message
	if m == nil {
		m = &detector.Message{}
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		service := ""
		if f.Service != nil {
			service = f.Service.Name
		}
		row := []string{
			r.Source.Place(), strconv.Itoa(r.Source.Index), m.ID, m.From, m.Subject, string(r.Verdict), f.Part, strconv.Itoa(f.Line),
			strconv.Itoa(f.Column), f.Vector, string(f.Trigger), string(f.Kind), string(f.Severity), strconv.Itoa(f.Score), service,
			f.Rule, string(f.Recipient.Evidence), f.URL, f.Account, strings.Join(f.Events, "; "), strings.Join(fields(f), "; "),
			strings.Join(persons(f), "; "), string(f.Consent),
		}
		for k := range row {
			row[k] = cell(row[k])
		}
		if err := c.w.Write(row); err != nil {
			return err
		}
	}
	c.w.Flush()
	return c.w.Error()
}

// fields are the values that a tag sends: "value=3", "order" where nobody knows
// which.
func fields(f *detector.Finding) (all []string) {
	for _, v := range f.Values {
		if v.Value != "" {
			v.Name += "=" + v.Value
		}
		all = append(all, v.Name)
	}
	return all
}

// persons are the fields with personal data: "em: e-mail (sha256)".
func persons(f *detector.Finding) (all []string) {
	for _, p := range f.Personal {
		all = append(all, p.Name+": "+p.What+" ("+p.Form+")")
	}
	return all
}

// header writes the first row, once.
func (c *csvTable) header() error {
	if c.head {
		return nil
	}
	c.head = true
	return c.w.Write(csvHead)
}

func (c *csvTable) Close(*Summary) error {
	if err := c.header(); err != nil {
		return err
	}
	c.w.Flush()
	return c.w.Error()
}

// cell makes text safe for a terminal, and keeps a spreadsheet from taking it
// for a formula (OWASP, CSV injection).
func cell(s string) string {
	start := strings.TrimLeft(s, " \t\r\n\x00\u00a0\u3000\ufeff")
	for _, p := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(start, p) && s != "-" {
			return "'" + clean(s)
		}
	}
	if len(start) < len(s) && s[0] != ' ' {
		return "'" + clean(s)
	}
	return clean(s)
}
