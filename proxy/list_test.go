package proxy

import (
	"fmt"
	"strings"
	"testing"

	"wiretape/internal/wire"
)

// ours are the control tools as a list has them.
func ours(prefix string) string {
	return string((&catalog{prefix: prefix}).definitions())
}

// The answers to a tools/list, OURS standing where the control tools do.
var lists = map[string]struct{ params, said, heard string }{
	"no params":         {``, `{"tools":[{"name":"a"}]}`, `{"tools":[{"name":"a"},OURS]}`},
	"no cursor":         {`"params":{"_meta":{"cursor":"1"}},`, `{"tools":[{"name":"a"}]}`, `{"tools":[{"name":"a"},OURS]}`},
	"null cursor":       {`"params":{"cursor":null},`, `{"tools":[{"name":"a"}]}`, `{"tools":[{"name":"a"},OURS]}`},
	"empty cursor":      {`"params":{"cursor":""},`, `{"tools":[{"name":"a"}],"ttlMs":9}`, `{"tools":[{"name":"a"}],"ttlMs":9}`},
	"a cursor":          {`"params":{"cursor":"2"},`, `{"tools":[],"nextCursor":"3"}`, `{"tools":[],"nextCursor":"3"}`},
	"an empty list":     {``, `{"tools":[]}`, `{"tools":[OURS]}`},
	"a further page":    {``, `{"nextCursor":"","tools":[{"name":"a"}]}`, `{"nextCursor":"","tools":[{"name":"a"},OURS]}`},
	"a time to live":    {``, `{"tools":[{}],"ttlMs":60000,"cacheScope":"public","x":1.0}`, `{"tools":[{},OURS],"ttlMs":0,"cacheScope":"public","x":1.0}`},
	"modern":            {`"params":{"_meta":{` + modernMeta + `}},`, `{"ttlMs" : 1e3,"resultType":"complete","tools":[],"cacheScope":"private"}`, `{"ttlMs" : 0,"resultType":"complete","tools":[OURS],"cacheScope":"private"}`},
	"duplicates":        {``, `{"tools":[{"name":"a"},{"name":"a"},{"name":"greet (structured)"}]}`, `{"tools":[{"name":"a"},{"name":"a"},{"name":"greet (structured)"},OURS]}`},
	"spelling":          {``, `{"tools":[ {"name":"\u0061","n":1.50,"big":9007199254740993,"s":"\ud800<&>"} ]}`, `{"tools":[ {"name":"\u0061","n":1.50,"big":9007199254740993,"s":"\ud800<&>"},OURS ]}`},
	"nothing that fits": {``, `{"tools":{"a":1}}`, `{"tools":{"a":1}}`},
	"no tools member":   {``, `{}`, `{}`},
}

// Ours stand behind the target's tools on the page that answers a request
// without cursor, and nothing else of any page changes.
//
// MCP 2026-07-28, pagination: "" is a cursor; only absent and null are not.
func TestTheControlToolsStandOnTheFirstPage(t *testing.T) {
	for name, l := range lists {
		t.Run(name, func(t *testing.T) {
			r, s := newStage(t, nil)
			a := r.legacy(s, `{"tools":{}}`)
			request := `{"jsonrpc":"2.0","id":1,` + l.params + `"method":"tools/list"}`
			r.send(request)
			a.hears(request)
			a.say(`{"jsonrpc":"2.0","id":1,"result":` + l.said + `}`)
			r.hears(`{"jsonrpc":"2.0","id":1,"result":` + strings.Replace(l.heard, "OURS", ours("wiretape_"), 1) + `}`)
		})
	}
}

// Ids are raw bytes: 1, "1", 1.0 and 9007199254740993 are four requests, and
// each answer goes to its own, in whatever order they come.
func TestAListIsFoundByItsRawId(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	ids := []string{`1`, `"1"`, `1.0`, `9007199254740993`, `9007199254740992`, `"\u0031"`, `null`}
	lists := map[string]bool{`"1"`: true, `9007199254740993`: true}
	for _, id := range ids {
		method := "x/list"
		if lists[id] {
			method = "tools/list"
		}
		r.send(`{"jsonrpc":"2.0","id":` + id + `,"method":"` + method + `"}`)
		a.next()
	}
	for i := len(ids) - 1; i >= 0; i-- {
		a.say(`{"jsonrpc":"2.0","id":` + ids[i] + `,"result":{"tools":[]}}`)
		want := `{"jsonrpc":"2.0","id":` + ids[i] + `,"result":{"tools":[]}}`
		if lists[ids[i]] {
			want = strings.Replace(want, "[]", "["+ours("wiretape_")+"]", 1)
		}
		r.hears(want)
	}
}

// The id may stand behind the result, and the line come in small pieces.
func TestAListIsFoundWithItsIdLast(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	r.send(`{"jsonrpc":"2.0","id":5,"method":"tools/list"}`)
	a.next()
	tool := `{"name":"a","inputSchema":{"type":"object","id":6}}`
	line := `{"result":{"id":7,"tools":[` + tool + `]},"jsonrpc":"2.0","id":5}` + "\r\n"
	for _, c := range []byte(line) {
		if _, err := a.out.Write([]byte{c}); err != nil {
			t.Fatal(err)
		}
	}
	r.hears(`{"result":{"id":7,"tools":[` + tool + `,` + ours("wiretape_") + `]},"jsonrpc":"2.0","id":5}` + "\r")
}

func TestAListErrorPassesAsItIs(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	for _, answer := range []string{
		`{"jsonrpc":"2.0","id":5,"error":{"code":-32603,"message":"no","data":{"a":1.0}}}`,
		`{"jsonrpc":"2.0","id":5,"error":{"code":-32601,"message":"said with a cursor"}}`,
	} {
		r.send(`{"jsonrpc":"2.0","id":5,"method":"tools/list","params":{"cursor":"x"}}`)
		a.next()
		a.say(answer)
		r.hears(answer)
	}
}

// MCP: a host must not use a capability that was not declared, so tools/list
// and tools/call never reach a target that declared no tools. Its list is ours,
// and any other tool is unknown.
func TestATargetWithoutToolsIsNeverAskedForAny(t *testing.T) {
	t.Run("legacy", func(t *testing.T) {
		r, s := newStage(t, nil)
		a := r.legacy(s, `{"prompts":{}}`)
		withoutTools(r, a, func(id, method, members string) string {
			return `{"jsonrpc":"2.0","id":` + id + `,"method":"` + method + `","params":{` + strings.TrimSuffix(members, ",") + `}}`
		}, `{"tools":[`+ours("wiretape_")+`]}`)
	})
	t.Run("modern", func(t *testing.T) {
		r, s := newStage(t, nil)
		a := r.modern(s, `{"prompts":{}}`)
		withoutTools(r, a, modernLine, `{"tools":[`+ours("wiretape_")+`],"ttlMs":0,"cacheScope":"private","resultType":"complete",`+
			`"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"actor","version":"1"}}}`)
	})
}

func withoutTools(r *rig, a *actor, line func(id, method, members string) string, list string) {
	r.t.Helper()
	r.send(line("1", "tools/list", ""))
	r.hears(`{"jsonrpc":"2.0","id":1,"result":` + list + `}`)
	r.send(line("2", "tools/call", `"name":"foreign",`))
	m, _ := r.answer("2")
	wantError(r.t, m, "-32602")
	r.send(line("3", "tools/list", `"cursor":"x",`))
	m, _ = r.answer("3")
	wantError(r.t, m, "-32602")
	r.send(line("4", "tools/call", `"name":"wiretape_status",`))
	m, _ = r.answer("4")
	wantPart(r.t, structured(r.t, m), "true", "connected")
	r.hearsOnly(a)
}

// A modern host need not ask server/discover, so it takes the target's own
// -32601 to know that there are no tools. From then on a call of any is answered
// as where the target said so at once.
func TestATargetThatKnowsNoToolsListGetsOne(t *testing.T) {
	r, s := newStage(t, nil)
	a := s.actor()
	r.send(modernLine("1", "tools/list", ""))
	a.refuse("tools/list", "-32601")
	r.hears(`{"jsonrpc":"2.0","id":1,"result":{"tools":[` + ours("wiretape_") + `],"ttlMs":0,"cacheScope":"private","resultType":"complete"}}`)
	r.send(modernLine("2", "tools/call", `"name":"foreign",`))
	m, _ := r.answer("2")
	wantError(t, m, "-32602")
	r.send(modernLine("3", "tools/call", `"name":"wiretape_status",`))
	m, _ = r.answer("3")
	wantPart(t, structured(t, m), "true", "connected")
	r.hearsOnly(a)
}

// The list of tools is the same each time it is asked for, word for word.
func TestTheListIsTheSameEachTime(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	var first string
	for i := range 3 {
		m := r.lists(a, fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/list"}`, i), `{"name":"a"}`)
		if first == "" {
			first = string(m.Result)
		}
		if string(m.Result) != first {
			t.Errorf("it was %s, now it is %s", first, m.Result)
		}
		r.control(fmt.Sprint(i+10), "wiretape_status")
	}
}

// While nothing is connected there is one page, with all that was seen of all.
func TestOnePageHasAllKnownTools(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	for i, page := range []struct{ params, result string }{
		{`{}`, `{"nextCursor":"p2","tools":[{"name":"a"}],"ttlMs":9000,"x":[1.0]}`},
		{`{"cursor":"p2"}`, `{"tools":[{"name":"b"}],"nextCursor":"p3"}`},
		{`{"cursor":"p3"}`, `{"tools":[{"name":"c"}]}`},
	} {
		r.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/list","params":%s}`, i+1, page.params))
		a.answer("tools/list", page.result)
		r.answer(fmt.Sprint(i + 1))
	}
	r.control("10", "wiretape_disconnect")
	r.send(`{"jsonrpc":"2.0","id":11,"method":"tools/list"}`)
	r.hears(`{"jsonrpc":"2.0","id":11,"result":{"tools":[{"name":"a"},{"name":"b"},{"name":"c"},` + ours("wiretape_") + `],"ttlMs":0,"x":[1.0]}}`)
	r.send(`{"jsonrpc":"2.0","id":12,"method":"tools/list","params":{"cursor":"p2"}}`)
	m, _ := r.answer("12")
	wantError(t, m, "-32602")
}

func names(m wire.Message) string {
	return strings.Join(toolNames(wire.Get(m.Result, "tools")), " ")
}
