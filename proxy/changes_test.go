package proxy

import (
	"slices"
	"strings"
	"testing"

	"wiretape/internal/wire"
)

// reconnects has a legacy session reconnect to a target with other
// capabilities and, if the host has listed tools, another list. It gives the
// result and what the host is told behind it.
func reconnects(r *rig, s *stage, capabilities, list string) (wire.Message, *actor) {
	r.t.Helper()
	r.send(controlLine(`"re"`, "wiretape_connect"))
	b := s.actor()
	b.answer("initialize", handshake(capabilities))
	b.expect("notifications/initialized")
	if list != "" {
		b.answer("tools/list", list)
	}
	m, before := r.answer(`"re"`)
	if len(before) > 0 {
		r.t.Errorf("before the result the host was told %s", before)
	}
	return m, b
}

// MCP 2025-11-25, tools: a server that declared listChanged "SHOULD send a
// notification" when the list changes. So it is sent when a new target has
// another list, and only then.
func TestAToolListThatChangedIsAnnounced(t *testing.T) {
	const changed = `{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}`
	old := `{"name":"a","inputSchema":{}},{"name":"b","inputSchema":{}}`
	for _, c := range []struct{ list, added, removed, changed string }{
		{old, "", "", ""},
		{`{"name":"b","inputSchema":{}},{"name":"a","inputSchema":{}},{"name":"c","inputSchema":{}}`, `["c"]`, "", ""},
		{`{"name":"a","inputSchema":{}}`, "", `["b"]`, ""},
		{`{"name":"a","inputSchema":{}},{"name":"b","inputSchema":{ }}`, "", "", `["b"]`},
		{``, "", `["a","b"]`, ""},
	} {
		r, s := newStage(t, nil)
		a := r.legacy(s, `{"tools":{}}`)
		r.lists(a, `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, old)
		m, b := reconnects(r, s, `{"tools":{}}`, `{"tools":[`+c.list+`]}`)
		tools := wire.Get(structured(t, m), "changes", "tools")
		wantPart(t, tools, c.added, "added")
		wantPart(t, tools, c.removed, "removed")
		wantPart(t, tools, c.changed, "changed")
		if c.list != old {
			r.hears(changed)
		}
		r.hearsOnly(b)
	}
}

// A list of several pages is compared as a whole.
func TestAllPagesOfANewListAreCompared(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	r.send(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)
	a.answer("tools/list", `{"tools":[{"name":"a"}],"nextCursor":"x"}`)
	r.answer("1")
	r.send(`{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{"cursor":"x"}}`)
	a.answer("tools/list", `{"tools":[{"name":"b"}]}`)
	r.answer("2")

	r.send(controlLine("3", "wiretape_connect"))
	b := s.actor()
	b.answer("initialize", handshake(`{"tools":{}}`))
	b.expect("notifications/initialized")
	m := b.answer("tools/list", `{"tools":[],"nextCursor":""}`)
	wantPart(t, m.Params, "", "cursor")
	m = b.answer("tools/list", `{"tools":[{"name":"a"},{"name":"b"}],"nextCursor":null}`)
	wantPart(t, m.Params, `""`, "cursor")
	m, _ = r.answer("3")
	if tools := wire.Get(structured(t, m), "changes", "tools"); string(tools) != `{}` {
		t.Errorf("changes %s", tools)
	}
	r.hearsOnly(b)
}

// A host that never saw a list has nothing that could have changed.
func TestAHostThatNeverListedIsToldNothing(t *testing.T) {
	r, s := newStage(t, nil)
	r.legacy(s, `{"tools":{}}`)
	_, b := reconnects(r, s, `{"tools":{}}`, "")
	r.hearsOnly(b)
}

// If the new list is not to be had, it may be another.
func TestAListThatCannotBeComparedIsAnnounced(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	r.lists(a, `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, named("a"))
	r.send(controlLine("2", "wiretape_connect"))
	b := s.actor()
	b.answer("initialize", handshake(`{"tools":{}}`))
	b.expect("notifications/initialized")
	b.refuse("tools/list", "-32603")
	m, _ := r.answer("2")
	wantContains(t, structured(t, m), "tools/list was refused")
	r.hears(`{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}`)
	r.hearsOnly(b)
}

// Whether tools reach the target is up to what the present one declared: the
// host was told that there may be some in any case.
func TestATargetMayGainAndLoseItsTools(t *testing.T) {
	r, s := newStage(t, nil)
	r.legacy(s, `{"prompts":{}}`)
	r.send(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)
	r.hears(`{"jsonrpc":"2.0","id":1,"result":{"tools":[` + ours("wiretape_") + `]}}`)

	m, b := reconnects(r, s, `{"prompts":{},"tools":{}}`, `{"tools":[`+named("a")+`]}`)
	wantPart(t, structured(t, m), `["a"]`, "changes", "tools", "added")
	wantPart(t, structured(t, m), `["tools added"]`, "changes", "capabilities")
	r.hears(`{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}`)
	m = r.lists(b, `{"jsonrpc":"2.0","id":2,"method":"tools/list"}`, named("a"))
	wantNames(t, names(m), "a"+usual)
	call := controlLine("3", "a")
	r.send(call)
	b.hears(call)
	b.say(`{"jsonrpc":"2.0","id":3,"result":{"content":[]}}`)
	r.answer("3")

	m, c := reconnects(r, s, `{"prompts":{}}`, "")
	wantPart(t, structured(t, m), `["a"]`, "changes", "tools", "removed")
	r.hears(`{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}`)
	r.send(`{"jsonrpc":"2.0","id":4,"method":"tools/list"}`)
	r.hears(`{"jsonrpc":"2.0","id":4,"result":{"tools":[` + ours("wiretape_") + `]}}`)
	r.send(controlLine("5", "a"))
	m, _ = r.answer("5")
	wantError(t, m, "-32602")
	r.hearsOnly(c)
}

// Prompts and resources are not compared: the host is told that they may be
// others, if it was told that they may change.
func TestPromptsAndResourcesAreAnnouncedIfTheyWereDeclared(t *testing.T) {
	for capabilities, want := range map[string][]string{
		`{"tools":{},"prompts":{"listChanged":true},"resources":{"listChanged":true}}`: {"prompts", "resources"},
		`{"tools":{},"prompts":{"listChanged":false},"resources":{"subscribe":true}}`:  nil,
		`{"tools":{},"resources":{"listChanged":true}}`:                                {"resources"},
	} {
		r, s := newStage(t, nil)
		r.legacy(s, capabilities)
		_, b := reconnects(r, s, `{"tools":{},"prompts":{"listChanged":true},"resources":{"listChanged":true}}`, "")
		for _, kind := range want {
			r.hears(`{"jsonrpc":"2.0","method":"notifications/` + kind + `/list_changed"}`)
		}
		r.hearsOnly(b)
	}
}

// MCP 2025-11-25: "only use capabilities that were successfully negotiated". A
// new target does not know what the host was told, so what it sends for more
// than that is kept from the host.
func TestWhatWasNeverDeclaredIsKeptAway(t *testing.T) {
	said := []string{
		`{"jsonrpc":"2.0","method":"notifications/prompts/list_changed"}`,
		`{"jsonrpc":"2.0","method":"notifications/resources/list_changed"}`,
		`{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"a://b"}}`,
		`{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}}`,
		`{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}`,
		`{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}`,
	}
	all := `{"tools":{},"prompts":{"listChanged":true},"resources":{"listChanged":true,"subscribe":true},"logging":{}}`
	for capabilities, kept := range map[string][]int{
		`{"tools":{}}`: {0, 1, 2, 3},
		`{"tools":{},"prompts":{"listChanged":false},"resources":{"listChanged":true}}`: {0, 2, 3},
		`{"logging":{},"resources":{"subscribe":true}}`:                                 {0, 1},
		all: nil,
	} {
		r, s := newStage(t, nil)
		a := r.legacy(s, capabilities)
		// The target that the host knows may say what it likes.
		a.say(said...)
		r.hears(said...)
		r.send(controlLine("1", "wiretape_connect"))
		b := s.actor()
		b.answer("initialize", handshake(all))
		b.expect("notifications/initialized")
		r.answer("1")
		b.say(said...)
		b.say(`{"jsonrpc":"2.0","id":"x","method":"roots/list"}`)
		var want []string
		for _, kind := range []string{"prompts", "resources"} {
			if strings.Contains(capabilities, `"`+kind+`":{"listChanged":true`) {
				want = append(want, `{"jsonrpc":"2.0","method":"notifications/`+kind+`/list_changed"}`)
			}
		}
		for i, line := range said {
			if !slices.Contains(kept, i) {
				want = append(want, line)
			}
		}
		r.hears(append(want, `{"jsonrpc":"2.0","id":"x","method":"roots/list"}`)...)
	}
}

// The host cannot be told of other capabilities, whoever reads the result can.
func TestAConnectTellsWhatElseChanged(t *testing.T) {
	r, s := newStage(t, nil)
	r.legacy(s, `{"tools":{},"prompts":{},"logging":{}}`)
	r.send(controlLine("1", "wiretape_connect"))
	b := s.actor()
	b.answer("initialize", strings.Replace(handshake(`{"tools":{},"resources":{},"logging":{}}`), `"actor"`, `"other"`, 1))
	b.expect("notifications/initialized")
	m, _ := r.answer("1")
	wantPart(t, structured(t, m), `["resources added","prompts removed"]`, "changes", "capabilities")
	wantPart(t, structured(t, m), `true`, "changes", "server_info")
	wantPart(t, structured(t, m), `{"name":"other","version":"1"}`, "connection", "server_info")
}

// Changes are told against the target before, not against the first one.
func TestChangesAreThoseSinceTheLastTarget(t *testing.T) {
	r, s := newStage(t, nil)
	r.legacy(s, `{"tools":{}}`)
	m, _ := reconnects(r, s, `{"tools":{},"prompts":{}}`, "")
	wantPart(t, structured(t, m), `["prompts added"]`, "changes", "capabilities")
	m, _ = reconnects(r, s, `{"tools":{},"prompts":{}}`, "")
	wantPart(t, structured(t, m), ``, "changes", "capabilities")
	wantPart(t, structured(t, m), ``, "changes", "server_info")
}
