package detector

import "github.com/pixelsweep/pixelsweep/rules"

// ballot counts the references of a message in the shapes of one service.
type ballot struct {
	service *rules.Service
	opens   int
	clicks  int
}

// vote counts a reference for the service of its rule, when that is one that
// sends mail or runs in a mail client.
func (s *scan) vote(m *matter) {
	if m.rule == nil || m.Part == "HEADER" {
		return
	}
	switch m.rule.Service.Category {
	case "esp", "commerce", "self-hosted", "sales":
	default:
		return
	}
	b := s.ballot(m.rule.Service)
	switch {
	case m.class == linkClass:
		if m.rule.Event == rules.EventClick || m.rule.Shared {
			b.clicks++
		}
	case m.rule.Event == rules.EventOpen || m.rule.Shared:
		b.opens++
	}
}

func (s *scan) ballot(sv *rules.Service) *ballot {
	for i := range s.ballots {
		if s.ballots[i].service == sv {
			return &s.ballots[i]
		}
	}
	s.ballots = append(s.ballots, ballot{service: sv})
	return &s.ballots[len(s.ballots)-1]
}

// sender names the service that sent the message: the one that the headers
// name, or where they name none, or one that only carries mail for others, the
// one that the URLs speak for. The customers' domains hide a service from the
// headers; the shapes of its URLs stay.
func (s *scan) sender() string {
	named, voted := s.esp, s.elected()
	switch {
	case voted == nil && named == nil:
		return ""
	case voted == nil, named != nil && (!named.Transport || voted.Transport):
		return named.Name
	}
	return voted.Name
}

// elected returns the service with most opens, or with no opens at all, that
// with most clicks. A few links may be quoted from another message, or abuse a
// redirect: alone they count from three on that are a third of all.
func (s *scan) elected() *rules.Service {
	var best ballot
	for _, b := range s.ballots {
		if b.opens == 0 && (b.clicks < 3 || 3*b.clicks < s.rep.Counts[string(Click)]) {
			continue
		}
		if b.opens > best.opens || b.opens == best.opens && b.clicks > best.clicks {
			best = b
		}
	}
	return best.service
}
