//go:build !race

package proxy_test

const slower = 1
