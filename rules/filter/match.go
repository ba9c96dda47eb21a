package filter

import "strings"

// matchAt reports whether a URL holds a pattern at a place. In the pattern "*"
// is any text, and "^" one separator or the end of the URL. With end, the
// pattern must reach the end of the URL. The time is at most the product of
// both lengths.
func matchAt(p, url string, at int, end bool) bool {
	star, mark := -1, 0 // after the last "*", and the place it was tried at
	i, j := at, 0
	for {
		switch {
		case j == len(p):
			if !end || i == len(url) {
				return true
			}
		case p[j] == '*':
			star, mark = j+1, i
			j++
			continue
		case i < len(url):
			if p[j] == url[i] && p[j] != '^' || p[j] == '^' && isSeparator(url[i]) {
				i, j = i+1, j+1
				continue
			}
		case strings.Trim(p[j:], "^*") == "" && p[j] == '^':
			return true
		}
		if star < 0 || mark >= len(url) {
			return false
		}
		mark++
		if c := p[star:]; c != "" && c[0] != '^' {
			skip := strings.IndexByte(url[mark:], c[0])
			if skip < 0 {
				return false
			}
			mark += skip
		}
		i, j = mark, star
	}
}

// search reports whether a URL holds a pattern anywhere.
func search(p, url string, end bool) bool {
	n := 0
	for n < len(p) && p[n] != '*' && p[n] != '^' {
		n++
	}
	for at := 0; at <= len(url); at++ {
		skip := strings.Index(url[at:], p[:n])
		if skip < 0 {
			return false
		}
		if at += skip; matchAt(p, url, at, end) {
			return true
		}
	}
	return false
}
