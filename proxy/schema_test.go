package proxy

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"wiretape/internal/wire"
	"wiretape/record"
)

// published is a JSON schema of MCP.
type published struct {
	t        *testing.T
	revision string
	compiler *jsonschema.Compiler
	defs     string
}

// openSchema opens the schema of a revision. The published schemas are no part
// of the project: WIRETAPE_TEST_SCHEMAS names the folder that has them.
func openSchema(t *testing.T, revision string) published {
	t.Helper()
	folder := os.Getenv("WIRETAPE_TEST_SCHEMAS")
	if folder == "" {
		folder = filepath.Join("..", "..", "shared", "schema")
	}
	text, err := os.ReadFile(filepath.Join(folder, revision, "schema.json"))
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("WIRETAPE_TEST_SCHEMAS") == "" {
		t.Skip("the published schemas are not here; WIRETAPE_TEST_SCHEMAS can say where they are")
	}
	if err != nil {
		t.Fatal(err)
	}
	p := published{t, revision, jsonschema.NewCompiler(), "mcp://" + revision + "#/definitions/"}
	if wire.Get(text, "$defs") != nil {
		p.defs = "mcp://" + revision + "#/$defs/"
	}
	if err := p.compiler.AddResource("mcp://"+revision, decode(t, text)); err != nil {
		t.Fatal(err)
	}
	return p
}

func decode(t *testing.T, text []byte) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return value
}

// fits checks a value against a definition.
func (p published) fits(definition string, value []byte) {
	p.t.Helper()
	schema, err := p.compiler.Compile(p.defs + definition)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := schema.Validate(decode(p.t, value)); err != nil {
		p.t.Errorf("%s: %v\n%s", definition, err, value)
	}
}

// line checks what one party says to another.
func (p published) line(from, to record.Party, line []byte) {
	p.t.Helper()
	p.fits("JSONRPCMessage", line)
	m := wire.Parse(line)
	modern := p.revision == "2026-07-28"
	switch {
	case m.Kind == wire.Request && to == record.Target:
		p.fits("ClientRequest", line)
	case m.Kind == wire.Notification && to == record.Target:
		p.fits("ClientNotification", line)
	case m.Kind == wire.Notification:
		p.fits("ServerNotification", line)
	case m.Error != nil && (modern || p.revision == "2025-11-25"):
		p.fits("JSONRPCErrorResponse", line)
	case m.Error != nil:
		p.fits("JSONRPCError", line)
	case to == record.Target:
		p.t.Errorf("%s says %s to %s", from, line, to)
	}
}

// recordings checks all that wiretape said while something was connected, and
// wants at least some of each kind.
func (p published) recordings(r *rig, methods ...string) {
	p.t.Helper()
	said := map[string]bool{}
	for n := range r.files() {
		for _, e := range r.load(n + 1).Events {
			if e.From != record.Proxy || len(bytes.TrimSpace(e.Line)) == 0 {
				continue
			}
			said[wire.Parse(e.Line).Method] = true
			p.line(e.From, e.To, e.Line)
		}
	}
	for _, method := range methods {
		if !said[method] {
			p.t.Errorf("%s was not said, only %v", method, said)
		}
	}
}

// results checks a control tool's result, against the schema of its own too.
func (p published) result(m wire.Message, outputs map[string][]byte, tool string) {
	p.t.Helper()
	p.fits("CallToolResult", m.Result)
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("tool://"+tool, decode(p.t, outputs[tool])); err != nil {
		p.t.Fatal(err)
	}
	schema, err := compiler.Compile("tool://" + tool)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := schema.Validate(decode(p.t, structured(p.t, m))); err != nil {
		p.t.Errorf("%s: %v\n%s", tool, err, m.Result)
	}
}

// outputs checks a tool list, and gives the output schemas in it.
func (p published) outputs(list wire.Message) map[string][]byte {
	p.t.Helper()
	p.fits("ListToolsResult", list.Result)
	found := map[string][]byte{}
	for tool := range wire.Elements(wire.Get(list.Result, "tools")) {
		p.fits("Tool", tool)
		found[text(wire.Get(tool, "name"))] = wire.Get(tool, "outputSchema")
	}
	return found
}

// All that wiretape says is valid in the revision of the session.
func TestWhatIsSaidFitsTheLegacySchemas(t *testing.T) {
	for _, revision := range []string{"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"} {
		t.Run(revision, func(t *testing.T) {
			p := openSchema(t, revision)
			r, s := newStage(t, nil)
			result := strings.Replace(handshake(`{"tools":{},"logging":{},"prompts":{"listChanged":true},"resources":{"subscribe":true,"listChanged":true}}`), "2025-11-25", revision, 1)
			a := s.actor()
			r.send(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":` + strings.Replace(initializeParams, "2025-11-25", revision, 1) + `}`)
			a.answer("initialize", result)
			m, _ := r.answer("0")
			p.fits("InitializeResult", m.Result)
			r.send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
			a.next()
			outputs := p.outputs(r.lists(a, `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, named("a")))
			for _, request := range []string{`"logging/setLevel","params":{"level":"debug"}`, `"resources/subscribe","params":{"uri":"a://b"}`} {
				r.send(`{"jsonrpc":"2.0","id":"n","method":` + request + `}`)
				a.next()
				a.say(`{"jsonrpc":"2.0","id":"n","result":{}}`)
				r.answer(`"n"`)
			}
			r.send(`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"a"}}`)
			r.send(`{"jsonrpc":"2.0","id":3,"method":"prompts/list"}`)
			a.expect("tools/call")
			a.expect("prompts/list")
			a.say(`{"jsonrpc":"2.0","id":1,"method":"roots/list"}`)
			r.next()

			p.controls(r, outputs, `"_meta":{"progressToken":"t"}`, func(connect string) wire.Message {
				r.send(connect)
				b := s.actor()
				b.answer("initialize", result)
				b.expect("notifications/initialized")
				b.answer("logging/setLevel", `{}`)
				b.answer("resources/subscribe", `{}`)
				b.answer("tools/list", `{"tools":[`+named("b")+`]}`)
				m, _ := r.answer(`"connect"`)
				return m
			})
			r.end()
			p.recordings(r, "initialize", "notifications/initialized", "logging/setLevel", "resources/subscribe", "tools/list",
				"notifications/cancelled", "notifications/progress", "notifications/message", "notifications/tools/list_changed",
				"notifications/prompts/list_changed", "notifications/resources/list_changed")
		})
	}
}

// controls has the host call the control tools in every state, and ask while
// nothing is connected. What is open when it is called is closed.
func (p published) controls(r *rig, outputs map[string][]byte, meta string, reconnect func(string) wire.Message) {
	p.t.Helper()
	line := func(id, method, members string) []byte {
		return []byte(`{"jsonrpc":"2.0","id":"` + id + `","method":"` + method + `","params":{` + members + meta + `}}`)
	}
	ask := func(method, members string) wire.Message {
		p.t.Helper()
		r.send(string(line("ask", method, members)))
		m, before := r.answer(`"ask"`)
		for _, said := range before {
			p.line(record.Proxy, record.Host, []byte(said))
		}
		return m
	}
	control := func(tool string) {
		p.t.Helper()
		m := ask("tools/call", `"name":"wiretape_`+tool+`",`)
		p.result(m, outputs, "wiretape_"+tool)
	}
	for _, tool := range []string{"status", "disconnect", "status", "disconnect"} {
		control(tool)
	}
	p.fits("ListToolsResult", ask("tools/list", ``).Result)
	p.fits("CallToolResult", ask("tools/call", `"name":"a",`).Result)
	for _, method := range []string{"prompts/list", "tasks/get", "x/y"} {
		m := ask(method, `"cursor":"c",`)
		p.line(record.Proxy, record.Host, []byte(`{"jsonrpc":"2.0","id":"ask","error":`+string(m.Error)+`}`))
	}
	bad := ask("tools/call", `"name":"wiretape_status","arguments":{"x":1},`)
	p.fits("CallToolResult", bad.Result)
	p.result(reconnect(string(line("connect", "tools/call", `"name":"wiretape_connect",`))), outputs, "wiretape_connect")
	control("status")
}

func TestWhatIsSaidFitsTheModernSchema(t *testing.T) {
	p := openSchema(t, "2026-07-28")
	r, s := newStage(t, nil)
	a := s.actor()
	caps := `{"tools":{},"prompts":{"listChanged":true},"resources":{"listChanged":true}}`
	r.send(modernLine("0", "server/discover", ""))
	a.answer("server/discover", discovery(caps))
	m, _ := r.answer("0")
	p.fits("DiscoverResult", m.Result)
	r.send(modernLine("1", "tools/list", ""))
	a.answer("tools/list", `{"resultType":"complete","tools":[`+named("a")+`],"ttlMs":5000,"cacheScope":"public"}`)
	m, _ = r.answer("1")
	outputs := p.outputs(m)
	all := `{"toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":true}`
	r.listens(a, `"L"`, all, `{"promptsListChanged":true,"resourcesListChanged":true}`, `{"promptsListChanged":true,"resourcesListChanged":true,"toolsListChanged":true}`)
	r.send(modernLine("2", "tools/call", `"name":"a",`))
	r.send(modernLine("3", "prompts/list", ""))
	a.expect("tools/call")
	a.expect("prompts/list")

	meta := `"_meta":{"progressToken":7,` + modernMeta + `,"io.modelcontextprotocol/logLevel":"info"}`
	p.controls(r, outputs, meta, func(connect string) wire.Message {
		r.send(modernLine("4", "server/discover", ""))
		m, _ := r.answer("4")
		p.fits("DiscoverResult", m.Result)
		r.send(listenLine(`"own"`, all))
		p.line(record.Proxy, record.Host, []byte(r.next()))
		r.send(connect)
		b := s.actor()
		b.answer("server/discover", discovery(caps))
		b.answer("tools/list", `{"resultType":"complete","tools":[`+named("b")+`],"ttlMs":5000,"cacheScope":"public"}`)
		b.expect("subscriptions/listen")
		m, _ = r.answer(`"connect"`)
		b.say(acked(`"L"`, `{}`))
		b.expect("notifications/cancelled")
		return m
	})
	over, _ := wire.Set([]byte(ended("1")[0]), []byte("1"), "id")
	p.fits("SubscriptionsListenResult", wire.Parse(over).Result)
	r.end()
	p.recordings(r, "server/discover", "tools/list", "subscriptions/listen", "notifications/cancelled", "notifications/progress", "notifications/message",
		"notifications/tools/list_changed", "notifications/prompts/list_changed", "notifications/resources/list_changed")
}

// A connect that fails has a result of the same shape.
func TestAFailedConnectFitsItsSchema(t *testing.T) {
	p := openSchema(t, "2025-11-25")
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	outputs := p.outputs(r.lists(a, `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, named("a")))
	s.mu.Lock()
	s.fail = errors.New("no such file")
	s.mu.Unlock()
	m, _ := r.control("2", "wiretape_connect")
	p.result(m, outputs, "wiretape_connect")
	r.send(controlLine("3", "wiretape_connect"))
	b := s.actor()
	b.expect("initialize")
	b.bye <- Exit{Code: 2}
	m, _ = r.answer("3")
	p.result(m, outputs, "wiretape_connect")
}
