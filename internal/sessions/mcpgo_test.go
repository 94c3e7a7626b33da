package sessions_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
)

// tour is what a host can do with a server. What is empty it cannot.
type tour struct {
	name, server string
	legacy       bool // initialize at once; otherwise 2026-07-28 if the server speaks it
	calls        []tool
	progress     tool // reports its progress
	slow         tool // is cancelled after its first progress
	logs         tool // logs at info
	resource     string
	watched      string // a resource that changes
	changes      tool   // makes it change, and stops that; empty if it changes by itself
	relists      tool   // changes the list of tools
	prompt       string
	reference    any // to complete
	unanswered   int // requests of one tour
}

var (
	everythingTour = tour{
		calls: []tool{
			{"echo", map[string]any{"message": "<&>\u2028"}, "Echo: "},
			{"get-structured-content", map[string]any{"location": "Chicago"}, "structuredContent"},
			{"get-sum", map[string]any{"a": "two"}, `"isError":true`},
			{"trigger-sampling-request", map[string]any{"prompt": "why"}, "sampled by mcp-go"},
			{"trigger-elicitation-request", map[string]any{}, "Name: Ada"},
			{"get-roots-list", map[string]any{}, "file:///roots/go"},
		},
		progress:   tool{"trigger-long-running-operation", map[string]any{"duration": 0.05, "steps": 2}, "Steps: 2"},
		slow:       tool{"trigger-long-running-operation", map[string]any{"duration": 0.4, "steps": 4}, ""},
		resource:   "demo://resource/dynamic/text/7",
		watched:    "demo://resource/dynamic/text/8",
		changes:    tool{"toggle-subscriber-updates", map[string]any{}, ""},
		prompt:     "simple-prompt",
		reference:  mcp.ResourceReference{Type: "ref/resource", URI: "demo://resource/dynamic/text/{resourceId}"},
		unanswered: 1,
	}
	goSDKTour = tour{
		calls: []tool{
			{"test_multiple_content_types", nil, "image/png"},
			{"test_error_handling", nil, `"isError":true`},
		},
		progress:  tool{"test_tool_with_progress", nil, progressToken},
		logs:      tool{"test_tool_with_logging", nil, ""},
		resource:  "test://static-text",
		relists:   tool{"test_trigger_tool_change", nil, ""},
		prompt:    "test_simple_prompt",
		reference: mcp.PromptReference{Type: "ref/prompt", Name: "test_prompt_with_arguments"},
	}
	mcpGoTour = tour{
		calls: []tool{
			{"echo", map[string]any{"message": "<&>\u2028"}, "Echo: "},
			{"echo", map[string]any{}, `"isError":true`},
		},
		progress:  tool{"longRunningOperation", map[string]any{"duration": 0.05, "steps": 2}, "Steps: 2"},
		slow:      tool{"longRunningOperation", map[string]any{"duration": 0.4, "steps": 4}, ""},
		resource:  "test://dynamic/resource/7",
		prompt:    "simple_prompt",
		reference: mcp.PromptReference{Type: "ref/prompt", Name: "complex_prompt"},
	}
	pagedTour = tour{
		calls:     []tool{{"item-5", nil, "this is item-5"}},
		progress:  tool{"item-1", nil, "this is item-1"},
		resource:  "item://item-3",
		prompt:    "item-5",
		reference: mcp.PromptReference{Type: "ref/prompt", Name: "item-5"},
	}
)

func tours() []tour {
	variant := func(t tour, name, server string, legacy bool, more ...tool) tour {
		t.name, t.server, t.legacy = name, server, legacy
		t.calls = append(t.calls[:len(t.calls):len(t.calls)], more...)
		return t
	}
	modern := variant(goSDKTour, "Go SDK, modern", "go-sdk", false,
		tool{"test_input_required_result_sampling", nil, "sampled by mcp-go"},
		tool{"test_input_required_result_elicitation", nil, "Ada"},
		tool{"test_input_required_result_list_roots", nil, "file:///roots/go"})
	legacy := variant(goSDKTour, "Go SDK, legacy", "go-sdk", true,
		tool{"test_sampling", map[string]any{"prompt": "why"}, "sampled by mcp-go"},
		tool{"test_elicitation", map[string]any{"message": "who"}, "action=accept"})
	modern.watched = "test://watched-resource"
	return []tour{
		variant(everythingTour, "everything, legacy", "everything", true),
		variant(everythingTour, "everything, fallen back", "everything", false),
		modern, legacy,
		variant(mcpGoTour, "mcp-go, modern", "mcp-go", false),
		variant(mcpGoTour, "mcp-go, legacy", "mcp-go", true),
		variant(pagedTour, "pages, modern", "paged", false),
		variant(pagedTour, "pages, legacy", "paged", true),
	}
}

// TestMCPGoHost takes mcp-go's client on a tour of each server, without wiretape and behind it, where the server is
// then replaced and the tour taken once more. The first recording can stand in for the server.
func TestMCPGoHost(t *testing.T) {
	for _, tour := range tours() {
		t.Run(tour.name, func(t *testing.T) {
			t.Parallel()
			var options []client.ClientOption
			if tour.legacy {
				//lint:ignore SA1019 the legacy era is a half of what is tested
				options = append(options, client.WithLegacyProtocolOnly())
			}
			on := newStage(t)
			server := on.server(t, tour.server)
			without := newGoHost(t, on, nil, server, options...)
			tour.begin(without)
			tour.take(without)
			without.leave()

			with := newGoHost(t, on, on.wiretape("session.jsonl"), server, options...)
			tour.begin(with)
			tour.take(with)
			compareLogs(t, with.log, without.log, lasting)
			acts, news := slices.Clone(with.log), with.news()
			with.control("wiretape_disconnect", `"was_connected":true`)
			with.control(tour.calls[0].name, `"isError":true`)
			with.control("wiretape_connect", `"success":true`)
			with.log, with.kept = with.log[:1], nil
			tour.take(with)
			compareLogs(t, with.log, without.log, lasting)
			with.leave()
			tour.recorded(t, on)

			replayed := newGoHost(t, on, on.wiretape("again.jsonl"), on.replay(on.recording("session.jsonl")), options...)
			tour.begin(replayed)
			tour.take(replayed)
			compareLogs(t, replayed.log, acts, whole)
			replayed.leave()
			compareLogs(t, replayed.news()[:min(len(news), len(replayed.news()))], news, whole)
			on.played(t)
		})
	}
}

// compareLogs compares what is left of each entry.
func compareLogs(t *testing.T, got, want []string, left func(string) string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d entries, want %d", len(got), len(want))
	}
	for i := range got {
		differ(t, "an entry", left(got[i]), left(want[i]))
	}
}

func whole(text string) string { return text }

func (tr tour) recorded(t *testing.T, on *stage) {
	t.Helper()
	unanswered := 2 * tr.unanswered
	if tr.relists.name != "" && !tr.legacy {
		unanswered++ // the subscription, which the first server never ends
	}
	loadAll(t, []string{on.recording("session.jsonl"), on.recording("session-2.jsonl")}, unanswered)
}

// begin subscribes, in the way of 2026-07-28 that lasts for the session.
func (tr tour) begin(h *goHost) {
	h.t.Helper()
	if tr.relists.name == "" || tr.legacy {
		return
	}
	filter := mcp.SubscriptionFilter{ToolsListChanged: true, ResourceSubscriptions: []string{tr.watched}}
	if _, err := h.ListenAsync(h.t.Context(), filter, nil); err != nil {
		h.t.Fatal(err)
	}
	h.await("notifications/subscriptions/acknowledged", "")
}

func (tr tour) take(h *goHost) {
	h.t.Helper()
	if tr.server == "everything" {
		h.await("notifications/message", "Roots updated: 1 root(s)")
	}
	tr.lists(h)
	for _, call := range tr.calls {
		h.call(call)
	}
	h.call(tr.progress)
	h.await("notifications/progress", `"progressToken":"`+progressToken+`"`)
	tr.cancels(h)
	tr.listens(h)
	ctx := h.t.Context()
	completion, err := h.Complete(ctx, mcp.CompleteRequest{Params: mcp.CompleteParams{
		Ref: tr.reference, Argument: mcp.CompleteArgument{Name: "resourceId", Value: "7"},
	}})
	h.did("complete", completion, err)
	content, err := h.ReadResource(ctx, mcp.ReadResourceRequest{Params: mcp.ReadResourceParams{URI: tr.resource}})
	h.did("read", content, err, tr.resource)
	_, err = h.ReadResource(ctx, mcp.ReadResourceRequest{Params: mcp.ReadResourceParams{URI: "nowhere:"}})
	h.did("read what is not there", nil, err, `"error"`)
	prompt, err := h.GetPrompt(ctx, mcp.GetPromptRequest{Params: mcp.GetPromptParams{Name: tr.prompt}})
	h.did("prompt", prompt, err, "messages")
}

func (tr tour) lists(h *goHost) {
	h.t.Helper()
	ctx := h.t.Context()
	tools, err := h.ListTools(ctx, mcp.ListToolsRequest{})
	h.did("tools", tools, err, tr.progress.name)
	resources, err := h.ListResources(ctx, mcp.ListResourcesRequest{})
	h.did("resources", resources, err)
	templates, err := h.ListResourceTemplates(ctx, mcp.ListResourceTemplatesRequest{})
	h.did("templates", templates, err)
	prompts, err := h.ListPrompts(ctx, mcp.ListPromptsRequest{})
	h.did("prompts", prompts, err, tr.prompt)
}

// cancels cancels a call once it has reported progress.
func (tr tour) cancels(h *goHost) {
	h.t.Helper()
	if tr.slow.name == "" {
		return
	}
	ctx, cancel := context.WithCancel(h.t.Context())
	defer cancel()
	ended := make(chan error)
	go func() {
		_, err := h.callTool(ctx, tr.slow)
		ended <- err
	}()
	h.await("notifications/progress", `"total":4`)
	cancel()
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "canceled") {
		h.t.Errorf("the cancelled call ended with %v", err)
	}
	h.await("notifications/progress", `"progress":4`)
}

// listens hears log messages, a changed list, and a changed resource.
func (tr tour) listens(h *goHost) {
	h.t.Helper()
	ctx := h.t.Context()
	if tr.logs.name != "" {
		//lint:ignore SA1019 hosts of the legacy era set it
		err := h.SetLevel(ctx, mcp.SetLevelRequest{Params: mcp.SetLevelParams{Level: mcp.LoggingLevelInfo}})
		h.did("level", nil, err)
		h.call(tr.logs)
		h.await("notifications/message", "Tool execution completed")
	}
	if tr.relists.name != "" {
		h.call(tr.relists)
		h.await("notifications/tools/list_changed", "")
	}
	if tr.watched == "" {
		return
	}
	//lint:ignore SA1019 hosts of the legacy era subscribe so
	err := h.Subscribe(ctx, mcp.SubscribeRequest{Params: mcp.SubscribeParams{URI: tr.watched}})
	h.did("subscribe", nil, err)
	if tr.changes.name != "" {
		h.call(tr.changes)
		defer h.call(tr.changes) // which stops it again
	}
	h.await("notifications/resources/updated", tr.watched)
}
