package rewrite_test

import (
	"fmt"

	"github.com/pixelsweep/pixelsweep/detector/rewrite"
)

func ExampleMessage() {
	msg := []byte("From: Shop <news@shop.example>\nReturn-Receipt-To: news@shop.example\nSubject: Hello\n\nThe text stays.\n")
	res, err := rewrite.Message(msg, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n%s was removed\n", res.Data, res.Edits[0].Vector)
	// Output:
	// From: Shop <news@shop.example>
	// Subject: Hello
	// X-Pixelsweep: removed=1; kinds=receipt
	//
	// The text stays.
	//
	// header:Return-Receipt-To was removed
}
