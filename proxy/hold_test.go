package proxy

import (
	"testing"

	"wiretape/internal/wire"
)

// Each line is for the target of the connect that it stands behind.
func TestLinesBetweenTwoConnectsAreForTheFirstOfThem(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	lines := []string{`{"jsonrpc":"2.0","id":"x","method":"x"}`, `{"jsonrpc":"2.0","id":"y","method":"y"}`}
	r.send(controlLine("1", "wiretape_connect") + "\n" + lines[0] + "\n" + controlLine("2", "wiretape_connect") + "\n" + lines[1])
	a.hearsNoMore()
	for i, id := range []string{"1", "2"} {
		b := s.actor()
		b.answer("initialize", handshake(`{"tools":{}}`))
		b.expect("notifications/initialized")
		m, _ := r.answer(id)
		wantPart(t, structured(t, m), "true", "success")
		b.hears(lines[i])
		if i == 0 {
			// The second connect closes what the first target left open.
			m, _ := r.answer(`"x"`)
			wantError(t, m, "-32603")
			b.hearsNoMore()
		}
	}
}

// A connect that is cancelled while it waits holds nothing back.
func TestAConnectThatIsNotCarriedOutHoldsNothing(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	r.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wiretape_connect","arguments":{"to":"b"}}}`)
	m, _ := r.answer("1")
	if !isError(m) {
		t.Errorf("%s", m.Result)
	}
	r.hearsOnly(a)
	r.send(`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"wiretape_connect","task":{}}}`)
	m, _ = r.answer("2")
	wantError(t, m, "-32601")
	r.hearsOnly(a)
}

// What was asked of the old target can still be cancelled there.
func TestACancelDoesNotWaitForAConnect(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	a.busy = make(chan struct{})
	for _, id := range []string{"1", "2"} {
		r.send(`{"jsonrpc":"2.0","id":` + id + `,"method":"tools/call","params":{"name":"a"}}`)
		a.expect("tools/call")
	}
	r.send(controlLine("3", "wiretape_connect"))
	a.hearsNoMore()
	r.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`)
	r.send(`{"jsonrpc":"2.0","id":4,"method":"ping"}`)
	r.hears(`{"jsonrpc":"2.0","id":4,"result":{}}`)
	close(a.busy)
	b := s.actor()
	b.answer("initialize", handshake(`{"tools":{}}`))
	b.expect("notifications/initialized")
	_, before := r.answer("3")
	if len(before) != 1 || string(wire.Parse([]byte(before[0])).ID) != "2" {
		t.Errorf("the host was told %s", before)
	}
	r.hearsOnly(b)
}

// A host that asks for a disconnect before its session is open gets the answer
// that it still waits for, and no session.
func TestAHandshakeUnderWayIsClosed(t *testing.T) {
	r, s := newStage(t, nil)
	a := s.actor()
	r.send(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":` + initializeParams + `}`)
	a.expect("initialize")
	r.send(controlLine("1", "wiretape_disconnect"))
	m, _ := r.answer("0")
	wantError(t, m, "-32603")
	r.answer("1")
	r.send(controlLine("2", "wiretape_connect"))
	b := s.actor()
	r.answer("2")
	r.hearsOnly(b)
}
