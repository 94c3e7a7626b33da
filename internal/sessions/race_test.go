//go:build race

package sessions_test

// raceEnv keeps a program with the race detector from waiting for a second when it ends, for which it would be killed.
var raceEnv = []string{"GORACE=atexit_sleep_ms=0"}
