package proxy

import (
	"strings"
	"testing"
)

// batching opens a session of 2025-03-26, which has batches.
func batching(r *rig, s *stage) *actor {
	a := s.actor()
	r.send(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{},"clientInfo":{"name":"h","version":"1"}}}`)
	a.answer("initialize", strings.Replace(handshake(`{"tools":{}}`), "2025-11-25", "2025-03-26", 1))
	r.answer("0")
	return a
}

// MCP 2025-03-26: batches must be received. They pass as they are.
func TestABatchPassesWhole(t *testing.T) {
	r, s := newStage(t, nil)
	a := batching(r, s)
	for _, batch := range []string{
		`[ {"jsonrpc":"2.0","id":1,"method":"a"} , {"method":"b","id":"1","jsonrpc":"2.0"},{"jsonrpc":"2.0","method":"n"} ]` + "\r",
		`[]`, `[1,[],"x"]`, `[{"jsonrpc":"2.0","id":2,"method":"tools/list"},{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"a"}}]`,
	} {
		r.send(batch)
		a.hears(batch)
	}
	reply := `[ {"jsonrpc":"2.0","id":"1","result":{"tools":[ ]}} ,{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}]`
	a.say(reply)
	r.hears(reply)
	// Only the list among them is changed, in its place.
	a.say(`[ {"jsonrpc":"2.0","id":3,"result":{"tools":[]}}, {"id":2, "result" : {"tools":[{"name":"a"}]}} ] `)
	r.hears(`[ {"jsonrpc":"2.0","id":3,"result":{"tools":[]}}, {"id":2, "result" : {"tools":[{"name":"a"},` + ours("wiretape_") + `]}} ] `)
}

// What is for us is taken out of a batch and answered by a line of its own.
func TestAControlCallInABatch(t *testing.T) {
	r, s := newStage(t, nil)
	a := batching(r, s)
	call := `{"jsonrpc":"2.0","id":9.0,"method":"tools/call","params":{"name":"wiretape_status"}}`
	r.send(`[ {"jsonrpc":"2.0","id":1,"method":"x"} , ` + call + `,{"jsonrpc":"2.0","id":2.0,"method":"y"} ]`)
	a.hears(`[{"jsonrpc":"2.0","id":1,"method":"x"},{"jsonrpc":"2.0","id":2.0,"method":"y"}]`)
	m, _ := r.answer("9.0")
	wantPart(t, structured(t, m), "true", "connected")
	a.say(`[{"jsonrpc":"2.0","id":2.0,"result":{}},{"jsonrpc":"2.0","id":1,"result":{}}]`)
	r.hears(`[{"jsonrpc":"2.0","id":2.0,"result":{}},{"jsonrpc":"2.0","id":1,"result":{}}]`)

	r.send(`[` + call + `]`)
	r.answer("9.0")
	r.hearsOnly(a)
}

// What a batch says counts as if each had come alone.
func TestABatchIsHeeded(t *testing.T) {
	r, s := newStage(t, nil)
	a := batching(r, s)
	batch := `[{"jsonrpc":"2.0","method":"notifications/initialized"},{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"error"}},` +
		`{"jsonrpc":"2.0","id":2,"method":"x"},{"jsonrpc":"2.0","id":3,"method":"x"},{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}]`
	r.send(batch)
	a.hears(batch)
	a.say(`[{"jsonrpc":"2.0","id":1,"result":{}}]`)
	r.next()
	ask := `[{"jsonrpc":"2.0","id":0,"method":"roots/list"},{"jsonrpc":"2.0","id":1,"method":"roots/list"}]`
	a.say(ask)
	r.hears(ask)
	answer := `[{"jsonrpc":"2.0","id":0,"result":{}}]`
	r.send(answer)
	a.hears(answer)

	_, before := r.control("9", "wiretape_disconnect")
	if got := strings.Join(before, ""); len(before) != 2 || !strings.Contains(before[0], `"id":3,`) || !strings.Contains(got, `"requestId":1,`) {
		t.Errorf("the host was told %s", before)
	}
	r.send(controlLine("10", "wiretape_connect"))
	b := s.actor()
	b.answer("initialize", strings.Replace(handshake(`{"tools":{}}`), "2025-11-25", "2025-03-26", 1))
	b.expect("notifications/initialized")
	b.answer("logging/setLevel", `{}`)
	r.answer("10")
	// A late answer in a batch is for nobody, either.
	r.send(`[{"jsonrpc":"2.0","id":1,"result":{"roots":[]}},{"jsonrpc":"2.0","id":4,"method":"x"}]`)
	b.hears(`[{"jsonrpc":"2.0","id":4,"method":"x"}]`)
}

func TestABatchWhileDisconnected(t *testing.T) {
	r, s := newStage(t, nil)
	batching(r, s)
	r.control("1", "wiretape_disconnect")
	r.send(`[{"jsonrpc":"2.0","id":2,"method":"ping"},{"jsonrpc":"2.0","method":"notifications/initialized"},{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"a"}},7]`)
	r.hears(`{"jsonrpc":"2.0","id":2,"result":{}}`)
	m, _ := r.answer("3")
	if !isError(m) {
		t.Errorf("%s%s", m.Result, m.Error)
	}
}
