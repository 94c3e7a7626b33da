package proxy

import (
	"strings"
	"testing"

	"wiretape/internal/wire"
)

// What is said while nothing is connected never reaches a target; each request
// is answered once, and nothing else is said.
func TestWhileDisconnectedLegacy(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{},"resources":{"subscribe":true},"prompts":{},"logging":{},"tasks":{}}`)
	r.lists(a, `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, named("a"))
	r.control("2", "wiretape_disconnect")

	r.send(`{"jsonrpc":"2.0","id":"p","method":"ping"}`)
	r.hears(`{"jsonrpc":"2.0","id":"p","result":{}}`)
	r.send(`{"jsonrpc":"2.0","id":3,"method":"tools/list"}`)
	r.hears(`{"jsonrpc":"2.0","id":3,"result":{"tools":[` + named("a") + `,` + ours("wiretape_") + `]}}`)
	for _, accepted := range []string{
		`"logging/setLevel","params":{"level":"error"}`,
		`"resources/subscribe","params":{"uri":"a://b"}`,
		`"resources/unsubscribe","params":{"uri":"a://c"}`,
	} {
		r.send(`{"jsonrpc":"2.0","id":4.0,"method":` + accepted + `}`)
		r.hears(`{"jsonrpc":"2.0","id":4.0,"result":{}}`)
	}
	for request, code := range map[string]string{
		`"tools/list","params":{"cursor":""}`:       "-32602",
		`"tasks/get","params":{"taskId":"t"}`:       "-32602",
		`"tasks/result","params":{"taskId":"t"}`:    "-32602",
		`"tasks/cancel","params":{"taskId":"t"}`:    "-32602",
		`"prompts/get","params":{"name":"p"}`:       "-32603",
		`"prompts/list"`:                            "-32603",
		`"resources/read","params":{"uri":"a://b"}`: "-32603",
		`"completion/complete","params":{}`:         "-32603",
		`"server/discover"`:                         "-32603",
		`"initialize","params":` + initializeParams: "-32603",
		`"x/unknown"`: "-32603",
		`"tools/call","params":{"name":"a","task":{}}`:    "-32603",
		`"tools/call","params":{"task":{},"name":"none"}`: "-32603",
	} {
		r.send(`{"jsonrpc":"2.0","id":5,"method":` + request + `}`)
		m, before := r.answer("5")
		wantError(t, m, code)
		wantPart(t, m.Error, `"wiretape"`, "data", "origin")
		if len(before) > 0 {
			t.Errorf("%s: %s", request, before)
		}
	}
	m := r.call("a", `{}`)
	if said := content(t, m); !isError(m) || !strings.Contains(said, "wiretape_connect") {
		t.Errorf("%s", m.Result)
	}
	for _, swallowed := range []string{
		`{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}`,
		`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}}`,
		`{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}`,
		`{"jsonrpc":"2.0","id":0,"result":{"roots":[]}}`, `{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}`, ``, `junk`,
	} {
		r.send(swallowed)
	}
	r.send(`{"jsonrpc":"2.0","id":6,"method":"ping"}`)
	r.hears(`{"jsonrpc":"2.0","id":6,"result":{}}`)
	a.hearsNoMore()
}

func TestWhileDisconnectedModern(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.modern(s, `{"tools":{"x":1}}`)
	r.lists(a, modernLine("1", "tools/list", ""), named("a"))
	r.control("2", "wiretape_disconnect")
	info := `"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"actor","version":"1"}}`

	r.send(modernLine("3", "tools/list", ""))
	r.hears(`{"jsonrpc":"2.0","id":3,"result":{"tools":[` + named("a") + `,` + ours("wiretape_") + `],"ttlMs":0,"cacheScope":"private","resultType":"complete",` + info + `}}`)
	r.send(modernLine("4", "server/discover", ""))
	r.hears(`{"jsonrpc":"2.0","id":4,"result":{"resultType":"complete","supportedVersions":["2026-07-28"],` +
		`"capabilities":{"tools":{"x":1,"listChanged":true}},"ttlMs":0,"cacheScope":"public",` + info + `}}`)
	for method, code := range map[string]string{
		"prompts/get": "-32603", "resources/read": "-32603", "tasks/get": "-32602", "tasks/update": "-32602", "x/unknown": "-32603",
		// Removed in 2026-07-28: a modern request of these is an error.
		"ping": "-32603", "logging/setLevel": "-32603", "resources/subscribe": "-32603", "resources/unsubscribe": "-32603",
	} {
		r.send(modernLine("5", method, `"taskId":"t",`))
		m, _ := r.answer("5")
		wantError(t, m, code)
		wantPart(t, m.Error, `"wiretape"`, "data", "origin")
	}
	for _, members := range []string{`"name":"a",`, `"name":"a","task":{},`} {
		r.send(modernLine("6", "tools/call", members))
		m, _ := r.answer("6")
		if !isError(m) {
			t.Errorf("%s%s", m.Result, m.Error)
		}
		wantPart(t, m.Result, `"complete"`, "resultType")
	}
	r.send(controlLine("7", "wiretape_status"))
	m, before := r.answer("7")
	wantPart(t, structured(t, m), "false", "connected")
	if len(before) > 0 {
		t.Errorf("the host was told %s", before)
	}
}

// A host that never listed the tools of the target gets ours alone.
func TestAListThatWasNeverSeenIsOurs(t *testing.T) {
	r, s := newStage(t, nil)
	r.legacy(s, `{"tools":{}}`)
	r.control("1", "wiretape_disconnect")
	r.send(`{"jsonrpc":"2.0","id":2,"method":"tools/list"}`)
	r.hears(`{"jsonrpc":"2.0","id":2,"result":{"tools":[` + ours("wiretape_") + `]}}`)
	r.control("3", "wiretape_disconnect")
}

// What was accepted in the absence of a target is handed to the next one.
func TestTheNextTargetIsToldWhatWasAccepted(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{},"resources":{"subscribe":true},"logging":{}}`)
	for id, request := range map[string]string{
		"1": `"resources/subscribe","params":{"uri":"a://kept"}`, "2": `"resources/subscribe","params":{"uri":"a://left"}`,
	} {
		r.send(`{"jsonrpc":"2.0","id":` + id + `,"method":` + request + `}`)
		a.answer("resources/subscribe", `{}`)
		r.answer(id)
	}
	r.control("3", "wiretape_disconnect")
	for _, request := range []string{
		`"logging/setLevel","params":{"level":"info"}`,
		`"resources/unsubscribe","params":{"uri":"a://left"}`,
		`"resources/subscribe","params":{"uri":"a://new","_meta":{"x":1.0}}`,
		`"logging/setLevel","params":{"level" : "error"}`,
	} {
		r.send(`{"jsonrpc":"2.0","id":4,"method":` + request + `}`)
		r.answer("4")
	}
	r.send(controlLine("5", "wiretape_connect"))
	b := s.actor()
	b.answer("initialize", handshake(`{"tools":{}}`))
	b.expect("notifications/initialized")
	for _, again := range []struct{ method, params string }{
		{"logging/setLevel", `{"level" : "error"}`},
		{"resources/subscribe", `{"uri":"a://kept"}`},
		{"resources/subscribe", `{"uri":"a://new","_meta":{"x":1.0}}`},
	} {
		m := b.answer(again.method, `{}`)
		if string(m.Params) != again.params {
			t.Errorf("%s with %s, want %s", m.Method, m.Params, again.params)
		}
		if wire.Is(m.ID, '"') == false {
			t.Errorf("id %s", m.ID)
		}
	}
	_, before := r.answer("5")
	if len(before) > 0 {
		t.Errorf("the host was told %s", before)
	}
	r.hearsOnly(b)
}
