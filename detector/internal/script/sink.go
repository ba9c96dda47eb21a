package script

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// property looks at what is assigned to a property: to src, the element loads
// it.
func (r *Reader) property(base Value, key string, v Value) {
	tag := ""
	if base.obj != nil {
		tag = base.obj.tag
	}
	switch key {
	case "src", "srcset", "data", "poster":
		switch {
		case tag != "":
			r.ref(v, tag, false)
		case key == "src" && base.kind != dict && base.kind != list:
			r.ref(v, "src", false)
		}
	case "href":
		switch {
		case tag == "link":
			r.ref(v, tag, false)
		case base.path == "location" || strings.HasSuffix(base.path, ".location"):
			r.ref(v, "location", false)
		}
	case "location":
		if base.path == "document" || base.path == "" {
			r.ref(v, "location", false)
		}
	case "innerHTML", "outerHTML", "srcdoc":
		r.ref(v, key, true)
	}
}

// handler enters a function that runs once the page, or an element, has loaded.
func (r *Reader) handler(key string, v Value) {
	if f := v.fn(); f != nil && !f.read && (key == "onload" || key == "onerror" || key == "onreadystatechange") {
		r.enter(f, []Value{})
	}
}

// runsSoon are the functions that call those they are given without waiting for
// the reader to do something.
var runsSoon = map[string]bool{
	"setTimeout": true, "setInterval": true, "requestIdleCallback": true, "requestAnimationFrame": true, "queueMicrotask": true,
	"ready": true, "forEach": true, "map": true, "each": true, "then": true, "$": true, "jQuery": true, "load": true, "defer": true,
}

// invoke is a call: of v, which is the property key of p.base if it is one.
func (r *Reader) invoke(v Value, p place, args []Value, start int) Value {
	name := p.key
	if !p.member {
		name = p.name
	}
	f := v.fn()
	listed := (f == nil || r.Known != nil && r.Known(v.path) && (!ordinary(v.path) || r.hands(f))) && r.call("", v.path, "", args, start, r.pos)
	here := site{from: start, to: r.pos, listed: listed}
	switch name {
	case "call":
		if p.base.kind == code && len(args) > 0 {
			return r.known(p.base, args[1:], here)
		}
	case "apply":
		if p.base.kind == code && len(args) > 1 && args[1].obj != nil {
			return r.known(p.base, args[1].obj.elems, here)
		}
	case "push":
		// A function that hands on all that it was called with: function g() { dataLayer.push(arguments) }.
		if list := r.site.list; list != nil && len(args) == 1 && args[0].obj == list && f == nil && !r.site.listed {
			listed = r.call("", v.path, "(arguments)", list.elems, r.site.from, r.site.to)
		}
	}
	if f != nil {
		result := r.known(v, args, here)
		if listed && ownsMethods(p) {
			result, r.chained = Value{path: p.base.path}, true
		}
		return result
	}
	r.sink(v, p, name, args)
	soon := runsSoon[name]
	if name == "addEventListener" || name == "attachEvent" {
		switch at(args, 0).text {
		case "load", "DOMContentLoaded", "onload", "readystatechange", "pageshow":
			soon = true
		}
	}
	if soon {
		for _, a := range args {
			if f := a.fn(); f != nil && !f.read {
				r.enter(f, []Value{})
			}
		}
	}
	result := r.builtin(v, p, name, args)
	if listed && ownsMethods(p) && !result.Known() {
		result.path = p.base.path // analytics.identify(…).track(…)
		r.chained = true
	}
	return result
}

// ownsMethods reports whether p is a method of something that has a name, which is what
// the calls of a chain return.
func ownsMethods(p place) bool { return p.member && p.base.path != "" && p.base.path != "window" }

// ordinaryWords begin calls of services, but a page may well have something of its own
// by that name.
var ordinaryWords = map[string]bool{
	"alloy": true, "amplitude": true, "analytics": true, "braze": true, "clarity": true, "heap": true, "plausible": true, "snowplow": true,
}

// ordinary reports whether a call begins with such a word, or with one or two letters.
func ordinary(path string) bool {
	path = strings.TrimPrefix(path, "new ")
	name, _, _ := strings.Cut(path, ".")
	return len(name) < 3 || ordinaryWords[name]
}

// handing are words of which a function has one that hands on what it is called
// with.
var handing = []string{
	"arguments", "...", "push", "apply", "call", "createElement", "Image", "fetch", "send", "open", "src", "emit", "dispatch", "queue", "track", "methods",
}

// maxStub is how long a function may be that is looked at for them, in bytes.
const maxStub = 1 << 10

// hands reports whether a function with an ordinary name may be one of a service: it is
// not written in this script, is long, or hands on what it is called with.
func (r *Reader) hands(f *function) bool {
	if f.round != r.round {
		return true
	}
	from, to := f.params[0], f.body[1]
	if from >= to || to > len(r.toks) {
		return true
	}
	text := r.src[r.toks[from].from:r.toks[to-1].to]
	return len(text) > maxStub || slices.ContainsFunc(handing, func(w string) bool { return bytes.Contains(text, []byte(w)) })
}

// sink lists what a call loads.
func (r *Reader) sink(v Value, p place, name string, args []Value) {
	first := at(args, 0)
	switch name {
	case "sendBeacon":
		r.ref(first, name, false)
	case "fetch":
		if v.path == "fetch" || !p.member {
			r.ref(first, name, false)
		}
	case "open":
		tag := ""
		if p.base.obj != nil {
			tag = p.base.obj.tag
		}
		switch first.text {
		case "GET", "POST", "PUT", "HEAD", "get", "post":
			tag = "XMLHttpRequest"
		}
		switch {
		case tag == "XMLHttpRequest":
			r.ref(at(args, 1), tag, false)
		case v.path == "open":
			r.ref(first, "window.open", false)
		}
	case "write", "writeln":
		if p.member && (p.base.path == "document" || strings.HasSuffix(p.base.path, ".document") || p.base.path == "") {
			all := first
			for _, a := range args[min(1, len(args)):] {
				all = r.concat(asString(all), asString(a))
			}
			r.ref(all, "document.write", true)
		}
	case "insertAdjacentHTML":
		r.ref(at(args, 1), name, true)
	case "createContextualFragment", "append", "prepend", "html", "after", "before", "$", "jQuery":
		r.ref(first, name, true)
	case "setAttribute", "attr":
		r.attribute(p.base, first.text, at(args, 1))
	case "importScripts":
		for _, a := range args {
			r.ref(a, name, false)
		}
	case "getScript", "getJSON", "addModule":
		r.ref(first, name, false)
	case "ajax", "post", "get":
		if first.obj != nil {
			first, _ = first.At("url")
		}
		if p.base.path == "$" || p.base.path == "jQuery" || p.base.path == "axios" {
			r.ref(first, name, false)
		}
	case "register":
		if strings.HasSuffix(p.base.path, "serviceWorker") {
			r.ref(first, "serviceWorker", false)
		}
	case "assign", "replace":
		if p.base.path == "location" || strings.HasSuffix(p.base.path, ".location") {
			r.ref(first, "location", false)
		}
	}
}

// attribute is setAttribute.
func (r *Reader) attribute(base Value, key string, v Value) {
	switch key {
	case "src", "data", "srcset", "href", "poster":
		r.property(base, key, v)
		if base.obj != nil {
			base.obj.set(key, v)
		}
	case "srcdoc":
		r.ref(v, key, true)
	}
}

// builtin is what a call of a function returns that browsers have.
func (r *Reader) builtin(v Value, p place, name string, args []Value) Value {
	first := at(args, 0)
	switch name {
	case "getInstance":
		if p.member {
			return Value{path: p.base.path} // amplitude.getInstance().logEvent(…)
		}
	case "createElement":
		return r.memory.element(strings.ToLower(first.text))
	case "createElementNS":
		return r.memory.element(strings.ToLower(at(args, 1).text))
	case "appendChild", "insertBefore":
		return first
	case "unescape", "decodeURIComponent", "decodeURI":
		return decoded(first, func(s string) string {
			if t, err := url.PathUnescape(s); err == nil {
				return t
			}
			return s
		})
	case "atob":
		return decoded(first, func(s string) string {
			b, err := base64.StdEncoding.DecodeString(s)
			if err != nil {
				return hole
			}
			return strings.ReplaceAll(string(b), hole, "")
		})
	case "encodeURIComponent", "escape", "encodeURI":
		if first.IsText() && first.Whole() && r.spend(3*len(first.text)) {
			if name == "encodeURI" {
				return first
			}
			return Value{kind: str, text: url.PathEscape(first.text)}
		}
		return Value{kind: str, text: hole}
	case "String", "toString", "trim", "valueOf":
		if p.member {
			first = p.base
		}
		if first.IsText() {
			return asString(first)
		}
	case "fromCharCode":
		var b strings.Builder
		for _, a := range args {
			n, err := strconv.Atoi(a.text)
			if err != nil || n < 0 || n > 0x10ffff {
				return Value{}
			}
			b.WriteRune(rune(n))
		}
		return Value{kind: str, text: b.String()}
	}
	if !p.member {
		return Value{}
	}
	return r.method(p.base, name, args)
}

// method is what a method of a string or list returns.
func (r *Reader) method(base Value, name string, args []Value) Value {
	first := at(args, 0)
	switch {
	case base.kind == str && name == "concat":
		for _, a := range args {
			base = r.concat(asString(base), asString(a))
		}
		return base
	case base.kind == str && name == "toLowerCase":
		if r.spend(len(base.text)) {
			base.text = strings.ToLower(base.text)
			return base
		}
	case base.kind == str && name == "replace" && first.kind == str && first.text != "" && at(args, 1).kind == str:
		if r.spend(len(base.text) + len(at(args, 1).text)) {
			return decoded(base, func(s string) string { return strings.Replace(s, first.text, args[1].text, 1) })
		}
	case base.kind == list && name == "join":
		sep := first
		if first.kind != str {
			sep = Value{kind: str, text: ","}
		}
		var v Value
		for i, e := range base.obj.elems {
			if i == 0 {
				v = asString(e)
				continue
			}
			v = r.concat(r.concat(v, sep), asString(e))
		}
		return v
	case base.kind == list && name == "concat":
		r.fuel -= len(base.obj.elems)
		o := &object{elems: append([]Value{}, base.obj.elems...)}
		for _, a := range args {
			if a.kind == list {
				r.fuel -= len(a.obj.elems)
				o.elems = append(o.elems, a.obj.elems...)
			} else {
				o.elems = append(o.elems, a)
			}
		}
		o.elems = o.elems[:min(len(o.elems), maxProps)]
		return Value{kind: list, obj: o}
	case base.kind == list && name == "push":
		for _, a := range args {
			if len(base.obj.elems) < maxProps {
				base.obj.elems = append(base.obj.elems, a)
			}
		}
	}
	return Value{}
}

func (r *Reader) spend(n int) bool {
	r.bytes -= n
	return r.bytes >= 0
}

// decoded is a string that is written in another form.
func decoded(v Value, by func(string) string) Value {
	if v.kind != str {
		return Value{}
	}
	v.text = by(v.text)
	v.first.loose = true
	if more := v.more(); len(more) > 0 && v.first.to == 0 {
		v.first = more[0].origin
		v.first.loose = true
	}
	v.obj = nil
	return v
}
