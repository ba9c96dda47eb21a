package filter

import (
	"bytes"
	"encoding/json"
	"strings"
)

// maxDepth is how deep a list in JSON may nest; the known ones reach eight.
const maxDepth = 32

// A node is a value of a JSON text with the line it stands on. An object's
// members keep their order and carry their names.
type node struct {
	line int
	name string
	text string // of a string, a number or true
	subs []node
}

// member returns the value of a name in an object, or an empty node.
func (n *node) member(name string) *node {
	for i := range n.subs {
		if n.subs[i].name == name {
			return &n.subs[i]
		}
	}
	return &node{}
}

// parseJSON reads one of the lists that are written in JSON, and reports
// whether data was JSON. Lines are counted in all of data.
func parseJSON(l *List, text, data []byte) bool {
	d := &jsonReader{dec: json.NewDecoder(bytes.NewReader(text)), data: text}
	d.line = 1 + bytes.Count(data[:len(data)-len(text)], []byte("\n"))
	d.dec.UseNumber()
	root, err := d.value(0)
	if err != nil && len(root.subs) == 0 {
		return false
	}
	if err != nil {
		l.reject(d.line, "", "broken JSON: "+err.Error())
	}
	switch {
	case len(root.member("providers").subs) > 0:
		l.Format = ClearURLs
		readClearURLs(l, root.member("providers"))
	case len(root.member("trackers").subs) > 0:
		l.Format = DuckDuckGo
		readDuckDuckGo(l, &root)
	case len(root.member("categories").subs) > 0:
		l.Format = Disconnect
		readDisconnect(l, root.member("categories"))
	case err != nil:
		return false
	default:
		l.reject(1, "", "JSON, but no list that is known")
	}
	return true
}

type jsonReader struct {
	dec  *json.Decoder
	data []byte
	at   int64
	line int
}

// token returns the next token and moves line to where it ends.
func (d *jsonReader) token() (json.Token, error) {
	t, err := d.dec.Token()
	end := min(d.dec.InputOffset(), int64(len(d.data)))
	d.line += bytes.Count(d.data[d.at:end], []byte("\n"))
	d.at = end
	return t, err
}

// value reads one value; after an error it returns what was read before.
func (d *jsonReader) value(depth int) (n node, err error) {
	t, err := d.token()
	if err != nil {
		return n, err
	}
	n.line = d.line
	switch t := t.(type) {
	case string:
		n.text = t
	case json.Number:
		n.text = t.String()
	case bool:
		if t {
			n.text = "true"
		}
	case json.Delim:
		if depth > maxDepth {
			return n, &json.SyntaxError{Offset: d.at}
		}
		err = d.members(&n, t == '{', depth)
	}
	return n, err
}

// members reads what an object or array holds, and its end.
func (d *jsonReader) members(n *node, named bool, depth int) error {
	for d.dec.More() {
		name, line := "", 0
		if named {
			t, err := d.token()
			if err != nil {
				return err
			}
			name, _ = t.(string)
			line = d.line
		}
		sub, err := d.value(depth + 1)
		sub.name = name
		if named {
			sub.line = line
		}
		n.subs = append(n.subs, sub)
		if err != nil {
			return err
		}
	}
	_, err := d.token()
	return err
}

// addText adds a filter that a list in another format amounts to.
func (l *List) addText(text string, line int) {
	f, reason := parseFilter(text, line)
	if !isText(text) {
		reason = "not text"
	}
	l.add(f, reason)
}

// readDisconnect reads categories of organisations with their domains.
//
//	"Advertising": [{"Acme": {"https://acme.example/": ["ads.acme.example"]}}]
func readDisconnect(l *List, categories *node) {
	for _, category := range categories.subs {
		reason := ""
		switch category.name {
		case "Content", "ConsentManagers", "Anti-fraud":
			reason = "category " + category.name + ": not there to track"
		}
		for _, entry := range category.subs {
			for _, org := range entry.subs {
				for _, homepage := range org.subs {
					for _, domain := range homepage.subs {
						addDomain(l, domain.text, domain.line, reason)
					}
				}
			}
		}
	}
}

func addDomain(l *List, domain string, line int, reason string) {
	host, ok := hostName(domain)
	switch {
	case reason != "":
		l.reject(line, domain, reason)
	case !ok || !isHostname(host):
		l.reject(line, domain, "not a host name")
	default:
		l.addText("||"+host+"^$third-party", line)
	}
}

// readDuckDuckGo reads trackers by host. A host is blocked unless its default is
// to ignore it; rules are expressions for URLs on the host. The sites of the
// tracker's owner may use it.
//
//	"ads.example": {"owner": {"name": "Acme"}, "default": "block",
//	    "rules": [{"rule": "ads\\.example\\/lib", "action": "ignore"}]}
func readDuckDuckGo(l *List, root *node) {
	entities := map[string]*node{}
	all := root.member("entities")
	for i := range all.subs {
		entities[all.subs[i].name] = all.subs[i].member("domains")
	}
	for i := range root.member("trackers").subs {
		t := &root.member("trackers").subs[i]
		host, ok := hostName(t.name)
		if !ok || !isHostname(host) {
			l.reject(t.line, t.name, "not a host name")
			continue
		}
		opts := "third-party"
		if own := entities[t.member("owner").member("name").text]; own != nil {
			opts += ownSites(own)
		}
		rules := t.member("rules").subs
		switch {
		case t.member("default").text == "block":
			l.addText("||"+host+"^$"+opts, t.line)
		case len(rules) == 0:
			l.reject(t.line, t.name, "the list says to ignore it")
		}
		for j := range rules {
			addTrackerRule(l, &rules[j], host, opts)
		}
	}
}

func ownSites(domains *node) string {
	var own []string
	for _, d := range domains.subs {
		if host, ok := hostName(d.text); ok && isDomain(host) {
			own = append(own, "~"+host)
		}
	}
	if len(own) == 0 {
		return ""
	}
	return ",domain=" + strings.Join(own, "|")
}

func addTrackerRule(l *List, r *node, host, opts string) {
	prefix := ""
	if r.member("action").text == "ignore" {
		prefix = "@@"
	}
	expr := strings.ReplaceAll(strings.ReplaceAll(r.member("rule").text, `\/`, "/"), "/", `\/`)
	types := ""
	for _, t := range r.member("options").member("types").subs {
		types += "," + ParseType(t.text).String()
	}
	if len(r.member("options").member("domains").subs) > 0 {
		l.reject(r.line, expr, "rule for some sites only")
		return
	}
	rule := "/" + expr + "/$" + opts + types + ",to=" + host
	l.addText(prefix+rule, r.line)
	for _, d := range r.member("exceptions").member("domains").subs {
		l.addText("@@/"+expr+"/$domain="+d.text+",to="+host, d.line)
	}
}

// readClearURLs reads providers: an expression for URLs, and expressions for
// parameters that may be removed from them. An exception here holds for the
// parameters of every provider: what is removed is too little, never too much.
//
//	"acme": {"urlPattern": "^https?:\\/\\/acme\\.example", "rules": ["utm_.*"],
//	    "exceptions": ["^https?:\\/\\/acme\\.example\\/login"]}
func readClearURLs(l *List, providers *node) {
	for i := range providers.subs {
		p := &providers.subs[i]
		url := "/" + slashes(p.member("urlPattern").text) + "/"
		if p.member("completeProvider").text == "true" {
			l.addText(url+"$all", p.line)
		}
		for _, kind := range []string{"rules", "referralMarketing"} {
			for _, r := range p.member(kind).subs {
				l.addText(url+"$removeparam=/^(?:"+slashes(r.text)+")=/i", r.line)
			}
		}
		for _, e := range p.member("exceptions").subs {
			l.addText("@@/"+slashes(e.text)+"/$removeparam", e.line)
		}
		for _, r := range p.member("rawRules").subs {
			l.reject(r.line, r.text, "changes the path")
		}
		for _, r := range p.member("redirections").subs {
			l.reject(r.line, r.text, "names the target of a link")
		}
	}
}

func slashes(expr string) string {
	return strings.ReplaceAll(strings.ReplaceAll(expr, `\/`, "/"), "/", `\/`)
}
