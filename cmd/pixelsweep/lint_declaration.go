package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/internal/lint"
)

// writeDeclaration prints what messages load by whom.
func writeDeclaration(w io.Writer, format string, d *lint.Declaration, p *lint.Profile) error {
	if format == "json" {
		return printJSON(w, d)
	}
	var b strings.Builder
	markdown := format == "markdown"
	head := "What the messages load by themselves (" + plural(d.Files, "file") + ")"
	if markdown {
		b.WriteString("## " + head + "\n\n| recipient of the request | party | purpose that can be seen | individual or aggregate | how | requests |\n| --- | --- | --- | --- | --- | --- |\n")
	} else {
		b.WriteString(head + "\n\n")
	}
	for i := range d.Loads {
		l := &d.Loads[i]
		who := l.Host
		if who == "" {
			who = "a host that a tag writes"
		}
		if l.Service != "" {
			who += " (" + l.Service
			if l.Operator != "" && l.Operator != l.Service {
				who += ", " + l.Operator
			}
			who += ")"
		}
		purpose := "content"
		if l.Reporting {
			purpose = "measures " + strings.Join(l.Events, ", ")
		}
		if markdown {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %d |\n", report.Markdown(who), l.Party, report.Markdown(purpose), l.Individual, report.Markdown(strings.Join(l.How, "; ")), l.Count)
			continue
		}
		fmt.Fprintf(&b, "%s\n  %s party, %s, %s, %s\n", report.Clean(who), l.Party, report.Clean(purpose), l.Individual, plural(l.Count, "request"))
		for _, how := range l.How {
			fmt.Fprintf(&b, "  by: %s\n", report.Clean(how))
		}
		fmt.Fprintf(&b, "  in: %s\n\n", report.Clean(strings.Join(l.Files, ", ")))
	}
	if len(d.Loads) == 0 {
		b.WriteString("nothing\n")
	}
	if markdown {
		b.WriteString("\n")
	}
	b.WriteString("What is kept, why and for how long cannot be seen in a message. " + lint.Disclaimer + "\n")
	if p.Basis != "" {
		b.WriteString("Profile " + p.Name + ": " + p.Basis + ".\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
