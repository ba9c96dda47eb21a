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

// line writes one finding a line.
type line struct {
	w    io.Writer
	opts Options
}

func (l *line) Report(r *detector.Report) error {
	path := clean(r.Source.Path)
	if r.Source.Index > 0 {
		path += ":" + strconv.Itoa(r.Source.Index)
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Kind == detector.RemoteContent {
			continue
		}
		id := f.Rule
		if id == "" {
			id = string(f.Kind)
		}
		host := f.URL
		if !l.opts.FullURLs {
			host = shortURL(host)
		}
		if _, err := fmt.Fprintf(l.w, "%s:%s:%d: %s: %s %s [%s]\n", path, f.Part, f.Line, f.Severity, sentence(f), clean(host), id); err != nil {
			return err
		}
	}
	for _, w := range r.Warnings {
		if _, err := fmt.Fprintf(l.w, "%s:%s:0: warning: %s\n", path, w.Part, clean(w.Text)); err != nil {
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
}

func (j *jsonLines) Report(r *detector.Report) error {
	b, err := encode(r, j.opts)
	if err != nil {
		return err
	}
	_, err = j.w.Write(append(b, '\n'))
	return err
}

func (j *jsonLines) Close(*Summary) error { return nil }

// jsonArray writes one document with all reports, as they come.
type jsonArray struct {
	w    io.Writer
	opts Options
	n    int
}

func (j *jsonArray) Report(r *detector.Report) error {
	b, err := encode(r, j.opts)
	if err != nil {
		return err
	}
	lead := ",\n"
	if j.n == 0 {
		lead = `{"schema":"pixelsweep.reports/1","reports":[` + "\n"
	}
	j.n++
	_, err = j.w.Write(append([]byte(lead), b...))
	return err
}

func (j *jsonArray) Close(s *Summary) error {
	lead := "\n],"
	if j.n == 0 {
		lead = `{"schema":"pixelsweep.reports/1","reports":[],`
	}
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(j.w, "%s\"summary\":%s}\n", lead, b)
	return err
}

// encode gives a report as JSON, without escaping what only HTML needs
// escaped.
func encode(r *detector.Report, o Options) ([]byte, error) {
	if o.Redact {
		r = redacted(r)
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return nil, err
	}
	return []byte(strings.TrimSuffix(b.String(), "\n")), nil
}

// redacted is a copy of r without the tokens that identify the reader.
func redacted(r *detector.Report) *detector.Report {
	c := *r
	if r.Message != nil {
		m := *r.Message
		m.To = nil
		c.Message = &m
	}
	c.References = append([]detector.Reference(nil), r.References...)
	for i := range c.References {
		c.References[i].URL, c.References[i].Raw = shortURL(c.References[i].URL), ""
	}
	c.Findings = append([]detector.Finding{}, r.Findings...)
	for i := range c.Findings {
		c.Findings[i].URL, c.Findings[i].Carries = shortURL(c.Findings[i].URL), nil
		c.Findings[i].Target = shortURL(c.Findings[i].Target)
	}
	return &c
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
	"severity", "score", "service", "rule", "recipient", "url",
}

func (c *csvTable) Report(r *detector.Report) error {
	if !c.head {
		c.head = true
		if err := c.w.Write(csvHead); err != nil {
			return err
		}
	}
	m := r.Message
	if m == nil {
		m = &detector.Message{}
	}
	if c.opts.Redact {
		r = redacted(r)
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		service := ""
		if f.Service != nil {
			service = f.Service.Name
		}
		row := []string{
			r.Source.Path, strconv.Itoa(r.Source.Index), m.ID, m.From, m.Subject, string(r.Verdict), f.Part, strconv.Itoa(f.Line),
			strconv.Itoa(f.Column), f.Vector, string(f.Trigger), string(f.Kind), string(f.Severity), strconv.Itoa(f.Score), service,
			f.Rule, string(f.Recipient.Evidence), f.URL,
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

func (c *csvTable) Close(*Summary) error {
	c.w.Flush()
	return c.w.Error()
}

// cell keeps a spreadsheet from taking text for a formula (OWASP, CSV
// injection).
func cell(s string) string {
	if s == "" {
		return s
	}
	for _, p := range []string{"=", "+", "-", "@", "\t", "\r", "\n", "\x00", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(s, p) {
			return "'" + s
		}
	}
	return s
}
