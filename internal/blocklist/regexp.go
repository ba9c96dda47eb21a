package blocklist

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/pixelsweep/pixelsweep/rules/ruleyaml"
)

// A dialect is the regular expressions of a format.
type dialect struct {
	plain bool // no alternatives, counts or non-capturing groups: WebKit
	slash string
	loose int  // counts above are written as "or more", 0 for no limit
	wide  bool // sets are written as what is no slash
}

// runRE matches the runs of patterns; package rules describes them.
var runRE = regexp.MustCompile(`\*\*|[*#]|\{([a-z0-9]+)(?::([0-9]+)(-[0-9]*)?)?\}`)

// sets are the characters of runs, by class; case does not count in any format.
var sets = map[string]string{
	"#": "[0-9]", "dec": "[0-9]", "hex": "[0-9a-f]", "upper": "[0-9a-z]", "alnum": "[0-9a-z]", "word": "[0-9a-z_-]",
	"b64": "[0-9a-z_+=%-]", "tok": "[0-9a-z_+=%.~*:,!@-]",
}

// A place is a part of the URL that a pattern is for: what "*" and "**" take.
type place struct{ one, any string }

var (
	inHost  = place{"[^./:]+", "[^/:]*"}
	inPath  = place{"[^/?#]+", "[^?#]*"}
	inQuery = place{"[^&#]+", "[^#]*"}
)

// glob writes a pattern of package rules as an expression.
func (d dialect) glob(pattern string, p place) string {
	var b strings.Builder
	for pattern != "" {
		at := runRE.FindStringSubmatchIndex(pattern)
		if at == nil {
			b.WriteString(d.text(pattern))
			break
		}
		b.WriteString(d.text(pattern[:at[0]]))
		run := pattern[at[0]:at[1]]
		group := func(i int) string {
			if at[2*i] < 0 {
				return ""
			}
			return pattern[at[2*i]:at[2*i+1]]
		}
		switch run {
		case "**":
			b.WriteString(p.any)
		case "*":
			b.WriteString(p.one)
		case "#":
			b.WriteString(sets["#"] + "+")
		default:
			set := sets[group(1)]
			if d.wide {
				set = "[^/]"
			}
			b.WriteString(d.repeat(set, group(2), group(3)))
		}
		pattern = pattern[at[1]:]
	}
	return b.String()
}

// text quotes literal text.
func (d dialect) text(s string) string {
	return strings.ReplaceAll(regexp.QuoteMeta(s), "/", d.slash)
}

// repeat writes a set with the bounds of a run: "", "8", "8" and "-", or "8" and
// "-12".
func (d dialect) repeat(set, low, high string) string {
	if low == "" {
		return set + "+"
	}
	n, _ := strconv.Atoi(low)
	m := n
	if high != "" {
		m, _ = strconv.Atoi(high[1:]) // 0 for no limit
	}
	if d.loose > 0 && max(n, m) > d.loose {
		n, m = min(n, d.loose), 0
	}
	if !d.plain {
		switch {
		case m == n:
			return set + "{" + strconv.Itoa(n) + "}"
		case m == 0:
			return set + "{" + strconv.Itoa(n) + ",}"
		}
		return set + "{" + strconv.Itoa(n) + "," + strconv.Itoa(m) + "}"
	}
	s := strings.Repeat(set, n)
	if m == 0 {
		if n == 0 {
			return set + "*"
		}
		return s + "+"
	}
	return s + strings.Repeat(set+"?", m-n)
}

func (d dialect) open() string {
	if d.plain {
		return "("
	}
	return "(?:"
}

// oneOf writes alternatives; d must have them.
func (d dialect) oneOf(all []string) string {
	if len(all) == 1 {
		return all[0]
	}
	return "(?:" + strings.Join(all, "|") + ")"
}

// host writes a host pattern.
func (d dialect) host(pattern string) string {
	if head, ok := strings.CutSuffix(pattern, ".**"); ok {
		return d.glob(head, inHost) + `\.[^/:]+`
	}
	if exact, ok := strings.CutPrefix(pattern, "="); ok {
		return d.glob(exact, inHost)
	}
	if below, ok := strings.CutPrefix(pattern, "*."); ok {
		return `[^/:]+\.` + d.glob(below, inHost)
	}
	return d.open() + `[^/:]+\.)?` + d.glob(pattern, inHost)
}

// path writes a path pattern and what may follow it, which must hold the
// parameters in one of the orders.
func (d dialect) path(pattern string, params string) string {
	switch {
	case params != "":
		return d.glob(pattern, inPath) + `\?` + params
	case strings.HasSuffix(pattern, "**"):
		return d.glob(strings.TrimSuffix(pattern, "**"), inPath)
	case d.plain:
		return d.glob(pattern, inPath) + "([?#].*)?$"
	}
	return d.glob(pattern, inPath) + "(?:[?#]|$)"
}

// orders returns an expression for each order in which the query may hold what r
// requires, {""} where it requires nothing. QUIRK: ";" goes before a parameter
// where a template is escaped twice.
func (d dialect) orders(r *ruleyaml.Rule) []string {
	var params []string
	for _, want := range r.Query {
		if whole, ok := strings.CutPrefix(want, "?"); ok {
			return []string{d.glob(whole, inQuery) + d.end("#")}
		}
		key, value, valued := strings.Cut(want, "=")
		p := d.text(key)
		if valued {
			p += "=" + d.glob(value, inQuery)
		} else {
			p += d.open() + "=[^&#]*)?"
		}
		params = append(params, p)
	}
	if len(params) == 0 {
		return []string{""}
	}
	var all []string
	for _, order := range permutations(params) {
		all = append(all, d.open()+"[^#]*[&;])?"+strings.Join(order, "&"+d.open()+"[^#]*[&;])?")+d.end("&#"))
	}
	return all
}

// end writes that one of the delimiters follows, or nothing.
func (d dialect) end(delimiters string) string {
	if d.plain {
		return "([" + delimiters + "].*)?$"
	}
	return "(?:[" + delimiters + "]|$)"
}

// maxOrdered is for how many parameters all orders are written; of more, the
// first count.
const maxOrdered = 3

func permutations(all []string) [][]string {
	if len(all) > maxOrdered {
		all = all[:maxOrdered]
	}
	if len(all) <= 1 {
		return [][]string{all}
	}
	var list [][]string
	for i, first := range all {
		rest := append(append([]string{}, all[:i]...), all[i+1:]...)
		for _, p := range permutations(rest) {
			list = append(list, append([]string{first}, p...))
		}
	}
	return list
}

// whole writes a rule as one expression; d must have alternatives.
func (d dialect) whole(r *ruleyaml.Rule) string {
	var hosts, tails []string
	for _, h := range r.Hosts {
		hosts = append(hosts, d.host(h))
	}
	host := "[^/]+"
	if len(hosts) > 0 {
		host = d.oneOf(hosts) + "(?::[0-9]+)?"
	}
	params := d.orders(r)
	for _, p := range r.Path {
		tails = append(tails, d.path(p, d.oneOf(params)))
	}
	return "^https?:" + d.slash + d.slash + host + d.oneOf(tails)
}

// compiles returns the expression as Go reads it; case does not count.
func compiles(expr string) (*regexp.Regexp, error) { return regexp.Compile("(?i)" + expr) }

// matcher returns whether an expression without alternatives matches a URL. Most
// URLs lack its longest text, which is soon seen.
func matcher(expr string) (func(url string) bool, error) {
	re, err := compiles(expr)
	if err != nil {
		return nil, err
	}
	text := ""
	for _, part := range textRE.FindAllString(setRE.ReplaceAllString(strings.TrimPrefix(expr, "^https?://"), "^"), -1) {
		if part = strings.ReplaceAll(part, `\`, ""); len(part) > len(text) {
			text = part
		}
	}
	text = strings.ToLower(text)
	return func(url string) bool { return strings.Contains(strings.ToLower(url), text) && re.MatchString(url) }, nil
}

var (
	setRE  = regexp.MustCompile(`\[[^\]]*\]|\{[^}]*\}|\([^()]*\)\?|\(\?:[^()]*\)`)
	textRE = regexp.MustCompile(`([A-Za-z0-9/_=~-]|\\\.)+`)
)
