package replay_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"

	"wiretape/replay"
)

func sessionAt(name string) string { return filepath.Join("..", "fixtures", "sessions", name+".jsonl") }

// guest is a host made of mcp-go's client, with all capabilities.
type guest struct {
	*client.Client
	t         *testing.T
	transport *replay.Transport
	declined  bool // it does not sample

	mu    sync.Mutex
	heard []string // notifications, in brief, and whatever else the test puts between
	more  chan struct{}
}

func play(t *testing.T, o replay.Options, path string) *replay.Recording {
	t.Helper()
	if o.Warn == nil {
		o.Warn = func(s string) { t.Log(s) }
	}
	rec, err := o.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := rec.Close(); err != nil {
			t.Error(err)
		}
	})
	return rec
}

// newGuest has a guest talk to a recording.
func newGuest(t *testing.T, rec *replay.Recording) *guest {
	t.Helper()
	g := &guest{t: t, transport: rec.Transport(), more: make(chan struct{}, 1)}
	g.Client = client.NewClient(g.transport, client.WithSamplingHandler(g), client.WithElicitationHandler(g), client.WithRootsHandler(g))
	g.OnNotification(func(n mcp.JSONRPCNotification) { g.note(briefly(n)) })
	if err := g.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := g.Initialize(t.Context(), mcp.InitializeRequest{Params: mcp.InitializeParams{
		ClientInfo: mcp.Implementation{Name: "guest", Version: "1"},
	}}); err != nil {
		t.Fatal(err)
	}
	return g
}

// briefly gives what matters of a notification.
func briefly(n mcp.JSONRPCNotification) string {
	for _, member := range []string{"message", "data", "uri", "progress"} {
		if value, ok := n.Params.AdditionalFields[member]; ok {
			return n.Method + " " + jsonOf(value)
		}
	}
	return n.Method
}

func (g *guest) note(word string) {
	g.mu.Lock()
	g.heard = append(g.heard, word)
	g.mu.Unlock()
	select {
	case g.more <- struct{}{}:
	default:
	}
}

// await waits until something was heard.
func (g *guest) await(word string) {
	g.t.Helper()
	for {
		g.mu.Lock()
		there := slices.Contains(g.heard, word)
		g.mu.Unlock()
		if there {
			return
		}
		select {
		case <-g.more:
		case <-g.t.Context().Done():
			g.t.Fatalf("%q was not heard", word)
		}
	}
}

func (g *guest) call(ctx context.Context, tool string, arguments map[string]any) (string, error) {
	params := mcp.CallToolParams{Name: tool, Meta: &mcp.Meta{ProgressToken: "token"}}
	if arguments != nil {
		params.Arguments = arguments
	}
	result, err := g.CallTool(ctx, mcp.CallToolRequest{Params: params})
	if err != nil {
		return "", err
	}
	return jsonOf(result.Content), nil
}

// says calls a tool, the result of which must say what is wanted.
func (g *guest) says(tool string, arguments map[string]any, want string) {
	g.t.Helper()
	got, err := g.call(g.t.Context(), tool, arguments)
	if err != nil || !strings.Contains(got, want) {
		g.t.Errorf("%s: %s, %v; want %s", tool, got, err, want)
	}
}

// CreateMessage implements client.SamplingHandler.
func (g *guest) CreateMessage(_ context.Context, r mcp.CreateMessageRequest) (*mcp.CreateMessageResult, error) {
	if g.declined {
		return nil, errors.New("the user said no")
	}
	var content struct{ Text string }
	if err := json.Unmarshal([]byte(jsonOf(r.Messages[0].Content)), &content); err != nil {
		return nil, err
	}
	message := mcp.SamplingMessage{Role: mcp.RoleAssistant, Content: mcp.NewTextContent("sampled: " + content.Text)}
	return &mcp.CreateMessageResult{SamplingMessage: message, Model: "test-model", StopReason: "endTurn"}, nil
}

// Elicit implements client.ElicitationHandler.
func (g *guest) Elicit(_ context.Context, r mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	g.note("asked: " + r.Params.Message)
	return &mcp.ElicitationResult{ElicitationResponse: mcp.ElicitationResponse{
		Action: "accept", Content: map[string]any{"name": "text"},
	}}, nil
}

// ListRoots implements client.RootsHandler.
func (g *guest) ListRoots(context.Context, mcp.ListRootsRequest) (*mcp.ListRootsResult, error) {
	g.note("asked for roots")
	return &mcp.ListRootsResult{Roots: []mcp.Root{{URI: "file:///roots/one", Name: "one"}}}, nil
}

func (g *guest) order() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.heard)
}

func TestTransportLists(t *testing.T) {
	for name, version := range map[string]string{
		"mcp-go-legacy": "2025-11-25", "everything-auto": "2025-11-25", "go-sdk-legacy": "2025-11-25", "demo-legacy": "2025-11-25",
		"mcp-go-modern": "2026-07-28", "go-sdk-modern-discover": "2026-07-28", "demo-modern": "2026-07-28",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGuest(t, play(t, replay.Options{}, sessionAt(name)))
			if got := g.ProtocolVersion(); got != version {
				t.Errorf("the revision is %s, want %s", got, version)
			}
			tools, err := g.ListTools(t.Context(), mcp.ListToolsRequest{})
			if err != nil || len(tools.Tools) == 0 {
				t.Errorf("tools: %v, %v", tools, err)
			}
			if r := g.transport.Report(); r.Err() != nil || r.Asked < 2 {
				t.Errorf("report: %+v", r)
			}
		})
	}
}

// Notifications come in order, and before the response that follows them.
func TestTransportKeepsOrder(t *testing.T) {
	t.Parallel()
	progress := "notifications/progress "
	for _, test := range []struct {
		name, tool string
		arguments  map[string]any
		heard      []string
	}{
		{"everything-progress", "trigger-long-running-operation", map[string]any{"duration": 0.05, "steps": 5},
			[]string{progress + "1", progress + "2", progress + "3", progress + "4", progress + "5"}},
		{"demo-modern", "countdown", map[string]any{"from": 3},
			[]string{progress + `"3 …"`, progress + `"2 …"`, progress + `"1 …"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := newGuest(t, play(t, replay.Options{}, sessionAt(test.name)))
			if test.name == "everything-progress" {
				g.await(`notifications/message "Roots updated: 1 root(s) received from client"`)
			}
			before := len(g.order())
			_, err := g.call(t.Context(), test.tool, test.arguments)
			if heard := g.order()[before:]; err != nil || !slices.Equal(heard, test.heard) {
				t.Errorf("heard %q, %v", heard, err)
			}
		})
	}
}

func TestTransportAsksTheHost(t *testing.T) {
	t.Parallel()
	g := newGuest(t, play(t, replay.Options{}, sessionAt("everything-sampling")))
	g.says("trigger-sampling-request", map[string]any{"prompt": "why", "maxTokens": 9}, "sampled: Resource trigger-sampling-request context: why")
	g.declined = true
	g.says("trigger-sampling-request", map[string]any{"prompt": "why"}, "The user said no")
	g.await("asked for roots")

	g = newGuest(t, play(t, replay.Options{}, sessionAt("everything-elicitation")))
	g.says("trigger-elicitation-request", nil, "User provided the requested information")
	g.await("asked: Please provide inputs for the following fields:")
	if r := g.transport.Report(); r.Err() != nil || len(r.Mismatched) != 1 {
		t.Errorf("the answer was recorded otherwise: %+v", r)
	}
}

func TestTransportRoundTrips(t *testing.T) {
	t.Parallel()
	g := newGuest(t, play(t, replay.Options{}, sessionAt("go-sdk-modern-mrtr")))
	g.says("test_input_required_result_elicitation", nil, "Hello, text!")
	g.says("test_input_required_result_sampling", nil, "sampled: What is the capital of France?")
	g.says("test_input_required_result_list_roots", nil, "file:///roots/one")
	g.says("test_input_required_result_request_state", nil, "state-ok")
	g.says("test_input_required_result_multiple_inputs", nil, "1 root(s) visible")
	g.says("test_input_required_result_multi_round", nil, "text likes text")
	prompt, err := g.GetPrompt(t.Context(), mcp.GetPromptRequest{Params: mcp.GetPromptParams{Name: "test_input_required_result_prompt"}})
	if err != nil || !strings.Contains(jsonOf(prompt), "Context: text") {
		t.Errorf("prompt: %v, %v", prompt, err)
	}
	if r := g.transport.Report(); r.Err() != nil || r.UnusedSum != 0 {
		t.Errorf("report: %+v", r)
	}
}

func TestTransportListens(t *testing.T) {
	t.Parallel()
	g := newGuest(t, play(t, replay.Options{}, sessionAt("go-sdk-modern-listen")))
	filter := mcp.SubscriptionFilter{ToolsListChanged: true, PromptsListChanged: true, ResourceSubscriptions: []string{"test://watched-resource"}}
	stop, err := g.ListenAsync(t.Context(), filter, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	g.await("notifications/subscriptions/acknowledged")
	g.says("test_trigger_tool_change", nil, "published")
	g.await("notifications/tools/list_changed")
	g.says("test_trigger_prompt_change", nil, "published")
	g.await("notifications/prompts/list_changed")
	g.await(`notifications/resources/updated "test://watched-resource"`)
	stop()
	g.says("test_tool_with_progress", nil, "3")
}

// A cancelled call is taken back once, by the client.
func TestTransportCancels(t *testing.T) {
	t.Parallel()
	g := newGuest(t, play(t, replay.Options{}, sessionAt("everything-cancel")))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := g.call(ctx, "trigger-long-running-operation", map[string]any{"duration": 0.5, "steps": 5})
		ended <- err
	}()
	g.await("notifications/progress 1")
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the cancelled call ended with %v", err)
	}
	g.await("notifications/progress 5") // which the server still said
	if r := g.transport.Report(); r.Err() != nil {
		t.Error(r.Err())
	}
}

func TestTransportMisses(t *testing.T) {
	t.Parallel()
	g := newGuest(t, play(t, replay.Options{}, sessionAt("demo-modern")))
	for _, test := range []struct {
		tool      string
		arguments map[string]any
		is        error
		want      string
	}{
		{"echo", map[string]any{"text": "hello, world"}, nil, `/params/arguments/text: recorded "hello, wire", live "hello, world"`},
		{"nowhere", nil, mcp.ErrInvalidParams, "nowhere"},
	} {
		_, err := g.call(t.Context(), test.tool, test.arguments)
		if err == nil || !strings.Contains(err.Error(), test.want) || test.is != nil && !errors.Is(err, test.is) {
			t.Errorf("%s: %v; want %s", test.tool, err, test.want)
		}
	}
	response, err := g.transport.SendRequest(t.Context(), transport.JSONRPCRequest{
		JSONRPC: mcp.JSONRPC_VERSION, ID: mcp.NewRequestId("mine"), Method: "no/such/method",
		Params: map[string]any{"_meta": map[string]any{mcp.MetaKeyProtocolVersion: "2026-07-28"}},
	})
	if err != nil || response.Error == nil || response.Error.Code != mcp.METHOD_NOT_FOUND {
		t.Errorf("unknown method: %+v, %v", response, err)
	}
	if r := g.transport.Report(); r.Failed != 3 || len(r.Missed) != 3 || r.UnusedSum == 0 {
		t.Errorf("report: %+v", r)
	}
}

func TestTransportParallel(t *testing.T) {
	t.Parallel()
	rec := play(t, replay.Options{Warn: func(string) {}}, sessionAt("demo-modern"))
	var guests sync.WaitGroup
	for range 100 {
		g := newGuest(t, rec)
		guests.Go(func() {
			g.says("countdown", map[string]any{"from": 3}, "Lift-off!")
			g.says("ask", map[string]any{"question": "Who is there?"}, "Hello, text!")
			if r := g.transport.Report(); r.Err() != nil || len(g.order()) != 4 {
				t.Errorf("heard %q, report %+v", g.order(), r)
			}
		})
	}
	guests.Wait()
}
