package template

import (
	"fmt"
	"strings"
	"testing"
)

// TestMergeTags reads every tag of the table where it would be used.
func TestMergeTags(t *testing.T) {
	for _, row := range MergeTags {
		text := `<img src="https://img.example/o.gif?a=` + strings.ReplaceAll(row.Tag, `"`, "'") + `&amp;b=1" width=1>`
		d := Read([]byte(text))
		if len(d.Tags) != 1 || d.Tags[0].Around != InValue {
			t.Errorf("%s %s: tags %+v", row.Service, row.Tag, d.Tags)
			continue
		}
		if p, _ := d.Person(&d.Tags[0]); p.What != row.What {
			t.Errorf("%s %s: %v, want %v", row.Service, row.Tag, p.What, row.What)
		}
		if !strings.HasPrefix(row.Source, "https://") {
			t.Errorf("%s %s: no source", row.Service, row.Tag)
		}
	}
}

func TestFind(t *testing.T) {
	tests := []struct {
		text string
		want string // the tags, each with the letter of its kind
	}{
		{"a {{ b }} c {{{d}}} {{{{e}}}}", "o{{ b }} o{{{d}}} o{{{{e}}}}"},
		{"{{${email_address}}} {{ x | default: '}' }}", "o{{${email_address}}} o{{ x | default: '}' }}"},
		{"{{#if a}}x{{else}}y{{/if}}{{> part}}{{!-- it's }} --}}{{! no }}", "c{{#if a}} c{{else}} c{{/if}} c{{> part}} #{{!-- it's }} --}} #{{! no }}"},
		{"{% if a < b %}{%- elsif c -%}{% endif %}{% unsubscribe %}{% comment %} {{ x }} {% endcomment %}{# a #}", "c{% if a < b %} c{%- elsif c -%} c{% endif %} o{% unsubscribe %} #{% comment %} {{ x }} {% endcomment %} #{# a #}"},
		{"{{ $e := .Email }}{{ with .X }}{{ end }}{{/* no */}}{{- range . -}}", "c{{ $e := .Email }} c{{ with .X }} c{{ end }} #{{/* no */}} c{{- range . -}}"},
		{"<% if x %><%= y %><% end %><%# z %><%- body -%><? x ?><?= $a ?><?php if ($a): ?>", "c<% if x %> o<%= y %> c<% end %> #<%# z %> o<%- body -%> o<?= $a ?> c<?php if ($a): ?>"},
		{"*|FNAME|* *|IF:A|**|ELSE:|**|END:IF|* 3*|x *|a\n|*", "o*|FNAME|* c*|IF:A|* c*|ELSE:|* c*|END:IF|*"},
		{"%%emailaddr%% %%[ SET @a = 1 ]%% %%=v(@a)=%% %%%% 100%%", "o%%emailaddr%% c%%[ SET @a = 1 ]%% o%%=v(@a)=%%"},
		{"%recipient.email% %EMAIL% a%20b%20c %C3%A9%AB% width:100%;height:50%", "o%recipient.email% o%EMAIL%"},
		{"[[email]] [link:subscription_unsubscribe_url] [if mso] [0] [EMAIL] ]]>", "o[[email]] o[link:subscription_unsubscribe_url] o[EMAIL]"},
		{"{$name} {!email} {contactfield=email} a{color:red} @media print{#_t{a:b}} {a} {tracking_pixel}", "o{$name} o{!email} o{contactfield=email} o{tracking_pixel}"},
		{"${lead.Id} $!{x} $5 ${", "o${lead.Id} o$!{x}"},
		{"{!! $a->b !!} {{-- {{ no }} --}} {!! never", "o{!! $a->b !!} #{{-- {{ no }} --}}"},
		{"##a## ###A_b### ####a#### ##a### ## a ## #fff ##a b## a##b##c", "o##a## o###A_b### o##b##"},
		{"?a=-email- my-email-logo.png ?b=-email-x ?c=-size- --email-- ?d=-userId-&e", "o-email- o-userId-"},
		{"[name,fallback=] [x,fallback=a b] [a,fallback=<b>] [b,fallback= [c]", "o[name,fallback=] o[x,fallback=a b]"},
		{"{{ never", ""},
		{"{% never {# never <% never %%[ never", ""},
		{strings.Repeat("{", 40), ""},
	}
	for _, tt := range tests {
		var got []string
		tags, _ := find([]byte(tt.text))
		for _, tag := range tags {
			got = append(got, string("oc#"[tag.Kind])+tt.text[tag.Start:tag.End])
		}
		if g := strings.Join(got, " "); g != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.text, g, tt.want)
		}
	}
}

// TestUnclosed checks that a tag which is not closed takes nothing along.
func TestUnclosed(t *testing.T) {
	for text, want := range map[string]string{
		"{{email</p><img src='x?e={{id}}'>":               "{{id}}",
		"<a href=\"{{url\">x</a><img src=\"{{id}}\">":     "{{id}}",
		"<a href=\"{{url\">x</a> it's {{id}}":             "{{id}}",
		"{{email <b>x</b> }}":                             "",
		"{{email <img src=x> {{id}}":                      "{{id}}",
		"{{{email</p>{{{id}}}":                            "{{{id}}}",
		"{% if a <img src=x> {% endif %}":                 "{% endif %}",
		"<%= a <img src=x> <%= b %>":                      "<%= b %>",
		"%%=v(@a) <img> %%=v(@b)=%%":                      "%%=v(@b)=%%",
		"%%[ SET @a = 1 %%[ SET @b = 2 ]%%":               "%%[ SET @b = 2 ]%%",
		"{!! $a <p> {!! $b !!}":                           "{!! $b !!}",
		"{{ '<img src=x>' | safe }}":                      "{{ '<img src=x>' | safe }}",
		"{{ \"{{\" }}":                                    "{{ \"{{\" }}",
		"{% if a<b and c>d %}":                            "{% if a<b and c>d %}",
		"{% if a < b %}":                                  "{% if a < b %}",
		"{{ it's }}":                                      "{{ it's }}",
		"<% if (a<b) { s = '<p>' + \"</p>\" + <b>x; } %>": "<% if (a<b) { s = '<p>' + \"</p>\" + <b>x; } %>",
	} {
		tags, _ := find([]byte(text))
		var got []string
		for _, tag := range tags {
			got = append(got, text[tag.Start:tag.End])
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%s: got %s, want %s", text, g, want)
		}
	}
}

func TestMask(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"quotes and brackets", `<img alt="{{t "a>b"}}" src=https://a.example/>`, []string{`<img alt="//xxxxxxxxx" src=https://a.example/>`}},
		{"in a URL", `<img src="https://a.example/{{ x }}.png">`, []string{`<img src="https://a.example/xxxxxxx.png">`}},
		{"as attributes", `<img {{attrs}} src=a>`, []string{"<img \t\t\t\t\t\t\t\t\t src=a>"}},
		{"as a name", `<{{tag}} a=b>`, []string{`<xxxxxxx a=b>`}},
		{"scheme", `<img src="{{scheme}}://a.example/">`, []string{"<img src=\"\t\t\t\t\thttps://a.example/\">"}},
		{"url()", `<p style="background:url({{ bg }})">`, []string{`<p style="background:url(//xxxxxx)">`}},
		{"branches of an attribute", `<img {{#if a}}src="b"{{else}}src="c"{{/if}}>`, []string{
			"<img \t\t\t\t\t\t\t\t\tsrc=\"b\"\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t>",
			"<img \t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\tsrc=\"c\"\t\t\t\t\t\t\t>"}},
		{"branches of a value", `<img src="{% if a %}b{% else %}c{% endif %}">`, []string{
			"<img src=\"\t\t\t\t\t\t\t\t\t\tb\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\">",
			"<img src=\"\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\tc\t\t\t\t\t\t\t\t\t\t\t\">"}},
		{"branches of text", `{% if a %}<b>{% else %}<i>{% endif %}`, []string{"\t\t\t\t\t\t\t\t\t\t<b>\t\t\t\t\t\t\t\t\t\t<i>\t\t\t\t\t\t\t\t\t\t\t"}},
		{"MJML", `<mjml><mj-image src="a"/><mj-hero background-url="b"><mj-font name="c" href="d"/></mj-hero>`, []string{
			`<mjml><img      src="a"/><table   background    ="b"><img     name="c" src ="d"/></table  >`}},
		{"MJML, a piece to include", `<mj-image src="a"/>`, []string{`<img      src="a"/>`}},
		{"MJML carousel", `<mjml><mj-carousel-image src="a" thumbnails-src="b"/>`, []string{`<mjml><img               src="a" lowsrc        ="b"/>`}},
		{"MJML icons", `<mjml><mj-accordion icon-wrapped-url="a" icon-unwrapped-url="b"/><mj-carousel left-icon="c" right-icon="d"/><mj-class background-url="e"/>`, []string{
			`<mjml><img          src             ="a" lowsrc            ="b"/><img         src      ="c" lowsrc    ="d"/><img      lowsrc        ="e"/>`}},
		{"lines", "{%\nif a\n%}\r\n<b>", []string{"\t\t\n\t\t\t\t\n\t\t\r\n<b>"}},
	}
	for _, tt := range tests {
		d := Read([]byte(tt.text))
		if d.Variants() != len(tt.want) {
			t.Errorf("%s: %d variants", tt.name, d.Variants())
		}
		for i, want := range tt.want {
			if got := string(d.Mask(i)); got != want {
				t.Errorf("%s, %d:\n got %q\nwant %q", tt.name, i, got, want)
			}
		}
	}
}

func TestPerson(t *testing.T) {
	tests := []struct {
		text string
		want What
	}{
		{"{% assign e = customer.email %}{{ e }}", Address},
		{"{{ $m := md5 .Subscriber.Email }}{{ $m }}", Hash},
		{"%%[\nSET @k = _subscriberkey\nSET @x = 1\n]%%%%=v(@k)=%%", Identity},
		{"<% t = @user.token %><%= t %>", Identity},
		{"{{ user['email'] }}", Address},
		{"{{ user_id }}", Identity}, {"{{ contact.first_name }}", Trait}, {"{{ email | sha256 }}", Hash}, {"{{ hash email }}", Hash},
		{"%%[ var @k set @k = _subscriberkey set @n = 1 ]%%%%=v(@k)=%%", Identity},
		{"%%[ SET @n = 1 IF _subscriberkey == 1 THEN SET @m = 2 ENDIF ]%%%%=v(@n)=%%", Nobody},
		{"%%[ SET @l = Concat('https://shop.example/?k=',\n _subscriberkey) ]%%%%=RedirectTo(@l)=%%", Identity},
		{"%%=RedirectTo(@link)=%%", Nobody}, {"%%=CloudPagesURL(123)=%%", Nobody},
		{"{{custom_attribute.${Email}}}", Address}, {"{{custom_attribute.${crm_uuid} | downcase}}", Identity}, {"{{custom_attribute.${paid}}}", Trait},
		{"{{custom_attribute.${country}}}", Nobody}, {"{{event_properties.${size}}}", Nobody},
		{"{{ user['id'] }}", Identity}, {`{{ user["first name"] }}`, Trait}, {"<%= user[:id] %>", Identity}, {"{{ campaign['id'] }}", Nobody},
		{"{{ auth()->id() }}", Identity}, {"{{ $user?->email }}", Address}, {"{!! $post->id !!}", Nobody}, {"<?= $user->id ?>", Identity},
		{"{{ user.hash }}", Hash}, {"{{ user.email.md5 }}", Hash}, {"{{ asset.md5 }}", Nobody},
		{"{{ request.user.get_username }}", Trait}, {"{{ order.pk }}", Nobody},
		{"##email##", Address}, {"###USER_EMAIL###", Address}, {"##campaign_id##", Nobody},
		{"[Email,fallback=]", Address}, {"[firstname,fallback=there]", Trait}, {"[webversion,fallback=]", Nobody},
		{"?a=-Email-", Address}, {"?a=-customerID-&b", Identity},
		{"{{ user.created_at }}", Nobody}, {"{{ campaign.id }}", Nobody}, {"{{ 'email' }}", Nobody}, {"{{ asset_url }}", Nobody},
		{"{{ product.name }}", Nobody}, {"{{ account.id }}", Nobody}, {"{{ emails.title }}", Nobody},
	}
	for _, tt := range tests {
		d := Read([]byte(tt.text))
		if p, _ := d.Person(&d.Tags[len(d.Tags)-1]); p.What != tt.want {
			t.Errorf("%s: %v, want %v", tt.text, p.What, tt.want)
		}
	}
}

// TestPersonWritten checks that what is put into strings and through methods counts,
// and what only decides what is written does not.
func TestPersonWritten(t *testing.T) {
	for text, want := range map[string]What{
		`<%= "https://a.example/?u=#{@user.id}" %>`: Identity, "{{ `https://a.example/email/x.png` }}": Nobody, "{{ `u=${user.id}` }}": Identity,
		`<?= "u={$user->id}" ?>`: Identity, `<%= image_url("x", email: true) %>`: Nobody, `{{t "x" email=order.id}}`: Nobody,
		"<%= user.email.toLowerCase() %>": Address, "<%= @user.id.to_s %>": Identity, "<%= @user.to_param %>": Identity, "<%= open_url(@user) %>": Identity,
		"<%= @user&.email %>": Address, "{{ current_user.id }}": Identity, "{{ currentUser.uuid }}": Identity, "{{ profile['$id'] }}": Identity,
		"{{ user_email_md5 }}": Hash, "{{ email_sha1 }}": Hash, "{{ encoded_email }}": Address, "{{ shop_email_md5 }}": Nobody,
		"{{ 'a' if user.email else 'b' }}": Nobody, "{{ ('a' if user.email) ~ user.id }}": Identity, "<%= @user.email if @user %>": Address,
		"{{ user.email ? 'a' : 'b' }}": Nobody, "{{ vip ? user.email : 'b' }}": Address, "{{ user.email ?: 'b' }}": Address, "{{ user.email ?? 'b' }}": Address,
		"<%= user.vip? ? 'a' : 'b' %>": Nobody, "{{ user?.email }}": Address, "{{ 'x' ~ (user.email ? 'a' : 'b') ~ user.id }}": Identity,
		"%%=IIF(EMPTY(FirstName),'a','b')=%%": Nobody, "%%=IIF(x == 1,emailaddr,'b')=%%": Address, "%%=v([First Name])=%%": Trait,
		"{{lead.First Name:default=x}}": Trait, "{{lead.Email Address:default=x}}": Address, "{{company.Company Name}}": Nobody,
		"{{ shop.email }}": Nobody, "{{ subscription.plan.name }}": Nobody, "{{ post.user.username }}": Nobody, "{{ order.user.email }}": Address,
		"{{ document.uid }}": Nobody, "{{ uid }}": Identity, "{{ subscriber.uid }}": Identity, "{{ author.first_name }}": Nobody,
		"*|LIST:UID|*": Nobody, "*|MERGE0|*": Address, "*|MMERGE12|*": Trait,
		`<a href="x?u=$user.email"`: Address, `<a href="x?u=$!lead.id&a=b"`: Identity, `<a href="x?u=$shop.email {{x}}"`: Nobody, "{{ user }}": Identity,
	} {
		d := Read([]byte(text))
		if p, _ := d.Person(&d.Tags[len(d.Tags)-1]); p.What != want {
			t.Errorf("%s: %v, want %v", text, p.What, want)
		}
	}
}

// TestScope checks what names mean in blocks, and for what is set from other names. The
// last tag that writes counts.
func TestScope(t *testing.T) {
	for text, want := range map[string]What{
		"{{#with user}}{{id}}{{/with}}": Identity, "{{#with contact}}{{this.id}}{{/with}}": Identity, "{{#user}}{{id}}{{/user}}": Identity,
		"{{#with user}}{{/with}}{{id}}": Nobody, "{{#if user}}{{id}}{{/if}}": Nobody, "{{#with order}}{{id}}{{/with}}": Nobody,
		"{{ with .Subscriber }}{{ .UUID }}{{ end }}": Identity, "{{ with $u := .User }}{{ $u.ID }}{{ end }}": Identity,
		"{% with user.email as e %}{{ e }}{% endwith %}": Address, "{% with e=user.email %}{{ e }}{% endwith %}": Address,
		"{{#with user as |u|}}{{u.id}}{{/with}}": Identity, "{% set u = user %}{{ u.id }}": Identity, "<% u = @user %><%= u.id %>": Identity,
		"{% capture y %}a{{customer.email}}{% endcapture %}{{y}}": Address, "{% set y %}{{ user.id }}{% endset %}{{ y }}": Identity,
		"{% capture y %}a{% endcapture %}{{customer.email}}{{y}}": Nobody,
		"{% for user in team %}{{ user.email }}{% endfor %}":      Nobody, "{% for user in team %}{% endfor %}{{ user.email }}": Address,
		"{{#each members as |member|}}{{member.email}}{{/each}}": Nobody, "<% @users.each do |user| %><%= user.email %><% end %>": Nobody,
		"{{ range $i, $contact := .Contacts }}{{ $contact.Email }}{{ end }}": Nobody, "@<?php foreach ($members as $member): ?><?= $member->email ?><?php endforeach ?>": Nobody,
		"<#list members as member>${member.email}</#list>": Nobody, "{% for e in [user.email] %}{{ e }}{% endfor %}": Address,
		"{% for p in products %}{{ user.id }}{% endfor %}": Identity,
	} {
		d := Read([]byte(text))
		var last *Tag
		for i := range d.Tags {
			if d.Tags[i].Kind == Output {
				last = &d.Tags[i]
			}
		}
		if p, _ := d.Person(last); p.What != want {
			t.Errorf("%s: %v, want %v", text, p.What, want)
		}
	}
	deep := strings.Repeat("{% with a=a.a %}", 20_000) + "{{ a.email }}"
	if d := Read([]byte(deep)); len(d.Tags) != 20_001 {
		t.Errorf("%d tags", len(d.Tags))
	}
}

func TestOutline(t *testing.T) {
	text := `<!--[if mso]><v:fill src="a"><![endif]--><!-- <b> --><IMG Src='x' {{#if a}}alt{{/if}}=2 / width = 1><script a>var x="<i>"</script><p {{b}}>`
	d := Read([]byte(text))
	var got []string
	for i := range d.Elements {
		e := &d.Elements[i]
		s := e.Name
		for _, a := range d.Attrs(e) {
			s += " " + text[a.Start:a.End] + "=" + text[a.From:a.To]
		}
		got = append(got, s)
	}
	want := "v:fill src=a|img Src=x alt= =2= width=1|script a=|/script|p"
	if g := strings.Join(got, "|"); g != want {
		t.Errorf("got %s\nwant %s", g, want)
	}
}

// TestBranches checks that each branch inside an element is what an HTML reader sees
// in some reading: no earlier attribute of the same name hides it.
func TestBranches(t *testing.T) {
	cases := func(n int) string {
		var b strings.Builder
		b.WriteString("<img {% case x %}")
		for i := range n {
			fmt.Fprintf(&b, "{%% when %d %%}src=%c1", i, 'A'+i%26)
		}
		return b.String() + "{% endcase %}>"
	}
	for _, tt := range []struct {
		text     string
		want     string // the values of src that must be read
		variants int
		missed   bool
	}{
		{`<img {% if a %}src="A"{% else %}{% if b %}src="B"{% else %}src="C"{% endif %}{% endif %}>`, "A B C", 3, false},
		{`<img {% if a %}{% if b %}src="A"{% else %}src="B"{% endif %}{% else %}{% if b %}src="C"{% else %}src="D"{% endif %}{% endif %}>`, "A B C D", 4, false},
		{`<img {% if a %}src=A {% endif %}{% if b %}src=B {% endif %}>`, "A B", 2, false},
		{`<img {{#a}}src=A {{/a}}{{^a}}src=B {{/a}}>`, "A B", 2, false},
		{`<img {% if a %}src=A {% else %}src=B {% endif %}{% if b %}src=C {% else %}src=D {% endif %}>`, "A B C D", 4, false},
		{`<img {% if a %}width=1{% else %}width=2{% endif %} {% if b %}src=A {% else %}src=B {% endif %}>`, "A B", 2, false},
		{`<img {% if a %}width=1{% endif %} {% if b %}src=A {% endif %}>`, "A", 1, false},
		{`<img src="{% if a %}A{% endif %}{% if b %}B{% endif %}">`, "A B", 2, false},
		{`{% if z %}<img {% if a %}src=A {% else %}src=B {% endif %}>{% else %}<img {% if a %}src=C {% else %}src=D {% endif %}>{% endif %}`, "A B C D", 2, false},
		{`{% if z %}<img src=A {% else %}<img src=B {% endif %}>`, "A B", 2, false},
		{`<p {% if a %}class=a{% endif %} {% if b %}hidden{% endif %}><img src=A>`, "A", 1, false},
		{`<img {% if a %}src=A >`, "A", 1, false},
		{`<img {% if a %}{% if b %}src=A {% endif %}src=B {% endif %}>`, "A B", 2, false},
		{`<img {% if b %}src=A {% endif %} src=B>`, "A B", 2, false},
		{`<img {% if b %}src=A {% else %}src=B {% endif %} src=C>`, "A B C", 3, false},
		{`<img {% if a %}src=A {% endif %}{% if b %}src=B {% endif %} src=C>`, "A B C", 3, false},
		{`<img {% if a %}alt=x {% if b %}src=A {% endif %}{% else %}{% if c %}src=B {% endif %}src=C {% endif %} src=D>`, "A B C D", 4, false},
		{`<img {% if a %}width=1{% endif %} src=A>`, "A", 1, false},
		{`<img src=A {% if a %}src=B{% endif %}>`, "A", 1, false},
		{`<img src="{% if a %}A{% endif %}" alt=b><img src=B>`, "A B", 1, false},
		{`<img {% if b %}src=A {% endif %}><img src=B>`, "A B", 1, false},
		{`<img <#if a>src="A"<#elseif (b > 1)>src="B"<#else>src="C"</#if>>`, "A B C", 3, false},
		{`<#-- <img src=Z> --><img <#list as as a>src=A </#list>>`, "A", 1, false},
		{cases(15), "A1 B1 O1", 16, false},
		{cases(40), "A1", maxVariants, true},
		{"<img " + strings.Repeat("{% if a %}", 40) + "src=A " + strings.Repeat("{% endif %}", 40) + ">", "A", 1, true},
	} {
		d := Read([]byte(tt.text))
		if d.Variants() != tt.variants || d.Missed != tt.missed {
			t.Errorf("%.200s: %d variants, missed %v", tt.text, d.Variants(), d.Missed)
		}
		seen := map[string]bool{}
		for v := range d.Variants() {
			read := Read(d.Mask(v))
			for i := range read.Elements {
				for _, value := range strings.Fields(read.Value(&read.Elements[i], "src")) {
					seen[value] = true
				}
			}
		}
		for _, want := range strings.Fields(tt.want) {
			if !seen[want] {
				t.Errorf("%.200s: %s is not read: %v", tt.text, want, seen)
			}
		}
	}
}

// FuzzRead checks what the mask promises: the length stays, and outside of tags and
// left-out branches every byte.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		`<img {{#if a}}src="b"{{else}}src="c"{{/if}}>`, "{% if a %}<b x={{ y }}>{% else %}*|A|*%%[ IF x THEN ]%%%%=v(@x)=%%{% endif %}",
		"<script>{{</script>}}", "<!-- {{ --> }}", "{{{{", "<% } else { %>", "[[a]] %A_B% ${x}", "<a href={{x}}>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := Read([]byte(s))
		last := 0
		for _, tag := range d.Tags {
			if tag.Start < last || tag.End <= tag.Start || tag.From > tag.To || tag.From < tag.Start || tag.To > tag.End {
				t.Fatalf("tag %+v after %d", tag, last)
			}
			last = tag.End
			d.Person(&tag)
		}
		for _, e := range d.Elements {
			if e.Start >= e.End || e.End > len(s) || e.Body < e.End {
				t.Fatalf("element %+v", e)
			}
		}
		for v := range d.Variants() {
			m := d.Mask(v)
			if len(m) != len(s) {
				t.Fatalf("%d bytes of %d", len(m), len(s))
			}
			at := 0
			for i := range m {
				if d.mjml {
					break // which becomes HTML
				}
				for at < len(d.Tags) && d.Tags[at].End <= i {
					at++
				}
				inTag := at < len(d.Tags) && d.Tags[at].Start <= i
				if !inTag && m[i] != s[i] && m[i] != '\t' {
					t.Fatalf("byte %d: %q for %q", i, m[i], s[i])
				}
			}
		}
	})
}
