package lint

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/internal/lint/template"
)

// A suppression is a comment that lets problems pass:
//
//	<!-- pixelsweep-ignore open-pixel: counted by us alone, for deliverability -->
//
// It holds for its own line, the next line, and the next element. With
// pixelsweep-ignore-file it holds for the file. The comment may be one of HTML, CSS
// or a template language, which is not sent.
type suppression struct {
	part       *part
	start, end int // of the comment's words
	rules      []string
	reason     string
	whole      bool // the file
	from, to   int  // where it holds
	used       map[string]bool
}

var directive = []byte("pixelsweep-ignore")

// maxSuppressions is how many comments of a file are read.
const maxSuppressions = 1000

// collectSuppressions collects the comments of all parts. Outside of markup only
// those of the template language are comments: the others are shown.
func (d *document) collectSuppressions() {
	for _, p := range d.parts {
		if !bytes.Contains(p.text, directive) {
			continue
		}
		for _, c := range p.doc.Comments(p.isMarkup()) {
			s := readSuppression(p, c)
			if s == nil {
				continue
			}
			if len(d.suppressions) == maxSuppressions {
				d.unread = append(d.unread, fmt.Sprintf("more than %d comments to ignore rules", maxSuppressions))
				return
			}
			d.suppressions = append(d.suppressions, s)
		}
	}
}

// maxComment is how long a comment may be.
const maxComment = 4 << 10

// readSuppression reads a comment, nil if it does not begin with the directive.
func readSuppression(p *part, c template.Stretch) *suppression {
	for c.From < c.To && strings.IndexByte(" \t\r\n", p.text[c.From]) >= 0 {
		c.From++
	}
	body, ok := bytes.CutPrefix(p.text[c.From:c.To], directive)
	if !ok || len(body) > maxComment {
		return nil
	}
	shown := len(bytes.TrimRight(body, " \t\r\n"))
	s := &suppression{part: p, start: c.From, end: c.From + len(directive) + shown, used: map[string]bool{}}
	text := strings.TrimRight(strings.TrimSpace(string(body)), "-~ ")
	if rest, ok := strings.CutPrefix(text, "-file"); ok {
		s.whole, text = true, rest
	}
	rules, reason, _ := strings.Cut(text, ":")
	s.reason = strings.Join(strings.Fields(reason), " ")
	for id := range strings.FieldsFuncSeq(rules, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' || r == '\r' }) {
		s.rules = append(s.rules, strings.ToLower(id))
	}
	s.reach()
	return s
}

// reach works out where a suppression holds.
func (s *suppression) reach() {
	text := s.part.text
	s.from = bytes.LastIndexByte(text[:s.start], '\n') + 1
	s.to = len(text)
	for at, lines := s.end, 0; lines < 2; lines++ {
		i := bytes.IndexByte(text[at:], '\n')
		if i < 0 {
			s.to = len(text)
			break
		}
		at += i + 1
		s.to = at
	}
	doc := s.part.doc
	for i := indexAfter(doc, s.end); i < len(doc.Elements); i++ {
		if e := &doc.Elements[i]; !strings.HasPrefix(e.Name, "/") {
			s.to = max(s.to, e.End)
			break
		}
	}
}

// minReason is how many bytes a reason has at least.
const minReason = 3

// invalid says what is wrong with a suppression, "" for nothing.
func (s *suppression) invalid() string {
	if len(s.rules) == 0 {
		return "names no rule; write pixelsweep-ignore RULE: reason"
	}
	for _, id := range s.rules {
		r, ok := RuleByID(id)
		if !ok {
			return fmt.Sprintf("names %q, which is no rule%s", id, Suggest(id))
		}
		if r.Fixed {
			return fmt.Sprintf("names %s, which cannot be ignored", id)
		}
	}
	if s.reason == "" {
		return "gives no reason; write one after a colon"
	}
	if len(s.reason) < minReason {
		return fmt.Sprintf("gives %q as its reason; say in words why", s.reason)
	}
	return ""
}

// suppress lets pass what comments say, and reports those that are wrong or unused.
func (d *document) suppress() {
	d.collectSuppressions()
	for _, s := range d.suppressions {
		if what := s.invalid(); what != "" {
			d.add("suppression", spot{part: s.part, start: s.start, end: s.end}, "this comment "+what, nil)
			continue
		}
		for i := range d.problems {
			p := &d.problems[i]
			if s.holds(p) && p.Ignored == "" {
				p.Ignored = s.reason
				s.used[p.Rule] = true
			}
		}
	}
	for _, s := range d.suppressions {
		if s.invalid() != "" {
			continue
		}
		for _, id := range s.rules {
			if !s.used[id] && d.rules.level(id) != report.Off {
				d.add("unused-suppression", spot{part: s.part, start: s.start, end: s.end}, id+" is ignored here, but nothing here breaks it", nil)
			}
		}
	}
}

// holds reports whether a suppression lets a problem pass.
func (s *suppression) holds(p *placed) bool {
	if r, ok := RuleByID(p.Rule); !ok || r.Fixed {
		return false
	}
	found := false
	for _, id := range s.rules {
		found = found || id == p.Rule
	}
	if !found {
		return false
	}
	return s.whole || p.part == s.part.index && p.start >= s.from && p.start < s.to
}
