package auditreport

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/report"
)

//go:embed report.css
var style string

//go:embed report.html
var page string

// pageTemplate escapes what it puts in for the place where it stands. The page has
// no script and loads nothing: its policy allows this one style sheet, by its hash.
var pageTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	"number": number, "percent": percent, "count": count, "day": day, "period": period, "clean": report.Clean,
	"add": func(a, b int) int { return a + b },
}).Parse(strings.Replace(page, "/*style*/", style, 1)))

// allSenders is how many senders the last table of the page holds.
const allSenders = 500

// view is what the page shows.
type view struct {
	*Audit
	Policy    string
	Accounts  []string
	Donut     donut
	Chart     *chart
	Offenders []offender
	Services  []bars
	More      int                                        // senders that are in no table
	Top       struct{ Services, Addresses, Changes int } // left out
}

type offender struct {
	Rank int
	*Sender
	Spark spark
}

// bars is a service with the length of its bar in percent.
type bars struct {
	*Service
	Percent float64
}

func writeHTML(w io.Writer, a *Audit, o *Options) error {
	shown := *a // of which less is shown
	sum := sha256.Sum256([]byte(style))
	v := &view{
		Audit: &shown, Donut: newDonut(&a.Totals), Chart: newChart(recent(a.Months, 36)),
		Policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'",
	}
	for _, f := range a.Folders {
		if n := len(v.Accounts); n == 0 || v.Accounts[n-1] != f.Account {
			v.Accounts = append(v.Accounts, report.Clean(f.Account))
		}
	}
	for i := range a.Senders[:min(o.Top, a.Totals.Tracking)] {
		s := &a.Senders[i]
		v.Offenders = append(v.Offenders, offender{i + 1, s, newSpark(recentUntil(s.Months, a.Months, 36))})
	}
	for i := range a.Services[:min(o.Top, len(a.Services))] {
		s := &a.Services[i]
		v.Services = append(v.Services, bars{s, max(1.5, 100*float64(s.Messages)/float64(a.Services[0].Messages))})
	}
	v.Top.Services, v.Top.Addresses, v.Top.Changes = len(a.Services)-len(v.Services), max(0, len(a.Addresses)-o.Top), max(0, len(a.Changes)-o.Top)
	shown.Addresses = a.Addresses[:len(a.Addresses)-v.Top.Addresses]
	shown.Changes = a.Changes[:len(a.Changes)-v.Top.Changes]
	shown.Senders = a.Senders[:min(allSenders, len(a.Senders))]
	v.More = len(a.Senders) - len(shown.Senders)
	out := bufio.NewWriter(w)
	if err := pageTemplate.Execute(out, v); err != nil {
		return err
	}
	return out.Flush()
}
