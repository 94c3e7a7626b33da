package proxy

import (
	"strings"
	"testing"
)

// What a capabilities object becomes.
var declarations = map[string]struct{ said, heard string }{
	"no tools":                 {`{"prompts":{}}`, `{"prompts":{},"tools":{"listChanged":true}}`},
	"nothing at all":           {`{}`, `{"tools":{"listChanged":true}}`},
	"nothing but space":        {`{ }`, `{"tools":{"listChanged":true} }`},
	"tools without members":    {`{"tools":{},"logging":{}}`, `{"tools":{"listChanged":true},"logging":{}}`},
	"unknown members":          {`{"tools":{"x":[1.50,{"y":null}]}}`, `{"tools":{"x":[1.50,{"y":null}],"listChanged":true}}`},
	"listChanged false":        {`{"tools":{"listChanged":false,"x":1}}`, `{"tools":{"listChanged":true,"x":1}}`},
	"listChanged true already": {`{"tools":{ "listChanged" : true }}`, `{"tools":{ "listChanged" : true }}`},
	"a tools inside another":   {`{"experimental":{"tools":{}}}`, `{"experimental":{"tools":{}},"tools":{"listChanged":true}}`},
	"escapes and big numbers":  {`{"experimental":{"\u00e9":1e400,"n":9007199254740993}}`, `{"experimental":{"\u00e9":1e400,"n":9007199254740993},"tools":{"listChanged":true}}`},
}

// The answers to initialize and server/discover, CAPS being the capabilities.
var handshakes = map[string]struct{ request, response string }{
	"initialize": {
		`{"jsonrpc":"2.0","id":7,"method":"initialize","params":` + initializeParams + `}`,
		`{"jsonrpc":"2.0","id":7,"result":{"protocolVersion":"2025-11-25","capabilities":CAPS,"serverInfo":{"name":"a","version":"1"},"instructions":"do\tnot"}}`,
	},
	"server/discover": {
		modernLine(`"probe"`, "server/discover", ""),
		`{"jsonrpc":"2.0","id":"probe","result":{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":CAPS,"ttlMs":5000,"cacheScope":"public","instructions":"x"}}`,
	},
	"members in another order": {
		`{"method":"initialize","params":` + initializeParams + `,"id":1.0,"jsonrpc":"2.0"}`,
		"{ \"result\" : {\t\"serverInfo\":{\"version\":\"1.0\",\"name\":\"b\"} , \"capabilities\":CAPS,\"protocolVersion\":\"2025-11-25\"}, \"id\":1.0,\"jsonrpc\":\"2.0\" } \r",
	},
}

// MCP 2025-11-25, tools: "Servers that support tools MUST declare the tools
// capability". It is all that changes in a handshake.
func TestToolsAreDeclaredInTheHandshakeAndNothingElseChanges(t *testing.T) {
	for method, h := range handshakes {
		for name, d := range declarations {
			t.Run(method+", "+name, func(t *testing.T) {
				r, s := newStage(t, nil)
				a := s.actor()
				r.send(h.request)
				a.hears(h.request)
				a.say(strings.Replace(h.response, "CAPS", d.said, 1))
				r.hears(strings.Replace(h.response, "CAPS", d.heard, 1))
			})
		}
	}
}

// A server that breaks the handshake breaks it in the same way with wiretape.
func TestABrokenHandshakePassesAsItIs(t *testing.T) {
	answers := []string{
		`{"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"Unsupported protocol version","data":{"supported":["2024-11-05"]}}}`,
		`{"jsonrpc":"2.0","id":7,"result":{"protocolVersion":"2025-11-25","serverInfo":{"name":"a","version":"1"}}}`,
		`{"jsonrpc":"2.0","id":7,"result":{"capabilities":null}}`,
		`{"jsonrpc":"2.0","id":7,"result":[]}`,
		`{"jsonrpc":"2.0","id":7,"result":null}`,
		`{"jsonrpc":"2.0","id":7,"result":{"capabilities":{}}`,
	}
	for _, answer := range answers {
		r, s := newStage(t, nil)
		a := s.actor()
		r.send(handshakes["initialize"].request)
		a.next()
		a.say(answer)
		r.hears(answer)
	}
}

// The era is judged for each message: a host of both eras probes with
// server/discover and then falls back to initialize on the same connection.
func TestAHostMayProbeAndThenInitialize(t *testing.T) {
	r, s := newStage(t, nil)
	a := s.actor()
	r.send(modernLine(`"server-discover-probe-1"`, "server/discover", ""))
	a.refuse("server/discover", "-32601")
	r.hears(`{"jsonrpc":"2.0","id":"server-discover-probe-1","error":{"code":-32601,"message":"no"}}`)
	r.send(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":` + initializeParams + `}`)
	a.answer("initialize", handshake(`{"tools":{}}`))
	r.answer("0")
	r.send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	a.expect("notifications/initialized")

	r.control("1", "wiretape_disconnect")
	r.send(controlLine("2", "wiretape_connect"))
	b := s.actor()
	b.answer("initialize", handshake(`{"tools":{}}`))
	b.expect("notifications/initialized")
	m, _ := r.answer("2")
	wantPart(t, structured(t, m), "true", "success")
	if wantPart(t, m.Result, "", "resultType"); t.Failed() {
		t.Error("a legacy call was answered in the modern way")
	}
}

// A server of both eras may be asked in both on one connection; each answer is
// in the era of its request.
func TestAControlCallIsAnsweredInTheEraOfItsRequest(t *testing.T) {
	r, s := newStage(t, nil)
	r.legacy(s, `{"tools":{}}`)
	m, _ := r.control("1", "wiretape_status")
	wantPart(t, m.Result, "", "resultType")
	r.send(modernLine("2", "tools/call", `"name":"wiretape_status",`))
	m, _ = r.answer("2")
	wantPart(t, m.Result, `"complete"`, "resultType")
	wantPart(t, m.Result, `{"name":"actor","version":"1"}`, "_meta", "io.modelcontextprotocol/serverInfo")
}

// The answers come in any order, in pieces, and with the id last.
func TestTheHandshakeIsFoundAmongOtherTraffic(t *testing.T) {
	r, s := newStage(t, nil)
	a := s.actor()
	r.send(`{"jsonrpc":"2.0","id":1,"method":"x/slow"}`)
	r.send(handshakes["initialize"].request)
	r.send(`{"jsonrpc":"2.0","id":"7","method":"x/other"}`)
	for range 3 {
		a.next()
	}
	others := []string{
		`{"jsonrpc":"2.0","id":"7","result":{"capabilities":{}}}`,
		`{"jsonrpc":"2.0","id":7.0,"result":{"capabilities":{}}}`,
		`{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":{"id":7}}}`,
	}
	a.say(others...)
	r.hears(others...)
	answer := `{"result":{"nested":{"id":1},"capabilities":{}},"jsonrpc":"2.0","id":7}` + "\n"
	for i := range answer {
		if _, err := a.out.Write([]byte{answer[i]}); err != nil {
			t.Fatal(err)
		}
	}
	r.hears(`{"result":{"nested":{"id":1},"capabilities":{"tools":{"listChanged":true}}},"jsonrpc":"2.0","id":7}`)
	a.say(`{"jsonrpc":"2.0","id":1,"result":{"capabilities":{}}}`)
	r.hears(`{"jsonrpc":"2.0","id":1,"result":{"capabilities":{}}}`)
}
