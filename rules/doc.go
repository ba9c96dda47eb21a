// Package rules holds what is known about the services that track: whose URL is
// this, and what does a request for it tell them?
//
// A [Service] is a company, a sender or a program. It has rules; a [Rule] is the
// shape of URLs with one purpose, its [Event]. The purpose is the point: a logo
// on a tracker's host is a logo, and no rule matches it. A rule names hosts of the
// service, or it is generic: a shape that is telling enough on whatever domain a
// customer of the service has pointed there.
//
//	name: Acme Mail
//	operator: Acme
//	category: esp
//	homepage: https://acme.example
//	mail:
//	  headers: [X-Acme-ID]
//	  domains: [acmemail.example]
//	rules:
//	- id: open                            the rule's ID is acme-mail/open
//	  event: open
//	  hosts: ['t#.acmemail.example']      t1.acmemail.example and below; none: any host
//	  path: ['/o/{hex:32}.gif']           all of the path; any one of the patterns
//	  query: [u, 'e=open']                parameters that must be there, all of them
//	  recipient: ['query:u']              where the token of the reader stands
//	  match: ['https://t1.acmemail.example/o/…']
//	  miss: ['https://t1.acmemail.example/logo.gif']
//
// Services are data, one file each below data, compiled into Go by go generate
// (data/README.md says how to add one);
// every rule brings URLs that it must match and near misses, and a test runs them
// against the whole set. Runs in patterns are "*" (no slash), "**" (anything), "#"
// (digits) and "{class:min-max}" with the classes dec, hex, upper, alnum, word,
// b64 and tok. There is no backtracking: matching takes one pass over the URL.
//
// A [Set] finds the rule of a URL with a few probes of a hash table: one for each
// label of the host, one for each segment of the path. Each candidate is then
// matched in full. Where several rules match, [Set.Match] says which one is
// returned.
//
//	u, _ := rules.ParseURL("https://acme.us9.list-manage.com/track/open.php?u=1&id=2&e=3")
//	if r := rules.Default().Match(u); r != nil {
//		fmt.Println(r.ID, r.Service.Operator, rules.Lookup(u, r.Recipient[0]))
//	}
//
// What a rule does not say: whether the URL identifies this reader. Recipient
// names the place where the service puts its token; it is evidence that is
// likely, no proof. And some services use one shape for opens and for clicks;
// then the rule is Shared, and how the message refers to the URL decides.
//
// [Set.ESP] names the service that sent a message, from its headers. Where they
// name none, the rules that its URLs match still may.
//
// The package knows nothing of mail or HTML, and performs no I/O.
package rules
