// Package filter reads ad blockers' filter lists and says which of their
// filters match a request.
//
// It reads the network filters of Adblock Plus, uBlock Origin and AdGuard, hosts
// files, plain lists of hosts, and the lists of Disconnect, DuckDuckGo and
// ClearURLs. Three steps, three calls:
//
//	list := filter.Parse("easylist", data)   // text to filters
//	table, err := filter.Compile(list)       // filters to one run of bytes
//	engine, err := filter.Load(table)        // checks it, and is ready
//
// The table is the compiled form on disk and in memory alike: it can be embedded
// or kept in a file, and loading it takes a checksum and a look at every record.
// What an engine is asked:
//
//	src := filter.NewSource("news.example")              // once a message
//	req := filter.NewRequest(url, filter.Image, src)
//	v := engine.Match(req)
//	if v.Blocked {
//		fmt.Println(v.Filter.List(), v.Filter.Line(), v.Filter.Text())
//	}
//
// [Engine.All] returns every filter that matches, exceptions too, and
// [Engine.Params] the parameters of a link that lists say may be removed.
//
// # Speed
//
// Of 100,000 filters a request tries about ten. The URL is read once, which
// yields its tokens (runs of letters and digits) and the hash of its host and of
// each parent. A filter lies in the index under one key: all of a host name,
// else the token that the fewest URLs and filters have, else the sites that it
// is for; the few without any key are listed by resource type. The indexes may
// return too much, never too little: each candidate is compared in full, what
// costs least first. Exceptions are asked for only after something blocks.
//
// Regular expressions are those of RE2 and run as automata: matching takes
// linear time whatever a list holds, and a filter that looks around or back is
// listed as unsupported. With [Request.Set] a match allocates nothing.
//
// # Semantics
//
// Where blockers differ, filters mean what they mean in uBlock Origin:
//
//   - Hosts are compared at their labels; "^" is a byte other than a letter, a
//     digit and "_-.%", or the end of the URL.
//   - A filter without types is for all that a page or message loads. Documents
//     and popups need their option, or "all".
//   - A request is third party when its host does not lie within the site of
//     its source, by the public suffix list; without a source it is third party.
//   - A line that is nothing but a host blocks the host and what lies below it.
//   - "redirect" blocks; "redirect-rule", "csp" and other options that change a
//     response do not, and their filters are left out.
//   - With both kinds of sites in "domain", a site that is excluded stays so.
//
// The method is taken to be GET. What is left out, and why, stands in
// [List.Unsupported]; one bad line never spoils the next.
//
// An [Engine] is immutable and safe for concurrent use; a [Request] belongs to
// one goroutine. The package performs no I/O.
package filter
