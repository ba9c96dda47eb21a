package weburl

import "strings"

// file reads a file: URL, relative to base if that is one too.
func (p *parser) file(s string, base *URL) (URL, bool) {
	if base != nil && base.Scheme != "file" {
		base = nil
	}
	switch {
	case len(s) >= 2 && isSlash(s[0]) && isSlash(s[1]):
		return p.fileHost(s[2:])
	case s != "" && isSlash(s[0]):
		return p.fileRoot(s[1:], base)
	case base == nil || startsWithDrive(s):
		if base != nil {
			p.copyAuthority(base)
		} else {
			p.emptyHost()
		}
		p.startPath()
		s = p.writePath(s)
		p.endPath()
		p.writeQuery(s)
		return p.url(), true
	}
	p.copyAuthority(base)
	return p.below(s, base)
}

// fileRoot reads what follows a single slash: it keeps base's host and drive.
func (p *parser) fileRoot(s string, base *URL) (URL, bool) {
	if base == nil {
		p.emptyHost()
	} else {
		p.copyAuthority(base)
	}
	p.startPath()
	if base != nil && !startsWithDrive(s) {
		first, _, _ := strings.Cut(strings.TrimPrefix(base.Path, "/"), "/")
		if isNormalDrive(first) {
			p.writeSegment(first)
		}
	}
	s = p.writePath(s)
	p.endPath()
	p.writeQuery(s)
	return p.url(), true
}

// fileHost reads what follows two slashes.
func (p *parser) fileHost(s string) (URL, bool) {
	end := p.delimiter(s)
	host := s[:end]
	if isDrive(host) {
		p.emptyHost()
		p.startPath()
		s = p.writePath(s)
		p.endPath()
		p.writeQuery(s)
		return p.url(), true
	}
	p.emptyHost()
	if host != "" {
		if !p.writeHost(host) {
			return URL{}, false
		}
		if view(p.out[p.hostAt:]) == "localhost" {
			p.out = p.out[:p.hostAt]
			p.hostEnd = p.hostAt
		}
	}
	return p.tail(s[end:])
}

func (p *parser) emptyHost() {
	p.start()
	p.out = append(p.out, "//"...)
	p.authority = true
	p.hostAt, p.hostEnd = len(p.out), len(p.out)
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// isDrive reports whether s is a letter and ':' or '|'.
func isDrive(s string) bool {
	return len(s) == 2 && isLetter(s[0]) && (s[1] == ':' || s[1] == '|')
}

func isNormalDrive(s string) bool { return isDrive(s) && s[1] == ':' }

func startsWithDrive(s string) bool {
	return len(s) >= 2 && isDrive(s[:2]) && (len(s) == 2 || strings.IndexByte(`/\?#`, s[2]) >= 0)
}
