module github.com/pixelsweep/pixelsweep/corpus/peers

go 1.26.0

require (
	github.com/AdguardTeam/urlfilter v0.23.2
	github.com/emersion/go-message v0.18.2
	github.com/pixelsweep/pixelsweep v0.0.0
	golang.org/x/net v0.62.0
)

require (
	github.com/AdguardTeam/golibs v0.35.3 // indirect
	github.com/c2h5oh/datasize v0.0.0-20231215233829-aa82cc1e6500 // indirect
	github.com/miekg/dns v1.1.68 // indirect
	github.com/tdewolff/parse/v2 v2.8.20 // indirect
	golang.org/x/exp v0.0.0-20251009144603-d2f985daa21b // indirect
	golang.org/x/mod v0.42.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	golang.org/x/tools v0.52.0 // indirect
)

replace github.com/pixelsweep/pixelsweep => ../..
