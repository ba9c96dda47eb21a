package rewrite

import (
	"net/url"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
)

// personal are the parameters by which services tell readers apart at the
// target of a link.
var personal = map[string]bool{
	"mc_eid": true, "_hsenc": true, "_hsmi": true, "mkt_tok": true, "vero_id": true, "vero_conv": true, "oly_enc_id": true,
	"oly_anon_id": true, "_ke": true, "_kx": true, "__s": true, "ck_subscriber_id": true, "sc_eh": true, "sc_uid": true, "bsft_uid": true,
	"bsft_eid": true, "bsft_clkid": true, "ml_subscriber": true, "ml_subscriber_hash": true, "dm_i": true, "rb_clickid": true, "s_cid": true,
	"wickedid": true, "et_rid": true, "sfmc_id": true, "sfmc_sub": true, "cm_mmca1": true, "elqTrackId": true, "elqtrackid": true, "trk_contact": true,
	"trk_msg": true, "trk_sid": true, "mtm_cid": true, "hsCtaTracking": true, "_bhlid": true, "ss_email_id": true, "inf_contact_key": true,
}

// securityHosts wrap links to check them when they are followed.
var securityHosts = []string{
	"safelinks.protection.outlook.com", "urldefense.com", "urldefense.proofpoint.com", "urldefense.us", "mimecastprotect.com", "mimecast.com",
	"linkprotect.cudasvc.com", "clicktime.symantec.com", "secure-web.cisco.com", "protect.checkpoint.com", "url.emailprotection.link",
	"protection.sophos.com", "trendmicro.com", "fireeye.com", "inky.com",
}

// fragile are words in links that work once, or for this reader alone.
var fragile = []string{
	"unsub", "optout", "opt-out", "opt_out", "abmeld", "austrag", "desinscri", "preferences", "subscription",
	"login", "signin", "sign-in", "sign_in", "magic", "password", "passwort", "reset", "verify", "verif", "confirm", "activate", "activation",
	"otp", "onetime", "one-time", "invite", "invitation", "oauth", "/auth", "sso", "session", "token=",
}

// unwrap returns what a link becomes, "" where it must or may as well stay.
func (r *run) unwrap(f *detector.Finding) string {
	if r.listed[f.URL] || f.Part == "HEADER" {
		return ""
	}
	if !r.opts.SecurityLinks {
		if u, err := url.Parse(f.URL); err == nil && within(u.Host, securityHosts) {
			return ""
		}
	}
	to := f.Target
	if to == "" {
		to = f.URL
	}
	to = withoutPersonal(to)
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || to == f.URL || delicate(u) {
		return ""
	}
	if own, err := url.Parse(f.URL); err != nil || f.Target == "" && delicate(own) {
		return ""
	}
	return to
}

func within(host string, list []string) bool {
	host = strings.ToLower(host)
	for _, h := range list {
		if host == h || strings.HasSuffix(host, "."+h) {
			return true
		}
	}
	return false
}

func delicate(u *url.URL) bool {
	text := strings.ToLower(u.Path + "?" + u.RawQuery)
	for _, w := range fragile {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// withoutPersonal drops personal parameters and keeps all else as written.
func withoutPersonal(u string) string {
	rest, fragment, hasFragment := strings.Cut(u, "#")
	base, query, ok := strings.Cut(rest, "?")
	if !ok {
		return u
	}
	var keep []string
	for p := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(p, "=")
		if !personal[name] {
			keep = append(keep, p)
		}
	}
	if len(keep) > 0 {
		base += "?" + strings.Join(keep, "&")
	}
	if hasFragment {
		base += "#" + fragment
	}
	return base
}
