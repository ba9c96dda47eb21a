package token_test

import (
	"testing"

	"github.com/pixelsweep/pixelsweep/detector/internal/token"
)

func TestPlaceWords(t *testing.T) {
	for _, tt := range []struct {
		place token.Place
		want  string
	}{
		{token.Place{Part: token.Query}, "query"},
		{token.Place{Part: token.Query, Name: "e"}, "parameter e"},
		{token.Place{Part: token.Query, Name: "ann@reader.example"}, "parameter a…"},
		{token.Place{Part: token.Query, Name: "ann%40reader.example"}, "parameter a…"},
		{token.Place{Part: token.Query, Name: "YW5uLnNlY3JldEByZWFkZXIuZXhhbXBsZQ"}, "parameter YW5u…ZQ"},
		{token.Place{Part: token.Path, Index: 2}, "path segment 2"},
		{token.Place{Part: token.Host, Index: 1}, "host label 1"},
		{token.Place{Part: token.Fragment}, "fragment"},
	} {
		if got := tt.place.Words(); got != tt.want {
			t.Errorf("%+v: got %q, want %q", tt.place, got, tt.want)
		}
	}
}
