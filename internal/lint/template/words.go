package template

import "strings"

// firstWord returns the first word of a tag, in lower case.
func firstWord(inner []byte) string {
	i := 0
	for i < len(inner) && isName(inner[i]) {
		i++
	}
	return strings.ToLower(string(inner[:i]))
}

// blockRole says what a word that begins a tag does to blocks, in any language.
func blockRole(word string) role {
	switch word {
	case "if", "unless", "for", "foreach", "case", "each", "range", "with", "while", "block", "capture", "tablerow", "switch":
		return opens
	case "else", "elsif", "elif", "elseif", "when", "empty":
		return parts
	case "end", "endif", "endfor", "endunless", "endcase", "endwith", "endblock", "endcapture", "endforeach", "endtablerow", "endeach":
		return ends
	}
	return plain
}

// statements are words that begin tags which write nothing by themselves, or whole
// other templates.
var statements = map[string]bool{
	"assign": true, "set": true, "include": true, "extends": true, "import": true, "from": true, "macro": true, "endmacro": true,
	"autoescape": true, "endautoescape": true, "filter": true, "endfilter": true, "raw": true, "endraw": true, "verbatim": true,
	"endverbatim": true, "load": true, "spaceless": true, "endspaceless": true, "apply": true, "endapply": true, "increment": true,
	"decrement": true, "layout": true, "section": true, "endsection": true, "render": true, "connected_content": true,
	"abort_message": true, "break": true, "continue": true, "define": true, "template": true, "use": true, "do": true, "liquid": true,
	"catalog_items": true, "cycle": true, "style": true, "endstyle": true, "schema": true, "endset": true, "call": true, "endcall": true,
}

func isSpace(c byte) bool  { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }
func isLetter(c byte) bool { c |= 0x20; return c >= 'a' && c <= 'z' }
func isName(c byte) bool   { return isLetter(c) || c >= '0' && c <= '9' || c == '_' }
func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}
