package replaytest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"

	"wiretape/replay/replaytest"
)

// A test asks for what was recorded.
func ExampleClient() {
	// In a test, t is its *testing.T, and the path is testdata/hello.jsonl.
	t, path := newT(), "../../fixtures/sessions/demo-modern.jsonl"
	defer t.end()

	c := replaytest.Client(t, path)
	result, err := c.CallTool(t.Context(), mcp.CallToolRequest{Params: mcp.CallToolParams{
		Name: "echo", Arguments: map[string]any{"text": "hello, wire"},
	}})
	if err != nil {
		t.Fatalf("%v", err)
	}
	fmt.Println(mcp.GetTextFromContent(result.Content[0]))
	// Output: hello, wire
}

// A test that asks for something else fails, and says where it differs.
func ExampleOptions_Client() {
	t, path := newT(), "../../fixtures/sessions/demo-modern.jsonl"
	defer t.end()

	c := replaytest.Options{Initialize: mcp.InitializeRequest{Params: mcp.InitializeParams{
		ClientInfo: mcp.Implementation{Name: "example", Version: "1"},
	}}}.Client(t, path)
	_, err := c.CallTool(t.Context(), mcp.CallToolRequest{Params: mcp.CallToolParams{
		Name: "echo", Arguments: map[string]any{"text": "hello, world"},
	}})
	fmt.Println("answered:", err == nil)
	// Output:
	// answered: false
	// FAIL: replaytest: ../../fixtures/sessions/demo-modern.jsonl: tools/call echo was not recorded with these params (event 5): /params/arguments/text: recorded "hello, wire", live "hello, world"
}

// With a recording, the server is not needed any more.
func ExampleOptions_Record() {
	t, path := newT(), "../../fixtures/sessions/demo-modern.jsonl"
	defer t.end()

	c := replaytest.Options{Mode: replaytest.None}.Record(t, path, "wiretape", "demo-server")
	tools, err := c.ListTools(t.Context(), mcp.ListToolsRequest{})
	if err != nil {
		t.Fatalf("%v", err)
	}
	fmt.Println(len(tools.Tools), "tools")
	// Output: 6 tools
}

// exampleT is what an example has for a *testing.T.
type exampleT struct {
	testing.TB
	cleanups []func()
}

func newT() *exampleT { return &exampleT{} }

func (t *exampleT) Helper()                  {}
func (t *exampleT) Context() context.Context { return context.Background() }
func (t *exampleT) Cleanup(f func())         { t.cleanups = append(t.cleanups, f) }
func (t *exampleT) Logf(string, ...any)      {}

func (t *exampleT) Errorf(format string, args ...any) {
	fmt.Printf("FAIL: "+format+"\n", args...)
}

func (t *exampleT) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

func (t *exampleT) end() {
	for i := len(t.cleanups) - 1; i >= 0; i-- {
		t.cleanups[i]()
	}
}
