//go:build !race

package blocklist

const raced = false
