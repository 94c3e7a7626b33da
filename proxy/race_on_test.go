//go:build race

package proxy_test

// slower is how much more time the race detector takes for everything.
const slower = 4
