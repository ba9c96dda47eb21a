// Package filter reads ad blockers' filter lists and says which filters match a
// request.
package filter
