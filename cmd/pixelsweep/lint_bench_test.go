package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// newsletter makes one of about 50 KB as templates of services are: tables,
// styles, tags, conditions, pictures and links.
func newsletter(n int) []byte {
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

// BenchmarkLint checks 1,000 templates of 50 KB in a folder.
func BenchmarkLint(b *testing.B) {
	dir := b.TempDir()
	total := 0
	for i := range 1000 {
		text := newsletter(i)
		total += len(text)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%04d.liquid", i)), text, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(total))
	for b.Loop() {
		var out, errs bytes.Buffer
		if code := run([]string{"lint", dir}, streams{strings.NewReader(""), &out, &errs}); code != exitFindings || !strings.Contains(out.String(), "1000 files checked") {
			b.Fatalf("exit code %d: %s", code, errs.String())
		}
	}
}

// BenchmarkStart starts the command and ends it.
func BenchmarkStart(b *testing.B) {
	tool, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	link := filepath.Join(b.TempDir(), "pixelsweep") // the test binary acts as the command by its name
	if err := os.Symlink(tool, link); err != nil {
		b.Skip(err)
	}
	for b.Loop() {
		if out, err := exec.Command(link, "lint", "--explain", "all").Output(); err != nil || len(out) == 0 {
			b.Fatal(err)
		}
	}
}
