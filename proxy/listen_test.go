package proxy

import (
	"strings"
	"testing"

	"wiretape/internal/wire"
)

const subscriptionKey = `"io.modelcontextprotocol/subscriptionId":`

// listenLine is a subscriptions/listen with this filter.
func listenLine(id, filter string) string {
	return modernLine(id, "subscriptions/listen", `"notifications":`+filter+`,`)
}

// acked is an acknowledgement as a target gives it.
func acked(id, filter string) string {
	return `{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"_meta":{` + subscriptionKey + id + `},"notifications":` + filter + `}}`
}

// ended is what ends a subscription at the host.
func ended(id string) []string {
	return []string{
		`{"jsonrpc":"2.0","id":` + id + `,"result":{"resultType":"complete","_meta":{` + subscriptionKey + id + `}}}`,
		`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":` + id + `,"reason":"the server changed; subscribe again"}}`,
	}
}

func changedOn(id string) string {
	return `{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{"_meta":{` + subscriptionKey + id + `}}}`
}

// listens has the host subscribe and the target grant what it wants to.
func (r *rig) listens(a *actor, id, asked, granted, heard string) {
	r.t.Helper()
	r.send(listenLine(id, asked))
	a.hears(listenLine(id, asked))
	a.say(acked(id, granted))
	r.hears(acked(id, heard))
}

// MCP 2026-07-28, subscriptions: the acknowledgement lists "the subset" that
// the server honours. News of the tool list is what we can give as well.
func TestAnAcknowledgementPromisesTheToolsThatWereAskedFor(t *testing.T) {
	for _, c := range []struct{ asked, granted, heard string }{
		{`{"toolsListChanged":true}`, `{}`, `{"toolsListChanged":true}`},
		{`{"toolsListChanged":true,"x":1}`, `{ "x" : 1.0 }`, `{ "x" : 1.0,"toolsListChanged":true }`},
		{`{"toolsListChanged":true}`, `{"toolsListChanged":false}`, `{"toolsListChanged":true}`},
		{`{"toolsListChanged":true}`, `{"toolsListChanged" : true}`, `{"toolsListChanged" : true}`},
		{`{"toolsListChanged":false}`, `{}`, `{}`},
		{`{"promptsListChanged":true}`, `{"promptsListChanged":true}`, `{"promptsListChanged":true}`},
		{`{}`, `{ }`, `{ }`},
	} {
		r, s := newStage(t, nil)
		a := r.modern(s, `{"tools":{}}`)
		r.listens(a, `"L1"`, c.asked, c.granted, c.heard)
		r.hearsOnly(a)
	}
}

// A target that does not know subscriptions leaves them to us, as far as we
// have something to tell.
func TestAListenThatTheTargetDoesNotKnowIsOurs(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.modern(s, `{"tools":{}}`)
	r.lists(a, modernLine("1", "tools/list", ""), named("a"))
	r.send(listenLine("7", `{"toolsListChanged":true,"promptsListChanged":true}`))
	a.refuse("subscriptions/listen", "-32601")
	r.hears(acked("7", `{"toolsListChanged":true}`))
	for filter, code := range map[string]string{`{"promptsListChanged":true}`: "-32601", `{"toolsListChanged":true}`: "-32602"} {
		r.send(listenLine("8", filter))
		a.refuse("subscriptions/listen", code)
		m, before := r.answer("8")
		wantError(t, m, code)
		if len(before) > 0 {
			t.Errorf("the host was told %s", before)
		}
	}
	// The target knows nothing of it, so it does not hear of its end.
	r.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}`)
	r.hearsOnly(a)
}

// A subscription outlives its target: the next one gets the same request, with
// the same id, and what it acknowledges is not told twice. It gets nothing that
// the modern era does not have.
//
// MCP 2026-07-28, subscriptions: after a reconnect the client "MUST" send it again.
func TestANewTargetGetsTheListensAgain(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.modern(s, `{"tools":{},"prompts":{"listChanged":true}}`)
	filter := `{"toolsListChanged":true,"promptsListChanged":true,"resourceSubscriptions":["a://1","a://2"]}`
	r.listens(a, `"L1"`, filter, filter, filter)
	r.listens(a, `7`, `{"toolsListChanged":true}`, `{"toolsListChanged":true}`, `{"toolsListChanged":true}`)
	r.listens(a, `"7"`, `{"promptsListChanged":true}`, `{}`, `{}`)

	r.send(controlLine("1", "wiretape_connect"))
	a.hearsNoMore()
	b := s.actor()
	b.answer("server/discover", discovery(`{"tools":{},"prompts":{"listChanged":true}}`))
	b.hears(listenLine(`"L1"`, filter))
	b.hears(listenLine(`7`, `{"toolsListChanged":true}`))
	b.hears(listenLine(`"7"`, `{"promptsListChanged":true}`))
	m, before := r.answer("1")
	wantPart(t, structured(t, m), "true", "success")
	if len(before) > 0 {
		t.Errorf("the host was told %s", before)
	}
	// Prompts may be others; who asked for news of them is told.
	r.hears(strings.Replace(changedOn(`"L1"`), "tools", "prompts", 1))
	b.say(acked(`7`, `{}`), acked(`"L1"`, strings.Replace(filter, `["a://1","a://2"]`, `["a://2","a://3","a://1"]`, 1)), acked(`"7"`, `{}`))
	for _, said := range []string{changedOn(`7`), changedOn(`"L1"`)} {
		b.say(said)
		r.hears(said)
	}
	r.hearsOnly(b)
	cancel := `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}`
	r.send(cancel)
	b.hears(cancel)
	over := `{"jsonrpc":"2.0","id":"L1","result":{"resultType":"complete","theirs":1.0}}`
	b.say(over)
	r.hears(over)
	r.hearsOnly(b)
}

// What a new target grants less ends the subscription, at both sides.
func TestAListenThatIsGrantedLessEnds(t *testing.T) {
	for _, less := range []string{`{}`, `{"promptsListChanged":false}`, `{"promptsListChanged":true,"resourceSubscriptions":["a://1"]}`, `{"promptsListChanged":true}`} {
		r, s := newStage(t, nil)
		a := r.modern(s, `{"tools":{}}`)
		filter := `{"promptsListChanged":true,"resourceSubscriptions":["a://1","a://2"]}`
		r.listens(a, `"L1"`, filter, filter, filter)
		r.send(controlLine("1", "wiretape_connect"))
		b := s.actor()
		b.answer("server/discover", discovery(`{"tools":{}}`))
		b.expect("subscriptions/listen")
		r.answer("1")
		if line := r.next(); !strings.Contains(line, "prompts/list_changed") {
			t.Errorf("the host hears %s", line)
		}
		b.say(acked(`"L1"`, less))
		r.hears(ended(`"L1"`)...)
		m := b.expect("notifications/cancelled")
		wantPart(t, m.Params, `"L1"`, "requestId")
		r.hearsOnly(b)
	}
}

// A new target that refuses the subscription ends it gracefully.
func TestAListenThatIsRefusedByTheNextTargetEnds(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.modern(s, `{"tools":{}}`)
	r.listens(a, `7`, `{"toolsListChanged":true}`, `{"toolsListChanged":true}`, `{"toolsListChanged":true}`)
	r.send(controlLine("1", "wiretape_connect"))
	b := s.actor()
	b.answer("server/discover", discovery(`{"tools":{}}`))
	b.refuse("subscriptions/listen", "-32601")
	_, before := r.answer("1")
	// The refusal may come before the result.
	for len(before) < 2 {
		before = append(before, r.next())
	}
	if got, want := strings.Join(before, "\n"), strings.Join(ended("7"), "\n"); got != want {
		t.Errorf("the host hears %s\nwant %s", got, want)
	}
	r.hearsOnly(b)
}

// A target that changed its list is told of on the subscriptions that asked for
// it, with their ids as they were spelled, and nowhere else.
func TestAChangedListIsToldOnTheListensThatAsked(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.modern(s, `{"tools":{}}`)
	r.lists(a, modernLine("1", "tools/list", ""), named("a"))
	r.listens(a, `"L1"`, `{"toolsListChanged":true}`, `{}`, `{"toolsListChanged":true}`)
	r.listens(a, `7`, `{"toolsListChanged":true}`, `{"toolsListChanged":true}`, `{"toolsListChanged":true}`)
	r.listens(a, `8`, `{"x":true}`, `{"x":true}`, `{"x":true}`)
	r.send(controlLine("2", "wiretape_connect"))
	b := s.actor()
	b.answer("server/discover", discovery(`{"tools":{}}`))
	m := b.answer("tools/list", `{"resultType":"complete","tools":[`+named("b")+`],"ttlMs":1,"cacheScope":"public"}`)
	wantPart(t, m.Params, `"2026-07-28"`, "_meta", "io.modelcontextprotocol/protocolVersion")
	for range 3 {
		b.expect("subscriptions/listen")
	}
	m, before := r.answer("2")
	wantPart(t, structured(t, m), `["b"]`, "changes", "tools", "added")
	if len(before) > 0 {
		t.Errorf("the host was told %s", before)
	}
	first, second := r.next(), r.next()
	if first == changedOn("7") {
		first, second = second, first
	}
	if first != changedOn(`"L1"`) || second != changedOn("7") {
		t.Errorf("the host hears %s and %s", first, second)
	}
	r.hearsOnly(b)
}

// The host asked for a subscription that its target never acknowledged: the
// acknowledgement of the next one is the first, and the host gets it.
func TestAListenThatWasNeverAcknowledged(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.modern(s, `{"tools":{}}`)
	r.send(listenLine("7", `{"toolsListChanged":true}`))
	a.expect("subscriptions/listen")
	r.send(controlLine("1", "wiretape_connect"))
	b := s.actor()
	b.answer("server/discover", discovery(`{"tools":{}}`))
	b.hears(listenLine("7", `{"toolsListChanged":true}`))
	r.answer("1")
	b.say(acked("7", `{}`))
	r.hears(acked("7", `{"toolsListChanged":true}`))
	r.hearsOnly(b)
}

// The host cancels a subscription before the new target has acknowledged it: it
// does not hear of it any more. One of the same id that it asks for then is
// acknowledged.
func TestAListenCancelledBeforeItIsAcknowledgedAgain(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.modern(s, `{"tools":{}}`)
	r.listens(a, `7`, `{"toolsListChanged":true}`, `{"toolsListChanged":true}`, `{"toolsListChanged":true}`)
	r.send(controlLine("1", "wiretape_connect"))
	a.hearsNoMore()
	b := s.actor()
	b.answer("server/discover", discovery(`{"tools":{}}`))
	b.hears(listenLine(`7`, `{"toolsListChanged":true}`))
	r.answer("1")
	cancel := `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}`
	r.send(cancel)
	b.hears(cancel)
	b.say(acked(`7`, `{}`))
	r.hearsOnly(b)
	r.listens(b, `7`, `{"toolsListChanged":true}`, `{"toolsListChanged":true}`, `{"toolsListChanged":true}`)
}

// While nothing is connected a subscription gets what we can give, and ends
// when there is more to be had: an acknowledgement cannot be widened.
func TestAListenWhileDisconnected(t *testing.T) {
	r, s := newStage(t, nil)
	r.modern(s, `{"tools":{}}`)
	r.control("1", "wiretape_disconnect")
	r.send(listenLine(`"L2"`, `{"toolsListChanged":true,"promptsListChanged":true}`))
	r.hears(acked(`"L2"`, `{"toolsListChanged":true}`))
	r.send(listenLine(`9`, `{"promptsListChanged":true}`))
	r.hears(acked(`9`, `{}`))
	r.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":9}}`)
	r.send(controlLine("2", "wiretape_connect"))
	b := s.actor()
	b.answer("server/discover", discovery(`{"tools":{}}`))
	_, before := r.answer("2")
	if len(before) > 0 {
		t.Errorf("the host was told %s", before)
	}
	r.hears(ended(`"L2"`)...)
	r.hearsOnly(b)
}

// A subscription that the target itself ends is over.
func TestAListenThatTheTargetEndsIsOver(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.modern(s, `{"tools":{}}`)
	for _, id := range []string{"7", "8"} {
		r.listens(a, id, `{"toolsListChanged":true}`, `{"toolsListChanged":true}`, `{"toolsListChanged":true}`)
	}
	over := []string{
		`{"jsonrpc":"2.0","id":7,"result":{"resultType":"complete","_meta":{` + subscriptionKey + `7}}}`,
		`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":8}}`,
	}
	a.say(over...)
	r.hears(over...)
	r.send(controlLine("1", "wiretape_connect"))
	b := s.actor()
	b.answer("server/discover", discovery(`{"tools":{}}`))
	r.answer("1")
	r.hearsOnly(b)
}

// server/discover is asked with what the host says of itself, but without what
// would have the target tell the host about a request that is not its own.
func TestAModernReconnectAsksOnlyForTheVersion(t *testing.T) {
	r, s := newStage(t, nil)
	r.modern(s, `{"tools":{}}`)
	r.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wiretape_status","_meta":{` + modernMeta + `}}}`)
	r.answer("1")
	r.send(`{"jsonrpc":"2.0","id":2,"method":"x/y","params":{"_meta":{"progressToken":5,` + modernMeta + `,"io.modelcontextprotocol/logLevel":"debug","traceparent":"00-1"}}}`)
	r.control("3", "wiretape_disconnect")
	r.send(controlLine("4", "wiretape_connect"))
	b := s.actor()
	m := b.answer("server/discover", discovery(`{"tools":{}}`))
	if want := `{"_meta":{` + modernMeta + `,"traceparent":"00-1"}}`; string(m.Params) != want {
		t.Errorf("params %s, want %s", m.Params, want)
	}
	r.answer("4")
	r.hearsOnly(b)
}

// A target that no longer speaks the host's version cannot take over.
func TestAModernReconnectIsRefusedForAnotherVersion(t *testing.T) {
	for kind, answer := range map[string]string{
		"version_mismatch":  `"result":` + strings.Replace(discovery(`{}`), "2026-07-28", "2027-01-01", 1),
		"version_mismatch ": `"error":{"code":-32022,"message":"Unsupported protocol version","data":{"supported":["2027-01-01"],"requested":"2026-07-28"}}`,
		"refused":           `"error":{"code":-32601,"message":"Method not found"}`,
	} {
		r, s := newStage(t, nil)
		r.modern(s, `{"tools":{}}`)
		r.send(controlLine("1", "wiretape_connect"))
		b := s.actor()
		m := b.expect("server/discover")
		b.say(`{"jsonrpc":"2.0","id":` + string(m.ID) + `,` + answer + `}`)
		b.hearsNoMore()
		m, _ = r.answer("1")
		kind = strings.TrimSpace(kind)
		if !isError(m) {
			t.Errorf("%s", m.Result)
		}
		wantPart(t, structured(t, m), `"`+kind+`"`, "error", "error_type")
		if kind == "version_mismatch" {
			wantContains(t, wire.Get(structured(t, m), "error", "message"), "2026-07-28", "2027-01-01")
		}
		wantPart(t, structured(t, r.call("wiretape_status", `{}`)), "false", "connected")
	}
}
