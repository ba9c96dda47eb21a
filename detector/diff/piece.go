package diff

import (
	"strconv"
	"strings"
)

// maxPieces is how many pieces a URL has at most; the last one holds the rest.
const maxPieces = 256

// kind is what part of a URL a piece is.
type kind uint8

const (
	schemePiece kind = iota
	userPiece
	hostPiece
	portPiece
	pathPiece
	queryPiece
	fragmentPiece
)

// key names a piece in the URLs of all copies.
type key struct {
	kind kind
	n    int    // of host labels from the right, of path segments, of equal names
	name string // of a parameter
}

// stretch is a piece of one URL.
type stretch struct {
	key
	at    int // of a host label, from the left
	where Range
}

// String names a piece as findings do.
func (s stretch) String() string {
	switch s.kind {
	case schemePiece:
		return "scheme"
	case userPiece:
		return "userinfo"
	case hostPiece:
		return "host[" + strconv.Itoa(s.at) + "]"
	case portPiece:
		return "port"
	case pathPiece:
		return "path[" + strconv.Itoa(s.n) + "]"
	case fragmentPiece:
		return "fragment"
	}
	name := "query"
	if s.name != "" {
		name += "[" + s.name + "]"
	}
	if s.n > 1 {
		name += "#" + strconv.Itoa(s.n)
	}
	return name
}

// split takes a URL apart. What stands between the pieces is its delimiters, and
// the names of its parameters.
func split(url string) []stretch {
	s := splitter{url: url}
	end := len(url)
	if i := strings.IndexByte(url, '#'); i >= 0 {
		end = i
	}
	path := 0
	if i := strings.IndexAny(url[:end], ":/?"); i > 0 && url[i] == ':' {
		s.add(key{kind: schemePiece}, 0, i)
		path = i + 1
		if strings.HasPrefix(url[path:end], "//") {
			path = s.authority(path+2, end)
		}
	}
	query := end
	if i := strings.IndexByte(url[path:end], '?'); i >= 0 {
		query = path + i
	}
	s.path(path, query)
	if query < end {
		s.query(query+1, end)
	}
	if end < len(url) {
		s.add(key{kind: fragmentPiece}, end+1, len(url))
	}
	return s.list
}

type splitter struct {
	url  string
	list []stretch
}

func (s *splitter) add(k key, from, to int) {
	s.list = append(s.list, stretch{key: k, where: Range{from, to}})
}

func (s *splitter) full() bool { return len(s.list) >= maxPieces-2 }

// authority takes the user, the host and the port apart, and returns where they
// end.
func (s *splitter) authority(from, end int) int {
	to := end
	if i := strings.IndexAny(s.url[from:end], "/?"); i >= 0 {
		to = from + i
	}
	if i := strings.LastIndexByte(s.url[from:to], '@'); i >= 0 {
		s.add(key{kind: userPiece}, from, from+i)
		from += i + 1
	}
	host := to
	if i := strings.LastIndexByte(s.url[from:to], ':'); i >= 0 && !strings.HasSuffix(s.url[from:to], "]") {
		host = from + i
	}
	labels := min(strings.Count(s.url[from:host], ".")+1, maxPieces/2)
	for n := 1; n <= labels; n++ {
		dot := host
		if i := strings.IndexByte(s.url[from:host], '.'); i >= 0 && n < labels {
			dot = from + i
		}
		s.list = append(s.list, stretch{key{kind: hostPiece, n: labels - n}, n, Range{from, dot}})
		from = dot + 1
	}
	if host < to {
		s.add(key{kind: portPiece}, host+1, to)
	}
	return to
}

func (s *splitter) path(from, end int) {
	if from < end && s.url[from] == '/' {
		from++
	}
	for n := 1; from < end; n++ {
		to := end
		if i := strings.IndexByte(s.url[from:end], '/'); i >= 0 && !s.full() {
			to = from + i
		}
		s.add(key{kind: pathPiece, n: n}, from, to)
		from = to + 1
	}
}

func (s *splitter) query(from, end int) {
	seen := map[string]int{}
	for from < end {
		to := end
		if i := strings.IndexByte(s.url[from:end], '&'); i >= 0 && !s.full() {
			to = from + i
		}
		name, value := "", from
		if i := strings.IndexByte(s.url[from:to], '='); i >= 0 {
			name, value = s.url[from:from+i], from+i+1
		}
		seen[name]++
		s.add(key{queryPiece, seen[name], name}, value, to)
		from = to + 1
	}
}
