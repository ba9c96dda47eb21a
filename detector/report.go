package detector

import "strconv"

// Trigger says when a reference fires.
type Trigger string

// The triggers.
const (
	Open    Trigger = "open"    // loaded by rendering
	Click   Trigger = "click"   // followed by the reader
	Print   Trigger = "print"   // loaded when the message is printed
	Forward Trigger = "forward" // loaded when the message was replied to or forwarded
	DNS     Trigger = "dns"     // a name lookup or a connection without a request
	Receipt Trigger = "receipt" // a header asks the client to answer
	Script  Trigger = "script"  // fires only when scripts run
	Auto    Trigger = "auto"    // fetched by client or server without rendering
)

var triggerOrder = [...]Trigger{Open, Click, Print, Forward, DNS, Receipt, Script, Auto}

// triggerIndex is the place of t in triggerOrder.
func triggerIndex(t Trigger) int {
	for i, known := range triggerOrder {
		if t == known {
			return i
		}
	}
	return 0
}

// Kind says what a finding is.
type Kind string

// The kinds. The first five decide the verdict of a message.
const (
	Pixel          Kind = "pixel"
	TrackedContent Kind = "tracked-content"
	ScriptBeacon   Kind = "script-beacon"
	FrameBeacon    Kind = "frame-beacon"
	Probe          Kind = "probe"
	ClickTracker   Kind = "click-tracker"
	ReadReceipt    Kind = "receipt"
	RemoteContent  Kind = "remote-content"
)

// Decides reports whether findings of kind k decide the verdict of a message.
func (k Kind) Decides() bool {
	switch k {
	case Pixel, TrackedContent, ScriptBeacon, FrameBeacon, Probe:
		return true
	}
	return false
}

// Severity is how much a finding matters.
type Severity string

// The severities, least first.
const (
	SeverityInfo   Severity = "info"
	SeverityLow    Severity = "low"
	SeverityMedium Severity = "medium"
	SeverityHigh   Severity = "high"
)

// Rank orders severities: info is 0, high is 3, any other string is -1.
func (s Severity) Rank() int {
	switch s {
	case SeverityInfo:
		return 0
	case SeverityLow:
		return 1
	case SeverityMedium:
		return 2
	case SeverityHigh:
		return 3
	}
	return -1
}

// Verdict is the answer for a whole message in a word.
type Verdict string

// The verdicts.
const (
	Clean      Verdict = "clean"
	Suspicious Verdict = "suspicious"
	Tracked    Verdict = "tracked"
)

// ReportSchema names the JSON form of a [Report].
const ReportSchema = "pixelsweep.report/1"

// The types of a source.
const (
	TypeMessage = "message"
	TypePage    = "page"
)

// Source says where the bytes of a report came from: a path, or a message on an
// IMAP server.
type Source struct {
	Path  string `json:"path,omitempty"`
	Index int    `json:"index,omitempty"` // counts from 1, for an mbox only

	Account     string `json:"account,omitempty"`
	Mailbox     string `json:"mailbox,omitempty"`
	UIDValidity uint32 `json:"uidvalidity,omitempty"`
	UID         uint32 `json:"uid,omitempty"`

	Type  string `json:"type"` // TypeMessage or TypePage
	Bytes int64  `json:"bytes"`
}

// Place names the source in one word for people and for lines: its path, or
// account/mailbox/;UID=12 in the manner of RFC 5092.
func (s *Source) Place() string {
	if s.UID == 0 {
		return s.Path
	}
	return s.Account + "/" + s.Mailbox + "/;UID=" + strconv.FormatUint(uint64(s.UID), 10)
}

// Message holds what the headers say.
type Message struct {
	ID         string   `json:"id,omitempty"`
	From       string   `json:"from,omitempty"`
	FromDomain string   `json:"from_domain,omitempty"`
	To         []string `json:"to,omitempty"`
	Subject    string   `json:"subject,omitempty"`
	Date       string   `json:"date,omitempty"` // RFC 3339
	ESP        string   `json:"esp,omitempty"`
}

// Report is everything found in one message or page.
type Report struct {
	Schema     string         `json:"schema"`
	Source     Source         `json:"source"`
	Message    *Message       `json:"message,omitempty"` // nil for a page
	Page       *Page          `json:"page,omitempty"`    // of requests that a browser made
	Verdict    Verdict        `json:"verdict"`
	Score      int            `json:"score"`
	References []Reference    `json:"references,omitzero"` // nil with Options.NoReferences
	Findings   []Finding      `json:"findings"`
	Counts     map[string]int `json:"counts"`
	Complete   bool           `json:"complete"`
	Warnings   []Warning      `json:"warnings"`
}

// Warning is something that could not be read; the report is still valid.
type Warning struct {
	Part string `json:"part,omitempty"`
	Text string `json:"text"`
}

// Reference is a URL in a message that a client may load or follow.
type Reference struct {
	Ref       int     `json:"ref"` // counts from 1 in order of place
	URL       string  `json:"url"` // WHATWG-serialised
	Raw       string  `json:"raw,omitempty"`
	Vector    string  `json:"vector"`
	Trigger   Trigger `json:"trigger"`
	Condition string  `json:"condition,omitempty"` // media query or selector
	Part      string  `json:"part,omitempty"`
	MediaType string  `json:"media_type,omitempty"`
	// Offset is in bytes after transfer decoding and before charset
	// conversion, from 0; RawOffset is in the source, where the transfer
	// encoding lets one point to it.
	Offset     int      `json:"offset"`
	RawOffset  *int     `json:"raw_offset,omitempty"`
	Line       int      `json:"line"`
	Column     int      `json:"column"`
	Host       string   `json:"host,omitempty"`
	Site       string   `json:"site,omitempty"`
	ThirdParty bool     `json:"third_party"`
	Width      *float64 `json:"width,omitempty"` // CSS pixels
	Height     *float64 `json:"height,omitempty"`
	Hidden     string   `json:"hidden,omitempty"`
	Request    *Request `json:"request,omitempty"` // that a browser made
}

// Service is the tracker behind a finding.
type Service struct {
	Name     string `json:"name"`
	Operator string `json:"operator,omitempty"`
	Category string `json:"category,omitempty"`
}

// Filter is a line of a filter list that blocks a reference.
type Filter struct {
	List string `json:"list"`
	Line int    `json:"line"`
	Text string `json:"text"`
}

// Signal is one observed fact with its points, for (positive) or against.
type Signal struct {
	Name   string `json:"name"`
	Points int    `json:"points"`
	Detail string `json:"detail,omitempty"`
}

// Evidence says whether a URL identifies one reader.
type Evidence string

// The grades of recipient evidence.
const (
	Proven     Evidence = "proven"
	Likely     Evidence = "likely"
	NoEvidence Evidence = "none"
)

// Recipient is the recipient evidence of a finding.
type Recipient struct {
	Evidence Evidence `json:"evidence"`
	How      string   `json:"how,omitempty"`
}

// Carried is one thing that a URL carries, decoded.
type Carried struct {
	At      string `json:"at"`
	Decoded string `json:"decoded"`
}

// Finding is one reference, judged.
type Finding struct {
	Ref         int       `json:"ref"`
	URL         string    `json:"url"`
	Vector      string    `json:"vector"`
	Trigger     Trigger   `json:"trigger"`
	Part        string    `json:"part,omitempty"`
	Line        int       `json:"line"`
	Column      int       `json:"column"`
	FileLine    int       `json:"file_line,omitempty"`   // in the file, where somebody who knows that says so; Scan does not
	FileColumn  int       `json:"file_column,omitempty"` // where the bytes stand there as they are
	Fingerprint string    `json:"fingerprint"`
	Kind        Kind      `json:"kind"`
	Severity    Severity  `json:"severity"`
	Score       int       `json:"score"`
	Service     *Service  `json:"service,omitempty"`
	Rule        string    `json:"rule,omitempty"`
	Filter      *Filter   `json:"filter,omitempty"`
	Signals     []Signal  `json:"signals"`
	Recipient   Recipient `json:"recipient"`
	Carries     []Carried `json:"carries,omitempty"`
	Target      string    `json:"target,omitempty"`
	Events      []string  `json:"events,omitempty"` // what it reports: of the rule, else the trigger; read only
	// What a tag on a page sends besides.
	Account  string     `json:"account,omitempty"`
	Values   []Field    `json:"values,omitempty"`
	Personal []Personal `json:"personal,omitempty"`
	Consent  Consent    `json:"consent,omitempty"` // for pages
}
