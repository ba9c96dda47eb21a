package lint

import (
	"fmt"
	"strings"
	"testing"
)

// sample makes a newsletter of about 50 KB as templates of services are: tables,
// styles, tags, conditions, pictures and links.
func sample(n int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "<!doctype html><html><head><title>Issue %d</title><style>@media (max-width:600px){.c{width:100%%!important}}</style></head><body>\n", n)
	b.WriteString("{% if subscriber.first_name %}<p>Hello {{ subscriber.first_name | escape }}</p>{% else %}<p>Hello</p>{% endif %}\n")
	for i := 0; b.Len() < 49_000; i++ {
		fmt.Fprintf(&b, `<table role="presentation" width="600" cellpadding="0" cellspacing="0" class="c" style="width:600px;margin:0 auto;background-color:#ffffff"><tr>
<td style="padding:12px 24px;font-family:Georgia,serif;font-size:16px;line-height:24px;color:#333333"><a href="https://shop.example/p/%d?utm_campaign={{ campaign.slug }}"><img {%% if wide %%}width="600"{%% else %%}width="300"{%% endif %%} src="https://img.shop.example/p/%d-{{ size }}.png" height="200" alt="Product %d" style="display:block;border:0"></a>
<p>Some words about product %d, as many as a newsletter has of each: what it is for, what it costs, and why now.</p></td></tr></table>
`, i, i, i, i)
	}
	b.WriteString("<a href=\"{{ unsubscribe_url }}\">Unsubscribe</a>\n<img src=\"https://t.shop.example/o?u={{ subscriber.id }}\" width=\"1\" height=\"1\" alt=\"\">\n</body></html>\n")
	return []byte(b.String())
}

func BenchmarkFile(b *testing.B) {
	l, err := New(&Options{Policy: &Policy{Sender: []string{"shop.example"}}})
	if err != nil {
		b.Fatal(err)
	}
	text := sample(1)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		f, err := l.File("a.html", text, true, nil)
		if err != nil || len(f.Problems) != 2 {
			b.Fatal(err, len(f.Problems))
		}
	}
}
