package detector

import "strings"

// personalParameters name a reader, contact or subscriber to the site that a link
// leads to. They are those that Firefox strips in its strict mode and Brave in its
// query filter, without the ones that stand for a click on an advertisement (fbclid,
// gclid, …) or for a campaign (utm_…, s_cid, mc_cid): those tell no readers apart;
// and those that the documentation of the services describes so.
var personalParameters = map[string]string{
	"__hsfp":             "HubSpot",
	"__hssc":             "HubSpot",
	"__hstc":             "HubSpot",
	"__s":                "Drip",
	"_bhlid":             "beehiiv",
	"_hsenc":             "HubSpot",
	"_ke":                "Klaviyo",
	"_kx":                "Klaviyo",
	"at_recipient_id":    "Piano Analytics",
	"at_recipient_list":  "Piano Analytics",
	"bbeml":              "a mail service",
	"bsft_clkid":         "Blueshift",
	"bsft_uid":           "Blueshift",
	"elqtrackid":         "Eloqua",
	"et_rid":             "Salesforce Marketing Cloud",
	"mc_eid":             "Mailchimp",
	"mkt_tok":            "Marketo",
	"ml_subscriber":      "MailerLite",
	"ml_subscriber_hash": "MailerLite",
	"oft_id":             "a mail service",
	"oft_ids":            "a mail service",
	"oly_anon_id":        "Omeda",
	"oly_enc_id":         "Omeda",
	"sc_customer":        "a mail service",
	"sc_eh":              "a mail service",
	"sc_uid":             "a mail service",
	"sfmc_id":            "Salesforce Marketing Cloud",
	"spuserid":           "Acoustic",
	"ss_email_id":        "Squarespace",
	"trk_contact":        "Listrak",
	"vero_conv":          "Vero",
	"vero_id":            "Vero",
	"vgo_ee":             "ActiveCampaign",
	"wickedid":           "Wicked Reports",
}

// personalShapes has a bit for each length that a personal parameter's name has,
// for its first letter.
var personalShapes = func() (shapes [256]uint32) {
	for name := range personalParameters {
		shapes[name[0]] |= 1 << len(name)
	}
	return shapes
}()

// personal returns the first parameter of a query that names a reader, and
// whose it is. A placeholder names nobody yet.
func personal(query string) (name, service string) {
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		key, value, ok := strings.Cut(pair, "=")
		key = strings.TrimPrefix(key, "amp;")
		if !ok || key == "" || len(key) > 31 || personalShapes[lowerByte(key[0])]&(1<<len(key)) == 0 {
			continue
		}
		if service = personalParameters[strings.ToLower(key)]; service != "" && isFilled(key, value) {
			return strings.Clone(key), service
		}
	}
	return "", ""
}

// isFilled reports whether a value is one: at least four characters of what
// tokens are made of. Drip's __s means other things too, but not at that length.
func isFilled(key, value string) bool {
	least := 4
	if key == "__s" {
		least = 6
	}
	return len(value) >= least && !strings.ContainsAny(value, "*|[]{}<>") && !strings.HasPrefix(value, "%7B") && !strings.HasPrefix(value, "%5B")
}
