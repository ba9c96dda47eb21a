package rules_test

import (
	"fmt"

	"github.com/pixelsweep/pixelsweep/rules"
)

func ExampleSet_Match() {
	u, _ := rules.ParseURL("https://acme.us9.list-manage.com/track/open.php?u=1&id=2&e=3")
	if r := rules.Default().Match(u); r != nil {
		fmt.Println(r.ID, r.Service.Operator, r.Event, rules.Lookup(u, r.Recipient[0]))
	}
	// Output: mailchimp/open Intuit open 3
}
