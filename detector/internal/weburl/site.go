package weburl

import (
	"strings"
	"sync/atomic"

	"golang.org/x/net/publicsuffix"
)

// sites remembers the site of hosts seen lately. Each slot holds one host; a
// host that hashes to the same slot replaces it.
var sites [4096]atomic.Pointer[site]

type site struct {
	host   string
	length int // how long the host's end is that is its site
}

// Site returns the registrable domain of a host as Parse yields it: one label
// more than its public suffix. The site of an IP address, and of a host that is
// itself a public suffix, is the host.
func Site(host string) string {
	host = strings.TrimSuffix(host, ".")
	if host == "" || isIP(host) {
		return host
	}
	slot := &sites[hash(host)%uint32(len(sites))]
	if s := slot.Load(); s != nil && s.host == host {
		return host[len(host)-s.length:]
	}
	length := registrable(host)
	if len(host) <= 253 {
		slot.Store(&site{strings.Clone(host), length})
	}
	return host[len(host)-length:]
}

// registrable returns the length of host's end that is its site.
func registrable(host string) int {
	suffix, _ := publicsuffix.PublicSuffix(host)
	dot := len(host) - len(suffix) - 1
	if dot <= 0 {
		return len(host)
	}
	return len(host) - 1 - strings.LastIndexByte(host[:dot], '.')
}

func isIP(host string) bool {
	last := host[len(host)-1]
	return last == ']' || '0' <= last && last <= '9' && endsInNumber(host)
}

// hash is FNV-1a.
func hash(s string) uint32 {
	h := uint32(2166136261)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}
