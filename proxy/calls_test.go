package proxy

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"wiretape/internal/wire"
)

// The id of a control call goes back as it came.
func TestAControlCallKeepsItsId(t *testing.T) {
	for _, id := range []string{`1`, `"1"`, `1.0`, `9007199254740993`, `"\u00e9\n"`, `-0`, `1e2`} {
		for _, line := range []string{
			`{"jsonrpc":"2.0","id":` + id + `,"method":"tools/call","params":{"name":"wiretape_status"}}`,
			`{"params":{"name":"wiretape_status"}, "method":"tools/call", "id" : ` + id + ` ,"jsonrpc":"2.0"}` + "\r",
		} {
			r, s := newStage(t, nil)
			r.legacy(s, `{"tools":{}}`)
			r.send(line)
			if got := r.next(); !strings.HasPrefix(got, `{"jsonrpc":"2.0","id":`+id+`,"result":{`) {
				t.Errorf("id %s: %s", id, got)
			}
		}
	}
}

func TestArgumentsOfControlTools(t *testing.T) {
	r, s := newStage(t, nil)
	r.legacy(s, `{"tools":{}}`)
	for _, good := range []string{``, `,"arguments":{}`, `,"arguments":null`, `,"arguments":{ }`, `,"arguments":{},"_meta":{}`, `,"unknown":1`} {
		m := r.ask("tools/call", `{"name":"wiretape_status"`+good+`}`)
		if isError(m) || m.Result == nil {
			t.Errorf("%s: %s%s", good, m.Result, m.Error)
		}
	}
	// MCP, SEP-1303: what is wrong with arguments is said in a result, so
	// that the model sees it.
	for bad, want := range map[string]string{
		`{"force":true}`: `force`, `{"\u0061":1,"b":2}`: `a`, `[]`: `[]`, `"x"`: `x`, `7`: `7`, `false`: `false`,
	} {
		for _, tool := range []string{"connect", "disconnect", "status"} {
			m := r.call("wiretape_"+tool, bad)
			if said := content(t, m); !isError(m) || !strings.Contains(said, want) || !strings.Contains(said, tool) {
				t.Errorf("%s %s: %s%s", tool, bad, m.Result, m.Error)
			}
		}
	}
	m := r.call("wiretape_status", `{}`)
	wantPart(t, structured(t, m), "true", "connected")
}

// content gives the text of a result.
func content(t *testing.T, m wire.Message) string {
	t.Helper()
	for item := range wire.Elements(wire.Get(m.Result, "content")) {
		return text(wire.Get(item, "text"))
	}
	t.Fatalf("no content in %s%s", m.Result, m.Error)
	return ""
}

// MCP 2025-06-18, tools: a tool that returns structured content "SHOULD also
// return the serialized JSON in a TextContent block".
func TestTheTextOfAResultIsItsStructure(t *testing.T) {
	r, s := newStage(t, func(p *Proxy) { p.Version = "<&>" })
	r.legacy(s, `{"tools":{}}`)
	for _, tool := range []string{"status", "disconnect", "status", "disconnect"} {
		m := r.call("wiretape_"+tool, `{}`)
		var said, structure any
		if err := json.Unmarshal([]byte(content(t, m)), &said); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(structured(t, m), &structure); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(said, structure) {
			t.Errorf("%s: text %v, structure %v", tool, said, structure)
		}
	}
	s.fail = errStart
	m := r.call("wiretape_connect", `{}`)
	if !isError(m) || content(t, m) == "" {
		t.Errorf("%s", m.Result)
	}
}

// MCP 2025-11-25, tasks: a tool without execution.taskSupport answers a call
// that asks for a task with -32601.
func TestAControlToolIsNoTask(t *testing.T) {
	r, s := newStage(t, nil)
	r.legacy(s, `{"tools":{},"tasks":{}}`)
	m := r.ask("tools/call", `{"name":"wiretape_disconnect","task":{"ttl":1000}}`)
	wantError(t, m, "-32601")
	wantPart(t, structured(t, r.call("wiretape_status", `{}`)), "true", "connected")
}

// MCP, progress: it "MUST increase" and refers to the token that came with the
// request; after the result there is none.
func TestAControlCallReportsProgress(t *testing.T) {
	for _, token := range []string{`"t"`, `7`, `7.0`, `9007199254740993`, `"7"`} {
		r, s := newStage(t, nil)
		a := r.legacy(s, `{"tools":{}}`)
		r.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wiretape_connect","_meta":{"progressToken":` + token + `}}}`)
		b := s.actor()
		a.hearsNoMore()
		b.answer("initialize", handshake(`{"tools":{}}`))
		b.expect("notifications/initialized")
		_, before := r.answer("1")
		last := 0.0
		for _, line := range before {
			m := wire.Parse([]byte(line))
			var progress float64
			if err := json.Unmarshal(wire.Get(m.Params, "progress"), &progress); err != nil || progress <= last {
				t.Errorf("after %v: %s", last, line)
			}
			last = progress
			wantPart(t, m.Params, token, "progressToken")
			if m.Method != methodProgress || text(wire.Get(m.Params, "message")) == "" {
				t.Errorf("%s", line)
			}
		}
		if len(before) < 2 {
			t.Errorf("progress was %s", before)
		}
		r.hearsOnly(b)
	}
}

func TestNoTokenNoProgress(t *testing.T) {
	r, s := newStage(t, nil)
	r.legacy(s, `{"tools":{}}`)
	if _, before := r.control("1", "wiretape_disconnect"); len(before) > 0 {
		t.Errorf("the host was told %s", before)
	}
}

// A log notification is only for a host that may get one at level info.
//
// MCP 2025-11-25, logging: servers that emit them MUST declare logging, and the
// level that was set is the least severe one that is sent.
func TestLogsOfAControlCallInALegacySession(t *testing.T) {
	for _, c := range []struct {
		capabilities, level string
		logs                bool
	}{
		{`{"tools":{}}`, ``, false},
		{`{"logging":{}}`, ``, true},
		{`{"logging":{}}`, `debug`, true},
		{`{"logging":{}}`, `info`, true},
		{`{"logging":{}}`, `notice`, false},
		{`{"logging":{}}`, `emergency`, false},
	} {
		r, s := newStage(t, nil)
		a := r.legacy(s, c.capabilities)
		if c.level != "" {
			r.send(`{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"` + c.level + `"}}`)
			a.answer("logging/setLevel", `{}`)
			r.answer("1")
		}
		_, before := r.control("2", "wiretape_disconnect")
		wantLogs(t, before, c.logs)
	}
}

func wantLogs(t *testing.T, lines []string, want bool) {
	t.Helper()
	if want == (len(lines) == 0) {
		t.Errorf("logs %s, want them: %v", lines, want)
	}
	for _, line := range lines {
		m := wire.Parse([]byte(line))
		if m.Method != methodMessage {
			t.Errorf("the host was told %s", line)
		}
		wantPart(t, m.Params, `"info"`, "level")
		wantPart(t, m.Params, `"wiretape"`, "logger")
	}
}

// A level that the target refused does not count.
func TestARefusedLevelDoesNotCount(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"logging":{}}`)
	r.send(`{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"error"}}`)
	a.refuse("logging/setLevel", "-32602")
	r.answer("1")
	_, before := r.control("2", "wiretape_disconnect")
	wantLogs(t, before, true)
}

// MCP 2026-07-28, logging: a server "MUST NOT" send them for a request without
// a logLevel.
func TestLogsOfAControlCallInAModernSession(t *testing.T) {
	for level, logs := range map[string]bool{"": false, "debug": true, "info": true, "notice": false, "error": false} {
		r, s := newStage(t, nil)
		r.modern(s, `{"logging":{}}`)
		meta := modernMeta
		if level != "" {
			meta += `,"io.modelcontextprotocol/logLevel":"` + level + `"`
		}
		r.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wiretape_disconnect","_meta":{` + meta + `}}}`)
		m, before := r.answer("1")
		wantPart(t, m.Result, `"complete"`, "resultType")
		wantLogs(t, before, logs)
	}
}

// Control calls run one at a time, in the order in which they came. One that is
// cancelled while it waits is not carried out and not answered, and the target
// hears nothing of it.
func TestControlCallsWaitTheirTurn(t *testing.T) {
	r, s := newStage(t, nil)
	a := s.actor()
	a.busy = make(chan struct{})
	r.send(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":` + initializeParams + `}`)
	a.answer("initialize", handshake(`{"tools":{}}`))
	r.answer("0")

	r.send(controlLine("1", "wiretape_disconnect"))
	a.hearsNoMore()
	r.send(controlLine("2", "wiretape_status"))
	r.send(controlLine(`"two"`, "wiretape_connect"))
	r.send(controlLine("3", "wiretape_status"))
	r.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"two"}}`)
	close(a.busy)
	for _, id := range []string{"1", "2", "3"} {
		m, before := r.answer(id)
		if len(before) > 0 {
			t.Errorf("before %s came %s", id, before)
		}
		if id != "1" {
			wantPart(t, structured(t, m), "false", "connected")
		}
	}
	if len(s.actors) > 0 {
		t.Error("a connect that was cancelled while it waited was carried out")
	}
}

// "Cancels aimed at a control call" are never the target's business, not even
// when they come too late.
func TestACancelOfAControlCallNeverReachesTheTarget(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	r.control("1", "wiretape_status")
	r.control(`"one"`, "wiretape_status")
	for _, id := range []string{`1`, `"one"`, `1`} {
		r.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":` + id + `}}`)
	}
	other := `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"1"}}`
	r.send(other)
	a.hears(other)
	// The id of a call that is over may be used again (2026-07-28).
	r.send(`{"jsonrpc":"2.0","id":1,"method":"x/wait"}`)
	a.expect("x/wait")
	again := `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`
	r.send(again)
	a.hears(again)
}
