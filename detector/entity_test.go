package detector_test

import (
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/detector"
)

// TestEntities holds one message a case, and the one reference it must have.
func TestEntities(t *testing.T) {
	const multipart = "Content-Type: multipart/mixed; boundary=b\n"
	tests := []struct {
		name, message, vector, url string
		trigger                    detector.Trigger
	}{
		{"external body", multipart + "\n--b\nContent-Type: message/external-body; access-type=URL;\n URL=\"https://a.example/\n file.gif\"\n\nContent-Type: image/gif\n\n--b--\n",
			"mime:external-body", "https://a.example/file.gif", detector.Click},
		{"base of the part", "Content-Type: text/html\nContent-Location: https://a.example/x/\n\n<img src=y.gif>", "img[src]", "https://a.example/x/y.gif", detector.Open},
		{"base of the container", "Content-Base: \"https://a.example/x/\"\n" + multipart + "\n--b\nContent-Type: text/html\n\n<img src=y.gif>\n--b--\n",
			"img[src]", "https://a.example/x/y.gif", detector.Open},
		{"a base element goes first", "Content-Type: text/html\nContent-Location: https://a.example/x/\n\n<base href=https://b.example/><img src=y.gif>",
			"img[src]", "https://b.example/y.gif", detector.Open},
		{"relative location", "Content-Type: text/html\nContent-Location: x/page.html\n\n<img src=y.gif>", "img[src]", "y.gif", detector.Open},
		{"certificate", "Content-Type: application/pkcs7-signature\n\n\x30\x20\x86\x17http://a.example/ca.crl\x30", "mime:certificate", "http://a.example/ca.crl", detector.Auto},
		{"saved message", multipart + "\n--b\nContent-Type: application/octet-stream; name=a.eml\n\nContent-Type: text/html\n\n<img src=https://a.example/x>\n--b--\n",
			"img[src]", "https://a.example/x", detector.Open},
		{"internet shortcut", "Content-Type: application/octet-stream; name=a.url\n\n[InternetShortcut]\nURL=https://a.example/x\n", "mime:text/uri-list", "https://a.example/x", detector.Click},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rep, err := detector.New(nil).Scan(detector.Source{}, []byte("From: s@shop.example\n"+tt.message))
			if err != nil {
				t.Fatal(err)
			}
			var got *detector.Reference
			for i := range rep.References {
				if rep.References[i].Vector == tt.vector {
					got = &rep.References[i]
				}
			}
			if got == nil || got.URL != tt.url || got.Trigger != tt.trigger {
				t.Errorf("got %+v, want %s %s %s", rep.References, tt.vector, tt.trigger, tt.url)
			}
			if rep.Verdict != detector.Clean {
				t.Errorf("verdict %s", rep.Verdict)
			}
			if strings.Contains(tt.name, "certificate") && len(rep.Findings) == 1 && rep.Findings[0].Kind != detector.RemoteContent {
				t.Errorf("kind %s", rep.Findings[0].Kind)
			}
		})
	}
}
