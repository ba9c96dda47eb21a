// Command adguard runs the requests through AdguardTeam/urlfilter.
package main

import (
	"os"
	"time"

	"github.com/AdguardTeam/urlfilter"
	"github.com/AdguardTeam/urlfilter/filterlist"
	"github.com/AdguardTeam/urlfilter/rules"

	"github.com/pixelsweep/pixelsweep/corpus/peers/filters/bench"
)

func main() {
	bench.Run(bench.Result{Engine: "adguard", Version: "0.23.2"}, load)
}

func load(paths []string, res *bench.Result) (bench.Engine, error) {
	start := time.Now()
	var lists []filterlist.Interface
	for i, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			return nil, err
		}
		lists = append(lists, filterlist.NewString(&filterlist.StringConfig{
			RulesText: string(data), ID: rules.ListID(i + 1), IgnoreCosmetic: true,
		}))
	}
	s, err := filterlist.NewRuleStorage(lists)
	if err != nil {
		return nil, err
	}
	e := urlfilter.NewNetworkEngine(s)
	res.LoadMS = float64(time.Since(start).Microseconds()) / 1000
	return engine{e}, nil
}

type engine struct{ *urlfilter.NetworkEngine }

var types = map[string]rules.RequestType{
	"document":       rules.TypeDocument,
	"subdocument":    rules.TypeSubdocument,
	"script":         rules.TypeScript,
	"stylesheet":     rules.TypeStylesheet,
	"object":         rules.TypeObject,
	"image":          rules.TypeImage,
	"xmlhttprequest": rules.TypeXmlhttprequest,
	"media":          rules.TypeMedia,
	"font":           rules.TypeFont,
	"websocket":      rules.TypeWebsocket,
	"ping":           rules.TypePing,
	"other":          rules.TypeOther,
}

func (e engine) match(r *bench.Request) (*rules.NetworkRule, bool) {
	return e.NetworkEngine.Match(rules.NewRequest(r.URL, r.Source, types[r.Type]))
}

func (e engine) Match(r *bench.Request) byte {
	if rule, ok := e.match(r); ok && !rule.Whitelist {
		return bench.Blocked
	}
	return bench.Passed
}

func (e engine) Explain(r *bench.Request) (filter string, exception bool) {
	rule, ok := e.match(r)
	if !ok {
		return "", false
	}
	return rule.Text(), rule.Whitelist
}
