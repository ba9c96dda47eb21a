package rules

// CMP is a consent management platform: how a page that uses it is known, how
// it holds back scripts, and how its banner is answered.
type CMP struct {
	Name  string
	Hosts []string // of its script
	// Auto marks scripts that hold back other scripts by themselves, by a part
	// of their URL or an attribute of their element.
	Auto []string
	// Gates are attributes by which a page marks what must wait: "name" or
	// "name=text in it".
	Gates []string
	// Free are attributes by which a page marks what need not wait: "name" or
	// "name=word".
	Free []string
	// Banner, Accept and Refuse are CSS selectors, tried in their order;
	// AcceptCall and RefuseCall are expressions that do it where they fail.
	Banner, Accept, Refuse []string
	AcceptCall, RefuseCall string
}

// CMPs returns the consent platforms. They must not be changed.
func (s *Set) CMPs() []CMP { return s.cmps }
