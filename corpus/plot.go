package corpus

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
)

// plot is a kind of message that the generator makes.
type plot struct {
	name  string
	share int // of plotShares
	plain bool
	write func(*draft)
}

// plots are the kinds of messages, with their shares of a mailbox.
var plots = []plot{
	{"letter", 15, true, func(*draft) {}},
	{"notice", 10, false, writeNotice},
	{"clean newsletter", 15, false, writeClean},
	{"newsletter of a service", 25, false, writeService},
	{"newsletter of nobody knows whom", 12, false, writeUnknown},
	{"hidden in a style", 4, false, writeStyle},
	{"print and forward probes", 3, false, writeProbes},
	{"frame", 2, false, writeFrame},
	{"personal picture", 3, false, writePersonal},
	{"wrapped links", 5, false, writeLinks},
	{"read receipt", 3, true, writeReceipt},
	{"traps", 3, false, writeTraps},
}

// plotShares is the sum of the shares.
const plotShares = 100

// writeNotice: a logo and a button.
func writeNotice(d *draft) {
	d.add("<img src=\"https://www.%s/img/logo.png\" width=\"160\" height=\"48\" alt=\"Logo\"><p>%s</p>", d.sender, pick(d, sentences))
	d.add("<p><a href=\"https://www.%s/orders/%d?utm_source=mail\">Your order</a></p>\n", d.sender, d.IntN(1e6))
}

// writeClean: pictures, spacers and a web font, the same for everybody.
func writeClean(d *draft) {
	d.head = fmt.Appendf(d.head, "<link rel=\"stylesheet\" href=\"https://fonts.%s/css?family=Serif:400,700\">", d.sender)
	for range 3 + d.IntN(6) {
		d.add("<img src=\"https://img.%s/i/spacer.gif\" width=\"%d\" height=\"1\" alt=\"\"><p>%s</p>\n", d.sender, 100+d.IntN(500), pick(d, sentences))
	}
	d.add("<img src=\"https://img.%s/i/footer.jpg?w=600&amp;h=120\" width=\"600\" height=\"120\" alt=\"%s\">\n", d.sender, pick(d, words))
}

// services are the shapes of open pixels, with tokens in braces: {h8} is eight
// hexadecimal digits, {a20} twenty letters and digits, {s} the first label of
// the sender's domain.
var services = []string{
	"https://{s}.us9.list-manage.com/track/open.php?u={h25}&id={h10}&e={h10}",
	"https://trk.klaviyomail.com/o/{a26}",
	"https://u{d8}.ct.sendgrid.net/wf/open?upn={a80}",
	"https://click.e.{f}/open.aspx?ffcb10-{h16}-{h14}-{h16}",
	"https://email.mg.{f}/o/eJx{a60}",
	"https://pixel.watch/{a4}",
	"https://eotrx.substackcdn.com/open?token={a90}",
	"https://mw.{f}/campaigns/{h13}/track-opening/{h13}",
}

// expand fills in the tokens of a shape.
func (d *draft) expand(shape string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(shape, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		what, after, _ := strings.Cut(rest, "}")
		n, err := strconv.Atoi(what[min(1, len(what)):])
		if what != "s" && what != "f" && err != nil {
			// The brace of a style sheet.
			b.WriteByte('{')
			shape = rest
			continue
		}
		shape = after
		switch what[0] {
		case 'h':
			b.WriteString(d.hex(n))
		case 'a':
			b.WriteString(d.token(alnum, n))
		case 'd':
			for range n {
				b.WriteByte(byte('1' + d.IntN(9)))
			}
		case 's':
			label, _, _ := strings.Cut(d.sender, ".")
			b.WriteString(label)
		case 'f':
			b.WriteString(d.sender)
		}
	}
}

// escape writes a URL as an attribute's value.
func escape(url string) string { return strings.ReplaceAll(url, "&", "&amp;") }

// writeService: the pixel of a service.
func writeService(d *draft) {
	url := d.expand(pick(d, services))
	size := pick(d, []string{`width="1" height="1"`, `height="1" width="1" border="0"`, `width="1px" height="1px"`, `style="width:1px;height:1px"`})
	d.add("<img src=\"%s\" %s alt=\"\">\n", escape(url), size)
	d.want(detector.Pixel, "img[src]", url)
}

// hiding are the ways to make sure that nobody sees a pixel.
var hiding = []string{
	`<img src="%s" width="1" height="1">`,
	`<img src="%s" width="0" height="0" alt="">`,
	`<img src="%s" style="display:none">`,
	`<div style="max-height:0;overflow:hidden"><img src="%s"></div>`,
	`<img src="%s" style="position:absolute;left:-9999px">`,
	`<img src="%s" style="visibility:hidden" width="1" height="1">`,
	`<table><tr><td style="display:none"><img src="%s"></td></tr></table>`,
	`<img src="%s" width="1">`,
	`<noscript><img src="%s" width="1" height="1"></noscript>`,
}

// unknown are shapes that no service is known by.
var unknown = []string{
	"https://track.{f}/open/{h24}", "https://t.{f}/e/{a32}/v?c={h16}", "https://r.{f}/beacon?uid={h32}&m=4",
	"https://{f}/mail/opened/{h20}.gif?k={h12}", "https://stats.partner.example/collect?cid={h24}&t=open",
}

// writeUnknown: a pixel that only its nature gives away.
func writeUnknown(d *draft) {
	url := d.expand(pick(d, unknown))
	d.add(pick(d, hiding)+"\n", escape(url))
	d.want(detector.Pixel, "img[src]", url)
}

// writeStyle: a picture behind a hidden element.
func writeStyle(d *draft) {
	url := d.expand(services[0])
	d.add("<div style=\"display:none;background-image:url('%s')\">&nbsp;</div>\n", escape(url))
	d.want(detector.Pixel, "css:background-image", url)
}

// writeProbes: what is loaded on paper and in a forwarded copy only.
func writeProbes(d *draft) {
	base := d.expand("https://{h8}.emltrk.com/v2/{h8}")
	id := d.hex(16)
	printed, forwarded, opened := base+"?p&d="+id, base+"?f&d="+id, base+"?d="+id
	d.head = fmt.Appendf(d.head, "<style>@media print{#_t{background-image:url('%s')}}\nblockquote #_t{background-image:url('%s')}</style>", printed, forwarded)
	d.add("<div id=\"_t\"></div><img src=\"%s\" width=\"1\" height=\"1\">\n", escape(opened))
	d.want(detector.Probe, "css:background-image", printed)
	d.want(detector.Probe, "css:background-image", forwarded)
	d.want(detector.Pixel, "img[src]", opened)
}

// writeFrame: a frame without room.
func writeFrame(d *draft) {
	url := d.expand("https://track.{f}/open/{h20}")
	d.add("<iframe src=\"%s\" width=\"0\" height=\"0\" frameborder=\"0\"></iframe>\n", escape(url))
	d.want(detector.FrameBeacon, "iframe[src]", url)
}

// writePersonal: a picture that names the reader.
func writePersonal(d *draft) {
	sum := sha256.Sum256([]byte(d.opts.Recipient))
	url := "https://img." + d.sender + "/hero.jpg?r=" + hex.EncodeToString(sum[:])
	d.add("<img src=\"%s\" width=\"600\" height=\"300\" alt=\"%s\">\n", escape(url), pick(d, words))
	d.want(detector.TrackedContent, "img[src]", url)
}

// writeLinks: wrapped links, and nothing else.
func writeLinks(d *draft) {
	for range 2 + d.IntN(5) {
		url := d.expand("https://{s}.us9.list-manage.com/track/click?u={h25}&id={h10}&e={h10}")
		d.add("<p><a href=\"%s\">%s</a></p>\n", escape(url), pick(d, words))
		d.want(detector.ClickTracker, "a[href]", url)
	}
}

// writeReceipt: a letter that wants to be confirmed.
func writeReceipt(d *draft) {
	d.headers = fmt.Appendf(d.headers, "Disposition-Notification-To: <news@%s>\n", d.sender)
	d.want(detector.ReadReceipt, "header:Disposition-Notification-To", "mailto:news@"+d.sender)
}

// traps are what other detectors take for pixels. {f} is the sender's domain.
var traps = []string{
	`<img src="https://www.{f}/i/sidebar-gradient.png" width="1" height="100">`,
	`<img src="https://www.{f}/images/svc_spacer.gif" width="1" height="10">`,
	`<style>@media (max-width:480px){.mob{display:block!important;width:157px!important}}</style><img class="mob" src="https://www.{f}/logo_mobile.png" width="1" height="1" style="display:none" alt="">`,
	`<img src="https://www.{f}/img/opening-night.jpg" width="560" alt="The stage">`,
	`<img src="https://www.{f}/tracking/parcel-map.png" width="560" height="200" alt="Stops">`,
	`<img src="cid:logo@{f}" width="0" height="0">`,
	`<img src="https://cdn.{f}/v/{h12}_{d16}.jpg?oh={h16}&amp;oe={h8}" width="600" alt="Lake">`,
	`<!-- <img src="https://track.{f}/open/{h16}" width=1 height=1> -->`,
	`<textarea><img src="https://track.{f}/open/{h16}" width="1" height="1"></textarea>`,
}

func writeTraps(d *draft) {
	for range 3 {
		d.add("%s<p>%s</p>\n", d.expand(pick(d, traps)), pick(d, sentences))
	}
}

// words, subjects and sentences are what letters are made of.
var (
	words    = strings.Fields("harbour garden autumn lantern meadow bakery museum bicycle orchard pottery library station kitchen weekend mountain river theatre festival workshop island cinema market village castle")
	subjects = []string{"this week", "for the weekend", "in November", "and what to do with it", "starts on Saturday", "is back", "for two", "half price until Sunday", "as you asked", "in ten pictures"}

	sentences = []string{
		"Tulips, crocuses and daffodils want to be in the ground before the frost.",
		"The ferry leaves at ten, and the last one back at six.",
		"Bread needs time, salt and a hot oven; everything else is a matter of taste.",
		"We moved the workshop to the hall behind the library.",
		"Bring boots, because the path along the river is under water again.",
		"The new wing opens on Saturday with music from eleven.",
		"All seats are taken, but ten more are sold at the door.",
	}
)

// senders are the domains that mail comes from.
var senders = func() []string {
	var list []string
	for _, w := range words {
		for _, prefix := range []string{"", "the-", "my-", "old-", "new-", "two-", "shop-", "club-"} {
			list = append(list, prefix+w+".example")
		}
	}
	return list
}()

// rows are rows of a newsletter's table.
var rows = func() []string {
	var list []string
	for i, s := range sentences {
		list = append(list, fmt.Sprintf("<tr>\n<td align=\"left\" valign=\"top\" style=\"padding:%dpx 24px;font-family:Arial,Helvetica,sans-serif;font-size:15px;\nline-height:22px;color:#333333;mso-line-height-rule:exactly\">%s</td>\n</tr>\n", 4+i, s+" "+sentences[(i+3)%len(sentences)]))
	}
	return list
}()
