package sessions_test

import (
	"testing"

	"wiretape/record"
)

// reconnects are sessions in which the server is disconnected and connected again in the middle of something.
var reconnects = []struct {
	name, host, server string
	connections        int
	unanswered         int
	steps              string
	check              func(*testing.T, transcript, []*record.Recording)
}{{
	name: "calls", host: "v1", server: "everything", connections: 3,
	steps: `[
		{"await": "roots/list"}, {"await": "notifications/message"},
		{"list": "tools", "want": ["\"name\":\"echo\"", "\"name\":\"wiretape_connect\"", "\"name\":\"trigger-sampling-request\""]},
		{"call": "wiretape_disconnect", "want": ["\"was_connected\":true", "\"recording\":{\"path\"", "\"complete\":true", "\"code\":0"]},
		{"call": "wiretape_disconnect", "want": ["\"success\":true", "\"was_connected\":false"]},
		{"call": "wiretape_status", "want": ["\"connected\":false"]},
		{"list": "tools", "want": ["\"name\":\"echo\"", "\"name\":\"wiretape_connect\"", "\"name\":\"trigger-sampling-request\""]},
		{"call": "echo", "arguments": {"message": "x"}, "want": ["\"isError\":true", "The server is disconnected. Call wiretape_connect"]},
		{"ping": true},
		{"send": "no/such/method", "fails": true, "want": ["-32603", "\"origin\":\"wiretape\""]},
		{"call": "wiretape_connect", "want": ["\"success\":true", "mcp-servers/everything"], "never": ["Its tools differ"]},
		{"call": "echo", "arguments": {"message": "again"}, "want": ["Echo: again"]},
		{"await": "roots/list"},
		{"call": "wiretape_connect", "want": ["\"success\":true", "\"previous_connection\""]},
		{"call": "wiretape_status", "want": ["\"connected\":true"]},
		{"parallel": [{"call": "get-sum", "arguments": {"a": 1, "b": 1}}, {"ping": true}], "want": ["1 and 1 is 2"]}
	]`,
}, {
	name: "progress", host: "v1", server: "everything", connections: 2,
	steps: `[
		{"await": "roots/list"}, {"await": "notifications/message"},
		{"call": "trigger-long-running-operation", "arguments": {"duration": 0.03, "steps": 3}, "progress": true, "want": ["Steps: 3"]},
		{"parallel": [
			{"call": "trigger-long-running-operation", "arguments": {"duration": 60, "steps": 600}, "progress": true},
			{"call": "wiretape_disconnect"},
			{"call": "echo", "arguments": {"message": "x"}},
			{"ping": true}
		], "want": [
			"[{\"ok\":true,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"The server is disconnected. Call wiretape_connect to start it again.\"}],\"isError\":true}}",
			"\"was_connected\":true"
		]},
		{"call": "wiretape_connect"},
		{"call": "trigger-long-running-operation", "arguments": {"duration": 0.03, "steps": 3}, "progress": true, "want": ["Steps: 3"]},
		{"await": "notifications/progress", "params": {"progress": 3, "total": 3}},
		{"await": "notifications/progress", "params": {"progress": 3, "total": 3}}
	]`,
}, {
	name: "connect in flight", host: "v1", server: "everything", connections: 2,
	steps: `[
		{"await": "roots/list"}, {"await": "notifications/message"},
		{"parallel": [
			{"call": "trigger-long-running-operation", "arguments": {"duration": 60, "steps": 600}, "progress": true},
			{"call": "wiretape_connect"},
			{"call": "echo", "arguments": {"message": "held"}}
		], "want": ["\"isError\":true}},{\"ok\":true,", "\"previous_connection\""]},
		{"call": "echo", "arguments": {"message": "again"}, "want": ["Echo: again"]}
	]`,
}, {
	name: "cancel", host: "v1", server: "everything", connections: 2, unanswered: 2,
	steps: `[
		{"await": "roots/list"}, {"await": "notifications/message"},
		{"call": "trigger-long-running-operation", "arguments": {"duration": 60, "steps": 600}, "cancelAfterProgress": 1, "fails": true},
		{"call": "wiretape_disconnect"},
		{"call": "wiretape_connect"},
		{"await": "roots/list"},
		{"call": "trigger-long-running-operation", "arguments": {"duration": 60, "steps": 600}, "cancelAfterProgress": 1, "fails": true},
		{"call": "echo", "arguments": {"message": "after"}, "want": ["Echo: after"]}
	]`,
}, {
	name: "the server's requests", host: "v1", server: "everything", connections: 2,
	steps: `[
		{"await": "roots/list"}, {"await": "notifications/message"},
		{"call": "trigger-sampling-request", "arguments": {"prompt": "one"}, "want": ["context: one"]},
		{"call": "trigger-elicitation-request", "arguments": {}, "want": ["Name: text"]},
		{"call": "get-roots-list", "arguments": {}, "want": ["file:///roots/one"]},
		{"call": "wiretape_disconnect"},
		{"answer": "roots/list", "with": {"roots": [{"uri": "file:///roots/two"}]}},
		{"notify": "notifications/roots/list_changed"},
		{"call": "wiretape_connect"},
		{"await": "roots/list"},
		{"await": "notifications/message", "params": {"data": "Roots updated: 1 root(s) received from client"}},
		{"call": "trigger-sampling-request", "arguments": {"prompt": "two"}, "want": ["context: two"]},
		{"call": "trigger-elicitation-request", "arguments": {}, "want": ["Name: text"]},
		{"call": "get-roots-list", "arguments": {}, "want": ["file:///roots/two"]}
	]`,
}, {
	name: "subscriptions", host: "v1", server: "everything", connections: 2,
	steps: `[
		{"await": "roots/list"}, {"await": "notifications/message"},
		{"subscribe": "demo://resource/dynamic/text/1"},
		{"subscribe": "demo://resource/dynamic/text/2"},
		{"subscribe": "demo://resource/dynamic/text/3"},
		{"unsubscribe": "demo://resource/dynamic/text/2"},
		{"call": "toggle-subscriber-updates", "arguments": {}},
		{"await": "notifications/resources/updated", "params": {"uri": "demo://resource/dynamic/text/1"}},
		{"call": "wiretape_disconnect"},
		{"read": "demo://resource/dynamic/text/1", "fails": true, "want": ["-32603"]},
		{"list": "resources", "fails": true, "want": ["-32603"]},
		{"subscribe": "demo://resource/dynamic/text/4"},
		{"unsubscribe": "demo://resource/dynamic/text/3"},
		{"call": "wiretape_connect"},
		{"read": "demo://resource/dynamic/text/1", "want": ["Resource 1"]},
		{"call": "toggle-subscriber-updates", "arguments": {}},
		{"await": "notifications/resources/updated", "params": {"uri": "demo://resource/dynamic/text/4"}},
		{"call": "toggle-subscriber-updates", "arguments": {}}
	]`,
	check: func(t *testing.T, tr transcript, _ []*record.Recording) {
		t.Helper()
		var uris string
		for _, m := range tr.messages {
			if m["notification"] == "notifications/resources/updated" {
				uri := m["params"].(map[string]any)["uri"].(string)
				uris += uri[len(uri)-1:]
			}
		}
		// 1 and 3 of the first server, 1 and 4 of the second.
		if uris != "1314" {
			t.Errorf("updates came for %s, want 1314", uris)
		}
	},
}, {
	name: "log level", host: "v1", server: "everything", connections: 2,
	steps: `[
		{"await": "roots/list"}, {"await": "notifications/message"},
		{"level": "emergency"},
		{"call": "wiretape_connect"},
		{"await": "roots/list"},
		{"call": "get-roots-list", "arguments": {}, "want": ["file:///roots/one"]}
	]`,
	check: func(t *testing.T, tr transcript, _ []*record.Recording) {
		t.Helper()
		if n := tr.count("notification", "notifications/message"); n != 1 {
			t.Errorf("%d log messages came, want the one from before the level was set", n)
		}
	},
}, {
	name: "prompts", host: "v1", server: "everything", connections: 2,
	steps: `[
		{"await": "roots/list"}, {"await": "notifications/message"},
		{"list": "prompts", "want": ["args-prompt"]},
		{"call": "wiretape_disconnect"},
		{"list": "prompts", "fails": true, "want": ["-32603"]},
		{"get": "simple-prompt", "fails": true, "want": ["-32603"]},
		{"complete": {"ref": {"type": "ref/prompt", "name": "completable-prompt"}, "argument": {"name": "department", "value": "S"}}, "fails": true},
		{"call": "wiretape_connect"},
		{"await": "notifications/prompts/list_changed"},
		{"list": "prompts", "want": ["args-prompt"]},
		{"get": "args-prompt", "arguments": {"city": "Oslo"}, "want": ["Oslo"]},
		{"complete": {"ref": {"type": "ref/prompt", "name": "completable-prompt"}, "argument": {"name": "department", "value": "S"}}, "want": ["[\"Sales\",\"Support\"]"]}
	]`,
}, {
	name: "memory", host: "v1", server: "memory", connections: 3,
	steps: `[
		{"list": "tools"},
		{"call": "create_entities", "arguments": {"entities": [{"name": "Ada", "entityType": "person", "observations": ["one"]}]}},
		{"call": "wiretape_disconnect"},
		{"call": "wiretape_connect"},
		{"call": "read_graph", "arguments": {}, "want": ["Ada", "one"]},
		{"call": "add_observations", "arguments": {"observations": [{"entityName": "Ada", "contents": ["two"]}]}},
		{"call": "wiretape_connect"},
		{"call": "read_graph", "arguments": {}, "want": ["one", "two"]}
	]`,
}, {
	name: "filesystem", host: "v1", server: "filesystem", connections: 2,
	steps: `[
		{"await": "roots/list"},
		{"call": "write_file", "arguments": {"path": "one.txt", "content": "one"}},
		{"call": "wiretape_connect"},
		{"await": "roots/list"},
		{"call": "read_text_file", "arguments": {"path": "one.txt"}, "want": ["one"]}
	]`,
}, {
	name: "Go SDK, legacy", host: "v1", server: "go-sdk", connections: 2,
	steps: `[
		{"list": "tools"},
		{"call": "test_tool_with_logging"},
		{"level": "info"},
		{"call": "test_tool_with_logging"},
		{"await": "notifications/message", "params": {"data": "Tool execution completed"}},
		{"subscribe": "test://watched-resource"},
		{"call": "test_trigger_tool_change"},
		{"await": "notifications/tools/list_changed"},
		{"list": "tools"},
		{"call": "wiretape_disconnect"},
		{"call": "test_sampling", "arguments": {"prompt": "x"}, "want": ["\"isError\":true", "wiretape_connect"]},
		{"call": "wiretape_connect", "want": ["\"success\":true", "Its tools differ"]},
		{"await": "notifications/tools/list_changed"},
		{"call": "test_tool_with_logging"},
		{"await": "notifications/message", "params": {"data": "Tool execution completed"}},
		{"call": "test_sampling", "arguments": {"prompt": "why"}, "want": ["sampled: why"]},
		{"call": "test_elicitation", "arguments": {"message": "who"}, "want": ["action=accept"]},
		{"call": "test_tool_with_progress", "progress": true},
		{"await": "notifications/resources/updated", "params": {"uri": "test://watched-resource"}}
	]`,
}, {
	name: "mcp-go, legacy", host: "v1", server: "mcp-go", connections: 2,
	steps: `[
		{"list": "tools"},
		{"parallel": [
			{"call": "longRunningOperation", "arguments": {"duration": 60, "steps": 600}, "progress": true},
			{"call": "wiretape_connect"}
		], "want": ["\"isError\":true}},{\"ok\":true,", "\"previous_connection\""]},
		{"call": "longRunningOperation", "arguments": {"duration": 0.02, "steps": 2}, "progress": true, "want": ["Steps: 2"]},
		{"list": "resources"},
		{"complete": {"ref": {"type": "ref/prompt", "name": "complex_prompt"}, "argument": {"name": "style", "value": "c"}}, "want": ["casual"]}
	]`,
}, {
	name: "fallen back", host: "v2-auto", server: "everything", connections: 2,
	steps: `[
		{"await": "roots/list"}, {"await": "notifications/message"},
		{"list": "tools"},
		{"subscribe": "demo://resource/dynamic/text/7"},
		{"call": "wiretape_disconnect"},
		{"call": "echo", "arguments": {"message": "x"}, "want": ["\"isError\":true", "wiretape_connect"]},
		{"call": "wiretape_connect", "want": ["\"success\":true"]},
		{"await": "roots/list"},
		{"call": "echo", "arguments": {"message": "again"}, "want": ["Echo: again"]},
		{"call": "trigger-elicitation-request", "arguments": {}, "want": ["Name: text"]},
		{"call": "toggle-subscriber-updates", "arguments": {}},
		{"await": "notifications/resources/updated", "params": {"uri": "demo://resource/dynamic/text/7"}}
	]`,
}, {
	name: "Go SDK, modern", host: "v2-modern", server: "go-sdk", connections: 2,
	unanswered: 1, // the first server never ends the subscription
	steps: `[
		{"list": "tools", "want": ["\"name\":\"wiretape_connect\""]},
		{"listen": {"toolsListChanged": true, "promptsListChanged": true, "resourceSubscriptions": ["test://watched-resource"]}, "want": ["\"toolsListChanged\":true"]},
		{"await": "notifications/subscriptions/acknowledged"},
		{"call": "test_logging_tool", "meta": {"io.modelcontextprotocol/logLevel": "info"}},
		{"await": "notifications/message"},
		{"call": "wiretape_disconnect", "want": ["\"was_connected\":true"]},
		{"list": "tools", "cacheMode": "refresh", "want": ["\"name\":\"test_simple_text\"", "\"name\":\"wiretape_connect\""]},
		{"call": "test_simple_text", "want": ["\"isError\":true", "wiretape_connect"]},
		{"read": "test://static-text", "cacheMode": "bypass", "fails": true, "want": ["-32603"]},
		{"call": "wiretape_connect", "want": ["\"success\":true"], "never": ["Its tools differ"]},
		{"call": "test_trigger_tool_change"},
		{"await": "notifications/tools/list_changed"},
		{"call": "test_trigger_prompt_change"},
		{"await": "notifications/prompts/list_changed"},
		{"await": "notifications/resources/updated", "params": {"uri": "test://watched-resource"}, "fresh": true},
		{"call": "test_logging_tool", "meta": {"io.modelcontextprotocol/logLevel": "info"}},
		{"await": "notifications/message"},
		{"call": "test_tool_with_progress", "progress": true},
		{"call": "test_input_required_result_multi_round", "want": ["Multi-round complete: text likes text"]},
		{"unlisten": true}
	]`,
	check: func(t *testing.T, tr transcript, _ []*record.Recording) {
		t.Helper()
		if n := tr.count("notification", "notifications/subscriptions/acknowledged"); n != 1 {
			t.Errorf("the subscription was acknowledged %d times, want once", n)
		}
	},
}, {
	name: "mcp-go, modern", host: "v2-modern", server: "mcp-go", connections: 2,
	steps: `[
		{"list": "tools"},
		{"parallel": [
			{"call": "longRunningOperation", "arguments": {"duration": 60, "steps": 600}, "progress": true},
			{"call": "wiretape_disconnect"}
		], "want": ["\"isError\":true", "\"was_connected\":true"]},
		{"get": "simple_prompt", "fails": true, "want": ["-32603"]},
		{"call": "wiretape_connect", "want": ["\"success\":true"]},
		{"call": "longRunningOperation", "arguments": {"duration": 0.02, "steps": 2}, "progress": true, "want": ["Steps: 2"]},
		{"read": "test://dynamic/resource/7"}
	]`,
}, {
	name: "a server without subscriptions", host: "v2-modern", server: "demo", connections: 2,
	unanswered: 2, // wiretape keeps both subscriptions itself
	steps: `[
		{"list": "tools"},
		{"listen": {"toolsListChanged": true}, "want": ["\"toolsListChanged\":true"]},
		{"call": "wiretape_disconnect"},
		{"call": "echo", "arguments": {"text": "x"}, "want": ["\"isError\":true"]},
		{"call": "wiretape_connect"},
		{"call": "echo", "arguments": {"text": "again"}, "want": ["again"]},
		{"listen": {"toolsListChanged": true}, "want": ["\"toolsListChanged\":true"]}
	]`,
}}

func TestReconnect(t *testing.T) {
	for _, test := range reconnects {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := &script{Name: "session", Host: test.host, Server: test.server, Connections: test.connections}
			s.Steps = steps(t, test.steps)
			on := newStage(t)
			tr := s.play(t, on, on.wiretape("session.jsonl"))
			var paths []string
			for _, name := range s.recordings() {
				paths = append(paths, on.recording(name))
			}
			recordings := loadAll(t, paths, test.unanswered)
			if end := recordings[len(recordings)-1].End; end.Reason != "host" {
				t.Errorf("the last recording ended for %q, want \"host\"", end.Reason)
			}
			if test.check != nil {
				test.check(t, tr, recordings)
			}
		})
	}
}
