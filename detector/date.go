package detector

import (
	"net/mail"
	"strings"
	"time"
)

// date gives a Date field in RFC 3339, "" if it cannot be read.
func date(value string) string {
	if value == "" {
		return ""
	}
	if t, ok := usualDate(value); ok {
		return t.Format(time.RFC3339)
	}
	t, err := mail.ParseDate(strings.TrimSpace(value))
	if err != nil {
		return ""
	}
	return t.Format(time.RFC3339)
}

// usualDate reads "Tue, 24 Nov 2026 22:49:00 +0100" (RFC 5322 section 3.3),
// with or without the day's name, the seconds and a comment at the end. It
// leaves all else to net/mail.
func usualDate(s string) (time.Time, bool) {
	d := dateReader{s: s}
	if d.skip(); len(d.s) > 4 && d.s[3] == ',' {
		d.s = d.s[4:]
		d.skip()
	}
	day := d.number(1, 2)
	d.skip()
	month := d.month()
	d.skip()
	year := d.number(4, 4)
	d.skip()
	hour := d.number(2, 2)
	d.colon()
	minute, second := d.number(2, 2), 0
	if strings.HasPrefix(d.s, ":") {
		d.colon()
		second = d.number(2, 2)
	}
	d.skip()
	offset := d.zone()
	if d.bad || day < 1 || day > 28 && day > daysIn(month, year) || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	return time.Date(year, month, day, hour, minute, second, 0, time.FixedZone("", offset)), true
}

func daysIn(m time.Month, year int) int { return time.Date(year, m+1, 0, 0, 0, 0, 0, time.UTC).Day() }

// dateReader takes a date apart from its start.
type dateReader struct {
	s   string
	bad bool
}

func (d *dateReader) skip() {
	for d.s != "" && d.s[0] == ' ' {
		d.s = d.s[1:]
	}
}

func (d *dateReader) number(least, most int) int {
	n, v := 0, 0
	for n < len(d.s) && n < most && isDigit(d.s[n]) {
		v = v*10 + int(d.s[n]-'0')
		n++
	}
	d.bad = d.bad || n < least
	d.s = d.s[n:]
	return v
}

func (d *dateReader) colon() {
	if d.s == "" || d.s[0] != ':' {
		d.bad = true
		return
	}
	d.s = d.s[1:]
}

func (d *dateReader) month() time.Month {
	if len(d.s) < 3 {
		d.bad = true
		return 1
	}
	i := strings.Index("JanFebMarAprMayJunJulAugSepOctNovDec", d.s[:3])
	d.bad = d.bad || i < 0 || i%3 != 0
	d.s = d.s[3:]
	return time.Month(i/3 + 1)
}

// zone reads "+0100" and a comment after it, and gives seconds.
func (d *dateReader) zone() int {
	if len(d.s) < 5 || d.s[0] != '+' && d.s[0] != '-' {
		d.bad = true
		return 0
	}
	sign := 1
	if d.s[0] == '-' {
		sign = -1
	}
	d.s = d.s[1:]
	h, m := d.number(2, 2), d.number(2, 2)
	d.skip()
	d.bad = d.bad || h > 23 || m > 59 || d.s != "" && (d.s[0] != '(' || strings.IndexByte(d.s, ')') != len(d.s)-1)
	return sign * (h*3600 + m*60)
}
