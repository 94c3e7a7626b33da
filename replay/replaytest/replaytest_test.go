package replaytest_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"

	"wiretape/replay"
	"wiretape/replay/replaytest"
)

func session(name string) string {
	return filepath.Join("..", "..", "fixtures", "sessions", name+".jsonl")
}

// call calls a tool, and gives the text of its result.
func call(t testing.TB, c *client.Client, tool string, arguments map[string]any) (string, error) {
	t.Helper()
	params := mcp.CallToolParams{Name: tool, Meta: &mcp.Meta{ProgressToken: "p"}}
	if arguments != nil {
		params.Arguments = arguments
	}
	result, err := c.CallTool(t.Context(), mcp.CallToolRequest{Params: params})
	if err != nil {
		return "", err
	}
	return mcp.GetTextFromContent(result.Content[0]), nil
}

// says calls a tool that has to say what is wanted.
func says(t testing.TB, c *client.Client, tool string, arguments map[string]any, want string) {
	t.Helper()
	if got, err := call(t, c, tool, arguments); err != nil || got != want {
		t.Errorf("%s says %q, %v; want %q", tool, got, err, want)
	}
}

func TestClient(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"demo-legacy", "demo-modern"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := replaytest.Client(t, session(name))
			says(t, c, "echo", map[string]any{"text": "hello, wire"}, "hello, wire")
			t.Cleanup(func() {
				if _, err := c.ListTools(context.Background(), mcp.ListToolsRequest{}); err != nil {
					t.Errorf("in a cleanup function: %v", err)
				}
			})
		})
	}
}

func TestClientIsNotified(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var heard []string
	f := try(t, func(f *fake) {
		c := replaytest.Options{Notify: func(n mcp.JSONRPCNotification) {
			mu.Lock()
			defer mu.Unlock()
			heard = append(heard, n.Method)
		}}.Client(f, session("everything-progress"))
		says(f, c, "trigger-long-running-operation", map[string]any{"duration": 0.05, "steps": 5},
			"Long running operation completed. Duration: 0.05 seconds, Steps: 5.")
	})
	f.passed(t)
	progress := slices.Repeat([]string{"notifications/progress"}, 5)
	lists := slices.Repeat([]string{"notifications/tools/list_changed"}, 5)
	if !slices.Equal(heard, append(lists, progress...)) {
		t.Errorf("heard %q", heard)
	}
}

func TestMissesFailTheTest(t *testing.T) {
	t.Parallel()
	ask := func(f *fake, o replaytest.Options) {
		c := o.Client(f, session("demo-modern"))
		for range 2 {
			if _, err := call(f, c, "echo", map[string]any{"text": "hello, world"}); err == nil {
				f.Errorf("it was answered")
			}
		}
		if _, err := call(f, c, "nowhere", nil); err == nil {
			f.Errorf("it was answered")
		}
	}
	differs := "demo-modern.jsonl: tools/call echo was not recorded with these params (event 5): " +
		`/params/arguments/text: recorded "hello, wire", live "hello, world"`
	f := try(t, func(f *fake) { ask(f, replaytest.Options{}) })
	f.failed(t, differs, differs, "tools/call nowhere was not recorded; recorded are echo")
	if len(f.logs) > 0 {
		t.Errorf("logged besides: %q", f.logs)
	}

	var warned []string
	f = try(t, func(f *fake) {
		ask(f, replaytest.Options{MayMiss: true, Replay: replay.Options{Warn: func(s string) { warned = append(warned, s) }}})
	})
	f.passed(t)
	if len(f.logs) != 3 || !strings.Contains(f.logs[0], differs) || len(warned) != 3 {
		t.Errorf("logged %q, warned of %q", f.logs, warned)
	}
}

// An answer of the host's that was recorded otherwise fails the test only if
// that is asked for.
func TestAnswersFailTheTest(t *testing.T) {
	t.Parallel()
	const differs = `the host answered what the server asked other than it was recorded (event 10): ` +
		`/result/roots/0/uri: recorded "file:///roots/one", live "file:///elsewhere"`
	for _, strict := range []bool{false, true} {
		updated := make(chan struct{})
		f := try(t, func(f *fake) {
			replaytest.Options{
				Replay:        replay.Options{StrictAnswers: strict},
				ClientOptions: []client.ClientOption{client.WithRootsHandler(roots{})},
				Notify: func(n mcp.JSONRPCNotification) {
					if n.Method == "notifications/message" {
						close(updated)
					}
				},
			}.Client(f, session("everything-sampling"))
			<-updated
		})
		if !strings.Contains(strings.Join(f.logs, "\n"), differs) {
			t.Errorf("logged %q", f.logs)
		}
		if strict {
			f.failed(t, "1 other answers of the client's differ")
		} else {
			f.passed(t)
		}
	}
}

type roots struct{}

// ListRoots implements client.RootsHandler.
func (roots) ListRoots(context.Context, mcp.ListRootsRequest) (*mcp.ListRootsResult, error) {
	return &mcp.ListRootsResult{Roots: []mcp.Root{{URI: "file:///elsewhere"}}}, nil
}

func TestUnusedFailsTheTest(t *testing.T) {
	t.Parallel()
	f := try(t, func(f *fake) {
		c := replaytest.Options{Unused: true}.Client(f, session("demo-modern"))
		says(f, c, "echo", map[string]any{"text": "hello, wire"}, "hello, wire")
	})
	f.failed(t, "tools/list (event 3) was recorded, but not asked for", "tools/call fail (event 7)",
		"tools/call countdown", "tools/call ask", "tools/call ask", "resources/list", "prompts/list")
}

func TestNoRecording(t *testing.T) {
	t.Parallel()
	torn := filepath.Join(t.TempDir(), "torn.jsonl")
	whole, err := os.ReadFile(session("demo-modern"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(torn, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"nowhere.jsonl": "nowhere.jsonl", "replaytest_test.go": "replaytest_test.go", torn: "torn.jsonl"} {
		f := try(t, func(f *fake) {
			replaytest.Client(f, path)
			t.Errorf("there is a client of %s", path)
		})
		f.failed(t, want)
		t.Log(f.errors)
	}
}

func TestClientInParallel(t *testing.T) {
	t.Parallel()
	for range 20 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			c := replaytest.Client(t, session("demo-modern"))
			says(t, c, "countdown", map[string]any{"from": 3}, "Lift-off!")
		})
	}
}
