package imapscan

import (
	"io"
	"net"
	"strconv"
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
	var want []node
	nodesOf(&want, bs)
	if d := cmp.Diff(want, got, cmp.AllowUnexported(node{})); d != "" {
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
func nodesOf(list *[]node, bs imap.BodyStructure) int32 {
	at := int32(len(*list))
	switch b := bs.(type) {
	case *imap.BodyStructureMultiPart:
		*list = append(*list, node{multipart: true})
		last := int32(0)
		for _, c := range b.Children {
			child := nodesOf(list, c)
			if last == 0 {
				(*list)[at].child = child
			} else {
				(*list)[last].next = child
			}
			last = child
		}
	case *imap.BodyStructureSinglePart:
		n := node{media: strings.ToLower(b.Type + "/" + b.Subtype), encoding: strings.ToLower(b.Encoding), size: int64(b.Size)}
		n.filename = nameIn(b.Params, "name")
		if d := b.Disposition(); d != nil {
			if name := nameIn(d.Params, "filename"); name != "" {
				n.filename = name
			}
		}
		*list = append(*list, n)
		if b.MessageRFC822 != nil {
			child := nodesOf(list, b.MessageRFC822.BodyStructure)
			(*list)[at].child = child
		}
	}
	return at
}

// nameIn is what parameters call a file.
func nameIn(params map[string]string, name string) string {
	last, value := -1, ""
	for k, v := range params {
		if rest, ok := strings.CutPrefix(k, name); ok {
			if n, _ := strconv.Atoi(strings.Trim(rest, "*")); n > last {
				last, value = n, v
			}
		}
	}
	return value
}
