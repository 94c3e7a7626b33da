package sessions_test

import (
	"strings"
	"testing"

	"wiretape/internal/wire"
)

// The hosts here are others than those that the recordings were made with, and do not all do the same: what they get
// is right all the same.

// otherHost is a raw host before a fixture.
func otherHost(t *testing.T, fixture string) *rawHost {
	t.Helper()
	path := fixturePath(t, fixture+".jsonl")
	return startRawHost(t, newStage(t), []string{"wiretape", "replay", path})
}

// TestReplayAnyOrder asks in another order, leaves things out, and uses ids of other kinds.
func TestReplayAnyOrder(t *testing.T) {
	t.Parallel()
	h := otherHost(t, "everything-tools")
	h.initialize(everyCapability)
	roots := idOf(h.comes("roots/list"))
	h.request(`"c"`, "tools/call", `{"arguments":{"b":3.0,"a":1},"name":"get-sum"}`, "1 and 3 is 4")
	h.request(`9007199254740993`, "tools/call", `{"name":"get-sum","arguments":{"a":1,"b":2}}`, "1 and 2 is 3")
	h.request(`"\u00e9"`, "tools/call", `{"name":"get-sum","arguments":{"a":1,"b":1}}`, "1 and 1 is 2")
	h.request(`1`, "tools/call", `{"name":"no-such-tool","arguments":{}}`, "Tool no-such-tool not found")
	h.request(`"1"`, "no/such/method", `{}`, "-32601", "Method not found")
	h.request(`-1`, "tools/call", `{"name":"echo","arguments":{"message":"hello, wire"},"_meta":{"vendor":1}}`, "Echo: hello, wire")
	h.send(`{"jsonrpc":"2.0","id":` + roots + `,"result":{"roots":[{"uri":"file:///roots/one","name":"one"}]}}`)
	h.comes("notifications/message", "Roots updated")
	h.request(`1.5`, "ping", `{}`, `"result":{}`)
	h.request(`0`, "tools/list", `{}`, `"name":"echo"`)
	h.leave()
}

// TestReplayAtOnce says all that the host has to say before it hears anything.
func TestReplayAtOnce(t *testing.T) {
	t.Parallel()
	h := otherHost(t, "filesystem")
	h.ask(`0`, "initialize", `{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"raw-host","version":"1"}}`)
	h.send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	h.ask(`1`, "tools/call", `{"name":"create_directory","arguments":{"path":"notes"}}`)
	h.ask(`2`, "tools/call", `{"name":"read_text_file","arguments":{"path":"notes/one.txt","head":1}}`)
	h.ask(`3`, "tools/call", `{"name":"read_text_file","arguments":{"path":"notes/one.txt"}}`)
	if rest := h.leave(); strings.Count(rest, "\n") != 4 || strings.Contains(rest, `"error"`) {
		t.Errorf("the replay said\n%s", rest)
	}
	for _, id := range []string{`0`, `1`, `2`, `3`} {
		if h.answered[id] != 1 {
			t.Errorf("%s was answered %d times", id, h.answered[id])
		}
	}
}

// TestReplayProgressTokens reports progress to the tokens of this host, and not at all where it has none.
func TestReplayProgressTokens(t *testing.T) {
	for name, test := range map[string]struct{ meta, token string }{
		"a string":       {`,"_meta":{"progressToken":"mine"}`, `"mine"`},
		"another number": {`,"_meta":{"progressToken":9007199254740993}`, `9007199254740993`},
		"none":           {``, ``},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := otherHost(t, "everything-progress")
			h.initialize(`{}`)
			call := func(id, arguments string) string {
				return h.request(id, "tools/call", `{"name":"trigger-long-running-operation","arguments":`+arguments+test.meta+`}`)
			}
			// Recorded as the last one, without a token, and as the first one.
			call(`1`, `{"duration":0.6,"steps":3}`)
			call(`2`, `{"duration":0.02,"steps":2}`)
			call(`3`, `{"duration":0.05,"steps":5}`)
			rest := h.leave()
			want := 8
			if test.token == "" {
				want = 0
			}
			n := strings.Count(rest, "notifications/progress")
			if n != want || strings.Count(rest, `"progressToken":`+test.token) != want {
				t.Errorf("progress was reported %d times, want %d:\n%s", n, want, rest)
			}
		})
	}
}

// TestReplayOlderRevision asks for another revision than was recorded, and is told which one it is.
func TestReplayOlderRevision(t *testing.T) {
	t.Parallel()
	for _, fixture := range []string{"everything-prompts", "go-sdk-legacy", "mcp-go-legacy", "demo-legacy"} {
		h := otherHost(t, fixture)
		h.request(`"init"`, "initialize", `{"protocolVersion":"2025-06-18","capabilities":{"sampling":{}},"clientInfo":{"name":"old","version":"0"}}`,
			`"protocolVersion":"2025-11-25"`)
		h.send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
		h.request(`1`, "prompts/list", `{}`, `"prompts"`)
		h.leave()
	}
}

// TestReplayServerRequests answers what the server asks late, in a session of two calls in flight.
func TestReplayServerRequests(t *testing.T) {
	t.Parallel()
	h := otherHost(t, "go-sdk-legacy")
	h.initialize(everyCapability)
	h.ask(`"e"`, "tools/call", `{"name":"test_elicitation","arguments":{"message":"who"}}`)
	h.ask(`"s"`, "tools/call", `{"name":"test_sampling","arguments":{"prompt":"why"}}`)
	elicited, sampled := idOf(h.comes("elicitation/create")), idOf(h.comes("sampling/createMessage"))
	h.request(`1`, "tools/call", `{"name":"test_simple_text"}`, "simple text response")
	if h.answered[`"e"`]+h.answered[`"s"`] > 0 {
		t.Error("a call was answered before the host was")
	}
	h.send(`{"jsonrpc":"2.0","id":` + sampled + `,"result":{"role":"assistant","model":"m","content":{"type":"text","text":"x"}}}`)
	h.answer(`"s"`, "LLM response")
	if h.answered[`"e"`] > 0 {
		t.Error("the answer to another call set it free")
	}
	h.send(`{"jsonrpc":"2.0","id":` + elicited + `,"result":{"action":"accept","content":{}}}`)
	h.answer(`"e"`, "action=accept")
	h.leave()
}

// TestReplayUpdates has resources change in another order, and is told of each change.
func TestReplayUpdates(t *testing.T) {
	t.Parallel()
	h := otherHost(t, "memory")
	h.initialize(`{}`)
	h.request(`1`, "resources/subscribe", `{"uri":"memory://knowledge-graph"}`)
	h.request(`2`, "tools/call", `{"name":"delete_entities","arguments":{"entityNames":["Engine"]}}`, "deleted")
	h.comes("notifications/resources/updated")
	h.request(`3`, "tools/call", `{"name":"create_relations","arguments":{"relations":[{"relationType":"knows","from":"Ada","to":"Engine"}]}}`, "knows")
	h.comes("notifications/resources/updated")
	h.request(`4`, "resources/read", `{"uri":"memory://knowledge-graph"}`, "Engine")
	if rest := h.leave(); rest != "" {
		t.Errorf("the replay said besides\n%s", rest)
	}
}

// TestReplayPages reads pages again, and some not at all.
func TestReplayPages(t *testing.T) {
	t.Parallel()
	h := otherHost(t, "paged-legacy")
	h.initialize(`{}`)
	page := func(id, cursor, want string) string {
		line := h.request(id, "prompts/list", `{"cursor":`+cursor+`}`, want)
		return string(wire.Get([]byte(line), "result", "nextCursor"))
	}
	line := h.request(`1`, "prompts/list", `{}`, "item-1")
	second := string(wire.Get([]byte(line), "result", "nextCursor"))
	third := page(`2`, second, "item-3")
	page(`3`, third, "item-5")
	page(`4`, second, "item-3")
	h.leave()
}

// TestReplayCancel cancels a call, which then goes on as it was recorded to go on.
func TestReplayCancel(t *testing.T) {
	t.Parallel()
	h := otherHost(t, "everything-cancel")
	h.initialize(`{}`)
	h.ask(`"long"`, "tools/call", `{"name":"trigger-long-running-operation","arguments":{"duration":0.5,"steps":5},"_meta":{"progressToken":"p"}}`)
	h.comes("notifications/progress", `"progress":1`)
	h.request(`1`, "tools/call", `{"name":"echo","arguments":{"message":"after"}}`, "Echo: after")
	if strings.Contains(h.keptText(), "notifications/progress") {
		t.Error("the call went on before it was cancelled")
	}
	h.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"long"}}`)
	h.comes("notifications/progress", `"progress":5`)
	h.leave(`"long"`)
}

// TestReplayModern has a host of 2026-07-28 ask in another order, listen with an id of its own, and give other input.
func TestReplayModern(t *testing.T) {
	t.Parallel()
	h := otherHost(t, "go-sdk-modern-mrtr")
	const tool = "test_input_required_result_multi_round"
	line := h.request(`"a"`, "tools/call", modernCall(tool, ""), `"step1"`)
	for _, round := range []struct{ id, key, want string }{{`7`, "step1", `"step2"`}, {`"7"`, "step2", "Multi-round complete"}} {
		state := string(wire.Get([]byte(line), "result", "requestState"))
		responses := `,"inputResponses":{"` + round.key + `":{"action":"accept","content":{"name":"Ada","color":"red"}}}`
		line = h.request(round.id, "tools/call", modernCall(tool, responses+`,"requestState":`+state), round.want)
	}
	h.request(`1`, "tools/call", modernCall("test_input_required_result_sampling", ""), "capital_question")
	h.request(`2`, "initialize", `{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}`, "2026-07-28", `"error"`)
	if h.hangUp() == nil {
		t.Error("initialize was refused, but the replay ended well")
	}
}

// TestReplayListen subscribes with an id of its own.
func TestReplayListen(t *testing.T) {
	t.Parallel()
	h := otherHost(t, "go-sdk-modern-listen")
	h.ask(`"mine"`, "subscriptions/listen", `{"notifications":{"resourceSubscriptions":["test://watched-resource"],`+
		`"promptsListChanged":true,"toolsListChanged":true},`+modernMeta+`}`)
	const mine = `"io.modelcontextprotocol/subscriptionId":"mine"`
	h.comes("notifications/subscriptions/acknowledged", mine)
	h.request(`1`, "tools/call", modernCall("test_trigger_prompt_change", ""))
	h.comes("notifications/prompts/list_changed", mine)
	h.comes("notifications/resources/updated", mine)
	h.request(`2`, "tools/call", modernCall("test_trigger_tool_change", ""))
	h.comes("notifications/tools/list_changed", mine)
	h.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"mine"}}`)
	h.answer(`"mine"`, mine)
	h.leave()
}

// TestReplayBatch records a batch, and plays it to a host that sends it again and to one that sends what is in it alone.
func TestReplayBatch(t *testing.T) {
	t.Parallel()
	const open = `{"protocolVersion":"2025-03-26","capabilities":{},"clientInfo":{"name":"raw-host","version":"1"}}`
	batch := func(h *rawHost) {
		h.send(`[{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"test_simple_text"}},{"jsonrpc":"2.0","id":"1","method":"prompts/list"}]`)
		line := h.until("the batch", nil, func(m wire.Message) bool { return m.Kind == wire.Batch })
		h.says([]byte(line), []string{"simple text response", "test_simple_prompt"})
	}
	server := newRawHost(t, "go-sdk")
	server.request(`0`, "initialize", open)
	server.send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	batch(server)
	server.leave()

	same := startRawHost(t, server.on, server.on.replay("session.jsonl"))
	same.request(`0`, "initialize", open, "2025-03-26")
	same.send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	batch(same)
	same.leave()
	server.on.played(t)

	alone := startRawHost(t, server.on, server.on.replay("session.jsonl"))
	alone.initialize(`{}`)
	alone.request(`1`, "prompts/list", `{}`, "test_simple_prompt")
	alone.request(`2`, "tools/call", `{"name":"test_simple_text"}`, "simple text response")
	alone.leave()
	server.on.played(t)
}
