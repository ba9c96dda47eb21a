package imapscan

import (
	"errors"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// throttleCodes are the response codes that ask for patience: RFC 5530, and
// what Gmail (THROTTLED), Yahoo (LIMIT) and Exchange send.
var throttleCodes = map[imap.ResponseCode]bool{
	"THROTTLED": true, "LIMIT": true, "UNAVAILABLE": true, "INUSE": true, "OVERQUOTA": true, "SERVERBUG": true,
}

// passing reports whether an answer says to try again later.
func passing(e *imap.Error) bool {
	if throttleCodes[e.Code] || e.Type == imap.StatusResponseTypeBye {
		return true
	}
	text := strings.ToLower(e.Text)
	for _, s := range []string{"try again", "throttl", "too many", "temporar", "later", "rate limit", "bandwidth", "overload"} {
		if strings.Contains(text, s) {
			return e.Code != imap.ResponseCodeAuthenticationFailed
		}
	}
	return false
}

// throttled reports whether err is a server's request to go slower.
func throttled(err error) bool {
	var e *imap.Error
	return errors.As(err, &e) && passing(e)
}

// refused reports whether the server answered NO or BAD to one command, which
// says nothing about the connection.
func refused(err error) bool {
	var e *imap.Error
	return errors.As(err, &e) && e.Type != imap.StatusResponseTypeBye
}
