package diff

import "unicode/utf8"

// maxWords is how many words of a piece are compared one by one.
const maxWords = 32

// words splits values at punctuation, nil if they are not built alike.
func words(values []value) [][]value {
	var parts [][]value
	marks := ""
	for i := range values {
		v := &values[i]
		if !v.ok {
			return nil
		}
		n, found, from := 0, []byte(nil), 0
		for k := 0; k <= len(v.text); k++ {
			if k < len(v.text) && (isWord(v.text[k]) || v.text[k] == '%' || v.text[k] >= utf8.RuneSelf) {
				continue
			}
			if n == maxWords {
				return nil
			}
			if i == 0 {
				parts = append(parts, make([]value, len(values)))
			} else if n >= len(parts) {
				return nil
			}
			parts[n][i] = value{v.member, true, v.text[from:k], v.start + from}
			if k < len(v.text) {
				found = append(found, v.text[k])
			}
			n, from = n+1, k+1
		}
		if i == 0 {
			marks = string(found)
		} else if n != len(parts) || string(found) != marks {
			return nil
		}
	}
	if len(parts) < 2 {
		return nil
	}
	return parts
}

// minHalf is the least length of what a value without punctuation is cut into.
const minHalf = 4

// halves cuts values of one length where one side tells mailings apart and the
// other readers; nil if there is no such place.
func (c *classifier) halves(values []value) [][]value {
	length := len(values[0].text)
	for i := range values {
		if !values[i].ok || len(values[i].text) != length {
			return nil
		}
	}
	if length < 2*minHalf {
		return nil
	}
	// Up to where do all copies of a mailing agree, and all of a reader? A set
	// agrees as far as each of it agrees with the first.
	mailing, reader := agree{before: length, after: length}, agree{before: length, after: length}
	for i := range c.ofMailing {
		c.ofMailing[i] = -1
	}
	for i := range c.ofReader {
		c.ofReader[i] = -1
	}
	for i := range values {
		r, m := c.reader[values[i].member], c.mailing[values[i].member]
		if r < 0 {
			continue
		}
		if first := c.ofMailing[m]; first >= 0 {
			mailing.with(values[first].text, values[i].text)
		} else {
			c.ofMailing[m] = i
		}
		if first := c.ofReader[r]; first >= 0 {
			reader.with(values[first].text, values[i].text)
		} else {
			c.ofReader[r] = i
		}
	}
	cut := -1
	switch {
	case mailing.before >= minHalf && length-reader.after <= mailing.before && mailing.before <= length-minHalf:
		cut = mailing.before // issue, then reader
	case reader.before >= minHalf && length-mailing.after <= reader.before && reader.before <= length-minHalf:
		cut = reader.before // reader, then issue
	default:
		return nil
	}
	parts := [][]value{make([]value, len(values)), make([]value, len(values))}
	for i, v := range values {
		parts[0][i] = value{v.member, true, v.text[:cut], v.start}
		parts[1][i] = value{v.member, true, v.text[cut:], v.start + cut}
	}
	return parts
}

// agree is how many bytes at the beginning and at the end are the same in all
// pairs.
type agree struct{ before, after int }

func (a *agree) with(x, y string) {
	a.before = min(a.before, prefix(x, y))
	a.after = min(a.after, suffix(x, y))
}
