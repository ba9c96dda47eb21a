package rules

import "testing"

func TestCondition(t *testing.T) {
	for _, c := range []struct {
		is   []string
		text string
		want bool
	}{
		{nil, "x", true}, {[]string{"a"}, "a", true}, {[]string{"a"}, "ab", false}, {[]string{"a*"}, "ab", true}, {[]string{"*"}, "", true},
		{[]string{"*.send"}, "t1.send", true}, {[]string{"*.send"}, "send", false}, {[]string{"*._track*"}, "b._trackEvent", true},
		{[]string{"*._track*"}, "_trackEvent", false}, {[]string{"!a"}, "b", true}, {[]string{"!a"}, "a", false}, {[]string{"a*", "!ab"}, "ab", false},
	} {
		if got := (&Condition{Is: c.is}).Holds(c.text, true); got != c.want {
			t.Errorf("%q for %q: %v", c.is, c.text, got)
		}
	}
	if (&Condition{}).Holds("", false) {
		t.Error("holds where nothing is there")
	}
}
