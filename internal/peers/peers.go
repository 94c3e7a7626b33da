// Package peers finds the real MCP servers and hosts that tests talk to.
//
// They are installed by .ci/peers into a folder of the user's choice, which WIRETAPE_TEST_PEERS names. A test that asks
// for a peer is skipped while the variable is unset, or fails if WIRETAPE_REQUIRE_PEERS=1. Every function returns a
// command line to start, for instance
//
//	server := peers.Everything(t)
//	host := append(peers.TypeScriptHost(t), script, "--", wiretape, "--")
//	cmd := exec.CommandContext(ctx, host[0], append(host[1:], server...)...)
package peers

import (
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// hostSource is the TypeScript host; it takes its packages from the folder of the peers, so it can run from anywhere.
//
//go:embed host.mjs
var hostSource []byte

//go:embed xmllint.mjs
var xmllintSource []byte

// Everything is npm's server-everything: every feature of the revisions from 2024-11-05 to 2025-11-25.
func Everything(t testing.TB) []string {
	t.Helper()
	return nodeServer(t, "server-everything", "stdio")
}

// Filesystem is npm's server-filesystem, serving the given folders.
func Filesystem(t testing.TB, dirs ...string) []string {
	t.Helper()
	return nodeServer(t, "server-filesystem", dirs...)
}

// Memory is npm's server-memory. It keeps its graph in the file that the environment variable MEMORY_FILE_PATH names,
// which the caller sets: without it, the file lies among the installed peers and outlives the test.
func Memory(t testing.TB) []string {
	t.Helper()
	return nodeServer(t, "server-memory")
}

// NPMFile is a file of an installed npm package.
func NPMFile(t testing.TB, pkg string, path ...string) string {
	t.Helper()
	file := filepath.Join(append([]string{folder(t), "node_modules", filepath.FromSlash(pkg)}, path...)...)
	installed(t, file)
	return file
}

// XMLLint is libxml2's validator. The caller appends the path of a schema, and gives the document to its standard input.
func XMLLint(t testing.TB) []string {
	t.Helper()
	return script(t, "xmllint.mjs", xmllintSource)
}

// NPX is the same server as Everything, started by npx, without the network: node runs as a grandchild.
func NPX(t testing.TB) []string {
	t.Helper()
	dir := folder(t)
	installed(t, filepath.Join(dir, "node_modules", "@modelcontextprotocol", "server-everything"))
	return []string{onPath(t, "npx"), "--offline", "--no", "--prefix", dir, "mcp-server-everything", "stdio"}
}

// GoSDK is the conformance server of the official Go SDK, which speaks 2026-07-28 and the revisions before it.
func GoSDK(t testing.TB) []string {
	t.Helper()
	return []string{program(t, "go-sdk-everything")}
}

// MCPGo is the example server of mcp-go, which speaks 2026-07-28 and the revisions before it.
func MCPGo(t testing.TB) []string {
	t.Helper()
	return []string{program(t, "mcp-go-everything"), "-t", "stdio"}
}

// TypeScriptHost is a host built on the TypeScript SDK 1.x, which speaks up to 2025-11-25. The caller appends the path of
// a script, "--", and the command line of the server; host.mjs says what a script is and what comes back.
func TypeScriptHost(t testing.TB) []string {
	t.Helper()
	return host(t, "v1")
}

// TypeScriptHostV2 is the same host built on the TypeScript SDK 2.x. Mode is "modern" (2026-07-28 or nothing), "auto"
// (server/discover, then initialize where that fails) or "legacy" (initialize). "modern-apart" and "auto-apart" do as
// that SDK does by default: they start the server a first time only to ask for server/discover, and kill it.
func TypeScriptHostV2(t testing.TB, mode string) []string {
	t.Helper()
	return host(t, "v2-"+mode)
}

// GoSDKHost is a host built on the official Go SDK, which is used as TypeScriptHost is. Its source stands in gosdkhost.
// Era is "modern" (server/discover, then initialize where that fails) or "legacy" (initialize).
func GoSDKHost(t testing.TB, era string) []string {
	t.Helper()
	return []string{program(t, "go-sdk-host"), "--client", era}
}

func host(t testing.TB, client string) []string {
	t.Helper()
	return append(script(t, "host.mjs", hostSource), "--client", client)
}

// script is the command line of one of our own scripts for Node, which load npm packages.
func script(t testing.TB, name string, source []byte) []string {
	t.Helper()
	dir := folder(t)
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, source, 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{onPath(t, "node"), path, "--packages", dir}
}

func nodeServer(t testing.TB, name string, args ...string) []string {
	t.Helper()
	script := filepath.Join(folder(t), "node_modules", "@modelcontextprotocol", name, "dist", "index.js")
	return append([]string{onPath(t, "node"), installed(t, script)}, args...)
}

func program(t testing.TB, name string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return installed(t, filepath.Join(folder(t), "bin", name))
}

// folder is where the peers are installed.
func folder(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("WIRETAPE_TEST_PEERS")
	switch {
	case dir != "" && !filepath.IsAbs(dir):
		t.Fatalf("WIRETAPE_TEST_PEERS=%s is not an absolute path", dir)
	case dir != "":
	case os.Getenv("WIRETAPE_REQUIRE_PEERS") == "1":
		t.Fatal("real peers are required: run .ci/peers DIR and set WIRETAPE_TEST_PEERS to the absolute path of DIR")
	default:
		t.Skip("no real peers: run .ci/peers DIR and set WIRETAPE_TEST_PEERS to the absolute path of DIR")
	}
	return dir
}

// installed returns path, which must exist.
func installed(t testing.TB, path string) string {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("WIRETAPE_TEST_PEERS lacks a peer, run .ci/peers again: %v", err)
	}
	return path
}

func onPath(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("a peer needs Node: %v", err)
	}
	return path
}
