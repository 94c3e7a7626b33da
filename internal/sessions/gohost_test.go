package sessions_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
)

// goHost is a host made of mcp-go's client. It answers the server's requests and keeps what it was told.
type goHost struct {
	*client.Client
	t       *testing.T
	cmd     *exec.Cmd
	stderr  bytes.Buffer
	came    chan mcp.JSONRPCNotification
	kept    []mcp.JSONRPCNotification
	wrapped bool
	log     []string // the outcome of each act

	mu    sync.Mutex
	heard []string // all notifications
}

func newGoHost(t *testing.T, on *stage, wiretape, server []string, options ...client.ClientOption) *goHost {
	t.Helper()
	h := &goHost{t: t, came: make(chan mcp.JSONRPCNotification, 1000), wrapped: wiretape != nil}
	h.cmd = on.command(t, slices.Concat(wiretape, server))
	h.cmd.Stderr = &h.stderr
	stdin, errIn := h.cmd.StdinPipe()
	stdout, errOut := h.cmd.StdoutPipe()
	if err := errors.Join(errIn, errOut, h.cmd.Start()); err != nil {
		t.Fatal(err)
	}
	options = append(options, client.WithSamplingHandler(h), client.WithElicitationHandler(h), client.WithRootsHandler(h))
	h.Client = client.NewClient(transport.NewIO(stdout, stdin, io.NopCloser(strings.NewReader(""))), options...)
	h.OnNotification(func(n mcp.JSONRPCNotification) {
		h.mu.Lock()
		h.heard = append(h.heard, exact(t, n))
		h.mu.Unlock()
		h.came <- n
	})
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	result, err := h.Initialize(t.Context(), mcp.InitializeRequest{Params: mcp.InitializeParams{
		ClientInfo: mcp.Implementation{Name: "mcp-go-host", Version: "1"},
	}})
	if err != nil {
		t.Fatalf("%v: %s", err, &h.stderr)
	}
	opened := asMap(t, result)
	declareChanges(opened)
	h.log = append(h.log, exact(t, opened))
	return h
}

// news gives all notifications that came so far.
func (h *goHost) news() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.heard)
}

// leave ends the session, and the process with it.
func (h *goHost) leave() {
	h.t.Helper()
	if err := errors.Join(h.Close(), h.cmd.Wait()); err != nil {
		h.t.Errorf("the session ended with %v: %s", err, &h.stderr)
	}
}

func asMap(t *testing.T, v any) map[string]any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// did keeps what came of an act, which must say all parts of want.
func (h *goHost) did(what string, result any, err error, want ...string) {
	h.t.Helper()
	outcome := map[string]any{"act": what}
	if err != nil {
		outcome["error"] = err.Error()
	} else {
		outcome["result"] = asMap(h.t, result)
	}
	if h.wrapped {
		dropControls(h.t, outcome)
	}
	text := exact(h.t, outcome)
	for _, part := range want {
		if !strings.Contains(text, part) {
			h.t.Errorf("%q is not in %s", part, text)
		}
	}
	h.log = append(h.log, text)
}

// tool is the call of a tool, and what its result must say.
type tool struct {
	name      string
	arguments map[string]any
	want      string
}

const progressToken = "p-1"

func (h *goHost) call(call tool) {
	h.t.Helper()
	result, err := h.callTool(h.t.Context(), call)
	h.did(call.name, result, err, call.want)
}

func (h *goHost) callTool(ctx context.Context, call tool) (*mcp.CallToolResult, error) {
	return h.CallTool(ctx, mcp.CallToolRequest{Params: mcp.CallToolParams{
		Name: call.name, Arguments: call.arguments, Meta: &mcp.Meta{ProgressToken: progressToken},
	}})
}

// control calls a control tool, which is no part of the log.
func (h *goHost) control(name, want string) {
	h.t.Helper()
	result, err := h.CallTool(h.t.Context(), mcp.CallToolRequest{Params: mcp.CallToolParams{Name: name}})
	if err != nil {
		h.t.Fatal(err)
	}
	if text := canonical(h.t, result); !strings.Contains(text, want) {
		h.t.Errorf("%q is not in %s", want, text)
	}
}

// await waits for a notification that says what is wanted, and takes it.
func (h *goHost) await(method, want string) {
	h.t.Helper()
	wanted := func(n mcp.JSONRPCNotification) bool {
		return n.Method == method && strings.Contains(canonical(h.t, n), want)
	}
	if i := slices.IndexFunc(h.kept, wanted); i >= 0 {
		h.kept = slices.Delete(h.kept, i, i+1)
		return
	}
	deadline := time.After(limit)
	for {
		select {
		case n := <-h.came:
			if wanted(n) {
				return
			}
			h.kept = append(h.kept, n)
		case <-deadline:
			h.t.Fatalf("%s with %q did not come, but %+v", method, want, h.kept)
		}
	}
}

// CreateMessage implements client.SamplingHandler.
func (h *goHost) CreateMessage(context.Context, mcp.CreateMessageRequest) (*mcp.CreateMessageResult, error) {
	message := mcp.SamplingMessage{Role: mcp.RoleAssistant, Content: mcp.NewTextContent("sampled by mcp-go")}
	return &mcp.CreateMessageResult{SamplingMessage: message, Model: "test-model"}, nil
}

// Elicit implements client.ElicitationHandler.
func (h *goHost) Elicit(context.Context, mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	content := map[string]any{"name": "Ada", "username": "ada", "check": true}
	return &mcp.ElicitationResult{ElicitationResponse: mcp.ElicitationResponse{Action: "accept", Content: content}}, nil
}

// ListRoots implements client.RootsHandler.
func (h *goHost) ListRoots(context.Context, mcp.ListRootsRequest) (*mcp.ListRootsResult, error) {
	return &mcp.ListRootsResult{Roots: []mcp.Root{{URI: "file:///roots/go"}}}, nil
}
