package auditreport

import "time"

// Schema names the JSON form of an [Audit].
const Schema = "pixelsweep.audit/1"

// Audit is the report. Fields are added, never renamed. Counts are of messages
// where nothing else is said.
type Audit struct {
	Schema    string     `json:"schema"`
	Generated time.Time  `json:"generated"`
	Folders   []Folder   `json:"folders"`
	First     *time.Time `json:"first,omitempty"` // date of the oldest message
	Last      *time.Time `json:"last,omitempty"`
	Totals    Totals     `json:"totals"`
	Senders   []Sender   `json:"senders"`   // worst offenders first
	Services  []Service  `json:"services"`  // those in most messages first
	Months    []Month    `json:"months"`    // those with mail, in order
	Addresses []Receiver `json:"addresses"` // who received the address, in most messages first
	Changes   []Change   `json:"changes"`   // newest first
}

// Folder is a folder of an account in the store, with all its messages.
type Folder struct {
	Account  string `json:"account"`
	Folder   string `json:"folder"`
	Messages int    `json:"messages"`
}

// Counts are verdicts of messages.
type Counts struct {
	Messages   int `json:"messages"`
	Tracked    int `json:"tracked"`
	Suspicious int `json:"suspicious"`
	Clean      int `json:"clean"`
}

// Totals count everything.
type Totals struct {
	Counts
	Share      Share `json:"share"`       // tracked
	Copies     int   `json:"copies"`      // of messages in other folders, counted nowhere else
	Unread     int   `json:"unread"`      // messages that could not be read, counted nowhere else
	Incomplete int   `json:"incomplete"`  // not read whole
	Undated    int   `json:"undated"`     // without a date that can be, in no month
	Links      int   `json:"links"`       // with wrapped links
	Receipts   int   `json:"receipts"`    // that ask for a read receipt
	Address    int   `json:"address"`     // that give away the address when they are opened
	Senders    int   `json:"senders"`     // senders
	Tracking   int   `json:"tracking"`    // senders with a tracked message
	ThirdParty int   `json:"third_party"` // that give away the address to another site than the sender's, when opened
}

// Share is a part of messages with its 95 % interval (Wilson score).
type Share struct {
	Of   float64 `json:"of"` // 0 to 1
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Sender is who sends.
type Sender struct {
	Sender    string `json:"sender"` // site or address
	Name      string `json:"name,omitempty"`
	Addresses int    `json:"addresses"` // in From
	Counts
	Share    Share `json:"share"`
	Links    int   `json:"links"`
	Receipts int   `json:"receipts"`
	// Points order the senders: for each message 1 when it is tracked, 1 more when
	// opening it gives away the address, and 1 more when that goes to a third party.
	Points      int         `json:"points"`
	Habit       string      `json:"habit"` // how much of its last stretch is tracked: "mostly", "sometimes", "hardly", or "" with too little mail
	Services    []NameCount `json:"services"`
	Forms       []NameCount `json:"address_forms"` // in which the address is given away, by opening or a click
	FirstTrack  *Message    `json:"first_tracked,omitempty"`
	LastTrack   *Message    `json:"last_tracked,omitempty"`
	LastMessage *time.Time  `json:"last_message,omitempty"`
	Changes     []Change    `json:"changes"`
	Unsubscribe []string    `json:"unsubscribe"` // https: and mailto: of the newest message that has any
	Months      []Month     `json:"months"`
}

// NameCount is how many messages there are of something.
type NameCount struct {
	Name     string `json:"name"`
	Messages int    `json:"messages"`
}

// Message is where to find one.
type Message struct {
	Date    time.Time `json:"date"`
	Account string    `json:"account"`
	Folder  string    `json:"folder"`
	UID     uint32    `json:"uid"`
	Subject string    `json:"subject,omitempty"`
}

// Service is who runs trackers: a service that is known, else the site that they
// report to.
type Service struct {
	Name     string      `json:"name"`
	Operator string      `json:"operator,omitempty"`
	Category string      `json:"category,omitempty"`
	Known    bool        `json:"known"`
	Messages int         `json:"messages"`
	Address  int         `json:"address"` // where opening gives it the address
	Senders  int         `json:"senders"`
	Kinds    []NameCount `json:"kinds"`
	First    *time.Time  `json:"first,omitempty"`
	Last     *time.Time  `json:"last,omitempty"`
}

// Month is a calendar month of UTC.
type Month struct {
	Month string `json:"month"` // 2026-01
	Counts
	Services []NameCount `json:"services,omitempty"` // whose trackers are in its messages
}

// Receiver is who received the address.
type Receiver struct {
	Name     string      `json:"name"` // service or site
	Known    bool        `json:"known"`
	Sites    []string    `json:"sites"`
	Forms    []NameCount `json:"forms"`
	Messages int         `json:"messages"`
	OnOpen   int         `json:"on_open"`  // messages that send it when opened
	OnClick  int         `json:"on_click"` // messages with a link that sends it
	Senders  []string    `json:"senders"`
	First    *time.Time  `json:"first,omitempty"`
	Last     *time.Time  `json:"last,omitempty"`
}

// Change is a sender that started or stopped tracking: two stretches of its mail
// in the order of time that differ so much that chance explains it in less than 1
// of 100 cases.
type Change struct {
	Sender string    `json:"sender"`
	What   string    `json:"what"` // "started" or "stopped"
	Date   time.Time `json:"date"` // of the first message of the later stretch
	Before Stretch   `json:"before"`
	After  Stretch   `json:"after"`
}

// Stretch is a run of messages of a sender.
type Stretch struct {
	Messages int `json:"messages"`
	Tracked  int `json:"tracked"`
}
