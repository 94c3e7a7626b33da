package sessions_test

import (
	"strings"
	"testing"

	"wiretape/internal/wire"
)

// modernMeta is what every request of 2026-07-28 carries.
const modernMeta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",` +
	`"io.modelcontextprotocol/clientInfo":{"name":"raw-host","version":"1"},` +
	`"io.modelcontextprotocol/clientCapabilities":{"elicitation":{},"sampling":{},"roots":{}}}`

func modernCall(name, more string) string {
	return `{"name":"` + name + `","arguments":{}` + more + `,` + modernMeta + `}`
}

// TestInputRequired disconnects between the rounds of a call: its state is all that the new server needs.
func TestInputRequired(t *testing.T) {
	t.Parallel()
	h := newRawHost(t, "go-sdk")
	const tool = "test_input_required_result_multi_round"
	stateOf := func(line string) string {
		return `,"requestState":` + string(wire.Get([]byte(line), "result", "requestState"))
	}
	h.request(`1`, "server/discover", `{`+modernMeta+`}`, `"supportedVersions"`, `"listChanged":true`)
	state := stateOf(h.request(`2`, "tools/call", modernCall(tool, ""), `"input_required"`, `"step1"`))
	h.request(`3`, "tools/call", modernCall("wiretape_disconnect", ""), `"was_connected":true`, `"resultType":"complete"`)
	const one = `,"inputResponses":{"step1":{"action":"accept","content":{"name":"Ada"}}}`
	h.request(`4`, "tools/call", modernCall(tool, state+one), `"isError":true`, `"resultType":"complete"`)
	h.request(`5`, "server/discover", `{`+modernMeta+`}`, `"supportedVersions"`, `"ttlMs":0`)
	h.request(`6`, "tools/call", modernCall("wiretape_connect", ""), `"success":true`)
	state = stateOf(h.request(`7`, "tools/call", modernCall(tool, state+one), `"input_required"`, `"step2"`))
	h.request(`8`, "tools/call", modernCall("wiretape_connect", ""), `"previous_connection"`)
	const two = `,"inputResponses":{"step2":{"action":"accept","content":{"color":"blue"}}}`
	h.request(`9`, "tools/call", modernCall(tool, state+two), "Multi-round complete: Ada likes blue")
	if rest := h.leave(); rest != "" {
		t.Errorf("a modern host was told without asking:\n%s", rest)
	}
	var paths []string
	for _, name := range []string{"session.jsonl", "session-2.jsonl", "session-3.jsonl"} {
		paths = append(paths, h.on.recording(name))
	}
	loadAll(t, paths, 0)
}

// TestListenSurvives keeps a subscription over two reconnects, with an id of either type. The second target is given
// the host's own request.
func TestListenSurvives(t *testing.T) {
	for _, id := range []string{`7`, `"L1"`} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			h := newRawHost(t, "go-sdk")
			tag := `"io.modelcontextprotocol/subscriptionId":` + id
			h.request(`0`, "tools/list", `{`+modernMeta+`}`, `"wiretape_connect"`, `"ttlMs":0`)
			h.ask(id, "subscriptions/listen", `{"notifications":{"toolsListChanged":true,"promptsListChanged":true},`+modernMeta+`}`)
			h.comes("notifications/subscriptions/acknowledged", tag, `"toolsListChanged":true`)
			h.request(`1`, "tools/call", modernCall("test_trigger_tool_change", ""))
			h.comes("notifications/tools/list_changed", tag)
			h.request(`2`, "tools/call", modernCall("wiretape_disconnect", ""), `"success":true`)
			h.request(`3`, "tools/call", modernCall("wiretape_connect", ""), `"success":true`)
			h.request(`4`, "tools/call", modernCall("wiretape_connect", ""), `"success":true`)
			h.request(`5`, "tools/call", modernCall("test_trigger_prompt_change", ""))
			// Two connects tell of prompts that may be others. The server's own word shows that it has the subscription.
			for range 3 {
				h.comes("notifications/prompts/list_changed", tag)
			}
			h.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":` + id + `}}`)
			h.request(`6`, "tools/call", modernCall("test_simple_text", ""), "simple text")
			for line := range strings.Lines(h.leave()) {
				if strings.Contains(line, "acknowledged") || !strings.Contains(line, tag) {
					t.Errorf("the host got %s", line)
				}
			}
		})
	}
}

// TestListenWhileDisconnected subscribes while there is no server: the subscription ends when there is one, so that
// the host asks for all of it again.
func TestListenWhileDisconnected(t *testing.T) {
	t.Parallel()
	h := newRawHost(t, "go-sdk")
	h.request(`1`, "tools/list", `{`+modernMeta+`}`)
	h.request(`2`, "tools/call", modernCall("wiretape_disconnect", ""))
	h.ask(`3`, "subscriptions/listen", `{"notifications":{"toolsListChanged":true,"promptsListChanged":true},`+modernMeta+`}`)
	h.comes("notifications/subscriptions/acknowledged", `{"toolsListChanged":true}`)
	h.request(`4`, "tools/call", modernCall("wiretape_connect", ""), `"success":true`)
	h.answer(`3`, `"resultType":"complete"`, `"io.modelcontextprotocol/subscriptionId":3`)
	h.ask(`5`, "subscriptions/listen", `{"notifications":{"toolsListChanged":true,"promptsListChanged":true},`+modernMeta+`}`)
	h.comes("notifications/subscriptions/acknowledged", `"promptsListChanged":true`)
	h.leave()
}

// TestModernCallInFlight disconnects in the middle of a call of 2026-07-28 that has begun to report its progress.
func TestModernCallInFlight(t *testing.T) {
	t.Parallel()
	h := newRawHost(t, "mcp-go")
	meta := strings.Replace(modernMeta, `{`, `{"progressToken":"p",`, 1)
	h.ask(`1`, "tools/call", `{"name":"longRunningOperation","arguments":{"duration":60,"steps":1200},`+meta+`}`)
	h.comes("notifications/progress", `"progressToken":"p"`)
	h.request(`2`, "tools/call", modernCall("wiretape_disconnect", ""), `"success":true`)
	h.answer(`1`, `"isError":true`, `"resultType":"complete"`, "wiretape_connect")
	h.request(`3`, "resources/list", `{`+modernMeta+`}`, `-32603`)
	h.request(`4`, "tools/call", modernCall("wiretape_connect", ""), `"success":true`)
	h.request(`5`, "resources/read", `{"uri":"test://static/resource",`+modernMeta+`}`, "sample resource")
	h.leave()
}
