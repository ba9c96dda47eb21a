package filter

import "strings"

// conditions is the stack of open "!#if" sections.
type conditions struct {
	stack []condition
}

type condition struct {
	active bool // lines here count
	taken  bool // a branch of this section was true
	outer  bool // the section around it counts
}

func (c *conditions) open() bool { return len(c.stack) > 0 }

func (c *conditions) off() bool { return len(c.stack) > 0 && !c.stack[len(c.stack)-1].active }

// directive reads what follows "!#" and returns why it is not supported.
func (c *conditions) directive(s string) string {
	word, arg, _ := strings.Cut(s, " ")
	switch word {
	case "if":
		on := !c.off()
		yes, ok := evaluate(arg)
		c.stack = append(c.stack, condition{active: on && yes && ok, taken: yes && ok, outer: on})
		if !ok {
			return "condition that cannot be read"
		}
	case "else":
		if !c.open() {
			return `"!#else" without "!#if"`
		}
		top := &c.stack[len(c.stack)-1]
		top.active, top.taken = top.outer && !top.taken, true
	case "endif":
		if !c.open() {
			return `"!#endif" without "!#if"`
		}
		c.stack = c.stack[:len(c.stack)-1]
	case "include":
		if !c.off() {
			return "included lists are not fetched"
		}
	case "safari_cb_affinity", "safari_cb_affinity(all)":
	default:
		if !strings.HasPrefix(word, "safari_cb_affinity") {
			return "unknown directive"
		}
	}
	return ""
}

// capabilities are the names in conditions that are true: the list is read by an
// engine that understands uBlock Origin's network filters.
var capabilities = map[string]bool{"ext_ublock": true, "env_chromium": true, "true": true}

// evaluate reads a condition: names, "!", "&&", "||" and parentheses. Names
// that are not in capabilities are false.
func evaluate(s string) (value, ok bool) {
	e := expression{s: strings.ReplaceAll(s, " ", "")}
	value = e.or()
	return value, !e.bad && e.s == ""
}

type expression struct {
	s     string
	depth int
	bad   bool
}

func (e *expression) or() bool {
	v := e.and()
	for strings.HasPrefix(e.s, "||") && !e.bad {
		e.s = e.s[2:]
		v = e.and() || v
	}
	return v
}

func (e *expression) and() bool {
	v := e.term()
	for strings.HasPrefix(e.s, "&&") && !e.bad {
		e.s = e.s[2:]
		v = e.term() && v
	}
	return v
}

func (e *expression) term() bool {
	not := false
	for strings.HasPrefix(e.s, "!") {
		not, e.s = !not, e.s[1:]
	}
	if strings.HasPrefix(e.s, "(") {
		if e.depth++; e.depth > 20 {
			e.bad = true
			return false
		}
		e.s = e.s[1:]
		v := e.or()
		e.depth--
		rest, ok := strings.CutPrefix(e.s, ")")
		e.s, e.bad = rest, e.bad || !ok
		return v != not
	}
	n := 0
	for n < len(e.s) && (e.s[n] == '_' || isToken(e.s[n])) {
		n++
	}
	if n == 0 {
		e.bad = true
		return false
	}
	name := e.s[:n]
	e.s = e.s[n:]
	return capabilities[name] != not
}
