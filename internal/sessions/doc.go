// Package sessions has tests only: whole sessions of real hosts and real
// servers with the real wiretape between them.
//
// The scripts in fixtures/sessions/scripts are played by the TypeScript hosts of
// package peers, with and without wiretape: the host must see the same. Their
// recordings are the fixtures of fixtures/sessions, which are made again by
//
//	go test ./internal/sessions -run TestFixtures -update
//
// Then the recordings stand in for the servers: played to the same host, and
// what the host sees must be the same again, to the last byte. The Go SDK's
// host plays the scripts too.
//
// What no script can tell stands in tests of its own: sessions in which the
// server is disconnected and connected again, the host of mcp-go, a host that
// withholds its answers, hosts that do not do what was recorded, and servers that
// were built anew after a change of their source, which verify has to find. Tests
// that need a peer skip without it.
package sessions
