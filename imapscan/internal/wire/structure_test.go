package wire

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/google/go-cmp/cmp"
)

var structures = []string{
	`("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 3028 92)`,
	`("text" "html" NIL NIL NIL "quoted-printable" 12 1 NIL NIL NIL NIL)`,
	`(("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 1152 23)("TEXT" "PLAIN" ("CHARSET" "US-ASCII" "NAME" "cc.diff") "<960723163407.20117h@cac>" "Compiler diff" "BASE64" 4554 73) "MIXED")`,
	`(("text" "plain" ("charset" "utf-8") NIL NIL "8bit" 10 1 NIL NIL NIL NIL) ("text" "html" NIL NIL NIL "BASE64" 20 1 NIL ("inline" ("filename" "a.html")) ("en" "de") NIL) "alternative" ("boundary" "x(\")") NIL NIL NIL)`,
	`("APPLICATION" "OCTET-STREAM" ("NAME" "=?utf-8?B?YS5odG1s?=") NIL NIL "BASE64" 99 NIL ("ATTACHMENT" ("FILENAME*0" "long-" "FILENAME*1*" "na.htm" "SIZE" "9")) NIL NIL)`,
	`("message" "rfc822" NIL NIL NIL "7bit" 500 ("Mon, 1 Jan 2024 09:17:45 +0000" "Hi (" ((NIL NIL "a" "b.example")) NIL NIL NIL NIL NIL NIL "<x@y>") (("text" "html" NIL NIL NIL "7bit" 30 1)("image" "png" ("name" "a.png") NIL NIL "base64" 30) "related") 12 NIL NIL NIL NIL)`,
	`("message" "delivery-status" NIL NIL NIL "7bit" 5 NIL NIL NIL NIL)`,
	`("text" "html" NIL NIL NIL NIL -1 0)`,
	`("image" "gif" ("name" NIL) NIL NIL "base64" 2)`,
	`("text" "x" NIL NIL NIL "7bit" 5000000000 1)`,
	`((("text" "html" NIL NIL NIL "7bit" 1 1) "x") "y" NIL ("attachment" NIL) NIL NIL "more" ("and" "more"))`,
	`("text" "x" NIL NIL NIL "7bit" 2 1 "md5" ("attachment" ("filename" "a\"b\\c.html")))`,
	`("mixed")`,
	`(NIL NIL NIL NIL NIL NIL 0)`,
}

// TestStructure compares what is read of a structure with what go-imap reads.
func TestStructure(t *testing.T) {
	read := 0
	for _, text := range structures {
		if compareStructures(t, text) {
			read++
		}
	}
	if read < 9 {
		t.Errorf("go-imap understands %d", read)
	}
}

func FuzzStructure(f *testing.F) {
	for _, s := range structures {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) < 4000 && strings.Count(text, "(") < 100 && !strings.ContainsAny(text, "\r\n{") {
			compareStructures(t, text)
		}
	})
}

// compareStructures reports whether go-imap understands a structure. Then it must
// be read in the same way; more may be understood than go-imap does.
func compareStructures(t *testing.T, text string) bool {
	t.Helper()
	bs := readByClient(t, text)
	c := &cursor{b: []byte(text)}
	got, ok := readStructure(c, nil)
	if bs == nil {
		return false
	}
	if !ok || c.i != len(text) {
		t.Fatalf("%s: read %d of %d bytes, %v", text, c.i, len(text), ok)
	}
	var want []Node
	nodesOf(&want, bs)
	if d := cmp.Diff(want, got, cmp.AllowUnexported(Node{})); d != "" {
		t.Fatalf("%s: (-go-imap +got)\n%s", text, d)
	}
	return true
}

// readByClient reads a structure with go-imap; nil where that fails.
func readByClient(t *testing.T, text string) imap.BodyStructure {
	t.Helper()
	here, there := net.Pipe()
	defer there.Close()
	client := imapclient.New(here, nil)
	defer client.Close()
	go io.Copy(io.Discard, there)
	go io.WriteString(there, "* PREAUTH [CAPABILITY IMAP4rev1] x\r\n")
	if client.WaitGreeting() != nil {
		t.Fatal("no greeting")
	}
	cmd := client.Fetch(imap.UIDSetNum(1), &imap.FetchOptions{BodyStructure: &imap.FetchItemBodyStructure{Extended: true}})
	go func() {
		io.WriteString(there, "* 1 FETCH (UID 1 BODYSTRUCTURE "+text+")\r\nT1 OK x\r\n")
		there.Close() // it may wait for more
	}()
	list, err := cmd.Collect()
	if err != nil || len(list) != 1 {
		return nil
	}
	return list[0].BodyStructure
}

// nodesOf appends what go-imap has read.
func nodesOf(list *[]Node, bs imap.BodyStructure) int32 {
	at := int32(len(*list))
	switch b := bs.(type) {
	case *imap.BodyStructureMultiPart:
		*list = append(*list, Node{Multipart: true})
		last := int32(0)
		for _, c := range b.Children {
			child := nodesOf(list, c)
			if last == 0 {
				(*list)[at].Child = child
			} else {
				(*list)[last].Next = child
			}
			last = child
		}
	case *imap.BodyStructureSinglePart:
		n := Node{Media: strings.ToLower(b.Type + "/" + b.Subtype), Encoding: strings.ToLower(b.Encoding), Size: int64(b.Size)}
		n.Filename, _ = nameIn(b.Params, "name")
		if d := b.Disposition(); d != nil {
			if name, told := nameIn(d.Params, "filename"); told {
				n.Filename = name
			}
		}
		*list = append(*list, n)
		if b.MessageRFC822 != nil {
			child := nodesOf(list, b.MessageRFC822.BodyStructure)
			(*list)[at].Child = child
		}
	}
	return at
}

// nameIn is what parameters call a file.
func nameIn(params map[string]string, name string) (value string, told bool) {
	if value = params[name]; value != "" {
		return decodeWords(value), true
	}
	for k := range params {
		told = told || strings.HasPrefix(k, name+"*")
	}
	return "", told
}

// TestStructureOfServers reads what servers were seen to say.
func TestStructureOfServers(t *testing.T) {
	tests := []struct {
		name, text string
		want       string // media type, file and size of the leaves; "" where it is none
	}{
		{"Exchange, disposition without list", `(("text" "plain" ("charset" "ISO-8859-1") NIL NIL "QUOTED-PRINTABLE" 850 31 NIL "inline" NIL NIL)("text" "html" NIL NIL NIL "QUOTED-PRINTABLE" 14692 502 NIL "inline" NIL NIL) "alternative" ("boundary" "b") NIL NIL NIL)`,
			"text/plain  850, text/html  14692"},
		{"mail.ru, NIL as a value", `(("text" "plain" ("charset" NIL) NIL NIL "8bit" 536 0 NIL NIL NIL NIL)("text" "html" ("charset" "utf-8") NIL NIL "8bit" 7130 0 NIL NIL NIL NIL) "alternative" ("boundary" NIL))`,
			"text/plain  536, text/html  7130"},
		{"Gmail, multiparts without parts", `(("TEXT" "HTML" NIL NIL NIL "BASE64" 344 4 NIL NIL NIL)("RELATED" NIL ("ATTACHMENT" NIL) NIL) "MIXED" ("BOUNDARY" "b") NIL NIL)`, ""},
		{"Gmail, nested multipart without parts", `(("TEXT" "PLAIN" NIL NIL NIL "7BIT" 2 1)("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 2942 ("d" "s" NIL NIL NIL NIL NIL NIL NIL NIL) ("ALTERNATIVE") 51) "REPORT")`, ""},
		{"nested multipart without parts", `(("text" "plain" NIL NIL NIL "7bit" 727 16)("message" "rfc822" NIL NIL NIL "7bit" 903 ("d" "s" NIL NIL NIL NIL NIL NIL NIL NIL) (NIL "alternative" ("boundary" "b") NIL NIL NIL) 17 NIL NIL NIL NIL) "report" NIL NIL NIL NIL)`, ""},
		{"NIL as envelope and body", `(("text" "plain" NIL NIL NIL "7bit" 727 16)("message" "rfc822" NIL NIL NIL "7bit" 903 NIL NIL 17) "mixed")`, ""},
		{"message without envelope", `(("text" "plain" NIL NIL NIL "7bit" 727 16)("message" "rfc822" NIL NIL NIL "7bit" 903 17 NIL NIL NIL NIL) "mixed")`, ""},
		{"GMX, multipart as a part", `(("multipart" "related" ("boundary" "b") NIL NIL "7BIT" 400 ("boundary" "b") NIL NIL NIL)("TEXT" "html" NIL NIL NIL "7BIT" 1115 70 NIL NIL NIL NIL) "mixed" ("boundary" "c") NIL NIL NIL)`, "multipart/related  400, text/html  1115"},
		{"NIL as media type", `((NIL NIL NIL NIL NIL NIL 0) "mixed")`, ""},
		{"no lines", `(("text" "x" NIL NIL NIL "7bit" 2 "md5" ("attachment" ("filename" "a.html")))("text" "y" NIL NIL NIL "7bit" 3 NIL ("en" "de" "fr")) "mixed")`, "text/x a.html 2, text/y  3"},
		{"lines unknown", `(("text" "x" NIL NIL NIL "7bit" 2 NIL NIL ("attachment" ("filename" "a.html")) NIL NIL)("text" "y" NIL NIL NIL "7bit" -1 -1 NIL ("attachment" ("filename" "b.html"))) "mixed")`, "text/x a.html 2, text/y b.html 0"},
		{"large", `("application" "x-a" NIL NIL NIL "binary" 5000000000)`, "application/x-a  5000000000"},
		{"too large", `("application" "x-a" NIL NIL NIL "binary" 1100000000001)`, ""},
		{"absurd", `("application" "x-a" NIL NIL NIL "binary" 99999999999999999999999)`, ""},
		{"name in pieces", `("application" "octet-stream" ("name" "x.bin") NIL NIL "base64" 9 NIL ("attachment" ("filename*0" "a.ht" "filename*1" "ml")))`, "application/octet-stream  9"},
		{"name encoded", `("application" "octet-stream" NIL NIL NIL "base64" 9 NIL ("attachment" ("filename*" "utf-8''a%2Ehtml")))`, "application/octet-stream  9"},
		{"name in another charset", `("application" "octet-stream" ("name" "=?gb2312?B?YS5odG1s?=") NIL NIL "base64" 9)`, "application/octet-stream  9"},
		{"name in both ways", `("application" "octet-stream" ("names" "b" "name*" "utf-8''b.bin" "name" "a.html" "name" "c") NIL NIL "base64" 9 NIL ("attachment" ("filename" "")))`, "application/octet-stream a.html 9"},
	}
	for _, tt := range tests {
		nodes, ok := readStructure(&cursor{b: []byte(tt.text)}, nil)
		var list []string
		for _, n := range nodes {
			if !n.Multipart {
				list = append(list, fmt.Sprintf("%s %s %d", n.Media, n.Filename, n.Size))
			}
		}
		got := strings.Join(list, ", ")
		if !ok {
			got = ""
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
