package proxy

import (
	"testing"
)

// MCP 2025-11-25, pagination: cursors must not be kept across sessions; an
// invalid one is -32602. A new target could take an old cursor for one of its
// own, so it never gets it.
func TestACursorEndsWithItsTarget(t *testing.T) {
	for _, method := range []string{"tools/list", "prompts/list", "resources/list", "resources/templates/list", "tasks/list"} {
		r, s := newStage(t, nil)
		a := r.legacy(s, `{"tools":{},"tasks":{}}`)
		r.send(`{"jsonrpc":"2.0","id":1,"method":"` + method + `"}`)
		a.answer(method, `{"nextCursor":"same"}`)
		r.answer("1")
		_, b := reconnects(r, s, `{"tools":{}}`, "")

		page := `{"jsonrpc":"2.0","id":2,"method":"` + method + `","params":{"cursor":"same"}}`
		r.send(page)
		m, _ := r.answer("2")
		wantError(t, m, "-32602")
		// A cursor that no target is known to have given is not for us to judge.
		unknown := `{"jsonrpc":"2.0","id":3,"method":"` + method + `","params":{"cursor":"other"}}`
		r.send(unknown)
		b.hears(unknown)
		// Once the new target has given it out, it is its own.
		r.send(`{"jsonrpc":"2.0","id":4,"method":"` + method + `"}`)
		b.answer(method, `{"nextCursor":"same"}`)
		r.answer("4")
		r.send(page)
		b.hears(page)
	}
}

// The tools are listed behind the host's back when a target is connected; a
// cursor that comes up there was not given to the host.
func TestACursorThatOnlyWeSawIsNotTheHosts(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	r.send(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)
	a.answer("tools/list", `{"tools":[],"nextCursor":"2"}`)
	r.answer("1")
	_, b := reconnects(r, s, `{"tools":{}}`, `{"tools":[],"nextCursor":"2"}`)
	r.send(`{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{"cursor":"2"}}`)
	m, _ := r.answer("2")
	wantError(t, m, "-32602")
	r.hearsOnly(b)
}

// mints has a target give out the task t, in one of the ways there are.
var mints = map[string]func(*rig, *actor){
	"a task result": func(r *rig, a *actor) {
		r.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","task":{"ttl":1}}}`)
		a.answer("tools/call", `{"task":{"taskId":"t","status":"working"}}`)
		r.answer("1")
	},
	// server-everything sends the first status before the result.
	"a status before the result": func(r *rig, a *actor) {
		r.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","task":{"ttl":1}}}`)
		a.expect("tools/call")
		status := `{"jsonrpc":"2.0","method":"notifications/tasks/status","params":{"taskId":"t","status":"working"}}`
		a.say(status)
		r.hears(status)
	},
	"a modern result": func(r *rig, a *actor) {
		r.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",` +
			`"io.modelcontextprotocol/clientCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}}}}`)
		a.answer("tools/call", `{"resultType":"task","taskId":"t","status":"working"}`)
		r.answer("1")
	},
	"a modern notification": func(r *rig, a *actor) {
		status := `{"jsonrpc":"2.0","method":"notifications/tasks","params":{"taskId":"t"}}`
		a.say(status)
		r.hears(status)
	},
	"a list of tasks": func(r *rig, a *actor) {
		r.send(`{"jsonrpc":"2.0","id":1,"method":"tasks/list"}`)
		a.answer("tasks/list", `{"tasks":[{"taskId":"s"},{"taskId":"t"}]}`)
		r.answer("1")
	},
}

// MCP 2025-11-25, tasks: an unknown taskId is -32602. A new target may give out
// the same one for another task.
func TestATaskEndsWithItsTarget(t *testing.T) {
	for name, mint := range mints {
		t.Run(name, func(t *testing.T) {
			r, s := newStage(t, nil)
			a := r.legacy(s, `{"tools":{},"tasks":{}}`)
			mint(r, a)
			r.send(controlLine(`"c"`, "wiretape_connect"))
			b := s.actor()
			b.answer("initialize", handshake(`{"tools":{},"tasks":{}}`))
			b.expect("notifications/initialized")
			r.answer(`"c"`)
			for _, method := range []string{"tasks/get", "tasks/result", "tasks/cancel", "tasks/update"} {
				r.send(`{"jsonrpc":"2.0","id":2,"method":"` + method + `","params":{"taskId":"t"}}`)
				m, _ := r.answer("2")
				wantError(t, m, "-32602")
			}
			other := `{"jsonrpc":"2.0","id":3,"method":"tasks/get","params":{"taskId":"other"}}`
			r.send(other)
			b.hears(other)
			mint(r, b)
			own := `{"jsonrpc":"2.0","id":4,"method":"tasks/get","params":{"taskId":"t"}}`
			r.send(own)
			b.hears(own)
		})
	}
}
