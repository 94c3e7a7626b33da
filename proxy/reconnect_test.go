package proxy

import (
	"errors"
	"io"
	"strings"
	"testing"

	"wiretape/internal/wire"
)

// A new target gets the host's own handshake with the version that was agreed
// on, and what the host had set since. Nothing of it reaches the host.
//
// MCP 2025-11-25, lifecycle: both parties "MUST respect the negotiated protocol
// version".
func TestANewTargetIsToldWhatTheOldOneKnew(t *testing.T) {
	r, s := newStage(t, nil)
	a := s.actor()
	const params = `{ "clientInfo":{"name":"h","version":"1.50","x":9007199254740993}, "protocolVersion" : "2025-11-25","capabilities":{"roots":{"listChanged":true},"\u0061":1e2},"_meta":{"y":null}}`
	r.send(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":` + params + `}`)
	a.answer("initialize", `{"protocolVersion":"2025-06-18","capabilities":{"tools":{},"resources":{"subscribe":true},"logging":{}},"serverInfo":{"name":"a","version":"1"}}`)
	r.answer("0")
	r.send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	a.expect("notifications/initialized")
	for id, request := range []struct{ method, params string }{
		{"logging/setLevel", `{"level":"debug"}`},
		{"resources/subscribe", `{"uri":"a://1"}`},
		{"resources/subscribe", `{"uri":"a://2"}`},
		{"resources/subscribe", `{"uri":"a://1"}`},
		{"logging/setLevel", `{"level":"warning"}`},
	} {
		r.send(`{"jsonrpc":"2.0","id":` + string(rune('1'+id)) + `,"method":"` + request.method + `","params":` + request.params + `}`)
		a.answer(request.method, `{}`)
		r.answer(string(rune('1' + id)))
	}
	r.send(`{"jsonrpc":"2.0","id":6,"method":"resources/subscribe","params":{"uri":"a://refused"}}`)
	a.refuse("resources/subscribe", "-32602")
	r.answer("6")

	r.send(controlLine("10", "wiretape_connect"))
	b := s.actor()
	m := b.answer("initialize", `{"protocolVersion":"2025-06-18","capabilities":{"tools":{},"resources":{"subscribe":true},"logging":{}},"serverInfo":{"name":"a","version":"1"}}`)
	if want := strings.Replace(params, "2025-11-25", "2025-06-18", 1); string(m.Params) != want {
		t.Errorf("initialize with %s, want %s", m.Params, want)
	}
	ids := map[string]bool{string(m.ID): true}
	b.hears(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	for _, want := range []string{`{"level":"warning"}`, `{"uri":"a://2"}`, `{"uri":"a://1"}`} {
		m := wire.Parse([]byte(b.next()))
		if string(m.Params) != want {
			t.Errorf("%s with %s, want %s", m.Method, m.Params, want)
		}
		ids[string(m.ID)] = true
		b.say(`{"jsonrpc":"2.0","id":` + string(m.ID) + `,"result":{}}`)
	}
	m, before := r.answer("10")
	wantPart(t, structured(t, m), "true", "success")
	if len(ids) != 4 || len(before) > 0 {
		t.Errorf("ids %v, the host was told %s", ids, before)
	}
	for id := range ids {
		if !strings.HasPrefix(id, `"wiretape:`) {
			t.Errorf("an id that a host might pick: %s", id)
		}
	}
	r.hearsOnly(b)
}

// What the host has not said yet is not said for it.
func TestInitializedIsNotSaidForTheHost(t *testing.T) {
	r, s := newStage(t, nil)
	a := s.actor()
	r.send(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":` + initializeParams + `}`)
	a.answer("initialize", handshake(`{"tools":{}}`))
	r.answer("0")
	r.send(controlLine("1", "wiretape_connect"))
	b := s.actor()
	b.answer("initialize", handshake(`{"tools":{}}`))
	r.answer("1")
	r.hearsOnly(b)
	r.send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	b.expect("notifications/initialized")
}

// fails has a connect fail in the way that play gives, and checks how.
func fails(t *testing.T, kind string, play func(*stage)) []byte {
	t.Helper()
	r, s := newStage(t, nil)
	r.legacy(s, `{"tools":{}}`)
	r.send(controlLine("1", "wiretape_connect"))
	play(s)
	m, before := r.answer("1")
	if !isError(m) || len(before) > 0 {
		t.Errorf("%s after %s", m.Result, before)
	}
	failure := structured(t, m)
	wantPart(t, failure, "false", "success")
	wantPart(t, failure, `"`+kind+`"`, "error", "error_type")
	if text(wire.Get(failure, "error", "suggestion")) == "" {
		t.Errorf("no suggestion in %s", failure)
	}
	wantPart(t, failure, `"test-server"`, "metadata", "previous_connection", "server_url")
	wantPart(t, structured(t, r.call("wiretape_status", `{}`)), "false", "connected")
	wantContains(t, r.call("a", `{}`).Result, `"isError":true`)
	r.send(`{"jsonrpc":"2.0","id":"p","method":"ping"}`)
	r.hears(`{"jsonrpc":"2.0","id":"p","result":{}}`)
	// The next one may work.
	r.send(controlLine(`"again"`, "wiretape_connect"))
	b := s.actor()
	b.answer("initialize", handshake(`{"tools":{}}`))
	b.expect("notifications/initialized")
	m, _ = r.answer(`"again"`)
	wantPart(t, structured(t, m), "true", "success")
	r.hearsOnly(b)
	r.end()
	for n, file := range r.files() {
		if rec := r.load(n + 1); rec.End == nil {
			t.Errorf("%s has no end", file)
		}
	}
	return failure
}

func TestAConnectIsRefusedForAnotherVersion(t *testing.T) {
	failure := fails(t, "version_mismatch", func(s *stage) {
		b := s.actor()
		b.answer("initialize", strings.Replace(handshake(`{"tools":{}}`), "2025-11-25", "2024-11-05", 1))
		b.hearsNoMore()
	})
	wantContains(t, wire.Get(failure, "error", "message"), "2025-11-25", "2024-11-05")
}

func TestAConnectIsRefusedByTheTarget(t *testing.T) {
	failure := fails(t, "refused", func(s *stage) {
		b := s.actor()
		m := b.expect("initialize")
		b.say(`{"jsonrpc":"2.0","id":` + string(m.ID) + `,"error":{"code":-32600,"message":"modern only"}}`)
		b.hearsNoMore()
	})
	wantContains(t, wire.Get(failure, "error", "message"), "modern only")
}

func TestAConnectWhoseTargetEnds(t *testing.T) {
	failure := fails(t, "server_exited", func(s *stage) {
		b := s.actor()
		b.expect("initialize")
		if _, err := io.WriteString(b.stderr, "no such module"); err != nil {
			t.Error(err)
		}
		b.bye <- Exit{Code: 4}
	})
	wantPart(t, failure, "4", "error", "details", "exit", "code")
	wantPart(t, failure, `"no such module"`, "error", "details", "stderr")
}

func TestAConnectThatCannotStart(t *testing.T) {
	r, s := newStage(t, nil)
	r.legacy(s, `{"tools":{}}`)
	r.control("1", "wiretape_disconnect")
	s.mu.Lock()
	s.fail = errors.New("no such file")
	s.mu.Unlock()
	m, _ := r.control("2", "wiretape_connect")
	failure := structured(t, m)
	wantPart(t, failure, `"start_failed"`, "error", "error_type")
	wantContains(t, wire.Get(failure, "error", "message"), "no such file")
	wantPart(t, structured(t, r.call("wiretape_status", `{}`)), "false", "connected")
	if n := len(r.files()); n != 1 {
		t.Errorf("%d recordings", n)
	}
}

// A target that never answers is given up when the host cancels the call, of
// which the target hears nothing, and which is not answered.
func TestAConnectCanBeCancelled(t *testing.T) {
	r, s := newStage(t, nil)
	r.legacy(s, `{"tools":{}}`)
	r.send(controlLine("1", "wiretape_connect"))
	b := s.actor()
	b.expect("initialize")
	r.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`)
	b.hearsNoMore()
	m, before := r.control("2", "wiretape_status")
	wantPart(t, structured(t, m), "false", "connected")
	if len(before) > 0 {
		t.Errorf("the host was told %s", before)
	}
}

// What the host says while a target is being connected waits for it, in order.
// Only a ping is answered at once, and what the new target asks the host is
// answered to it.
func TestTheHostsLinesWaitForAConnect(t *testing.T) {
	r, s := newStage(t, nil)
	r.legacy(s, `{"tools":{}}`)
	r.send(controlLine("1", "wiretape_connect"))
	b := s.actor()
	m := b.expect("initialize")
	held := []string{
		`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"a"}}`,
		`{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}`,
		`junk`,
		`{"jsonrpc":"2.0","id":3,"method":"prompts/list"}` + "\r",
		`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}`,
		`[{"jsonrpc":"2.0","id":4,"method":"x/y"}]`,
	}
	for _, line := range held {
		r.send(line)
	}
	r.send(`{"jsonrpc":"2.0","id":5,"method":"ping"}`)
	r.hears(`{"jsonrpc":"2.0","id":5,"result":{}}`)
	b.say(`{"jsonrpc":"2.0","id":0,"method":"roots/list"}`)
	r.hears(`{"jsonrpc":"2.0","id":0,"method":"roots/list"}`)
	r.send(`{"jsonrpc":"2.0","id":0,"result":{"roots":[]}}`)
	b.hears(`{"jsonrpc":"2.0","id":0,"result":{"roots":[]}}`)
	b.say(`{"jsonrpc":"2.0","id":` + string(m.ID) + `,"result":` + handshake(`{"tools":{}}`) + `}`)
	b.expect("notifications/initialized")
	for _, line := range held {
		b.hears(line)
	}
	m, _ = r.answer("1")
	wantPart(t, structured(t, m), "true", "success")
}

func TestTheHostsLinesAreAnsweredWhenAConnectFails(t *testing.T) {
	r, s := newStage(t, nil)
	r.legacy(s, `{"tools":{}}`)
	r.send(controlLine("1", "wiretape_connect"))
	b := s.actor()
	m := b.expect("initialize")
	r.send(`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"a"}}`)
	r.send(`{"jsonrpc":"2.0","id":3,"method":"prompts/list"}`)
	r.send(`{"jsonrpc":"2.0","id":4,"method":"ping"}`)
	r.hears(`{"jsonrpc":"2.0","id":4,"result":{}}`)
	b.say(`{"jsonrpc":"2.0","id":` + string(m.ID) + `,"error":{"code":1,"message":"no"}}`)
	for _, id := range []string{"1", "2", "3"} {
		m, before := r.answer(id)
		if len(before) > 0 {
			t.Errorf("before %s came %s", id, before)
		}
		if id == "3" {
			wantError(t, m, "-32603")
		} else if !isError(m) {
			t.Errorf("%s%s", m.Result, m.Error)
		}
	}
}

// What the host says behind a connect is for the new target, even if the old
// one is still there when it is said.
func TestACallBehindAConnectIsForTheNewTarget(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	call := `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"a"}}`
	if _, err := io.WriteString(r.in, controlLine("1", "wiretape_connect")+"\n"+call+"\n"); err != nil {
		t.Fatal(err)
	}
	a.hearsNoMore()
	b := s.actor()
	b.answer("initialize", handshake(`{"tools":{}}`))
	b.expect("notifications/initialized")
	b.hears(call)
	b.say(`{"jsonrpc":"2.0","id":2,"result":{"content":[]}}`)
	m, _ := r.answer("2")
	if isError(m) {
		t.Errorf("%s", m.Result)
	}
}
