//go:build !race

package sessions_test

var raceEnv []string
