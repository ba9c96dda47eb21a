package detector_test

import (
	"fmt"
	"html"
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/detector"
)

// TestConsent: what a page's own calls say of consent.
func TestConsent(t *testing.T) {
	const (
		deny      = `gtag('consent','default',{ad_storage:'denied',analytics_storage:'denied'});`
		grant     = `gtag('consent','update',{ad_storage:'granted',analytics_storage:'granted'});`
		google    = `gtag('config','G-4TH4NKS01');gtag('event','purchase',{value:3});`
		container = `dataLayer.push({event:'order'});`
		matomo    = `_paq.push(['trackPageView']);`
		tiktok    = `ttq.load('C4821ABC');ttq.page();`
		microsoft = `uetq.push('event','purchase',{revenue_value:3});`
		meta      = `fbq('init','4821');fbq('track','Lead');`
	)
	for _, c := range []struct {
		name, page string
		want       detector.Consent
	}{
		{"denied", `<script>` + deny + google + `</script>`, detector.Gated},
		{"granted at once", `<script>` + deny + grant + google + `</script>`, detector.BeforeConsent},
		{"granted in another script", `<script>` + deny + `</script><script>` + grant + `</script><script>` + google + `</script>`, detector.BeforeConsent},
		{"granted later", `<script>` + deny + `function yes(){` + grant + `}` + google + `</script>`, detector.Gated},
		{"granted to some", `<script>` + deny + `if(c){` + grant + `}` + google + `</script>`, detector.Gated},
		{"granted behind and", `<script>` + deny + `ok&&` + grant + google + `</script>`, detector.Gated},
		{"granted in part", `<script>` + deny + `gtag('consent','update',{analytics_storage:'granted'});` + google + `</script>`, detector.BeforeConsent},
		{"granted in part to a container", `<script>` + deny + `gtag('consent','update',{analytics_storage:'granted'});` + container + `</script>`, detector.UnknownConsent},
		{"denied to ads only", `<script>gtag('consent','default',{ad_storage:'denied',analytics_storage:'granted'});` + google + `</script>`, detector.BeforeConsent},
		{"denied to ads", `<script>gtag('consent','default',{ad_storage:'denied',analytics_storage:'granted'});gtag('event','conversion',{send_to:'AW-48291/x'});</script>`, detector.Gated},
		{"denied to analytics only", `<script>gtag('consent','default',{analytics_storage:'denied'});gtag('event','conversion',{send_to:'AW-48291/x'});</script>`, detector.BeforeConsent},
		{"denied to ads in a container", `<script>gtag('consent','default',{ad_storage:'denied',analytics_storage:'granted'});` + container + `</script>`, detector.Gated},
		{"what was denied is granted", `<script>gtag('consent','default',{ad_storage:'denied'});gtag('consent','update',{ad_storage:'granted'});` + google + `</script>`, detector.BeforeConsent},
		{"denied again", `<script>` + deny + grant + deny + google + `</script>`, detector.Gated},
		{"denied in a region", `<script>gtag('consent','default',{analytics_storage:'denied',region:['DE']});` + google + `</script>`, detector.UnknownConsent},
		{"denied everywhere and in a region", `<script>gtag('consent','default',{ad_storage:'denied',region:['DE']});` + deny + google + `</script>`, detector.Gated},
		{"denied to some", `<script>if(c){` + deny + `}` + google + `</script>`, detector.UnknownConsent},
		{"denied after a condition", `<script>if(c){d()}` + deny + google + `</script>`, detector.Gated},
		{"denied in a function that is called", `<script>(function(){` + deny + `})();` + google + `</script>`, detector.Gated},
		{"denied behind a return", `<script>(function(){if(c)return;` + deny + `})();` + google + `</script>`, detector.UnknownConsent},
		{"denied behind a return in a block", `<script>(function(){if(c){for(;;){return}}` + deny + `})();` + google + `</script>`, detector.UnknownConsent},
		{"denied behind a line that returns", "<script>(function(){if(c)return\n" + deny + `})();` + google + `</script>`, detector.UnknownConsent},
		{"granted behind a return", `<script>` + deny + `(function(){if(c)return;` + grant + `})();` + google + `</script>`, detector.Gated},
		{"denied behind functions that return", `<script>function f(){return 1}var o={m(){return 2},a:()=>{return 3},b:function(){return 4}};` + deny + google + `</script>`, detector.Gated},
		{"denied by what is returned", `<script>(function(){return ` + deny + `})();` + google + `</script>`, detector.Gated},
		{"denied, and a container without scripts", `<script>` + deny + `</script><noscript><iframe src="https://www.googletagmanager.com/ns.html?id=GTM-4TH4NKS"></iframe></noscript>`, detector.BeforeConsent},
		{"denied, and an image", `<script>` + deny + `</script><img width=1 height=1 src="https://www.googleadservices.com/pagead/conversion/4821/?label=x&value=3">`, detector.BeforeConsent},
		{"denied, and an image that a script makes", `<script>` + deny + `new Image().src='https://www.googleadservices.com/pagead/conversion/4821/?label=x&value=3'</script>`, detector.BeforeConsent},
		{"denied, and an image that a script writes", `<script>` + deny + `document.write('<img src="https://www.googleadservices.com/pagead/conversion/4821/?label=x&value=3">')</script>`, detector.BeforeConsent},
		{"denied, and a script that a script writes", `<script>` + deny + `document.write('<script src="https://www.googletagmanager.com/gtag/js?id=G-4TH4NKS01"><\/script>')</script>`, detector.Gated},
		{"denied too late", `<script>` + google + `</script><body onload="` + html.EscapeString(deny) + `">`, detector.BeforeConsent},
		{"denied, and a container", `<script>` + deny + `</script><script src="https://www.googletagmanager.com/gtm.js?id=GTM-4TH4NKS"></script>`, detector.Gated},
		{"denied, and a function of another name", `<script>function g(){dataLayer.push(arguments)}g('consent','default',{analytics_storage:'denied'});g('config','G-4TH4NKS01')</script>`, detector.Gated},
		{"revoked", `<script>fbq('consent','revoke');` + meta + `</script>`, detector.Gated},
		{"revoked and granted", `<script>fbq('consent','revoke');fbq('consent','grant');` + meta + `</script>`, detector.BeforeConsent},
		{"Matomo waits", `<script>_paq.push(['requireConsent']);` + matomo + `</script>`, detector.Gated},
		{"Matomo waits for cookies only", `<script>_paq.push(['requireCookieConsent']);` + matomo + `</script>`, detector.BeforeConsent},
		{"Matomo goes on", `<script>_paq.push(['requireConsent'],['setConsentGiven']);` + matomo + `</script>`, detector.BeforeConsent},
		{"Matomo goes on later", `<script>_paq.push(['requireConsent']);function yes(){_paq.push(['rememberConsentGiven'])}` + matomo + `</script>`, detector.Gated},
		{"Matomo forgets", `<script>_paq.push(['forgetConsentGiven']);` + matomo + `</script>`, detector.Gated},
		{"TikTok waits", `<script>ttq.holdConsent();` + tiktok + `</script>`, detector.Gated},
		{"TikTok goes on", `<script>ttq.holdConsent();ttq.grantConsent();` + tiktok + `</script>`, detector.BeforeConsent},
		{"TikTok stops again", `<script>ttq.grantConsent();ttq.revokeConsent();` + tiktok + `</script>`, detector.Gated},
		{"Microsoft waits", `<script>uetq.push('consent','default',{ad_storage:'denied'});` + microsoft + `</script>`, detector.Gated},
		{"Microsoft goes on", `<script>uetq.push('consent','default',{ad_storage:'denied'});uetq.push('consent','update',{ad_storage:'granted'});` + microsoft + `</script>`, detector.BeforeConsent},
		{"Microsoft goes on with a click", `<script>uetq.push('consent','default',{ad_storage:'denied'});</script><button onclick="uetq.push('consent','update',{ad_storage:'granted'})">x</button><script>` + microsoft + `</script>`, detector.Gated},
		{"never runs", `<script type="text/plain">` + meta + `</script>`, detector.Gated},
		{"never loads", `<script type="text/plain" src="https://connect.facebook.net/en_US/fbevents.js"></script>`, detector.Gated},
		{"marked as necessary", `<script type="text/plain" class="optanon-category-C0001">` + meta + `</script>`, detector.BeforeConsent},
		{"marked for OneTrust", `<script type="text/plain" class="x optanon-category-C0004">` + meta + `</script>`, detector.Gated},
		{"Cookiebot is told to let it", `<script src="https://consent.cookiebot.com/uc.js" data-blockingmode="auto"></script><script data-cookieconsent="ignore">` + meta + `</script>`, detector.BeforeConsent},
		{"Cookiebot is told to let it, and Google waits", `<script data-cookieconsent="ignore">` + deny + google + `</script>`, detector.Gated},
		{"Cookiebot holds back", `<script src="https://consent.cookiebot.com/uc.js" data-blockingmode="auto"></script><script>` + meta + `</script>`, detector.Gated},
		{"necessary for Cookiebot", `<script type="text/plain" data-cookieconsent="necessary">` + meta + `</script>`, detector.BeforeConsent},
		{"necessary and more for Cookiebot", `<script type="text/plain" data-cookieconsent="necessary, marketing">` + meta + `</script>`, detector.Gated},
		{"Usercentrics is told to let it", `<script src="https://privacy-proxy.usercentrics.eu/latest/uc-block.bundle.js"></script><script data-uc-allowed="true">` + meta + `</script>`, detector.BeforeConsent},
		{"until the reader moves", `<script type="rocketlazyloadscript">` + meta + `</script>`, detector.BeforeConsent},
		{"until the reader moves, by its source", `<script type="litespeed/javascript" data-src="https://connect.facebook.net/en_US/fbevents.js"></script>`, detector.BeforeConsent},
		{"until the reader moves, by a source of its own", `<script type="rocketlazyloadscript" data-rocket-src="https://connect.facebook.net/en_US/fbevents.js"></script>`, detector.BeforeConsent},
		{"in a worker", `<script type="text/partytown">` + meta + `</script>`, detector.BeforeConsent},
		{"runs", `<script type="text/javascript">` + meta + `</script>`, detector.BeforeConsent},
	} {
		rep := scanPage(t, c.page)
		if len(rep.Findings) == 0 {
			t.Errorf("%s: no finding", c.name)
		}
		for _, f := range rep.Findings {
			if f.Kind.Decides() && f.Consent != c.want {
				t.Errorf("%s: %s %q is %q, want %q", c.name, f.Kind, f.URL, f.Consent, c.want)
			}
		}
	}
}

// TestManyConsentCalls: each finding looks at all calls about consent, so that a page
// does not get to have many.
func TestManyConsentCalls(t *testing.T) {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, "gtag('consent','default',{ad_storage:'denied',wait_for_update:%d});", i)
	}
	rep := scanPage(t, "<script>"+b.String()+"gtag('event','conversion',{send_to:'AW-48291/x'});</script>")
	if len(rep.Findings) != 1 || rep.Findings[0].Consent != detector.Gated || len(rep.Warnings) != 1 || !strings.Contains(rep.Warnings[0].Text, "calls about consent") {
		t.Errorf("%+v %+v", rep.Findings, rep.Warnings)
	}
}
