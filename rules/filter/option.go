package filter

import "strings"

// cutOptions splits a filter at the "$" that starts its options: the last one
// that is followed by the name of an option.
func cutOptions(s string) (pattern, opts string, ok bool) {
	end := len(s)
	last := -1
	for {
		i := strings.LastIndexByte(s[:end], '$')
		if i < 0 {
			break
		}
		if name := optionName(s[i+1:]); name != "" {
			if knownOption(name) {
				return s[:i], s[i+1:], true
			}
			if last < 0 {
				last = i
			}
		}
		end = i
	}
	if last >= 0 && !strings.HasSuffix(s, "/") {
		return s[:last], s[last+1:], true
	}
	return s, "", false
}

// optionName returns the name that an option starts with, or "" when s starts
// with something else.
func optionName(s string) string {
	s = strings.TrimPrefix(s, "~")
	i := 0
	for i < len(s) && (isToken(s[i]) || s[i] == '-' || s[i] == '_') {
		i++
	}
	if i < len(s) && s[i] != ',' && s[i] != '=' {
		return ""
	}
	return strings.ToLower(s[:i])
}

func knownOption(name string) bool {
	if _, ok := typeOption(name); ok {
		return true
	}
	_, ok := optionKinds[name]
	return ok
}

// optionKinds are the options that are no resource types. A text is the reason
// why a filter with the option is left out; it is empty for the options that
// parseOption reads.
var optionKinds = map[string]string{
	"third-party": "", "3p": "", "first-party": "", "1p": "", "strict3p": "", "strict1p": "",
	"domain": "", "from": "", "to": "", "denyallow": "", "method": "",
	"match-case": "", "important": "", "badfilter": "", "removeparam": "", "queryprune": "",
	"redirect": "", "rewrite": "", "redirect-rule": "only redirects what another filter blocks",
	"empty": "", "mp4": "", "_": "", "noop": "", "reason": "",

	"csp": "changes the response, blocks nothing", "permissions": "changes the response, blocks nothing",
	"replace": "changes the response, blocks nothing", "uritransform": "changes the URL, blocks nothing",
	"urltransform": "changes the URL, blocks nothing", "urlskip": "changes the URL, blocks nothing",
	"removeheader": "changes headers, blocks nothing", "requestheader": "changes headers, blocks nothing",
	"responseheader": "changes headers, blocks nothing", "referrerpolicy": "changes headers, blocks nothing",
	"cookie": "is about cookies", "hls": "changes the response, blocks nothing",
	"jsonprune": "changes the response, blocks nothing", "xmlprune": "changes the response, blocks nothing",
	"trustedaction": "is about pages", "content": "is about pages", "urlblock": "is about pages",
	"jsinject": "is about pages", "extension": "is about pages", "stealth": "is about pages",
	"genericblock": "is about pages", "generichide": "is about pages", "ghide": "is about pages",
	"specifichide": "is about pages", "shide": "is about pages", "elemhide": "is about pages", "ehide": "is about pages",
	"header": "needs the response", "ipaddress": "needs the address of the server", "cname": "needs DNS",
	"app": "needs the name of the program", "network": "is about connections", "client": "is about DNS",
	"dnstype": "is about DNS", "dnsrewrite": "is about DNS", "ctag": "is about DNS",
	"webrtc": "is about connections", "sitekey": "needs the response", "webbundle": "needs the response",
}

// parseOptions reads what follows "$".
func (f *Filter) parseOptions(s string) (reason string) {
	var yes, no Type
	pages := false // an option about pages stands beside types
	for s != "" {
		var name, value string
		name, value, s = nextOption(s)
		name, not := strings.CutPrefix(strings.ToLower(name), "~")
		if t, ok := typeOption(name); ok {
			if value != "" {
				return "option " + name + " takes no value"
			}
			if not {
				no |= t
			} else {
				yes |= t
			}
			continue
		}
		switch reason := f.parseOption(name, value, not); {
		case reason == "is about pages" && f.Exception:
			pages = true
		case reason != "":
			return "option " + name + ": " + reason
		}
	}
	return f.setTypes(yes, no, pages)
}

// cosmeticException is the reason for exceptions such as generichide, which are
// about hidden elements only.
const cosmeticException = "is about pages"

// setTypes sets the types from those named and those named with "~".
func (f *Filter) setTypes(yes, no Type, pages bool) (reason string) {
	switch base := Resources; {
	case yes == 0 && pages:
		return cosmeticException
	case yes != 0:
		f.Types = yes &^ no
	case f.RemoveParam:
		f.Types = (base | Document) &^ no
	default:
		f.Types = base &^ no
	}
	if f.Types == 0 {
		return "options leave no resource type"
	}
	return ""
}

// nextOption cuts the first option off. A value that is a regular expression
// may hold commas, any other value "\,".
func nextOption(s string) (name, value, rest string) {
	i := strings.IndexAny(s, ",=")
	if i < 0 {
		return s, "", ""
	}
	if s[i] == ',' {
		return s[:i], "", s[i+1:]
	}
	name, s = s[:i], s[i+1:]
	end := 0
	if body := strings.TrimPrefix(s, "~"); strings.HasPrefix(body, "/") {
		end = len(s) - len(body) + regexpEnd(body)
	}
	for end < len(s) && s[end] != ',' {
		if s[end] == '\\' && end+1 < len(s) {
			end++
		}
		end++
	}
	if end >= len(s) {
		return name, s, ""
	}
	return name, s[:end], s[end+1:]
}

// regexpEnd returns the length of "/expression/" at the start of s, or 1 when
// it does not end.
func regexpEnd(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '/':
			return i + 1
		}
	}
	return 1
}

// parseOption reads one option that is no resource type.
func (f *Filter) parseOption(name, value string, not bool) (reason string) {
	kind, ok := optionKinds[name]
	switch {
	case !ok && strings.Trim(name, "_") == "" && name != "":
		return "" // uBlock Origin's placeholder: ___
	case !ok:
		return "unknown"
	case kind != "":
		return kind
	}
	switch name {
	case "third-party", "3p":
		return f.setParty(ThirdParty, FirstParty, not)
	case "first-party", "1p":
		return f.setParty(FirstParty, ThirdParty, not)
	case "strict3p":
		return f.setParty(StrictThird, StrictFirst, not)
	case "strict1p":
		return f.setParty(StrictFirst, StrictThird, not)
	case "match-case":
		f.MatchCase = !not
	case "important":
		f.Important = true
	case "badfilter":
		f.BadFilter = true
	case "domain", "from":
		return f.setDomains(value)
	case "to":
		return f.addHosts(value, false)
	case "denyallow":
		return f.addHosts(value, true)
	case "method":
		return checkMethod(value)
	case "removeparam", "queryprune":
		return f.setParam(value)
	case "redirect", "rewrite", "empty", "mp4":
		if f.Exception {
			return "only cancels a redirect"
		}
	}
	return ""
}

func (f *Filter) setParty(is, isNot Party, not bool) string {
	if not {
		is, isNot = isNot, is
	}
	if f.Party&isNot != 0 {
		f.Party &^= isNot // both: any party
		return ""
	}
	f.Party |= is
	return ""
}

// checkMethod accepts a filter for GET, which is how mail loads what it loads.
func checkMethod(value string) string {
	get := !strings.Contains(value, "~")
	found := !get
	for m := range strings.SplitSeq(strings.ToLower(value), "|") {
		switch m {
		case "get":
			found = true
		case "~get":
			found = false
		}
	}
	if !found {
		return "is for other methods than GET"
	}
	return ""
}

func (f *Filter) setDomains(value string) (reason string) {
	f.Domains, reason = parseDomains(value)
	return reason
}

func (f *Filter) addHosts(value string, deny bool) string {
	hosts, reason := parseDomains(value)
	if deny {
		for i, h := range hosts {
			if strings.HasPrefix(h, "~") {
				return "negated host"
			}
			hosts[i] = "~" + h
		}
	}
	f.Hosts = append(f.Hosts, hosts...)
	return reason
}

// parseDomains splits the value of domain= and its like.
func parseDomains(value string) (domains []string, reason string) {
	if strings.Contains(value, "/") {
		return nil, "regular expression or path among domains"
	}
	domains = make([]string, 0, strings.Count(value, "|")+1)
	for d := range strings.SplitSeq(value, "|") {
		name, not := strings.CutPrefix(trim(d), "~")
		if name == "" {
			continue
		}
		host, ok := hostName(name)
		if !ok || !isDomain(host) {
			return nil, "not a host name"
		}
		if not {
			host = "~" + host
		}
		domains = append(domains, host)
	}
	if len(domains) == 0 {
		return nil, "no domain"
	}
	return domains, ""
}

// isDomain accepts host names, top level domains, addresses and entities.
func isDomain(s string) bool {
	s = strings.TrimSuffix(s, ".*")
	for i := range len(s) {
		if c := s[i]; !isHostByte(c) && c != ':' && c != '[' && c != ']' {
			return false
		}
	}
	return s != "" && s[0] != '.'
}

func (f *Filter) setParam(value string) string {
	f.RemoveParam, f.Param = true, value
	if _, err := compileParam(value); err != nil {
		return "regular expression that RE2 does not know: " + err.Error()
	}
	return ""
}
