package login

import (
	"fmt"
	"io"
	"log/slog"
)

// A Secret is a password or token. However it is printed, logged or encoded, alone
// or inside something else, it gives "[secret]"; only Reveal gives the text.
//
// The text is behind a function, so that printing which goes by reflection and
// skips the methods (fmt does for verbs that do not fit) finds an address.
type Secret struct{ reveal func() string }

// Hide makes a secret of a text.
func Hide(text string) Secret { return Secret{func() string { return text }} }

// Reveal returns the text; "" for the zero Secret.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s.reveal == nil }

const hidden = "[secret]"

// String returns "[secret]".
func (s Secret) String() string { return hidden }

// GoString returns "[secret]".
func (s Secret) GoString() string { return hidden }

// Format prints "[secret]" for every verb.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, hidden) }

// MarshalText returns "[secret]".
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalJSON returns "[secret]" in quotes.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// LogValue returns "[secret]".
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }
