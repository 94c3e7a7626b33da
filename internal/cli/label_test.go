package cli

import (
	"strings"
	"testing"
)

func TestLabelOf(t *testing.T) {
	for command, want := range map[string]string{
		"npx -y @modelcontextprotocol/server-everything":           "server-everything",
		"npx -y @modelcontextprotocol/server-everything@2026.8.31": "server-everything",
		"node a/node_modules/@scope/server-memory/dist/index.js":   "server-memory",
		"node a/node_modules/@scope/server/dist/index.js":          "scope",
		"node dist/server.js":                      "server",
		"node projects/weather/dist/server.js":     "weather",
		`C:\servers\files.exe --root .`:            "files",
		"docker run -i --rm mcp/fetch@sha256:0123": "fetch",
		"python3 -m weather":                       "weather",
		"go run ./cmd/weather":                     "weather",
		"":                                         "",
	} {
		if got := labelOf(strings.Fields(command)); got != want {
			t.Errorf("%s: %s, want %s", command, got, want)
		}
	}
}
