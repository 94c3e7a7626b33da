package sessions_test

import (
	"strings"
	"testing"

	"wiretape/internal/wire"
)

const everyCapability = `{"sampling":{},"elicitation":{},"roots":{"listChanged":true}}`

// idOf gives the raw id of a message.
func idOf(line string) string { return string(wire.Parse([]byte(line)).ID) }

// TestServerRequestInFlight disconnects while the server waits for the host, which answers when that server is gone.
func TestServerRequestInFlight(t *testing.T) {
	for _, test := range []struct{ server, tool, arguments, method, answer, want string }{
		{
			"everything", "trigger-sampling-request", `{"prompt":"why"}`, "sampling/createMessage",
			`{"role":"assistant","model":"m","content":{"type":"text","text":"%"}}`, "%",
		},
		{
			"everything", "trigger-elicitation-request", `{}`, "elicitation/create",
			`{"action":"accept","content":{"name":"%","check":true}}`, "Name: %",
		},
		{
			"go-sdk", "test_sampling", `{"prompt":"why"}`, "sampling/createMessage",
			`{"role":"assistant","model":"m","content":{"type":"text","text":"%"}}`, "LLM response: %",
		},
		{
			"go-sdk", "test_elicitation", `{"message":"who"}`, "elicitation/create",
			`{"action":"accept","content":{"username":"%"}}`, "username:%",
		},
	} {
		t.Run(test.server+" "+test.method, func(t *testing.T) {
			t.Parallel()
			h := newRawHost(t, test.server)
			h.initialize(`{"sampling":{},"elicitation":{}}`)
			call := `{"name":"` + test.tool + `","arguments":` + test.arguments + `}`
			reply := func(id, who string) {
				h.send(`{"jsonrpc":"2.0","id":` + id + `,"result":` + strings.ReplaceAll(test.answer, "%", who) + `}`)
			}

			h.ask(`1`, "tools/call", call)
			first := idOf(h.comes(test.method))
			h.control(`2`, "disconnect", `"was_connected":true`, `"code":0`)
			// By wiretape, or by the server, whose request wiretape has refused.
			h.answer(`1`, `"isError":true`)
			h.comes("notifications/cancelled", `"requestId":`+first)
			h.control(`3`, "connect", `"success":true`)

			h.ask(`4`, "tools/call", call)
			second := idOf(h.comes(test.method))
			if second != first {
				t.Logf("the new server asks with id %s, the old one did with %s", second, first)
			}
			reply(second, "new")
			h.answer(`4`, strings.ReplaceAll(test.want, "%", "new"))
			if rest := h.leave(); strings.Contains(rest, "notifications/cancelled") {
				t.Errorf("something else was cancelled:\n%s", rest)
			}
			loadAll(t, []string{h.on.recording("session.jsonl"), h.on.recording("session-2.jsonl")}, 0)
		})
	}
}

// TestLateAnswer answers a request of a server that is gone. The new server does not get it, though it asks with the
// same id.
func TestLateAnswer(t *testing.T) {
	t.Parallel()
	h := newRawHost(t, "everything")
	h.initialize(`{"sampling":{}}`)
	const call = `{"name":"trigger-sampling-request","arguments":{"prompt":"why"}}`
	reply := func(id, text string) {
		h.send(`{"jsonrpc":"2.0","id":` + id + `,"result":{"role":"assistant","model":"m","content":{"type":"text","text":"` + text + `"}}}`)
	}
	h.ask(`1`, "tools/call", call)
	first := idOf(h.comes("sampling/createMessage"))
	h.control(`2`, "disconnect")
	h.answer(`1`, `"isError":true`)
	reply(first, "too late")
	h.control(`3`, "connect", `"success":true`)
	h.ask(`4`, "tools/call", call)
	second := idOf(h.comes("sampling/createMessage"))
	reply(second, "in time")
	h.answer(`4`, "in time")
	h.leave()
	r := load(t, h.on.recording("session-2.jsonl"))
	for _, e := range r.Events {
		if strings.Contains(string(e.Line), "too late") {
			t.Errorf("the new server was told %s", e.Line)
		}
	}
}

// TestRootsInFlight disconnects a server that does not end before its request for roots is answered: wiretape answers
// it, so that nothing has to be killed.
func TestRootsInFlight(t *testing.T) {
	t.Parallel()
	h := newRawHost(t, "everything")
	h.initialize(everyCapability)
	id := idOf(h.comes("roots/list"))
	h.control(`1`, "disconnect", `"exit":{"code":0}`)
	h.comes("notifications/cancelled", `"requestId":`+id)
	h.control(`2`, "connect", `"success":true`)
	h.send(`{"jsonrpc":"2.0","id":` + idOf(h.comes("roots/list")) + `,"result":{"roots":[{"uri":"file:///new"}]}}`)
	h.comes("notifications/message", "Roots updated: 1 root(s)")
	h.request(`3`, "tools/call", `{"name":"get-roots-list","arguments":{}}`, "file:///new")
	h.leave()
	loadAll(t, []string{h.on.recording("session.jsonl"), h.on.recording("session-2.jsonl")}, 0)
}

// TestLongCallInFlight disconnects in the middle of a call that has begun to report its progress.
func TestLongCallInFlight(t *testing.T) {
	for _, test := range []struct{ name, server, tool string }{
		{"legacy", "everything", "trigger-long-running-operation"},
		{"mcp-go, legacy", "mcp-go", "longRunningOperation"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newRawHost(t, test.server)
			h.initialize(`{}`)
			call := func(token string) string {
				return `{"name":"` + test.tool + `","arguments":{"duration":60,"steps":1200},"_meta":{"progressToken":` + token + `}}`
			}
			h.ask(`1`, "tools/call", call(`"one"`))
			h.ask(`2`, "tools/call", call(`"two"`))
			h.ask(`3`, "tools/call", call(`"three"`))
			h.comes("notifications/progress", `"one"`)
			h.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}`)
			h.control(`4`, "connect", `"success":true`, `"previous_connection"`, `"forced":true`)
			h.answer(`1`, `"isError":true`)
			h.answer(`3`, `"isError":true`)
			h.ask(`5`, "tools/call", call(`"five"`))
			h.kept = nil
			if line := h.comes("notifications/progress"); !strings.Contains(line, `"five"`) {
				t.Errorf("the old server is still heard: %s", line)
			}
			h.leave(`2`)
		})
	}
}

// TestTaskOfTheOldServer asks the new server for a task that only the old one knew.
func TestTaskOfTheOldServer(t *testing.T) {
	t.Parallel()
	h := newRawHost(t, "everything")
	h.initialize(`{}`)
	line := h.request(`1`, "tools/call", `{"name":"simulate-research-query","arguments":{"topic":"x"},"task":{"ttl":60000}}`, "taskId")
	task := string(wire.Get([]byte(line), "result", "task", "taskId"))
	h.request(`2`, "tasks/get", `{"taskId":`+task+`}`, `"working"`)
	h.control(`3`, "disconnect")
	h.request(`4`, "tasks/get", `{"taskId":`+task+`}`, `-32602`, "Task not found")
	h.request(`5`, "tools/call", `{"name":"simulate-research-query","arguments":{"topic":"x"},"task":{"ttl":60000}}`, `-32603`)
	h.control(`6`, "connect", `"success":true`)
	h.request(`7`, "tasks/get", `{"taskId":`+task+`}`, `-32602`, `"origin":"wiretape"`)
	line = h.request(`8`, "tools/call", `{"name":"simulate-research-query","arguments":{"topic":"y"},"task":{"ttl":60000}}`, "taskId")
	task = string(wire.Get([]byte(line), "result", "task", "taskId"))
	h.request(`9`, "tasks/get", `{"taskId":`+task+`}`, `"working"`)
	h.request(`10`, "tasks/cancel", `{"taskId":`+task+`}`, `"cancelled"`)
	h.leave()
}

// TestBatch sends a batch to a server that takes batches, in the revision that has them; a control call stands in it.
func TestBatch(t *testing.T) {
	t.Parallel()
	h := newRawHost(t, "go-sdk")
	h.request(`0`, "initialize", `{"protocolVersion":"2025-03-26","capabilities":{},"clientInfo":{"name":"raw-host","version":"1"}}`, "2025-03-26")
	h.send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	h.send(`[{"jsonrpc":"2.0","id":1,"method":"tools/list"},{"jsonrpc":"2.0","id":"1","method":"ping"}]`)
	line := h.until("the batch", nil, func(m wire.Message) bool { return m.Kind == wire.Batch })
	answers := map[string]string{}
	for answer := range wire.Elements([]byte(line)) {
		answers[idOf(string(answer))] = string(answer)
	}
	if len(answers) != 2 || !strings.Contains(answers[`1`], `"wiretape_connect"`) || !strings.Contains(answers[`"1"`], `"result"`) {
		t.Errorf("the batch was answered with %s", line)
	}
	h.leave()
}
