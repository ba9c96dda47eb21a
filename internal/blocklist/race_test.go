//go:build race

package blocklist

// raced says that the race detector is on: nothing here runs at once, and all
// takes twenty times as long.
const raced = true
