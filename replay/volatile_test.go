package replay_test

import (
	"slices"
	"testing"

	"wiretape/replay"
)

const (
	modernMeta = `"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}`
	otherMeta  = `"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"roots":{}},` +
		`"io.modelcontextprotocol/clientInfo":{"name":"other","version":"2"},"io.modelcontextprotocol/logLevel":"info",` +
		`"traceparent":"00-1","tracestate":"a","baggage":"b","example.com/own":1`
)

// compared has a pair of requests for each row of the table of what is not compared: they differ in just that.
var compared = map[string]struct{ method, recorded, live string }{
	"/clientInfo":       {"initialize", `{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"a"}}`, `{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"b"}}`},
	"/capabilities":     {"initialize", `{"protocolVersion":"2025-11-25","capabilities":{}}`, `{"protocolVersion":"2025-11-25","capabilities":{"roots":{}}}`},
	"/protocolVersion":  {"initialize", `{"protocolVersion":"2025-11-25","capabilities":{}}`, `{"protocolVersion":"2025-06-18","capabilities":{}}`},
	"/_meta":            {"tools/call", `{"name":"a","_meta":{` + modernMeta + `}}`, `{"name":"a","_meta":{` + otherMeta + `}}`},
	"/task/ttl":         {"tools/call", `{"name":"a","task":{"ttl":1}}`, `{"name":"a","task":{"ttl":2}}`},
	"/inputResponses/*": {"tools/call", `{"name":"a","inputResponses":{"q":{"action":"accept"}}}`, `{"name":"a","inputResponses":{"q":{"action":"decline"}}}`},
}

// TestVolatileRows takes each row away in turn: without it the requests are not the same.
func TestVolatileRows(t *testing.T) {
	paths := replay.VolatilePaths()
	if len(paths) != len(compared) {
		t.Fatalf("%d rows, %d tests", len(paths), len(compared))
	}
	for row, path := range paths {
		t.Run(path, func(t *testing.T) {
			if failed := failures(t, path); failed != 0 {
				t.Errorf("with the row: %d failures", failed)
			}
			defer replay.WithoutVolatile(row)()
			if failed := failures(t, path); failed != 1 {
				t.Errorf("without the row: %d failures, want 1", failed)
			}
		})
	}
}

func failures(t *testing.T, path string) int {
	t.Helper()
	c, ok := compared[path]
	if !ok {
		t.Fatalf("%s has no test", path)
	}
	k := begin(t, replay.Options{}, "> "+req("1", c.method, c.recorded), "< "+res("1", `{}`))
	k.say(req("2", c.method, c.live))
	k.line()
	return k.ends().Failed
}

// What counts as a difference although it stands beside what is volatile.
func TestNotVolatile(t *testing.T) {
	tests := []struct{ name, method, recorded, live string }{
		{"presence of a task", "tools/call", `{"name":"a","task":{"ttl":1}}`, `{"name":"a"}`},
		{"names of inputResponses", "tools/call", `{"name":"a","inputResponses":{"q":{}}}`, `{"name":"a","inputResponses":{"r":{}}}`},
		{"requestState", "tools/call", `{"name":"a","requestState":"s"}`, `{"name":"a","requestState":"t"}`},
		{"cursor", "tools/list", `{"cursor":"a"}`, `{"cursor":"b"}`},
		{"an empty cursor", "tools/list", `{"cursor":""}`, `{}`},
		{"taskId", "tasks/get", `{"taskId":"a"}`, `{"taskId":"b"}`},
		{"related task", "tools/call", `{"name":"a","_meta":{"io.modelcontextprotocol/related-task":{"taskId":"a"}}}`, `{"name":"a","_meta":{"io.modelcontextprotocol/related-task":{"taskId":"b"}}}`},
		{"level", "logging/setLevel", `{"level":"info"}`, `{"level":"debug"}`},
		{"filter of a subscription", "subscriptions/listen", `{"notifications":{"toolsListChanged":true}}`, `{"notifications":{"promptsListChanged":true}}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			k := begin(t, replay.Options{}, "> "+req("1", test.method, test.recorded), "< "+res("1", `{}`))
			k.say(req("2", test.method, test.live))
			k.line()
			if r := k.ends(); r.Failed != 1 {
				t.Errorf("report: %+v", r)
			}
		})
	}
}

// Ids are the host's own, with their spelling.
func TestLiveIDs(t *testing.T) {
	for _, id := range []string{`7`, `"7"`, `7.0`, `9007199254740993`, `"a\u0062"`, `-1`, `"` + "ü" + `"`} {
		k := begin(t, replay.Options{}, "> "+call("1", "a", `{}`), `< {"result":{"id":1},"jsonrpc":"2.0","id":1}`)
		k.say(call(id, "a", `{}`))
		k.hears(`{"result":{"id":1},"jsonrpc":"2.0","id":` + id + `}`)
		k.ends()
	}
}

// MCP 2025-11-25, progress: "Progress notifications MUST only reference tokens that were provided in an active request".
func TestProgressTokens(t *testing.T) {
	session := []string{
		"> " + req("1", "tools/call", `{"name":"a","_meta":{"progressToken":1}}`),
		"< " + note("notifications/progress", `{"progressToken":1,"progress":1}`), "< " + res("1", `1`),
		"> " + req("2", "tools/call", `{"name":"a"}`), "< " + res("2", `2`),
	}
	t.Run("the live one", func(t *testing.T) {
		k := begin(t, replay.Options{}, session...)
		k.say(req("5", "tools/call", `{"name":"a","_meta":{"progressToken":"p"}}`))
		k.hears(note("notifications/progress", `{"progressToken":"p","progress":1}`), res("5", `1`))
	})
	t.Run("with and without are told apart", func(t *testing.T) {
		k := begin(t, replay.Options{}, session...)
		k.say(req("5", "tools/call", `{"name":"a"}`), req("6", "tools/call", `{"name":"a","_meta":{"progressToken":6}}`))
		k.hears(res("5", `2`), note("notifications/progress", `{"progressToken":6,"progress":1}`), res("6", `1`))
	})
	t.Run("none", func(t *testing.T) {
		k := begin(t, replay.Options{}, session[:3]...)
		k.say(req("5", "tools/call", `{"name":"a"}`))
		k.hears(res("5", `1`))
		k.ends()
	})
}

// MCP 2026-07-28, logging: without a log level in its _meta a request has no log messages.
func TestLogLevel(t *testing.T) {
	meta := func(level string) string { return `{"name":"a","_meta":{` + modernMeta + level + `}}` }
	session := []string{
		"> " + req("1", "tools/call", meta(`,"io.modelcontextprotocol/logLevel":"info"`)),
		"< " + note("notifications/message", `{"level":"info","data":"x"}`), "< " + res("1", `{}`),
	}
	k := begin(t, replay.Options{}, session...)
	k.say(req("1", "tools/call", meta(`,"io.modelcontextprotocol/logLevel":"debug"`)))
	k.hears(note("notifications/message", `{"level":"info","data":"x"}`), res("1", `{}`))
	k.ends()
	k = begin(t, replay.Options{}, session...)
	k.say(req("1", "tools/call", meta("")))
	k.hears(res("1", `{}`))
	k.ends()
	// A request that has none does not silence one that is in flight.
	k = begin(t, replay.Options{}, slices.Insert(slices.Clone(session), 1, "> "+req("2", "tools/list", `{"_meta":{`+modernMeta+`}}`))...)
	k.say(req("1", "tools/call", meta(`,"io.modelcontextprotocol/logLevel":"debug"`)))
	k.hears(note("notifications/message", `{"level":"info","data":"x"}`), res("1", `{}`))
	k.ends()
}

// A retry of a multi-round-trip request goes on with the operation that it belongs to, even among several.
func TestMultiRoundTrip(t *testing.T) {
	first := `{"name":"a","_meta":{` + modernMeta + `}}`
	retry := func(state, answer string) string {
		if state != "" {
			state = `,"requestState":"` + state + `"`
		}
		return `{"name":"a","inputResponses":{"q":{"text":"` + answer + `"}}` + state + `,"_meta":{` + modernMeta + `}}`
	}
	asks := func(state string) string {
		return `{"resultType":"input_required","inputRequests":{"q":{}},"requestState":"` + state + `"}`
	}
	session := []string{
		"> " + req("1", "tools/call", first), "< " + res("1", asks("s1")), "> " + req("2", "tools/call", first), "< " + res("2", asks("s2")),
		"> " + req("3", "tools/call", retry("s1", "x")), "< " + res("3", `"of s1"`), "> " + req("4", "tools/call", retry("s2", "y")), "< " + res("4", `"of s2"`),
		"> " + req("5", "tools/call", retry("", "x")), "< " + res("5", `"of x"`), "> " + req("6", "tools/call", retry("", "y")), "< " + res("6", `"of y"`),
	}
	k := begin(t, replay.Options{}, session...)
	k.say(req("1", "tools/call", first), req("2", "tools/call", first))
	k.hears(res("1", asks("s1")), res("2", asks("s2")))
	k.say(req("3", "tools/call", retry("s2", "other")), req("4", "tools/call", retry("s1", "other")))
	k.hears(res("3", `"of s2"`), res("4", `"of s1"`))
	k.say(req("5", "tools/call", retry("", "y")), req("6", "tools/call", retry("", "other")))
	k.hears(res("5", `"of y"`), res("6", `"of x"`))
	if r := k.ends(); r.Failed != 0 || r.UnusedSum != 0 {
		t.Errorf("report: %+v", r)
	}
}

// What the server minted comes back as it was recorded, and what is volatile in its answers too.
func TestServersOwnVerbatim(t *testing.T) {
	result := `{"nextCursor":"c-1","ttlMs":5,"task":{"taskId":"t","createdAt":"2026-11-22T08:00:00Z"},"_meta":{"io.modelcontextprotocol/serverInfo":{}},"requestState":"s"}`
	k := begin(t, replay.Options{}, "> "+req("1", "tools/list", ""), "< "+res("1", result),
		"> "+req("2", "tools/call", `{"name":"a"}`), `< {"jsonrpc":"2.0","id":2,"error":{"code":-32000,"message":"at 08:00","data":{"x":1.0}}}`)
	k.say(req("8", "tools/list", `{}`), req("9", "tools/call", `{"name":"a"}`))
	k.hears(res("8", result), `{"jsonrpc":"2.0","id":9,"error":{"code":-32000,"message":"at 08:00","data":{"x":1.0}}}`)
	k.ends()
}
