package filter

import (
	"net/url"
	"regexp"
	"regexp/syntax"
	"strings"
)

// A Param is a query parameter that a removeparam filter would remove.
type Param struct {
	Name   string // as it stands in the URL
	Value  string
	Filter Match
}

// Params returns the parameters of a request's URL that lists say may be
// removed without changing where it leads, in the order of the URL. For links
// the type of the request is [Document].
func (e *Engine) Params(r *Request) []Param {
	_, query, ok := strings.Cut(r.url, "?")
	if !ok || e.groups[groupParam].empty {
		return nil
	}
	query, _, _ = strings.Cut(query, "#")
	remove := e.paramsOf(groupParam, r)
	keep := e.paramsOf(groupParamAllow, r)
	var found []Param
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if i := e.findParam(remove, keep, name, value); i >= 0 {
			found = append(found, Param{Name: name, Value: value, Filter: remove[i].match})
		}
	}
	return found
}

// findParam returns the first filter that removes a parameter and is not
// cancelled, or -1. An exception cancels the filters with its own value, or all
// of them when it has none.
func (e *Engine) findParam(remove, keep []*param, name, value string) int {
	for i, p := range remove {
		if !p.matches(name, value) {
			continue
		}
		cancelled := false
		for _, k := range keep {
			cancelled = cancelled || k.text == "" || k.text == p.text
		}
		if !cancelled {
			return i
		}
	}
	return -1
}

// paramsOf returns the filters of a group that match a request.
func (e *Engine) paramsOf(group int, r *Request) []*param {
	r.seen = r.seen[:0]
	if !e.groups[group].empty {
		e.walk(&e.groups[group], r, 0, true)
	}
	var out []*param
	for _, id := range compactIDs(r) {
		p, ok := e.params.Load(id)
		if !ok {
			p, _ = e.params.LoadOrStore(id, newParam(Match{e, id}))
		}
		out = append(out, p.(*param))
	}
	return out
}

// A param says which parameters a filter removes: those named text, those whose
// "name=value" matches an expression, or those that do not.
type param struct {
	match  Match
	text   string
	negate bool
	re     *regexp.Regexp
}

func newParam(m Match) *param {
	f, _ := parseFilter(m.Text(), 0)
	re, _ := compileParam(f.Param)
	text, not := strings.CutPrefix(f.Param, "~")
	return &param{match: m, text: text, negate: not, re: re}
}

func (p *param) matches(name, value string) bool {
	if p.text == "" {
		return true
	}
	if plain, err := url.QueryUnescape(name); err == nil {
		name = plain
	}
	yes := name == p.text
	if p.re != nil {
		yes = p.re.MatchString(name + "=" + value)
	}
	return yes != p.negate
}

// compileParam makes the matcher of a parameter. For a plain name it is nil:
// the name itself is compared.
func compileParam(value string) (*regexp.Regexp, error) {
	value = strings.TrimPrefix(value, "~")
	if !strings.HasPrefix(value, "/") {
		return nil, nil
	}
	end := regexpEnd(value)
	if end < 2 {
		return nil, &syntax.Error{Code: syntax.ErrMissingParen, Expr: value}
	}
	source := unicodeEscapes(value[1 : end-1])
	if strings.Contains(value[end:], "i") {
		source = "(?i)" + source
	}
	return regexp.Compile(source)
}
