package proxy

import (
	"fmt"
	"testing"
)

const (
	usual = " wiretape_connect wiretape_disconnect wiretape_status"
	moved = " wiretape2_connect wiretape2_disconnect wiretape2_status"
	bare  = " connect disconnect status"
)

// named gives tools with these names.
func named(names ...string) string {
	var tools string
	for i, name := range names {
		if i > 0 {
			tools += ","
		}
		tools += `{"name":"` + name + `","inputSchema":{"type":"object"}}`
	}
	return tools
}

// Ours are renamed when a target has a tool of the same name, the target's
// never: a call of it reaches the target.
func TestATargetsToolKeepsItsName(t *testing.T) {
	for _, c := range []struct{ prefix, tool, want string }{
		{"wiretape_", "wiretape_connect", moved},
		{"wiretape_", "wiretape_status", moved},
		{"wiretape_", `wiretape_st\u0061tus`, moved},
		{"wiretape_", "Wiretape_status", usual},
		{"wiretape_", "status", usual},
		{"", "status", usual},
		{"", "other", bare},
		{"tape.", "tape.connect", " tape.2_connect tape.2_disconnect tape.2_status"},
		{"x", "y", " xconnect xdisconnect xstatus"},
	} {
		t.Run(c.prefix+" "+c.tool, func(t *testing.T) {
			r, s := newStage(t, func(p *Proxy) { p.Prefix = c.prefix })
			a := r.legacy(s, `{"tools":{}}`)
			m := r.lists(a, `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, named(c.tool))
			wantNames(t, names(m), text([]byte(`"`+c.tool+`"`))+c.want)
			call := `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"` + c.tool + `"}}`
			r.send(call)
			a.hears(call)
			a.say(`{"jsonrpc":"2.0","id":2,"result":{"content":[]}}`)
			r.hears(`{"jsonrpc":"2.0","id":2,"result":{"content":[]}}`)
		})
	}
}

func wantNames(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("the tools are %s, want %s", got, want)
	}
}

// Even the names that ours would move to may be taken.
func TestOursMoveUntilTheirNamesAreFree(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	m := r.lists(a, `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, named("wiretape_status", "wiretape2_status", "wiretape4_status"))
	wantNames(t, names(m), "wiretape_status wiretape2_status wiretape4_status wiretape3_connect wiretape3_disconnect wiretape3_status")
	m, _ = r.control("2", "wiretape3_status")
	wantPart(t, structured(t, m), "true", "connected")
}

// A name that is taken on a later page is given up, and the host is told that
// the list is another.
func TestANameIsGivenUpForALaterPage(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	r.send(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)
	a.answer("tools/list", `{"tools":[`+named("a")+`],"nextCursor":"2"}`)
	m, _ := r.answer("1")
	wantNames(t, names(m), "a"+usual)
	r.send(`{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{"cursor":"2"}}`)
	a.answer("tools/list", `{"tools":[`+named("wiretape_disconnect")+`]}`)
	m, before := r.answer("2")
	wantNames(t, names(m), "wiretape_disconnect")
	changed := `{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}`
	if len(before) != 1 || before[0] != changed {
		t.Errorf("the host was told %s, want %s", before, changed)
	}
	call := controlLine("3", "wiretape_disconnect")
	r.send(call)
	a.hears(call)
	a.say(`{"jsonrpc":"2.0","id":3,"result":{"content":[]}}`)
	r.hears(`{"jsonrpc":"2.0","id":3,"result":{"content":[]}}`)
	m = r.lists(a, `{"jsonrpc":"2.0","id":4,"method":"tools/list"}`, named("a"))
	wantNames(t, names(m), "a"+moved)
	m, _ = r.control("5", "wiretape2_status")
	wantPart(t, structured(t, m), "true", "connected")
}

// A page of an older list, which is not the one that is kept, counts for names
// too: the host may be looking at it.
func TestANameIsGivenUpForAPageOfAnOlderList(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	for i, next := range []string{"old", "new"} {
		r.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/list"}`, i))
		a.answer("tools/list", `{"tools":[],"nextCursor":"`+next+`"}`)
		r.answer(fmt.Sprint(i))
	}
	r.send(`{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{"cursor":"old"}}`)
	a.answer("tools/list", `{"tools":[`+named("wiretape_status")+`]}`)
	r.answer("2")
	call := controlLine("3", "wiretape_status")
	r.send(call)
	a.hears(call)
}

// The list that brings the new names need not be announced.
func TestAFirstPageThatRenamesIsNotAnnounced(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	r.lists(a, `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, named("a"))
	r.send(`{"jsonrpc":"2.0","id":2,"method":"tools/list"}`)
	a.answer("tools/list", `{"tools":[`+named("wiretape_status")+`]}`)
	m, before := r.answer("2")
	wantNames(t, names(m), "wiretape_status"+moved)
	if len(before) > 0 {
		t.Errorf("the host was told %s", before)
	}
}

// A bare name is a word that any target may use for a tool that it never lists;
// it is ours only when the host was shown it.
func TestABareNameIsNotOursBeforeItWasListed(t *testing.T) {
	r, s := newStage(t, func(p *Proxy) { p.Prefix = "" })
	a := r.legacy(s, `{"tools":{}}`)
	call := controlLine("1", "status")
	r.send(call)
	a.hears(call)
	a.say(`{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Unknown tool"}}`)
	r.answer("1")
	r.lists(a, `{"jsonrpc":"2.0","id":2,"method":"tools/list"}`, named("a"))
	m, _ := r.control("3", "status")
	wantPart(t, structured(t, m), "true", "connected")
}

// A name that only looks like ours is not: names count as a whole, in params.
func TestOnlyTheWholeNameIsOurs(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	for _, params := range []string{
		`{"name":"wiretape_connec"}`, `{"name":"wiretape_connect "}`, `{"name":"wiretape_connect2"}`, `{"name":"WIRETAPE_CONNECT"}`,
		`{"name":"a","arguments":{"name":"wiretape_connect"}}`, `{"name":["wiretape_connect"]}`, `{"Name":"wiretape_connect"}`, `[]`, `null`,
	} {
		line := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":` + params + `}`
		r.send(line)
		a.hears(line)
	}
	for _, method := range []string{"tools/list", "prompts/get", "x"} {
		line := `{"jsonrpc":"2.0","id":1,"method":"` + method + `","params":{"name":"wiretape_connect"}}`
		r.send(line)
		a.hears(line)
	}
	r.send(`{"jsonrpc":"2.0","method":"tools/call","params":{"name":"wiretape_disconnect"}}`)
	a.hears(`{"jsonrpc":"2.0","method":"tools/call","params":{"name":"wiretape_disconnect"}}`)
	r.send(`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"wiretape_\u0073tatus"}}`)
	m, _ := r.answer("2")
	wantPart(t, structured(t, m), "true", "connected")
}

// A new target may have taken our names as well.
func TestOursMoveForANewTarget(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	r.lists(a, `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, named("a"))
	r.send(controlLine("2", "wiretape_connect"))
	b := s.actor()
	b.answer("initialize", handshake(`{"tools":{}}`))
	b.expect("notifications/initialized")
	b.answer("tools/list", `{"tools":[`+named("wiretape_connect")+`]}`)
	m, _ := r.answer("2")
	wantPart(t, structured(t, m), `["wiretape_connect"]`, "changes", "tools", "added")
	r.hears(`{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}`)
	call := controlLine("3", "wiretape_connect")
	r.send(call)
	b.hears(call)
	b.say(`{"jsonrpc":"2.0","id":3,"result":{"content":[]}}`)
	r.answer("3")
	r.control("4", "wiretape2_disconnect")
	m, _ = r.control("5", "wiretape2_status")
	wantPart(t, structured(t, m), "false", "connected")
	wantContains(t, m.Result, "Call wiretape2_connect")
}
