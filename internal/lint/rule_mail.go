package lint

import (
	"bytes"
	"path/filepath"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/internal/lint/template"
)

// mailKind is what a message is for.
type mailKind string

// The kinds of mail. Others than newsletters are what a reader cannot do without.
const (
	newsletter    mailKind = "newsletter"
	transactional mailKind = "transactional"
	auth          mailKind = "auth"
	consent       mailKind = "consent"
)

// mailKinds are the words of a policy.
var mailKinds = map[string]mailKind{"": "", "newsletter": newsletter, "transactional": transactional, "auth": auth, "consent": consent}

// kindWords stand in the subject, the title or the name of mail of a kind.
var kindWords = []struct {
	kind  mailKind
	words []string
}{
	{consent, []string{"consent to tracking", "allow us to measure", "tracking consent", "einwilligung zum tracking", "consentement au suivi"}},
	{auth, []string{
		"password", "passwort", "kennwort", "mot de passe", "contraseña", "senha", "wachtwoord", "passphrase", "verify your", "verification code",
		"verify email", "email verification", "confirm your email", "confirm your account", "confirmation code", "one-time", "one time code",
		"login code", "sign-in", "sign in to", "log in to", "magic link", "two-factor", "2fa", "security alert", "security code", "bestätigungscode",
		"code de vérification", "codice di verifica", "reset-password", "password-reset",
	}},
	{transactional, []string{
		"invoice", "receipt", "your order", "order confirmation", "order #", "shipping confirmation", "has shipped", "payment", "refund",
		"rechnung", "bestellung", "auftragsbestätigung", "facture", "commande", "fattura", "il tuo ordine", "factura", "tu pedido", "billing",
	}},
}

// kind works out what a message is: what the policy says of its path, else what its
// subject, its title or its name say.
func (d *document) kind() mailKind {
	if d.rules.mail != "" {
		return mailKinds[d.rules.mail]
	}
	text := strings.ToLower(strings.TrimSuffix(filepath.Base(d.path), filepath.Ext(d.path)))
	if m := d.report.Message; m != nil {
		text += "\n" + m.Subject
	}
	for _, p := range d.parts {
		for i := range p.doc.Elements {
			if e := &p.doc.Elements[i]; e.Name == "title" {
				text += "\n" + string(p.text[e.End:min(e.Body, e.End+300)])
				break
			}
		}
	}
	text = strings.ToLower(text)
	for _, k := range kindWords {
		for _, w := range k.words {
			if strings.Contains(text, w) {
				return k.kind
			}
		}
	}
	return newsletter
}

// kindNames are the kinds of beacons in words.
var kindNames = map[detector.Kind]string{
	detector.Pixel: "a tracking pixel", detector.ScriptBeacon: "a script that reports", detector.FrameBeacon: "a frame that reports",
	detector.Probe: "a probe",
}

// tracks says how a reference tracks, "" if nothing says that it does.
func (d *document) tracks(r *ref) string {
	switch {
	case r.sure():
		return kindNames[r.finding.Kind]
	case r.loads() && r.individual() != "":
		return "a URL for one reader"
	case r.finding != nil && r.finding.Kind == detector.ClickTracker:
		if _, ok := r.signal("wrapped-link"); ok {
			return "a link that records the click"
		}
	}
	return ""
}

func transactionalTracking(d *document) {
	if d.mail != auth && d.mail != transactional {
		return
	}
	what := map[mailKind]string{auth: "signing in", transactional: "an order or a contract"}[d.mail]
	for _, r := range d.refs {
		if how := d.tracks(r); how != "" {
			d.add("transactional-tracking", r.spot(), "mail about "+what+" must not track, and holds "+how, r)
		}
	}
}

func consentTracking(d *document) {
	if d.mail != consent {
		return
	}
	for _, r := range d.refs {
		if how := d.tracks(r); how != "" && r.loads() {
			d.add("consent-tracking", r.spot(), "mail that asks whether it may track holds "+how+" already", r)
		}
	}
}

func readReceipt(d *document) {
	for _, r := range d.refs {
		if r.Trigger != detector.Receipt {
			continue
		}
		s := r.spot()
		if f := d.fieldAt(r.Offset); f != nil {
			s = f.spot()
		}
		d.add("read-receipt", s, "the header "+strings.TrimPrefix(r.Vector, "header:")+" asks the reader's client to report", r)
	}
}

// fieldAt finds the header field that holds an offset.
func (d *document) fieldAt(at int) *field {
	for i := range d.fields {
		if f := &d.fields[i]; f.start <= at && at <= f.end {
			return f
		}
	}
	return nil
}

func noListUnsubscribe(d *document) {
	if d.html || d.mail == auth || d.mail == transactional || d.field("List-Unsubscribe") != nil {
		return
	}
	d.add("no-list-unsubscribe", spot{}, "the header List-Unsubscribe is missing (RFC 2369, RFC 8058)", nil)
}

// noWithdrawal asks for a way out where a message measures one reader.
func noWithdrawal(d *document) {
	if d.field("List-Unsubscribe") != nil || len(d.unsubscribes()) > 0 {
		return
	}
	for _, p := range d.parts {
		for i := range p.doc.Tags {
			if t := &p.doc.Tags[i]; t.Kind == template.Output && namesUnsubscribe(t.Inner(p.text)) {
				return
			}
		}
		if bytes.Contains(bytes.ToLower(p.text), []byte("preference")) && !p.isMarkup() {
			return
		}
	}
	for _, r := range d.refs {
		if r.loads() && (r.sure() || r.individual() != "") {
			d.add("no-withdrawal", r.spot(), "this measures readers, and the message has no link and no header to refuse it", r)
			return
		}
	}
}
