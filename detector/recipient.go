package detector

import (
	"slices"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/mime"
	"github.com/pixelsweep/pixelsweep/detector/internal/weburl"
)

// reader is who the message was sent to, and from which site.
type reader struct {
	site      string // of the sender domain
	id        string // the message's ID, without brackets
	msg       *mime.Message
	addresses []string // as written

	ready  bool
	people []*person // of addresses
	traits []form    // of this message: its ID, the token of its unsubscribe link, …
	starts bitmap    // of the forms of all of them
	sums   *sums     // of the message's ID
}

// Headers that name the reader. Those of the first group are written by the
// server that delivers, the others by the sender.
var (
	deliveredTo = []string{"Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To"}
	addressedTo = []string{"To", "Cc", "Resent-To"}
)

// maxAddresses is how many addresses a header may hold and still name the
// reader: a message to many people names none of them.
const maxAddresses = 5

// maxPeople is how many addresses are looked for.
const maxPeople = 12

// newReader collects the addresses of the reader. m may be nil.
func newReader(m *mime.Message, more []string) reader {
	rd := reader{msg: m, addresses: slices.Clone(more)}
	if m == nil {
		return rd
	}
	for _, h := range deliveredTo {
		rd.add(m.Field(h), "")
	}
	from := m.Field("From")
	for _, h := range addressedTo {
		rd.add(m.Field(h), from)
	}
	rd.id = strings.Trim(strings.TrimSpace(m.Field("Message-ID")), "<>")
	return rd
}

// add takes the addresses of a header, save those that stand in from: who
// writes to himself hides the readers.
func (r *reader) add(value, from string) {
	if value == "" {
		return
	}
	list := mime.Addresses(value)
	if len(list) > maxAddresses {
		return
	}
	for _, a := range list {
		if from == "" || !strings.Contains(from, a) {
			r.addresses = append(r.addresses, a)
		}
	}
}

// thirdParty reports whether a site is not the sender's.
func (r *reader) thirdParty(site string) bool {
	return site != "" && site != r.site
}

// know gets ready what is looked for in the URLs of the message.
func (s *scan) know() *reader {
	r := &s.reader
	if r.ready {
		return r
	}
	r.ready = true
	if r.msg != nil {
		r.fromReturnPath(r.msg.Field("Return-Path"))
		r.fromUnsubscribe(r.msg.Field("List-Unsubscribe"))
		r.fromID()
		r.fromHeaders()
	}
	for _, a := range r.addresses {
		if p := s.person(a); p != nil && !slices.Contains(r.people, p) && len(r.people) < maxPeople {
			r.people = append(r.people, p)
			r.starts.or(&p.starts)
		}
	}
	r.starts.setAll(r.traits)
	return r
}

// known reports whether there is anything to look for in URLs.
func (r *reader) known() bool { return len(r.people) > 0 || len(r.traits) > 0 || r.id != "" }

// fromReturnPath reads the reader's address out of the return path, where
// mailing list software puts it (variable envelope return path):
// bounce-42-ann=reader.example@shop.example.
func (r *reader) fromReturnPath(value string) {
	local, _, ok := strings.Cut(strings.Trim(strings.TrimSpace(value), "<>"), "@")
	if ok {
		r.addresses = append(r.addresses, variableReturn(local)...)
	}
}

// variableReturn lists the addresses that the local part of a return path may
// hold: what stands before the "=" begins at one of the separators.
func variableReturn(local string) []string {
	i := strings.LastIndexByte(local, '=')
	if i < 1 || !isDomain(local[i+1:]) || strings.HasPrefix(strings.ToUpper(local), "SRS") {
		return nil
	}
	var list []string
	before, domain := local[:i], local[i+1:]
	for len(list) < 3 {
		at := strings.LastIndexAny(before, "-+/")
		if name := local[at+1 : i]; len(name) >= 2 {
			list = append(list, name+"@"+domain)
		}
		if at < 0 {
			break
		}
		before = before[:at]
	}
	return list
}

// isDomain reports whether s looks like the domain of an address.
func isDomain(s string) bool {
	dot := strings.LastIndexByte(s, '.')
	if dot < 1 || len(s)-dot < 3 {
		return false
	}
	for i := range len(s) {
		if !wordByte(s[i]) && s[i] != '.' && s[i] != '-' {
			return false
		}
	}
	return isLetter(s[dot+1])
}

// fromUnsubscribe reads the unsubscribe links (RFC 2369), which have to tell
// readers apart: the addresses that they hold beside the list's own, and the
// token.
func (r *reader) fromUnsubscribe(value string) {
	value = value[:min(len(value), 4<<10)]
	for value != "" {
		var link string
		link, value, _ = strings.Cut(value, ",")
		link = strings.Trim(strings.TrimSpace(link), "<> ")
		if mail, ok := strings.CutPrefix(link, "mailto:"); ok {
			mail, rest, _ := strings.Cut(weburl.Unescape(mail), "?")
			local, _, _ := strings.Cut(mail, "@")
			r.addresses = append(r.addresses, variableReturn(local)...)
			r.addressesIn(rest)
			continue
		}
		u, ok := weburl.Parse(link, nil)
		if !ok || !weburl.IsRemote(u) {
			continue
		}
		r.addressesIn(weburl.Unescape(u.Query))
		if t, _ := opaque(u.Path, u.Query); len(t) >= minTrait && len(r.traits) < maxTraits {
			r.traits = append(r.traits, form{text: t, what: "the token of the unsubscribe link", evidence: Likely})
		}
	}
}

const (
	minTrait  = 12
	maxTraits = 8
)

// addressesIn takes the addresses in a text that are not of the sender's site.
func (r *reader) addressesIn(text string) {
	for at := range len(text) {
		if text[at] != '@' {
			continue
		}
		from, to := addressAround(bytesOf(text), at)
		if a := text[from:to]; from < at && isDomain(text[at+1:to]) && weburl.Site(strings.ToLower(text[at+1:to])) != r.site {
			r.addresses = append(r.addresses, a)
		}
	}
}

// fromID takes the part of the message's ID that is the message's own.
func (r *reader) fromID() {
	if local, _, _ := strings.Cut(r.id, "@"); len(local) >= minTrait {
		r.traits = append(r.traits, form{text: local, what: "this message's ID", evidence: Likely})
	}
}

// traitHeaders hold what the sender's software calls the reader, the copy or the
// mailing; by the documentation of the services and their mail.
var traitHeaders = []struct {
	name     string
	campaign bool
}{
	{"X-Subscriber-ID", false}, {"X-SubscriberID", false}, {"X-RecipientID", false}, {"X-Recipient-ID", false},
	{"X-Mailer-RecptId", false}, {"X-Mailer-SID", false}, {"X-ContactID", false}, {"X-Contact-ID", false},
	{"X-CIO-Delivery-ID", false}, {"X-PM-Message-Id", false}, {"X-Delivery-ID", false}, {"X-MessageID", false},
	{"X-Campaign", true}, {"X-CampaignID", true}, {"X-Campaign-ID", true}, {"X-Mailer-LID", true}, {"X-MailingID", true},
	{"X-Mailing-ID", true}, {"X-Newsletter-ID", true}, {"X-BroadcastID", true}, {"X-JobID", true},
}

// traitLengths has a bit for the length of each of their names.
var traitLengths = func() (bits uint64) {
	for _, h := range traitHeaders {
		bits |= 1 << len(h.name)
	}
	return bits
}()

// fromHeaders takes what traitHeaders hold. A mailing's number tells mailings
// apart and not their readers: it is named and proves nothing.
func (r *reader) fromHeaders() {
	for _, f := range r.msg.Fields() {
		if len(f.Name) > 63 || traitLengths&(1<<len(f.Name)) == 0 || f.Name[0]|0x20 != 'x' {
			continue
		}
		for _, h := range traitHeaders {
			if len(h.name) != len(f.Name) || len(r.traits) == maxTraits || !strings.EqualFold(h.name, f.Name) {
				continue
			}
			value := strings.TrimSpace(mime.Unfold(f.Value.Of(r.msg.Src)))
			if len(value) < 5 || len(value) > 100 || !strings.ContainsAny(value, "0123456789") || strings.ContainsAny(value, " ,;") {
				continue
			}
			t := form{text: value, what: "the number of the reader or copy in " + h.name, evidence: Likely, alone: true}
			if h.campaign {
				t.what, t.evidence = "the number of the mailing in "+h.name+", which all its readers share", NoEvidence
			}
			r.traits = append(r.traits, t)
		}
	}
}
