package sessions_test

import (
	"strings"
	"testing"

	"wiretape/internal/wire"
	"wiretape/record"
)

// TestEveryRevision replaces the server in a session of each revision that opens with initialize: the new one is asked
// for the version that was agreed on with the old one.
func TestEveryRevision(t *testing.T) {
	for _, test := range []struct{ server, asked, agreed string }{
		{"go-sdk", "2024-11-05", "2024-11-05"},
		{"go-sdk", "2025-03-26", "2025-03-26"},
		{"go-sdk", "2025-06-18", "2025-06-18"},
		{"go-sdk", "2025-11-25", "2025-11-25"},
		{"go-sdk", "2099-01-01", "2025-11-25"},
		{"mcp-go", "2024-11-05", "2024-11-05"},
		{"mcp-go", "2025-06-18", "2025-06-18"},
		{"memory", "2024-11-05", "2024-11-05"},
		{"memory", "2099-01-01", "2025-11-25"},
	} {
		t.Run(test.server+" "+test.asked, func(t *testing.T) {
			t.Parallel()
			h := newRawHost(t, test.server)
			h.request(`0`, "initialize", `{"protocolVersion":"`+test.asked+`","capabilities":{},`+
				`"clientInfo":{"name":"raw-host","version":"1"}}`, `"protocolVersion":"`+test.agreed+`"`, `"listChanged":true`)
			h.send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
			before := h.request(`1`, "tools/list", `{}`, `"wiretape_connect"`)
			h.control(`2`, "disconnect", `"was_connected":true`)
			during := h.request(`3`, "tools/list", `{}`)
			h.control(`4`, "connect", `"success":true`)
			after := h.request(`5`, "tools/list", `{}`)
			for _, line := range []string{during, after} {
				differ(t, "the list", toolsOf(line), toolsOf(before))
			}
			h.leave()
			r := load(t, h.on.recording("session-2.jsonl"))
			if version := askedFor(r); version != test.agreed {
				t.Errorf("the new server was asked for %q, want %q", version, test.agreed)
			}
		})
	}
}

func toolsOf(line string) string { return string(wire.Get([]byte(line), "result", "tools")) }

// askedFor gives the version that wiretape asked a server for.
func askedFor(r *record.Recording) string {
	for _, e := range r.Events {
		m := wire.Parse(e.Line)
		if e.From == record.Proxy && m.Method == "initialize" {
			version, _ := wire.Text(wire.Get(m.Params, "protocolVersion"))
			return version
		}
	}
	return ""
}

// TestProbeApart has the TypeScript SDK 2.x do as it does by default: it starts the server a first time only to ask
// for its era. That is a session of its own, with a recording of its own.
func TestProbeApart(t *testing.T) {
	for _, test := range []struct{ mode, server, tool, era string }{
		{"v2-auto-apart", "everything", "echo", "2025-11-25"},
		{"v2-auto-apart", "go-sdk", "test_simple_text", "2026-07-28"},
		{"v2-modern-apart", "mcp-go", "echo", "2026-07-28"},
	} {
		t.Run(test.mode+" "+test.server, func(t *testing.T) {
			t.Parallel()
			s := &script{Host: test.mode, Server: test.server}
			s.Steps = steps(t, `[{"list": "tools"}, {"call": "`+test.tool+`", "arguments": {"message": "x"}}, {"call": "wiretape_connect"}]`)
			on := newStage(t)
			tr := s.play(t, on, on.wiretape("session.jsonl"))
			if version := canonical(t, tr.connected["protocolVersion"]); !strings.Contains(version, test.era) {
				t.Errorf("the session is held in %s, want %s", version, test.era)
			}
			probe := load(t, on.recording("session.jsonl"))
			session := load(t, on.recording("session-2.jsonl"))
			again := load(t, on.recording("session-3.jsonl"))
			if probe.Header.Session == session.Header.Session || session.Header.Session != again.Header.Session {
				t.Errorf("the sessions are %s, %s, %s", probe.Header.Session, session.Header.Session, again.Header.Session)
			}
			if len(probe.Calls) != 1 || probe.Calls[0].Method != "server/discover" {
				t.Errorf("the host probed with %+v", probe.Calls)
			}
		})
	}
}
