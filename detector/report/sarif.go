package report

import (
	"crypto/sha256"

	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
)

// hashed is a short hash of texts.
func hashed(texts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
	return fmt.Sprintf("%x", sum[:16])
}

// fingerprintName is the key of partialFingerprints; its number rises when what
// goes into a fingerprint changes.
const fingerprintName = "pixelsweep/v1"

// sarifLog writes one run of SARIF 2.1.0 (OASIS). What is ignored or in the baseline
// stays in it, marked, so that code scanning does not close and open alerts.
type sarifLog struct {
	w     io.Writer
	opts  Options
	rules []Rule
	index map[string]int
	run   *sarif.Run
}

func newSARIF(w io.Writer, rules []Rule, o Options) *sarifLog {
	run := sarif.NewRun()
	run.Tool = sarif.NewTool()
	run.Tool.Driver = sarif.NewToolComponent().WithName("pixelsweep").WithInformationURI("https://github.com/pixelsweep/pixelsweep")
	kind := "unicodeCodePoints"
	run.ColumnKind = &kind
	s := &sarifLog{w: w, opts: o, rules: rules, index: map[string]int{}, run: run}
	for i := range rules {
		r := &rules[i]
		d := sarif.NewRule(r.ID).WithName(pascal(r.ID))
		d.ShortDescription = sarif.NewMultiformatMessageString().WithText(r.Title)
		d.FullDescription = sarif.NewMultiformatMessageString().WithText(r.Title + ".")
		help := r.Help
		if help == "" {
			help = r.Title + "."
		}
		d.Help = sarif.NewMultiformatMessageString().WithText(help).WithMarkdown(help)
		if r.URL != "" {
			d.HelpURI = &r.URL
		}
		c := sarif.NewReportingConfiguration()
		c.Level = string(r.Level)
		if r.Level == Off {
			c.Level, c.Enabled = "none", false
		}
		d.DefaultConfiguration = c
		d.Properties = sarif.NewPropertyBag()
		d.Properties.Tags = []string{"privacy", "tracking"}
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, d)
		s.index[r.ID] = i
	}
	return s
}

// pascal makes OpenPixel of open-pixel (SARIF 3.49.7 wants such names).
func pascal(id string) string {
	var b strings.Builder
	for _, word := range strings.Split(id, "-") {
		if word != "" {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}

func (s *sarifLog) File(_ string, problems []Problem) error {
	for i := range problems {
		s.add(&problems[i])
	}
	return nil
}

func (s *sarifLog) add(p *Problem) {
	r := sarif.NewRuleResult(p.Rule)
	r.RuleIndex = -1
	if i, ok := s.index[p.Rule]; ok {
		r.RuleIndex = i
	}
	r.Level, r.Kind, r.Rank = string(p.Level), "fail", -1
	r.Message = sarif.NewTextMessage(clean(s.opts.message(p, !s.opts.Redact)))
	r.PartialFingerprints = map[string]string{fingerprintName: p.Fingerprint}
	place := sarif.NewPhysicalLocation()
	place.ArtifactLocation = sarif.NewSimpleArtifactLocation(uri(p.Path))
	place.Region = region(p)
	at := sarif.NewLocation()
	at.ID = -1
	at.PhysicalLocation = place
	if p.Part != "" {
		part := sarif.NewLogicalLocation()
		part.Name, part.Kind, part.Index, part.ParentIndex = ptr("part "+p.Part), ptr("member"), -1, -1
		at.LogicalLocations = []*sarif.LogicalLocation{part}
	}
	r.Locations = []*sarif.Location{at}
	state := "new"
	if p.Known {
		state = "unchanged"
		r.Suppressions = append(r.Suppressions, suppressed("external", "in the baseline"))
	}
	if s.opts.Baseline {
		r.BaselineState = &state
	}
	if p.Ignored != "" {
		r.Suppressions = append(r.Suppressions, suppressed("inSource", clean(p.Ignored)))
	}
	s.run.Results = append(s.run.Results, r)
}

func ptr(s string) *string { return &s }

func suppressed(kind, why string) *sarif.Suppression {
	return sarif.NewSuppression().WithKind(kind).WithStatus("accepted").WithJustification(why)
}

// region is the place of a problem in its file.
func region(p *Problem) *sarif.Region {
	line := p.fileLine()
	r := sarif.NewRegion()
	r.ByteOffset, r.CharOffset = -1, -1
	r.StartLine = &line
	if from, to, ok := p.columns(); ok {
		r.StartColumn, r.EndColumn = &from, &to
		if p.Source != "" && p.FileColumn == 0 {
			r.Snippet = sarif.NewArtifactContent()
			r.Snippet.Text = ptr(clean(p.Source))
		}
	}
	return r
}

// uri is a path as a relative reference, or as a file URL.
func uri(path string) string {
	u := url.URL{Path: slashed(path)}
	if strings.HasPrefix(u.Path, "/") {
		u.Scheme = "file"
	}
	return u.String()
}

// Close writes the log. What left the baseline is "absent" there.
func (s *sarifLog) Close(sum *ProblemSummary) error {
	for _, e := range sum.Stale {
		absent := "absent"
		s.add(&Problem{Rule: e.Rule, Level: Note, Path: e.Path, Fingerprint: e.Fingerprint, Message: "the baseline has this problem, which is gone"})
		last := s.run.Results[len(s.run.Results)-1]
		last.BaselineState = &absent
	}
	log := sarif.NewReport()
	log.AddRun(s.run)
	return log.PrettyWrite(s.w)
}
