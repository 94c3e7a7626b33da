package demo

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"wiretape/internal/wire"
)

const (
	opening = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{"elicitation":{}},"clientInfo":{"name":"test","version":"1"}}}`
	meta    = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"elicitation":{}}}`
)

// exchange gives the answers to lines.
func exchange(t *testing.T, lines ...string) []string {
	t.Helper()
	var out bytes.Buffer
	if err := Serve(strings.NewReader(strings.Join(lines, "\n")), &out); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
}

// TestLegacy sends each request in an open session and compares what comes back.
func TestLegacy(t *testing.T) {
	tests := []struct{ name, send, want string }{
		{"ping", `{"jsonrpc":"2.0","id":"p","method":"ping"}`,
			`{"jsonrpc":"2.0","id":"p","result":{}}`},
		{"an id keeps its spelling", `{"jsonrpc":"2.0","id":9007199254740993.0,"method":"ping"}`,
			`{"jsonrpc":"2.0","id":9007199254740993.0,"result":{}}`},
		{"echo keeps escapes", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"\ud800<&>\u0041"}}}`,
			`{"jsonrpc":"2.0","id":1,"result":{"content":[{"text":"\ud800<&>\u0041","type":"text"}]}}`},
		{"echo without text", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"}}`,
			`{"jsonrpc":"2.0","id":1,"result":{"content":[{"text":"\"text\" must be a string","type":"text"}],"isError":true}}`},
		{"add", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add","arguments":{"a":0.5,"b":2}}}`,
			`{"jsonrpc":"2.0","id":1,"result":{"content":[{"text":"2.5","type":"text"}],"structuredContent":{"sum":2.5}}}`},
		{"add null", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add","arguments":{"a":null,"b":2}}}`,
			`{"jsonrpc":"2.0","id":1,"result":{"content":[{"text":"\"a\" must be a number","type":"text"}],"isError":true}}`},
		{"add too much", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add","arguments":{"a":1e308,"b":1e308}}}`,
			`{"jsonrpc":"2.0","id":1,"result":{"content":[{"text":"the sum is too large for a number","type":"text"}],"isError":true}}`},
		{"fail", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"fail"}}`,
			`{"jsonrpc":"2.0","id":1,"result":{"content":[{"text":"this tool always fails","type":"text"}],"isError":true}}`},
		{"countdown without a token", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"countdown","arguments":{"from":3}}}`,
			`{"jsonrpc":"2.0","id":1,"result":{"content":[{"text":"Lift-off!","type":"text"}]}}`},
		{"countdown from nothing", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"countdown","arguments":{"from":0}}}`,
			`{"jsonrpc":"2.0","id":1,"result":{"content":[{"text":"\"from\" must be a whole number from 1 to 1000","type":"text"}],"isError":true}}`},
		{"unknown tool", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"nope"}}`,
			`{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Unknown tool: nope"}}`},
		{"unknown method", `{"jsonrpc":"2.0","id":1,"method":"server/discover"}`,
			`{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Method not found: server/discover"}}`},
		{"unknown resource", `{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"x:"}}`,
			`{"jsonrpc":"2.0","id":1,"error":{"code":-32002,"message":"Resource not found","data":{"uri":"x:"}}}`},
		{"unknown prompt", `{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"x"}}`,
			`{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Unknown prompt: x"}}`},
		{"junk", `not JSON`, `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"this line is no JSON-RPC message"}}`},
		{"a batch", `[]`, `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"batches are not supported"}}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			// The blank line and the notification get no answer.
			got := exchange(t, opening, ` `, `{"jsonrpc":"2.0","method":"notifications/initialized"}`, test.send)
			if len(got) != 2 || got[1] != test.want {
				t.Errorf("got  %q\nwant %q", got[1:], test.want)
			}
		})
	}
}

func TestModern(t *testing.T) {
	const signed = `"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"wiretape-demo","title":"wiretape demo server","version":"1.0.0"}}`
	const needed = `"inputRequests":{"name":{"method":"elicitation/create","params":{"message":"What is your name?","requestedSchema":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}}}}`
	tests := []struct{ name, method, params, want string }{
		{"call", "tools/call", `{"name":"echo","arguments":{"text":"hi"},` + meta + `}`,
			`"result":{` + signed + `,"content":[{"text":"hi","type":"text"}],"resultType":"complete"}`},
		{"a list may be kept", "resources/list", `{` + meta + `}`,
			`"result":{` + signed + `,"cacheScope":"public","resources":[{"mimeType":"text/plain","name":"greeting","uri":"demo://greeting"}],"resultType":"complete","ttlMs":60000}`},
		{"ask", "tools/call", `{"name":"ask",` + meta + `}`,
			`"result":{` + signed + `,` + needed + `,"resultType":"input_required"}`},
		{"ask again", "tools/call", `{"name":"ask","inputResponses":{"name":{"action":"accept","content":{"name":"Ada"}}},` + meta + `}`,
			`"result":{` + signed + `,"content":[{"text":"Hello, Ada!","type":"text"}],"resultType":"complete"}`},
		{"ask who cannot", "tools/call", `{"name":"ask",` + strings.Replace(meta, `"elicitation":{}`, ``, 1) + `}`,
			`"error":{"code":-32021,"message":"this tool has to ask the user","data":{"requiredCapabilities":{"elicitation":{}}}}`},
		{"ping is gone", "ping", `{` + meta + `}`, `"error":{"code":-32601,"message":"Method not found: ping"}`},
		{"unknown resource", "resources/read", `{"uri":"x:",` + meta + `}`,
			`"error":{"code":-32602,"message":"Resource not found","data":{"uri":"x:"}}`},
		{"another version", "tools/list", `{` + strings.Replace(meta, modern, "2030-01-01", 1) + `}`,
			`"error":{"code":-32022,"message":"Unsupported protocol version","data":{"requested":"2030-01-01","supported":["2026-07-28"]}}`},
		{"no version", "tools/list", `{}`,
			`"error":{"code":-32602,"message":"params._meta lacks \"io.modelcontextprotocol/protocolVersion\""}`},
		{"no capabilities", "tools/list", `{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}`,
			`"error":{"code":-32602,"message":"params._meta lacks \"io.modelcontextprotocol/clientCapabilities\""}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := exchange(t, `{"jsonrpc":"2.0","id":"m","method":"`+test.method+`","params":`+test.params+`}`)
			if want := `{"jsonrpc":"2.0","id":"m",` + test.want + `}`; len(got) != 1 || got[0] != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func TestInitializeAnswersWithAVersionItKnows(t *testing.T) {
	for asked, want := range map[string]string{
		"2024-11-05": "2024-11-05", "2025-11-25": "2025-11-25", "2026-07-28": "2025-11-25", "1999-01-01": "2025-11-25",
	} {
		got := exchange(t, strings.Replace(opening, "2025-06-18", asked, 1))
		if version := say(wire.Parse([]byte(got[0])).Result, "protocolVersion"); version != want {
			t.Errorf("asked for %s it gives %q, want %s", asked, version, want)
		}
	}
}

func TestProgressComesBeforeTheResult(t *testing.T) {
	got := exchange(t, opening, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"countdown","arguments":{"from":2},"_meta":{"progressToken":1.0}}}`)
	want := []string{
		`{"jsonrpc":"2.0","method":"notifications/progress","params":{"message":"2 …","progress":1,"progressToken":1.0,"total":2}}`,
		`{"jsonrpc":"2.0","method":"notifications/progress","params":{"message":"1 …","progress":2,"progressToken":1.0,"total":2}}`,
		`{"jsonrpc":"2.0","id":1,"result":{"content":[{"text":"Lift-off!","type":"text"}]}}`,
	}
	if strings.Join(got[1:], "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q", got[1:])
	}
}

// dialogue is a session that goes step by step.
type dialogue struct {
	t   *testing.T
	out *bufio.Reader
	in  io.WriteCloser
	end chan error
}

func converse(t *testing.T) *dialogue {
	fromHost, toServer := io.Pipe()
	fromServer, toHost := io.Pipe()
	d := &dialogue{t, bufio.NewReader(fromServer), toServer, make(chan error, 1)}
	go func() { // ends with the input, which close ends
		d.end <- Serve(fromHost, toHost)
		toHost.Close()
	}()
	d.send(opening)
	d.next()
	return d
}

func (d *dialogue) send(line string) {
	d.t.Helper()
	if _, err := io.WriteString(d.in, line+"\n"); err != nil {
		d.t.Fatal(err)
	}
}

func (d *dialogue) next() string {
	d.t.Helper()
	line, err := d.out.ReadString('\n')
	if err != nil {
		d.t.Fatal(err)
	}
	return strings.TrimSuffix(line, "\n")
}

func (d *dialogue) expect(want string) {
	d.t.Helper()
	if got := d.next(); got != want {
		d.t.Errorf("got  %s\nwant %s", got, want)
	}
}

func (d *dialogue) close() {
	d.t.Helper()
	d.in.Close()
	rest, _ := io.ReadAll(d.out)
	if err := <-d.end; err != nil || len(rest) > 0 {
		d.t.Errorf("at the end: %q, %v", rest, err)
	}
}

func TestAskAsksTheHost(t *testing.T) {
	for name, test := range map[string]struct{ answer, want string }{
		"accepted": {`"result":{"action":"accept","content":{"name":"Ada"}}`, `[{"text":"Hello, Ada!","type":"text"}]`},
		"declined": {`"result":{"action":"decline"}`, `[{"text":"Then we shall not be introduced.","type":"text"}]`},
		"refused":  {`"error":{"code":-1,"message":"no"}`, `[{"text":"the host refused to ask: {\"code\":-1,\"message\":\"no\"}","type":"text"}],"isError":true`},
	} {
		t.Run(name, func(t *testing.T) {
			d := converse(t)
			defer d.close()
			d.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ask","arguments":{"question":"Who?"}}}`)
			d.expect(`{"jsonrpc":"2.0","id":1,"method":"elicitation/create","params":{"message":"Who?","requestedSchema":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}}}`)
			d.send(`{"jsonrpc":"2.0","id":2,"method":"ping"}`)
			d.expect(`{"jsonrpc":"2.0","id":2,"result":{}}`)
			d.send(`{"jsonrpc":"2.0","id":77,"result":{}}`) // answers nothing that was asked
			d.send(`{"jsonrpc":"2.0","id":1,` + test.answer + `}`)
			d.expect(`{"jsonrpc":"2.0","id":1,"result":{"content":` + test.want + `}}`)
		})
	}
}

func TestAskNeedsAHostThatCanAsk(t *testing.T) {
	d := converse(t)
	defer d.close()
	d.send(strings.Replace(opening, `"elicitation":{}`, ``, 1))
	d.next()
	d.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ask"}}`)
	d.expect(`{"jsonrpc":"2.0","id":1,"result":{"content":[{"text":"this tool has to ask the user, which the host has not offered (capability elicitation)","type":"text"}],"isError":true}}`)
}

func TestWaitEndsWhenCancelledWithoutAnAnswer(t *testing.T) {
	d := converse(t)
	d.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait"}}`)
	d.send(`{"jsonrpc":"2.0","id":"1","method":"ping"}`)
	d.expect(`{"jsonrpc":"2.0","id":"1","result":{}}`)
	d.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`)
	d.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`)
	d.send(`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"wait"}}`)
	d.close() // cancels the second one
}

func TestServeGivesTheErrorsOfItsPipes(t *testing.T) {
	broken := errors.New("broken")
	r, w := io.Pipe()
	r.CloseWithError(broken)
	if err := Serve(strings.NewReader(opening), w); !errors.Is(err, broken) {
		t.Errorf("writing: %v", err)
	}
	w.CloseWithError(broken)
	r, w = io.Pipe()
	w.CloseWithError(broken)
	if err := Serve(r, io.Discard); !errors.Is(err, broken) {
		t.Errorf("reading: %v", err)
	}
}
