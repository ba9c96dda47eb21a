package detector

// Thresholds of the score.
const (
	highScore   = 80
	mediumScore = 50
	lowScore    = 20
)

// score sums the points of signals and holds the sum between 0 and 100. It is
// the only place where signals meet.
func score(signals []Signal) int {
	sum := 0
	for _, s := range signals {
		sum += s.Points
	}
	return max(0, min(100, sum))
}

// severity derives how much a finding matters from its kind and score, and ""
// for a score that makes no finding.
func severity(k Kind, score int, e Evidence, measures bool) Severity {
	switch k {
	case RemoteContent:
		return SeverityInfo
	case ClickTracker, ReadReceipt:
		if e == Proven {
			return SeverityMedium
		}
		return SeverityLow
	case TrackedContent:
		if e == Proven || measures {
			return SeverityMedium
		}
		return SeverityLow
	}
	switch {
	case score >= highScore:
		return SeverityHigh
	case score >= mediumScore:
		return SeverityMedium
	case score >= lowScore:
		return SeverityLow
	}
	return ""
}
