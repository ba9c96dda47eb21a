package filter

// A span is a token's place in a pattern.
type span struct{ start, end int }

// safeTokens calls yield for each token of a pattern that a URL must hold as a
// token of its own, when it matches: both its ends are fixed, by a byte that is
// no part of tokens or by an anchor.
//
//	/banner/*/img^   banner, img
//	-ad300x250.      ad300x250
//	/adserv          none: the URL may hold /adserver
func safeTokens(p string, a Anchor, yield func(span)) {
	for i := 0; i < len(p); {
		if !isToken(p[i]) {
			i++
			continue
		}
		start := i
		for i < len(p) && isToken(p[i]) {
			i++
		}
		left := start > 0 && p[start-1] != '*' || start == 0 && a&(AnchorStart|AnchorHostname) != 0
		right := i < len(p) && p[i] != '*' || i == len(p) && a&AnchorEnd != 0
		if left && right {
			yield(span{start, i})
		}
	}
}

// commonTokens says how many of a thousand URLs hold a token, counted over
// requests of web pages and over URLs in mail. An index by these returns nearly
// every filter that it has.
var commonTokens = map[string]int{
	"https": 900, "com": 600, "www": 160, "http": 140, "1": 130, "js": 130, "net": 120, "png": 110,
	"jpg": 110, "g": 90, "m": 90, "page": 80, "0": 80, "de": 80, "email": 70, "go": 60, "images": 60,
	"amp": 60, "static": 60, "2": 55, "source": 50, "click": 50, "p": 50, "s": 45, "img": 45, "t": 45,
	"r": 45, "org": 45, "fr": 40, "html": 40, "id": 40, "utm": 40, "campaign": 40, "3": 40, "v": 40,
	"google": 40, "i": 40, "c": 35, "secure": 35, "assets": 35, "u": 35, "e": 30, "css": 30, "ru": 30,
	"medium": 30, "a": 30, "true": 30, "content": 30, "cdn": 30, "5": 30, "us": 30, "action": 25,
	"gif": 25, "fonts": 25, "8": 25, "w": 25, "news": 25, "co": 25, "24": 20, "image": 20, "4": 20,
	"10": 20, "min": 20, "url": 20, "online": 20, "en": 20, "d": 20, "h": 20, "x": 20,
	"doubleclick": 20, "php": 20, "newsletter": 20, "o": 20, "facebook": 20, "media": 20,
	"amazon": 15, "ssl": 15, "f": 15, "100": 15, "7": 15, "6": 15, "pagead": 15, "ads": 15,
	"logo": 15, "all": 15, "track": 15, "v1": 15, "k": 14, "cb": 14, "pixel": 14, "l": 14, "wp": 14,
	"ct": 14, "shop": 14, "n": 13, "googlesyndication": 13, "api": 13, "v2": 13, "9": 13, "open": 13,
	"googleapis": 13, "svg": 13, "ad": 12, "me": 12, "info": 12, "sync": 12, "user": 12, "state": 12,
	"false": 12, "b": 12, "jquery": 12, "index": 12, "main": 12, "script": 12, "scripts": 12,
	"jpeg": 12, "webp": 12, "uk": 12, "tv": 10, "io": 10, "data": 10, "files": 10, "uploads": 10,
	"public": 10, "type": 10, "ref": 10, "q": 10, "src": 10, "link": 10, "web": 10, "app": 10,
	"mail": 10, "home": 10, "analytics": 10, "collect": 10, "event": 10, "tag": 10, "title": 10,
	"name": 10, "version": 10, "time": 10, "width": 10, "height": 10, "lib": 10, "dist": 10,
	"common": 10, "themes": 10, "plugins": 10, "video": 10, "json": 10, "xml": 10, "asp": 10,
	"aspx": 10, "cgi": 10, "htm": 10,
}

// costly is the weight from which a token is worse than an index by the sites
// that a filter names.
const costly = 8
