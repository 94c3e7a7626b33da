package proxy

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"wiretape/internal/wire"
)

// callsOpen has the host make requests that its target leaves unanswered.
func callsOpen(r *rig, a *actor) {
	r.t.Helper()
	for _, line := range []string{
		`{"jsonrpc":"2.0","id":"b","method":"tools/call","params":{"name":"a"}}`,
		`{"jsonrpc":"2.0","id":2,"method":"prompts/get","params":{"name":"p"}}`,
		`{"jsonrpc":"2.0","id":"c","method":"tools/call","params":{"name":"cancelled"}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","task":{"ttl":1}}}`,
		`{"jsonrpc":"2.0","id":1.0,"method":"tools/list"}`,
		`{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"answered"}}`,
		`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"c"}}`,
	} {
		r.send(line)
		a.hears(line)
	}
	a.say(`{"jsonrpc":"2.0","id":3,"result":{"content":[]}}`)
	r.hears(`{"jsonrpc":"2.0","id":3,"result":{"content":[]}}`)
}

// wantClosed checks that the host now hears one answer for each of them, in
// the order in which it asked, but none for what it cancelled or was answered.
func wantClosed(r *rig, why ...string) {
	r.t.Helper()
	for _, want := range []struct{ id, code string }{{`"b"`, ""}, {"2", "-32603"}, {"1", "-32603"}, {"1.0", "-32603"}} {
		line := r.next()
		m := wire.Parse([]byte(line))
		if string(m.ID) != want.id {
			r.t.Fatalf("the host hears %s, want an answer to %s", line, want.id)
		}
		if want.code != "" {
			wantError(r.t, m, want.code)
			wantPart(r.t, m.Error, `"target_disconnected"`, "data", "reason")
		} else if !isError(m) {
			r.t.Errorf("the host hears %s", line)
		}
		wantContains(r.t, []byte(line), why...)
	}
}

func TestADisconnectAnswersWhatIsOpen(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	callsOpen(r, a)
	r.send(controlLine("10", "wiretape_disconnect"))
	wantClosed(r, "disconnected", "wiretape_connect")
	m := wire.Parse([]byte(r.next()))
	wantPart(t, structured(t, m), "true", "was_connected")
}

func TestAConnectAnswersWhatIsOpenFirst(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	callsOpen(r, a)
	r.send(controlLine("10", "wiretape_connect"))
	wantClosed(r, "disconnected")
	b := s.actor()
	b.answer("initialize", handshake(`{"tools":{}}`))
	b.expect("notifications/initialized")
	m := wire.Parse([]byte(r.next()))
	wantPart(t, structured(t, m), "true", "success")
	wantPart(t, structured(t, m), `4`, "metadata", "previous_connection", "statistics", "tools_called")
	r.hearsOnly(b)
}

func TestATargetThatEndsByItselfHasItsCallsAnswered(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	callsOpen(r, a)
	if _, err := io.WriteString(a.stderr, "first\npanic: oh no\n"); err != nil {
		t.Fatal(err)
	}
	a.bye <- Exit{Code: 3}
	wantClosed(r, "exit status 3", "panic: oh no", "wiretape_connect")
	m := r.call("a", `{}`)
	wantContains(t, m.Result, `"isError":true`, "exit status 3", "panic: oh no")
	m = r.call("wiretape_status", `{}`)
	wantContains(t, structured(t, m), `"connected":false`, "exit status 3")
	if status := r.end(); status != 3 {
		t.Errorf("exit status %d", status)
	}
	if end := r.load(1).End; end == nil || end.Reason != "exit" {
		t.Errorf("the recording ends with %+v", end)
	}
}

func TestAModernCallIsClosedInTheModernWay(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.modern(s, `{"tools":{}}`)
	for id, method := range map[string]string{"1": "tools/call", "2": "resources/read"} {
		r.send(modernLine(id, method, `"name":"a",`))
		a.expect(method)
	}
	_, before := r.control("10", "wiretape_disconnect")
	if len(before) != 2 {
		t.Fatalf("%s", before)
	}
	for _, line := range before {
		m := wire.Parse([]byte(line))
		if string(m.ID) == "2" {
			wantError(t, m, "-32603")
			continue
		}
		wantPart(t, m.Result, `"complete"`, "resultType")
		wantPart(t, m.Result, `"actor"`, "_meta", "io.modelcontextprotocol/serverInfo", "name")
	}
}

// What the target says up to its end reaches the host, and an answer among it
// is the answer.
func TestWhatTheTargetSaysAtTheEndIsHeard(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	a.busy = make(chan struct{})
	for _, id := range []string{"1", "2"} {
		r.send(`{"jsonrpc":"2.0","id":` + id + `,"method":"tools/call","params":{"name":"a"}}`)
		a.expect("tools/call")
	}
	r.send(controlLine("10", "wiretape_disconnect"))
	a.hearsNoMore()
	last := []string{
		`{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}`,
		`{"jsonrpc":"2.0","id":2,"result":{"content":[]}}`,
	}
	a.say(last...)
	close(a.busy)
	r.hears(last...)
	m, before := r.answer("1")
	if !isError(m) || len(before) > 0 {
		t.Errorf("%s after %s", m.Result, before)
	}
	_, before = r.answer("10")
	if len(before) > 0 {
		t.Errorf("the host was told %s", before)
	}
}

// What a target has asked the host for is refused before its input ends, since
// some do not end without (server-everything and its roots/list), and cancelled
// at the host, whose late answer is for nobody.
func TestWhatATargetAskedForEndsWithIt(t *testing.T) { synctest.Test(t, whatATargetAskedForEndsWithIt) }

func whatATargetAskedForEndsWithIt(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	for _, line := range []string{
		`{"jsonrpc":"2.0","id":0,"method":"roots/list"}`,
		`{"jsonrpc":"2.0","id":"0","method":"sampling/createMessage","params":{}}`,
		`{"jsonrpc":"2.0","id":1,"method":"elicitation/create","params":{}}`,
		`{"jsonrpc":"2.0","id":2,"method":"roots/list"}`,
	} {
		a.say(line)
		r.hears(line)
	}
	answered := `{"jsonrpc":"2.0","id":1,"result":{"action":"decline"}}`
	r.send(answered)
	a.hears(answered)
	withdrawn := `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}`
	a.say(withdrawn)
	r.hears(withdrawn)

	_, before := r.control("10", "wiretape_disconnect")
	for range 2 {
		m := wire.Parse([]byte(a.next()))
		if id := string(m.ID); id != `0` && id != `"0"` {
			t.Errorf("an answer to %s", id)
		}
		wantError(t, m, "-32603")
	}
	a.hearsNoMore()
	cancelled := strings.Join(before, "\n")
	if len(before) != 2 || !strings.Contains(cancelled, `"requestId":0,`) || !strings.Contains(cancelled, `"requestId":"0",`) {
		t.Errorf("the host was told %s", cancelled)
	}

	r.send(controlLine("11", "wiretape_connect"))
	b := s.actor()
	b.answer("initialize", handshake(`{"tools":{}}`))
	b.expect("notifications/initialized")
	r.answer("11")
	for _, late := range []string{`0`, `"0"`, `2`} {
		r.send(`{"jsonrpc":"2.0","id":` + late + `,"result":{"late":true}}`)
	}
	b.say(`{"jsonrpc":"2.0","id":0,"method":"roots/list"}`)
	r.hears(`{"jsonrpc":"2.0","id":0,"method":"roots/list"}`)
	fresh := `{"jsonrpc":"2.0","id":0,"result":{"roots":[]}}`
	r.send(fresh)
	b.hears(fresh)
	r.hearsOnly(b)
}

// The host's answer may come while the target is being stopped: too late for
// the target, but then there is nothing to cancel.
func TestAnAnswerDuringADisconnectIsNotCancelled(t *testing.T) {
	synctest.Test(t, anAnswerDuringADisconnectIsNotCancelled)
}

func anAnswerDuringADisconnectIsNotCancelled(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	a.busy = make(chan struct{})
	a.say(`{"jsonrpc":"2.0","id":0,"method":"roots/list"}`)
	r.next()
	r.send(controlLine("10", "wiretape_disconnect"))
	wantError(t, wire.Parse([]byte(a.next())), "-32603")
	a.hearsNoMore()
	r.send(`{"jsonrpc":"2.0","id":0,"result":{"roots":[]}}`)
	r.send(`{"jsonrpc":"2.0","id":11,"method":"ping"}`)
	r.hears(`{"jsonrpc":"2.0","id":11,"result":{}}`)
	close(a.busy)
	if _, before := r.answer("10"); len(before) > 0 {
		t.Errorf("the host was told %s", before)
	}
}

// A request that the target makes when it is being stopped could not be
// answered any more, so the host does not hear of it.
func TestARequestOfADyingTargetIsKept(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	a.busy = make(chan struct{})
	r.send(controlLine("10", "wiretape_disconnect"))
	a.hearsNoMore()
	a.say(`{"jsonrpc":"2.0","id":0,"method":"roots/list"}`)
	close(a.busy)
	if _, before := r.answer("10"); len(before) > 0 {
		t.Errorf("the host was told %s", before)
	}
}

// The same id on both sides is nothing special.
func TestTheTwoSidesHaveIdsOfTheirOwn(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	r.send(`{"jsonrpc":"2.0","id":5,"method":"tools/list"}`)
	a.next()
	a.say(`{"jsonrpc":"2.0","id":5,"method":"roots/list"}`)
	r.hears(`{"jsonrpc":"2.0","id":5,"method":"roots/list"}`)
	r.send(`{"jsonrpc":"2.0","id":5,"result":{"roots":[]}}`)
	a.hears(`{"jsonrpc":"2.0","id":5,"result":{"roots":[]}}`)
	a.say(`{"jsonrpc":"2.0","id":5,"result":{"tools":[]}}`)
	r.hears(`{"jsonrpc":"2.0","id":5,"result":{"tools":[` + ours("wiretape_") + `]}}`)
}

// Before a session is open a target that ends takes the line with it.
func TestATargetThatEndsBeforeItsSessionEndsTheLine(t *testing.T) {
	r, s := newStage(t, nil)
	a := s.actor()
	r.send(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":` + initializeParams + `}`)
	a.expect("initialize")
	a.bye <- Exit{Code: 7}
	if status := <-r.status; status != 7 {
		t.Errorf("exit status %d", status)
	}
}
