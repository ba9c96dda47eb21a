package diff_test

import (
	"fmt"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/diff"
)

func Example() {
	det := detector.New(nil)
	var copies []*diff.Copy
	for _, m := range []struct{ to, token string }{{"ann@reader.example", "5f2a9c"}, {"bob@reader.example", "88d1e0"}} {
		message := "From: news@shop.example\nTo: " + m.to + "\nSubject: Offers\nDate: Tue, 3 Mar 2026 09:00:00 +0000\n" +
			"Content-Type: text/html\n\n<img src='https://shop.example/o?c=17&e=" + m.token + "' width=1 height=1>\n"
		report, err := det.Scan(detector.Source{Path: m.to}, []byte(message))
		if err != nil {
			panic(err)
		}
		copies = append(copies, diff.NewCopy(report))
	}
	g := diff.Compare(copies)
	for _, s := range g.Slots {
		for _, p := range s.Pieces {
			fmt.Println(p.At, p.Class, p.Values, p.Ranges)
		}
		fmt.Println(s.Loaded(), s.Identifies)
	}
	// Output:
	// scheme constant [https] []
	// host[1] constant [shop] []
	// host[2] constant [example] []
	// path[1] constant [o] []
	// query[c] constant [17] []
	// query[e] reader [5f2a9c 88d1e0] [{30 36} {30 36}]
	// true true
}
