package lint

import (
	"regexp"
	"strings"
)

// What a sender can say to a service, and where that is documented. A header or an
// attribute that turns tracking off, while the HTML still tracks, is a promise that
// is not kept; one that turns it on, or a marker, asks for tracking that is not in
// the HTML yet.

// What a switch is about.
const (
	opensToo = 1 << iota
	clicksToo
)

// A trackSwitch is a header field with the values that turn tracking off or on.
// Values are compared in lower case; "" in on stands for any value not in off.
type trackSwitch struct {
	service, name string
	about         int
	off, on       []string
	source        string
}

var headerSwitches = []trackSwitch{
	{"Postmark", "X-PM-TrackOpens", opensToo, []string{"false"}, []string{"true"}, "https://postmarkapp.com/developer/user-guide/tracking-opens/tracking-opens-per-email"},
	{"Postmark", "X-PM-TrackLinks", clicksToo, []string{"none"}, []string{"htmlandtext", "htmlonly", "textonly"}, "https://postmarkapp.com/developer/user-guide/tracking-links"},
	{"Mailgun", "X-Mailgun-Track", opensToo | clicksToo, []string{"no", "false"}, []string{"yes", "true"}, "https://documentation.mailgun.com/docs/mailgun/user-manual/sending-messages/send-smtp"},
	{"Mailgun", "X-Mailgun-Track-Opens", opensToo, []string{"no", "false"}, []string{"yes", "true"}, "https://documentation.mailgun.com/docs/mailgun/user-manual/sending-messages/send-smtp"},
	{"Mailgun", "X-Mailgun-Track-Clicks", clicksToo, []string{"no", "false"}, []string{"yes", "true", "htmlonly"}, "https://documentation.mailgun.com/docs/mailgun/user-manual/sending-messages/send-smtp"},
	{"Mailjet", "X-Mailjet-TrackOpen", opensToo, []string{"0"}, []string{"1", "2"}, "https://dev.mailjet.com/smtp-relay/custom-headers/"},
	{"Mailjet", "X-Mailjet-TrackClick", clicksToo, []string{"0"}, []string{"1", "2"}, "https://dev.mailjet.com/smtp-relay/custom-headers/"},
	{"Mailjet", "Mj-TrackOpen", opensToo, []string{"0"}, []string{"1", "2"}, "https://dev.mailjet.com/smtp-relay/custom-headers/"},
	{"Mailjet", "Mj-TrackClick", clicksToo, []string{"0"}, []string{"1", "2"}, "https://dev.mailjet.com/smtp-relay/custom-headers/"},
	{"Mandrill", "X-MC-Track", opensToo | clicksToo, []string{"none", "false", "no"}, []string{"opens", "clicks", "clicks_all", "clicks_htmlonly", "clicks_textonly", "opens,clicks"}, "https://mailchimp.com/developer/transactional/docs/smtp-integration/"},
}

// A jsonSwitch is a word in a header that holds JSON.
type jsonSwitch struct {
	service, name string
	about         int
	path          []string // of the value in the JSON
	source        string
}

var jsonSwitches = []jsonSwitch{
	{"SendGrid", "X-SMTPAPI", opensToo, []string{"filters", "opentrack", "settings", "enable"}, "https://www.twilio.com/docs/sendgrid/ui/account-and-settings/smtp-filters"},
	{"SendGrid", "X-SMTPAPI", clicksToo, []string{"filters", "clicktrack", "settings", "enable"}, "https://www.twilio.com/docs/sendgrid/ui/account-and-settings/smtp-filters"},
	{"SparkPost", "X-MSYS-API", opensToo, []string{"options", "open_tracking"}, "https://developers.sparkpost.com/api/smtp/"},
	{"SparkPost", "X-MSYS-API", clicksToo, []string{"options", "click_tracking"}, "https://developers.sparkpost.com/api/smtp/"},
}

// An attrSwitch is an attribute that keeps one link from being wrapped. An empty value
// means that the attribute alone says so.
type attrSwitch struct {
	service, name, value string
	source               string
}

var attrSwitches = []attrSwitch{
	{"SendGrid", "clicktracking", "off", "https://www.twilio.com/docs/sendgrid/ui/account-and-settings/tracking"},
	{"Amazon SES", "ses:no-track", "", "https://docs.aws.amazon.com/ses/latest/dg/faqs-metrics.html"},
	{"SparkPost", "data-msys-clicktrack", "0", "https://support.sparkpost.com/docs/faq/disabling-click-tracking-on-individual-links"},
	{"Mandrill", "mc:disable-tracking", "", "https://mailchimp.com/developer/transactional/docs/activity-reports/"},
	{"laravel-mail-tracker", "data-dont-track", "", "https://github.com/jdavidbakr/mail-tracker"},
	{"Mailgun", "disable-tracking", "true", "https://documentation.mailgun.com/docs/mailgun/user-manual/tracking-messages/tracking-clicks"},
	{"Postmark", "data-pm-no-track", "", "https://postmarkapp.com/developer/user-guide/tracking-links"},
}

// A marker asks a service to put its pixel here, or to wrap a link.
type marker struct {
	service, text string // as written, in lower case and without spaces
	what          string
	source        string
}

var markers = []marker{
	{"Amazon SES", "{{ses:opentracker}}", "its open pixel", "https://docs.aws.amazon.com/ses/latest/dg/faqs-metrics.html"},
	{"listmonk", "{{trackview}}", "its open pixel", "https://listmonk.app/docs/templating/"},
	{"listmonk", "{{trackview.}}", "its open pixel", "https://listmonk.app/docs/templating/"},
	{"phpList", "[usertrack]", "its open pixel", "https://www.phplist.org/manual/books/phplist-manual/page/using-placeholders"},
	{"Mautic", "{tracking_pixel}", "its open pixel", "https://docs.mautic.org/en/5.x/configuration/variables.html"},
	{"Sailthru", "{beacon}", "its open pixel", "https://getstarted.sailthru.com/developers/zephyr-functions-library/"},
	{"Constant Contact", "[[trackingimage]]", "its open pixel", "https://developer.constantcontact.com/api_guide/emails_create.html"},
}

// maxMarker is how long a marker is at most, with some spaces, and markerLetters are the
// letters that markers begin with: most tags are told by these.
const (
	maxMarker     = 30
	markerLetters = "bstu"
)

// listmonkLink at the end of an href asks listmonk to wrap the link.
const listmonkLink = "@tracklink"

// pixelNames are names that developers give to what writes an open pixel: {{
// tracking_pixel }}, {!! $openPixel !!}, <%= track_pixel_tag %>. None is of a service.
var pixelNames = regexp.MustCompile(`(?i)^[^"'|]*(?:track(?:ing|er)?[_-]?pixel|pixel[_-]?track|open[_-]?(?:tracking[_-]?)?pixel|open[_-]?tracker)`)

// namesPixel reports whether an expression begins with such a name.
func namesPixel(inner string) bool {
	for _, piece := range [...]string{"ixel", "IXEL", "racker", "RACKER"} {
		if strings.Contains(inner, piece) {
			return pixelNames.MatchString(inner)
		}
	}
	return false
}
