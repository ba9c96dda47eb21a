package filter_test

import (
	"fmt"
	"log"

	"github.com/pixelsweep/pixelsweep/rules/filter"
)

func Example() {
	list := filter.Parse("mine", []byte(`! Title: My list
||track.example^$third-party
/open.gif?$image
@@||track.example/logo.png
news.example##.ad
||track.example^$csp=script-src 'none'
`))
	for _, e := range list.Unsupported {
		fmt.Println(e)
	}
	table, err := filter.Compile(list)
	if err != nil {
		log.Fatal(err)
	}
	engine, err := filter.Load(table)
	if err != nil {
		log.Fatal(err)
	}
	src := filter.NewSource("news.example")
	for _, url := range []string{
		"https://t.track.example/open.gif?id=1",
		"https://track.example/logo.png",
		"https://news.example/photo.jpg",
	} {
		req := filter.NewRequest(url, filter.Image, src)
		fmt.Println(url, engine.Match(req).Blocked)
		for _, m := range engine.All(req) {
			fmt.Printf("  %s:%d: %s\n", m.List(), m.Line(), m.Text())
		}
	}
	// Output:
	// mine:6: option csp: changes the response, blocks nothing: "||track.example^$csp=script-src 'none'"
	// https://t.track.example/open.gif?id=1 true
	//   mine:2: ||track.example^$third-party
	//   mine:3: /open.gif?$image
	// https://track.example/logo.png false
	//   mine:2: ||track.example^$third-party
	//   mine:4: @@||track.example/logo.png
	// https://news.example/photo.jpg false
}
