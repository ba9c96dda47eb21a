package template

import (
	"regexp"
	"strings"
)

// subscript is what stands in brackets after a name, as Jinja, Ruby and PHP write it.
var subscript = regexp.MustCompile(`\[\s*(?:'\$?([\w -]+)'|"\$?([\w -]+)"|:(\w+))\s*\]`)

// spaced are names with spaces: the tokens of Marketo ({{lead.First Name:default=x}}),
// and attributes in AMPscript ([First Name]).
var spaced = regexp.MustCompile(`^(?:lead|company)\.[A-Za-z][\w ]*(?::default)?|\[[A-Za-z][\w]*(?: [\w]+)+\]`)

// flat writes an expression with dots only: user->email (Blade and PHP), user['email'],
// user[:email] and user().email are user.email, and custom_attribute.${crm_id} (Braze)
// is custom_attribute.crm_id.
func flat(inner string) string {
	if strings.IndexByte(inner, ' ') >= 0 && (strings.IndexByte(inner, '[') >= 0 || strings.HasPrefix(inner, "lead.") || strings.HasPrefix(inner, "company.")) {
		inner = spaced.ReplaceAllStringFunc(inner, func(s string) string {
			name, fallback, _ := strings.Cut(s, ":")
			return strings.ReplaceAll(strings.TrimRight(name, " "), " ", "_") + " " + fallback
		})
	}
	if !strings.ContainsAny(inner, ">[({&") {
		return inner
	}
	inner = flatten.Replace(inner)
	return subscript.ReplaceAllStringFunc(inner, func(s string) string {
		return "." + strings.ReplaceAll(strings.Trim(s, "[]'\": \t$"), " ", "_")
	})
}

var flatten = strings.NewReplacer("?->", ".", "->", ".", "&.", ".", "()", "", ".${", ".")

// paths calls f with each name of an expression, with what leads to it:
// "contact.email" of {{ contact.email | url_encode }}. Text in quotes is none, but for
// what is put into it, nor is the name of an argument ("email: true", email=true).
func paths(inner string, f func(string)) {
	for i := 0; i < len(inner); {
		switch c := inner[i]; {
		case c == '"' || c == '\'' || c == '`':
			end := strings.IndexByte(inner[i+1:], c)
			if end < 0 {
				return
			}
			q := inner[i+1 : i+1+end]
			switch {
			case i > 0 && (inner[i-1] == '[' || inner[i-1] == '(') && isPlainName(q): // user["email"], fetch("email")
				f(q)
			case c != '\'':
				interpolated(q, f)
			}
			i += end + 2
		case isLetter(c) || c == '_':
			j := i
			for j < len(inner) && (isName(inner[j]) || inner[j] == '.' || inner[j] == '-' && j+1 < len(inner) && isLetter(inner[j+1]) || inner[j] == ':' && j+1 < len(inner) && isLetter(inner[j+1])) {
				j++
			}
			if !isArgument(inner, j) {
				f(strings.TrimRight(inner[i:j], "."))
			}
			i = j
		default:
			i++
		}
	}
}

// isArgument reports whether the name that ends at i is that of an argument.
func isArgument(inner string, i int) bool {
	switch rest := inner[i:]; {
	case strings.HasPrefix(rest, ": "):
		return true
	case strings.HasPrefix(rest, "=") && len(rest) > 1:
		return rest[1] != '=' && rest[1] != '>' && rest[1] != '~'
	}
	return false
}

// interpolated calls f with the names that are put into a string: "…#{user.id}" (Ruby),
// "…{$user->id}" (PHP) and `…${user.id}` (JavaScript).
func interpolated(text string, f func(string)) {
	for {
		i := strings.IndexByte(text, '{')
		if i < 0 {
			return
		}
		end := strings.IndexByte(text[i:], '}')
		if end < 0 {
			return
		}
		if i > 0 && (text[i-1] == '#' || text[i-1] == '$') || text[i+1] == '$' {
			paths(text[i+1:i+end], f)
		}
		text = text[i+end:]
	}
}

func isPlainName(s string) bool {
	for i := range len(s) {
		if !isName(s[i]) && s[i] != '.' && s[i] != ' ' {
			return false
		}
	}
	return s != ""
}

// written is an expression without its conditions, of which nothing is written:
// "x if COND else y" (Jinja, Ruby), "COND ? x : y" (Twig, PHP, JavaScript) and
// IIF(COND, x, y) (AMPscript).
func written(inner string) string {
	if strings.IndexByte(inner, '?') < 0 && !strings.Contains(inner, "if") && !strings.Contains(inner, "IF") && !strings.Contains(inner, "If") {
		return inner
	}
	keep := []byte(inner)
	drop := func(from, to int) {
		for i := from; i < to; i++ {
			keep[i] = ' '
		}
	}
	starts := []int{0}        // of what is open: the expression, and in it each argument
	iif := -1                 // depth of the bracket of IIF whose first argument is open
	condition, depth := -1, 0 // where "if" begins
	for i := 0; i < len(inner); i++ {
		top := len(starts) - 1
		switch c := inner[i]; {
		case c == '"' || c == '\'' || c == '`':
			end := strings.IndexByte(inner[i+1:], c)
			if end < 0 {
				return string(keep)
			}
			i += end + 1
		case c == '(' || c == '[':
			if c == '(' && i >= 3 && strings.EqualFold(inner[i-3:i], "iif") {
				iif = top + 1
			}
			starts = append(starts, i+1)
		case (c == ')' || c == ']') && top > 0:
			if iif == top {
				iif = -1
			}
			if condition >= 0 && depth == top {
				drop(condition, i)
				condition = -1
			}
			starts = starts[:top]
		case c == ',':
			if iif == top && top > 0 {
				drop(starts[top], i)
				iif = -1
			}
			starts[top] = i + 1
		case c == '?' && isTernary(inner, i):
			drop(starts[top], i)
			starts[top] = i + 1
		case isWord(inner, i, "if") && i > 0:
			condition, depth = i, top
		case isWord(inner, i, "else") && condition >= 0:
			drop(condition, i)
			condition = -1
		}
	}
	if condition >= 0 {
		drop(condition, len(inner))
	}
	return string(keep)
}

// isTernary reports whether the sign at i parts a condition from what is written: not
// a?.b, a ?? b, a ?: b, a?->b, nor the predicate a? of Ruby.
func isTernary(inner string, i int) bool {
	rest := inner[i+1:]
	if rest == "" || strings.IndexByte(".?:-)", rest[0]) >= 0 || i > 0 && inner[i-1] == '?' {
		return false
	}
	next := strings.TrimLeft(rest, " ")
	return strings.IndexByte(rest, ':') > 0 && strings.IndexByte("?&|)=", next[0]) < 0
}

// isWord reports whether a word stands at i by itself.
func isWord(s string, i int, word string) bool {
	return strings.HasPrefix(s[i:], word) && (i == 0 || !isName(s[i-1]) && s[i-1] != '.' && s[i-1] != '$' && s[i-1] != '@') &&
		(i+len(word) == len(s) || !isName(s[i+len(word)]))
}
