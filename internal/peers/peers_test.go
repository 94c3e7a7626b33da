package peers_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wiretape/internal/peers"
)

const (
	initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",` +
		`"capabilities":{},"clientInfo":{"name":"test","version":"1"}}}`
	discover = `{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":{` +
		`"io.modelcontextprotocol/protocolVersion":"2026-07-28",` +
		`"io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},` +
		`"io.modelcontextprotocol/clientCapabilities":{}}}}`
)

func TestServersAnswer(t *testing.T) {
	t.Setenv("MEMORY_FILE_PATH", filepath.Join(t.TempDir(), "memory.jsonl"))
	tests := []struct {
		name    string
		command func(testing.TB) []string
		request string
		want    string
	}{
		{"everything", peers.Everything, initialize, "mcp-servers/everything"},
		{"npx", peers.NPX, initialize, "mcp-servers/everything"},
		{"filesystem", func(t testing.TB) []string { return peers.Filesystem(t, t.TempDir()) }, initialize, "secure-filesystem-server"},
		{"memory", peers.Memory, initialize, "memory-server"},
		{"go-sdk, legacy", peers.GoSDK, initialize, "mcp-conformance-test-server"},
		{"go-sdk, modern", peers.GoSDK, discover, "mcp-conformance-test-server"},
		{"mcp-go, legacy", peers.MCPGo, initialize, "example-servers/everything"},
		{"mcp-go, modern", peers.MCPGo, discover, "example-servers/everything"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			response := ask(t, test.command(t), test.request)
			name := response.Result.ServerInfo.Name
			if test.request == discover {
				name = response.Result.Meta.ServerInfo.Name
			}
			if name != test.want {
				t.Errorf("the server calls itself %q, want %q", name, test.want)
			}
		})
	}
}

type serverInfo struct {
	Name string `json:"name"`
}

type response struct {
	Result struct {
		ServerInfo serverInfo `json:"serverInfo"`
		Meta       struct {
			ServerInfo serverInfo `json:"io.modelcontextprotocol/serverInfo"`
		} `json:"_meta"`
	} `json:"result"`
}

// ask starts a server, gives it one request, takes the first line that it says, and waits for it to end by itself.
func ask(t *testing.T, command []string, request string) response {
	t.Helper()
	cmd := start(t, command)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, writeErr := io.WriteString(stdin, request+"\n")
	line, readErr := bufio.NewReader(stdout).ReadBytes('\n')
	closeErr := stdin.Close()
	if err := errors.Join(writeErr, readErr, closeErr, cmd.Wait()); err != nil {
		t.Fatalf("%v\nstdout: %s\nstderr: %s", err, line, &stderr)
	}
	var answer response
	if err := json.Unmarshal(line, &answer); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	return answer
}

// start prepares a command that does not outlive two minutes, nor the test.
func start(t *testing.T, command []string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.WaitDelay = time.Second
	return cmd
}

func TestTypeScriptHost(t *testing.T) {
	lines := runScript(t, peers.TypeScriptHost(t), peers.Everything(t), `[
		{"await": "roots/list"},
		{"list": "tools"},
		{"call": "echo", "arguments": {"message": "hello"}},
		{"call": "trigger-long-running-operation", "arguments": {"duration": 0.02, "steps": 2}, "progress": true},
		{"call": "trigger-sampling-request", "arguments": {"prompt": "why", "maxTokens": 9}},
		{"call": "trigger-elicitation-request", "arguments": {}},
		{"call": "get-roots-list", "arguments": {}},
		{"parallel": [{"ping": true}, {"call": "get-sum", "arguments": {"a": 2, "b": 3}}]},
		{"call": "trigger-long-running-operation", "arguments": {"duration": 0.5, "steps": 50}, "cancelAfterProgress": 1},
		{"send": "no/such/method"}
	]`)
	lines.want(t, `"connected":{"protocolVersion":"2025-11-25"`, `"notification":"notifications/progress"`,
		`"request":"sampling/createMessage"`, `"request":"elicitation/create"`, `"closed":{"code":0,"signal":null}`)
	lines.wantStep(t, 1, `"ok":true`, `"name":"trigger-sampling-request"`)
	lines.wantStep(t, 2, `"ok":true`, `Echo: hello`)
	lines.wantStep(t, 3, `"ok":true`, `Long running operation completed`)
	lines.wantStep(t, 4, `"ok":true`, `sampled: Resource trigger-sampling-request context: why`)
	lines.wantStep(t, 5, `"ok":true`, `Name: text`)
	lines.wantStep(t, 6, `"ok":true`, `file:///roots/one`)
	lines.wantStep(t, 7, `"ok":true,"result":[{"ok":true,"result":{}},{"ok":true,`, `The sum of 2 and 3 is 5.`)
	lines.wantStep(t, 8, `"ok":false`, `cancelled by the script`)
	lines.wantStep(t, 9, `"ok":false`, `-32601`)
}

func TestTypeScriptHostV2(t *testing.T) {
	for _, mode := range []string{"modern", "modern-apart", "auto", "auto-apart"} {
		t.Run(mode, func(t *testing.T) {
			lines := runScript(t, peers.TypeScriptHostV2(t, mode), peers.GoSDK(t), `[
				{"call": "test_input_required_result_multiple_inputs"},
				{"call": "test_tool_with_progress", "progress": true},
				{"listen": {"toolsListChanged": true}},
				{"call": "test_trigger_tool_change"},
				{"await": "notifications/tools/list_changed"},
				{"unlisten": true}
			]`)
			lines.want(t, `"connected":{"protocolVersion":"2026-07-28"`, `"progress":100`, `"closed":{"code":0,"signal":null}`)
			lines.wantStep(t, 0, `sampled: Generate a greeting text — 1 root(s) visible`)
			lines.wantStep(t, 2, `"result":{"toolsListChanged":true}`)
			lines.wantStep(t, 4, `"ok":true`)
			lines.wantStep(t, 5, `"ok":true`)
		})
	}
}

func TestTypeScriptHostV2FallsBack(t *testing.T) {
	lines := runScript(t, peers.TypeScriptHostV2(t, "auto"), peers.Everything(t), `[{"await": "roots/list"}, {"ping": true}]`)
	lines.want(t, `"connected":{"protocolVersion":"2025-11-25"`, `"closed":{"code":0,"signal":null}`)
}

func TestGoSDKHost(t *testing.T) {
	lines := runScript(t, peers.GoSDKHost(t, "legacy"), peers.Everything(t), `[
		{"await": "roots/list"},
		{"list": "tools"},
		{"call": "trigger-long-running-operation", "arguments": {"duration": 0.02, "steps": 2}, "progress": true},
		{"call": "trigger-sampling-request", "arguments": {"prompt": "why", "maxTokens": 9}},
		{"call": "trigger-elicitation-request", "arguments": {}},
		{"call": "get-roots-list", "arguments": {}},
		{"parallel": [{"ping": true}, {"call": "get-sum", "arguments": {"a": 2, "b": 3}}]},
		{"call": "trigger-long-running-operation", "arguments": {"duration": 0.5, "steps": 50}, "cancelAfterProgress": 1},
		{"get": "no-such-prompt"}
	]`)
	lines.want(t, `"connected":{`, `"protocolVersion":"2025-11-25"`, `"notification":"notifications/progress"`,
		`"request":"sampling/createMessage"`, `"request":"elicitation/create"`, `"closed":{"code":0,"signal":null}`)
	lines.wantStep(t, 1, `"ok":true`, `"name":"trigger-sampling-request"`)
	lines.wantStep(t, 2, `"ok":true`, `Long running operation completed`)
	lines.wantStep(t, 3, `"ok":true`, `sampled: Resource trigger-sampling-request context: why`)
	lines.wantStep(t, 4, `"ok":true`, `Name: text`)
	lines.wantStep(t, 5, `"ok":true`, `file:///roots/one`)
	lines.wantStep(t, 6, `"ok":true,"result":[{"ok":true},{"ok":true,`, `The sum of 2 and 3 is 5.`)
	lines.wantStep(t, 7, `"ok":false`, `context canceled`)
	lines.wantStep(t, 8, `"ok":false`, `-32602`)
}

func TestGoSDKHostModern(t *testing.T) {
	lines := runScript(t, peers.GoSDKHost(t, "modern"), peers.GoSDK(t), `[
		{"call": "test_input_required_result_multiple_inputs"},
		{"call": "test_tool_with_progress", "progress": true},
		{"call": "test_trigger_tool_change"},
		{"await": "notifications/tools/list_changed"},
		{"subscribe": "test://watched-resource"},
		{"unsubscribe": "test://watched-resource"}
	]`)
	lines.want(t, `"protocolVersion":"2026-07-28"`, `"progress":100`, `"closed":{"code":0,"signal":null}`)
	lines.wantStep(t, 0, `sampled: Generate a greeting text — 1 root(s) visible`)
	lines.wantStep(t, 3, `"ok":true`)
	lines.wantStep(t, 5, `"ok":true`)
}

func TestGoSDKHostFallsBack(t *testing.T) {
	lines := runScript(t, peers.GoSDKHost(t, "modern"), peers.Everything(t), `[{"await": "roots/list"}, {"ping": true}]`)
	lines.want(t, `"protocolVersion":"2025-11-25"`, `"closed":{"code":0,"signal":null}`)
}

func TestHostsRefuseAWrongScript(t *testing.T) {
	for name, script := range map[string]string{"not JSON": `[`, "not an array": `{}`, "unknown step": `[{"dance":true}]`} {
		refuses(t, "TypeScript, "+name, peers.TypeScriptHost(t), script)
		refuses(t, "Go SDK, "+name, peers.GoSDKHost(t, "legacy"), script)
	}
}

func refuses(t *testing.T, name string, host []string, script string) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		cmd := hostCommand(t, host, peers.MCPGo(t), script)
		out, err := cmd.Output()
		if cmd.ProcessState.ExitCode() != 2 || len(out) != 0 {
			t.Errorf("%v, want exit status 2 and no output, not %q", err, out)
		}
	})
}

func TestTypeScriptHostTellsThatTheConnectionDied(t *testing.T) {
	t.Setenv(actAsServer, "dies")
	for name, host := range map[string][]string{
		"v1": peers.TypeScriptHost(t),
		"v2": peers.TypeScriptHostV2(t, "legacy"),
	} {
		t.Run(name, func(t *testing.T) {
			script := `[{"parallel": [{"ping": true}, {"await": "notifications/message"}]}, {"ping": true}]`
			cmd := hostCommand(t, host, []string{os.Args[0]}, script)
			out, err := cmd.Output()
			if cmd.ProcessState.ExitCode() != 1 {
				t.Errorf("%v, want exit status 1", err)
			}
			lines := output(strings.Split(string(out), "\n"))
			lines.wantStep(t, 0, `"message":"the connection died"`)
			lines.want(t, `{"closed":{"code":3,"signal":null,"died":true}}`)
			if strings.Contains(string(out), `"step":1`) {
				t.Errorf("the host went on: %s", out)
			}
		})
	}
}

// actAsServer turns the test binary into a server that answers initialize and dies of the next request.
const actAsServer = "WIRETAPE_PEERS_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(actAsServer) == "" {
		os.Exit(m.Run())
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Scan()
	fmt.Println(`{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-11-25","capabilities":{},` +
		`"serverInfo":{"name":"mortal","version":"1"}}}`)
	lines.Scan()
	lines.Scan()
	os.Exit(3)
}

// output is what the host printed.
type output []string

func hostCommand(t *testing.T, host, server []string, script string) *exec.Cmd {
	t.Helper()
	path := filepath.Join(t.TempDir(), "script.json")
	if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	return start(t, append(append(host, path, "--"), server...))
}

func runScript(t *testing.T, host, server []string, script string) output {
	t.Helper()
	cmd := hostCommand(t, host, server, script)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\nstdout: %s\nstderr: %s", err, out, &stderr)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

// want checks that each of parts stands in some line.
func (lines output) want(t *testing.T, parts ...string) {
	t.Helper()
	all := strings.Join(lines, "\n")
	for _, part := range parts {
		if !strings.Contains(all, part) {
			t.Errorf("no line says %s in\n%s", part, all)
		}
	}
}

// wantStep checks that each of parts stands in the line of a step.
func (lines output) wantStep(t *testing.T, step int, parts ...string) {
	t.Helper()
	for _, line := range lines {
		if strings.HasPrefix(line, fmt.Sprintf(`{"step":%d,`, step)) {
			output{line}.want(t, parts...)
			return
		}
	}
	t.Errorf("no line for step %d", step)
}
