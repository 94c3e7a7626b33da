//go:build !linux

package proxy_test

import "testing"

func slowDir(t *testing.T) string { return t.TempDir() }
