package filter

// A List is a filter list after parsing: what it says about itself, its network
// filters, and what was left out. Other packages may read it; [Compile] does.
type List struct {
	Name   string // as given to Parse; errors and matches carry it
	Format Format

	Title    string
	Homepage string
	Licence  string
	Version  string
	Modified string
	Expires  string // as written: "4 days (update frequency)"

	// Filters are the network filters in the order of the list.
	Filters []Filter
	// Unsupported are the filters that were left out, each with the reason.
	Unsupported []*ParseError

	Cosmetic int // filters that hide elements or run scripts in a page; skipped
	Comments int
	Inactive int // lines that "!#if" switches off
}

// A Format is a way to write a list down.
type Format uint8

const (
	// Adblock is the syntax of Adblock Plus with what uBlock Origin and AdGuard
	// add. Lines of hosts files and bare host names may stand between filters.
	Adblock    Format = iota
	Disconnect        // services.json
	DuckDuckGo        // tds.json
	ClearURLs         // data.json
)

func (f Format) String() string {
	return [...]string{"adblock", "disconnect", "duckduckgo", "clearurls"}[f]
}

// reject notes that a line was left out.
func (l *List) reject(line int, text, reason string) {
	l.Unsupported = append(l.Unsupported, &ParseError{List: l.Name, Line: line, Text: shorten(text), Reason: reason})
}

// add appends a filter, or notes why it cannot be used.
func (l *List) add(f Filter, reason string) {
	if reason != "" {
		l.reject(f.Line, f.Text, reason)
		return
	}
	l.Filters = append(l.Filters, f)
}
