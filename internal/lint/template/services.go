package template

import "strings"

// A MergeTag is a tag that a service's documentation describes as something of one
// reader.
type MergeTag struct {
	Service string
	Tag     string // as written
	What    What
	Source  string
}

// Where the services document their tags.
const (
	mailchimpTags    = "https://mailchimp.com/help/all-the-merge-tags-cheat-sheet/"
	mandrillTags     = "https://mailchimp.com/developer/transactional/docs/templates-dynamic-content/"
	salesforceTags   = "https://help.salesforce.com/s/articleView?id=mktg.mc_es_available_personalization_strings.htm"
	ampscript        = "https://developer.salesforce.com/docs/marketing/marketing-cloud-ampscript/references"
	redirectTo       = "https://developer.salesforce.com/docs/marketing/marketing-cloud-ampscript/references/mc-ampscript-http/mc-ampscript-reference-http-redirect-to.html"
	brazeProfile     = "https://www.braze.com/docs/user_guide/messaging/design_and_edit/personalize/sources/user_profile/"
	brazeDispatch    = "https://www.braze.com/docs/user_guide/messaging/messaging_fundamentals/dispatch_id/"
	adobeLinks       = "https://experienceleague.adobe.com/en/docs/campaign/campaign-v8/analytics/tracking/personalized-links"
	adobeHeader      = "https://experienceleague.adobe.com/en/docs/deliverability-learn/deliverability-best-practice-guide/additional-resources/campaign/acc-technical-recommendations"
	sendyTags        = "https://www.backlinkmonitor.co/custom-fields"
	contaoTokens     = "https://github.com/terminal42/contao-inserttags"
	blade            = "https://laravel.com/docs/12.x/blade#displaying-data"
	djangoKeys       = "https://docs.djangoproject.com/en/5.2/ref/models/instances/#the-pk-property"
	brazeTags        = "https://www.braze.com/docs/user_guide/personalization_and_dynamic_content/liquid/supported_personalization_tags/"
	mailgunTags      = "https://documentation.mailgun.com/docs/mailgun/user-manual/sending-messages/batch-sending"
	sendgridTags     = "https://www.twilio.com/docs/sendgrid/for-developers/sending-email/substitution-tags"
	hubspotTags      = "https://developers.hubspot.com/docs/cms/reference/hubl/variables"
	klaviyoTags      = "https://help.klaviyo.com/hc/en-us/articles/4408802648731"
	brevoTags        = "https://help.brevo.com/hc/en-us/articles/360000268730"
	activeTags       = "https://help.activecampaign.com/hc/en-us/articles/220709307-Personalization-tags"
	monitorTags      = "https://help.campaignmonitor.com/s/article/personalization-tags"
	monitorFallback  = "https://help.oneclickpolitics.com/hc/en-us/articles/228081588-How-do-I-personalize-a-campaign" // which resells it
	constantTags     = "https://knowledgebase.constantcontact.com/email-digital-marketing/articles/KnowledgeBase/5389"
	getresponseTags  = "https://www.getresponse.com/help/how-do-i-use-merge-words.html"
	mailerliteTags   = "https://www.mailerlite.com/help/how-to-personalize-emails"
	aweberTags       = "https://help.aweber.com/hc/en-us/articles/204027536"
	marketoTokens    = "https://experienceleague.adobe.com/en/docs/marketo/using/product-docs/demand-generation/landing-pages/personalizing-landing-pages/tokens-overview"
	pardotTags       = "https://help.salesforce.com/s/articleView?id=mktg.pardot_email_hml_reference.htm"
	customerioTags   = "https://docs.customer.io/journeys/using-liquid/"
	iterableTags     = "https://support.iterable.com/hc/en-us/articles/205480365"
	kitTags          = "https://help.kit.com/en/articles/2502624-kit-s-liquid-personalization"
	dripTags         = "https://help.drip.com/hc/en-us/articles/4424688466573"
	listmonkTags     = "https://listmonk.app/docs/templating/"
	mauticTags       = "https://docs.mautic.org/en/5.x/configuration/variables.html"
	phplistTags      = "https://www.phplist.org/manual/books/phplist-manual/page/using-placeholders"
	mailpoetTags     = "https://kb.mailpoet.com/article/215-personalize-newsletter-with-shortcodes"
	mailjetTags      = "https://documentation.mailjet.com/hc/en-us/articles/360042952713"
	sparkpostTags    = "https://support.sparkpost.com/docs/tech-resources/template-language"
	acousticTags     = "https://help.goacoustic.com/hc/en-us/articles/360043311613"
	sailthruTags     = "https://getstarted.sailthru.com/developers/zephyr-functions-library/"
	sesTags          = "https://docs.aws.amazon.com/ses/latest/dg/send-personalized-email-api.html"
	keilaTags        = "https://www.keila.io/docs/campaigns"
	omnisendTags     = "https://support.omnisend.com/en/articles/1061818"
	ghostTags        = "https://ghost.org/help/using-the-editor/"
	beehiivTags      = "https://www.beehiiv.com/support/article/12977098461335-using-merge-tags"
	responsysBuiltin = "https://docs.oracle.com/en/cloud/saas/marketing/responsys-user/"
)

// MergeTags lists what services document. A tag in no row still counts when its name
// is one of the usual words for a reader's data (people.go).
var MergeTags = []MergeTag{
	{"Mailchimp", "*|EMAIL|*", Address, mailchimpTags},
	{"Mailchimp", "*|UNIQID|*", Identity, mailchimpTags},
	{"Mailchimp", "*|MERGE0|*", Address, mailchimpTags},
	{"Mailchimp", "*|MMERGE3|*", Trait, mailchimpTags},
	{"Mailchimp", "*|LIST:UID|*", Nobody, mailchimpTags}, // of the audience
	{"Mailchimp", "*|FNAME|*", Trait, mailchimpTags},
	{"Mailchimp", "*|LNAME|*", Trait, mailchimpTags},
	{"Mailchimp", "*|PHONE|*", Trait, mailchimpTags},
	{"Mailchimp", "*|ADDRESS|*", Trait, mailchimpTags},
	{"Mailchimp", "*|EMAIL_UID|*", Identity, mailchimpTags},
	{"Mailchimp", "*|MC:EMAIL_ID|*", Identity, mailchimpTags},
	{"Mandrill", "*|EMAIL|*", Address, mandrillTags},
	{"Salesforce Marketing Cloud", "%%emailaddr%%", Address, salesforceTags},
	{"Salesforce Marketing Cloud", "%%subscriberid%%", Identity, salesforceTags},
	{"Salesforce Marketing Cloud", "%%_subscriberkey%%", Identity, salesforceTags},
	{"Salesforce Marketing Cloud", "%%jobsubscriberid%%", Identity, salesforceTags},
	{"Salesforce Marketing Cloud", "%%listsubid%%", Identity, salesforceTags},
	{"Salesforce Marketing Cloud", "%%_JobSubscriberBatchID%%", Identity, salesforceTags},
	{"Salesforce Marketing Cloud", "%%memberid%%", Nobody, salesforceTags}, // of the sender's account
	{"Salesforce Marketing Cloud", "%%fullname_%%", Trait, salesforceTags},
	{"Salesforce Marketing Cloud", "%%firstname_%%", Trait, salesforceTags},
	{"Salesforce Marketing Cloud", `%%=AttributeValue("SubscriberKey")=%%`, Identity, ampscript},
	{"Salesforce Marketing Cloud", "%%=MD5(emailaddr)=%%", Hash, ampscript},
	{"Salesforce Marketing Cloud", "%%=v(@email)=%%", Address, ampscript},
	{"Salesforce Marketing Cloud", "%%=v(@subkey)=%%", Identity, ampscript},
	{"Salesforce Marketing Cloud", `%%=RedirectTo(Concat("https://shop.example/?k=", _subscriberkey))=%%`, Identity, redirectTo},
	{"Braze", "{{${email_address}}}", Address, brazeTags},
	{"Braze", "{{${user_id}}}", Identity, brazeTags},
	{"Braze", "{{${braze_id}}}", Identity, brazeTags},
	{"Braze", "{{${first_name}}}", Trait, brazeTags},
	{"Braze", "{{${phone_number}}}", Trait, brazeTags},
	{"Braze", "{{${date_of_birth}}}", Trait, brazeTags},
	{"Braze", "{{most_recently_used_device.${id}}}", Identity, brazeTags},
	{"Braze", "{{most_recently_used_device.${idfa}}}", Identity, brazeTags},
	{"Braze", "{{most_recently_used_device.${google_ad_id}}}", Identity, brazeTags},
	{"Braze", "{{custom_attribute.${crm_id}}}", Identity, brazeProfile},
	{"Braze", "{{custom_attribute.${membership_tier}}}", Trait, brazeProfile},
	{"Braze", "{{custom_attribute.${language}}}", Nobody, brazeProfile}, // which a request tells anyway
	{"Braze", "{{campaign.${dispatch_id}}}", Nobody, brazeDispatch},     // one for all who are sent to at once
	{"Braze", "{{campaign.${api_id}}}", Nobody, brazeTags},
	{"Mailgun", "%recipient.email%", Address, mailgunTags},
	{"Mailgun", "%recipient_email%", Address, mailgunTags},
	{"Mailgun", "%recipient.id%", Identity, mailgunTags},
	{"Mailgun", "%recipient%", Address, mailgunTags},
	{"SendGrid", "{{email}}", Address, sendgridTags},
	{"SendGrid", "{{first_name}}", Trait, sendgridTags},
	{"SendGrid", "-firstName-", Trait, sendgridTags},
	{"SendGrid", "-customerID-", Identity, sendgridTags},
	{"SendGrid", "-email-", Address, sendgridTags},
	{"SendGrid", "-name-", Trait, sendgridTags},
	{"HubSpot", "{{ contact.email }}", Address, hubspotTags},
	{"HubSpot", "{{ contact.hs_object_id }}", Identity, hubspotTags},
	{"Klaviyo", "{{ email }}", Address, klaviyoTags},
	{"Klaviyo", "{{ person.KlaviyoID }}", Identity, klaviyoTags},
	{"Klaviyo", "{{ person|lookup:'email' }}", Address, klaviyoTags},
	{"Brevo", "{{ contact.EMAIL }}", Address, brevoTags},
	{"Brevo", "{{ contact.CONTACT_ID }}", Identity, brevoTags},
	{"ActiveCampaign", "%EMAIL%", Address, activeTags},
	{"ActiveCampaign", "%SUBSCRIBERID%", Identity, activeTags},
	{"ActiveCampaign", "%SUBSCRIBERHASH%", Hash, activeTags},
	{"ActiveCampaign", "%FIRSTNAME%", Trait, activeTags},
	{"Campaign Monitor", "[email]", Address, monitorTags},
	{"Campaign Monitor", "[firstname]", Trait, monitorTags},
	{"Campaign Monitor", "[fullname,fallback=]", Trait, monitorFallback},
	{"Sendy", "[Name,fallback=]", Trait, sendyTags},
	{"Constant Contact", "[[emailAddress]]", Address, constantTags},
	{"Constant Contact", "[[trackingImage]]", Identity, constantTags},
	{"GetResponse", "[[email]]", Address, getresponseTags},
	{"GetResponse", "[[contactid]]", Identity, getresponseTags},
	{"MailerLite", "{$email}", Address, mailerliteTags},
	{"MailerLite", "{$id}", Identity, mailerliteTags},
	{"AWeber", "{!email}", Address, aweberTags},
	{"AWeber", "{!subscriberid}", Identity, aweberTags},
	{"Marketo", "{{lead.Email Address}}", Address, marketoTokens},
	{"Marketo", "{{lead.First Name:default=reader}}", Trait, marketoTokens},
	{"Marketo", "{{lead.Id}}", Identity, marketoTokens},
	{"Marketo", "${lead.Id}", Identity, marketoTokens},
	{"Marketo", "{{system.viewAsWebpageLink}}", Nobody, marketoTokens},
	{"Pardot", "{{Recipient.Email}}", Address, pardotTags},
	{"Pardot", "%%email%%", Address, pardotTags},
	{"Customer.io", "{{customer.email}}", Address, customerioTags},
	{"Customer.io", "{{customer.id}}", Identity, customerioTags},
	{"Customer.io", "{{customer.cio_id}}", Identity, customerioTags},
	{"Customer.io", "{{delivery_id}}", Identity, customerioTags},
	{"Iterable", "{{email}}", Address, iterableTags},
	{"Iterable", "{{userId}}", Identity, iterableTags},
	{"Kit", "{{ subscriber.email_address }}", Address, kitTags},
	{"Kit", "{{ subscriber.id }}", Identity, kitTags},
	{"Drip", "{{ subscriber.email }}", Address, dripTags},
	{"Drip", "{{ subscriber.email | md5 }}", Hash, dripTags},
	{"listmonk", "{{ .Subscriber.Email }}", Address, listmonkTags},
	{"listmonk", "{{ .Subscriber.UUID }}", Identity, listmonkTags},
	{"listmonk", "{{ .Campaign.UUID }}", Nobody, listmonkTags},
	{"Mautic", "{contactfield=email}", Address, mauticTags},
	{"Mautic", "{contactfield=firstname}", Trait, mauticTags},
	{"phpList", "[EMAIL]", Address, phplistTags},
	{"phpList", "[USERID]", Identity, phplistTags},
	{"MailPoet", "[subscriber:email]", Address, mailpoetTags},
	{"MailPoet", "[subscriber:firstname | default:reader]", Trait, mailpoetTags},
	{"Mailjet", "[[EMAIL_TO]]", Address, mailjetTags},
	{"Mailjet", `{{data:email:""}}`, Address, mailjetTags},
	{"Mailjet", "[[CONTACT_ID]]", Identity, mailjetTags},
	{"SparkPost", "{{address.email}}", Address, sparkpostTags},
	{"Acoustic", "%%RECIPIENT_ID%%", Identity, acousticTags},
	{"Acoustic", "%%EMAIL%%", Address, acousticTags},
	{"Sailthru", "{email}", Address, sailthruTags},
	{"Sailthru", "{profile.id}", Identity, sailthruTags},
	{"Amazon SES", "{{email}}", Address, sesTags},
	{"Keila", "{{ contact.email }}", Address, keilaTags},
	{"Keila", "{{ contact.id }}", Identity, keilaTags},
	{"Omnisend", "[[contact.email]]", Address, omnisendTags},
	{"Ghost", "{uuid}", Identity, ghostTags},
	{"beehiiv", "{{email}}", Address, beehiivTags},
	{"beehiiv", "{{subscriber_id}}", Identity, beehiivTags},
	{"Adobe Campaign", "<%= recipient.cryptedId %>", Identity, adobeHeader},
	{"Adobe Campaign", "<%= escapeUrl(recipient.cryptedId) %>", Identity, adobeHeader},
	{"Adobe Campaign", "<%=escapeUrl(recipient.lastName)%>", Trait, adobeLinks},
	{"Adobe Campaign", "<%= delivery.internalName %>", Nobody, adobeLinks},
	{"Contao", "##member_email##", Address, contaoTokens},
	{"Contao", "##member_id##", Identity, contaoTokens},
	{"Laravel", "{{ $user->id }}", Identity, blade},
	{"Laravel", "{!! $user->email !!}", Address, blade},
	{"Laravel", "{{ $campaign->id }}", Nobody, blade},
	{"Django", "{{ request.user.pk }}", Identity, djangoKeys},
	{"Django", "{{ object.pk }}", Nobody, djangoKeys},
	{"Responsys", "${CUSTOMER_ID_}", Identity, responsysBuiltin},
	{"Responsys", "${RIID_}", Identity, responsysBuiltin},
}

// others stands for services beyond the first two.
const others = " and others"

// entry is what the rows say of one tag.
type entry struct {
	what     What
	services string
}

// mergeTags has a key for each row of MergeTags.
var mergeTags = func() map[string]entry {
	m := make(map[string]entry, len(MergeTags))
	for _, row := range MergeTags {
		text := []byte("=" + row.Tag) // as in a URL
		tags, _ := find(text)
		if len(tags) != 1 {
			continue
		}
		key := tagKey(row.Tag, tags[0].Inner(text))
		e, ok := m[key]
		switch {
		case !ok:
			e = entry{row.What, row.Service}
		case strings.HasSuffix(e.services, others) || strings.Contains(e.services, row.Service):
		case strings.Contains(e.services, ", "):
			e.services += others
		default:
			e.services += ", " + row.Service
		}
		m[key] = e
	}
	return m
}()

// tagKey is the name of a tag whatever its spaces and case: its first sign and what
// it holds.
func tagKey(tag, inner string) string { return tag[:1] + squeeze(inner) }
