package replay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"

	"wiretape/record"
	"wiretape/replay"
)

func jsonOf(v any) string {
	encoded, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(encoded)
}

// tapeOf records what host and target say in turn: a line that begins with > is
// the host's.
func tapeOf(t *testing.T, reason string, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "session.jsonl")
	w, err := record.Create(path, record.Header{ID: record.NewID(), Started: time.Now()}, record.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		if said, ok := strings.CutPrefix(line, ">"); ok {
			w.Line(record.Host, record.Target, []byte(said+"\n"))
		} else {
			w.Line(record.Target, record.Host, []byte(line))
		}
	}
	if reason == "exit" {
		w.Exit(record.Exit{Code: 3})
	}
	if _, err := w.Close(reason); err != nil {
		t.Fatal(err)
	}
	return path
}

// guestHello opens a legacy session.
var guestHello = []string{
	`>{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}`,
	`{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-06-18","capabilities":{},"serverInfo":{"name":"y","version":"1"}}}` + "\n",
	`>{"jsonrpc":"2.0","method":"notifications/initialized"}`,
}

func rpc(id any, method string) transport.JSONRPCRequest {
	return transport.JSONRPCRequest{JSONRPC: mcp.JSONRPC_VERSION, ID: mcp.NewRequestId(id), Method: method}
}

// TestTransportFidelity pins what the comment of Transport says of mcp-go.
func TestTransportFidelity(t *testing.T) {
	t.Parallel()
	result := `{ "b":1.0, "a":12345678901234567890,"c":"<\u003c" }`
	rec := play(t, replay.Options{}, tapeOf(t, "host",
		"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"data\":\"early\"}}\n",
		`>{"jsonrpc":"2.0","id":0,"method":"one"}`,
		"no message\n",
		"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/list\",\"params\":[1]}\n",
		"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/plain\",\"params\":{\"z\":12345678901234567890,\"a\":1.0},\"beside\":1}\n",
		"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ask\",\"params\":{\"z\":12345678901234567890,\"a\":1.0}}\n",
		`>{"jsonrpc":"2.0","id":7,"result":{}}`,
		`{"jsonrpc":"2.0","id":0,"result":`+result+",\"beside\":1}\n",
		`>{"jsonrpc":"2.0","id":1,"method":"two"}`,
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-5,\"message\":\"m\",\"data\":{\"z\":12345678901234567890,\"a\":1.0},\"beside\":1}}\n",
		`>{"jsonrpc":"2.0","method":"notifications/bye"}`,
		`{"jsonrpc":"2.0","method":"notifications/last"}`,
	))
	var heard []string
	asked := make(chan string, 1)
	tr := rec.Transport()
	if err := tr.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	tr.SetNotificationHandler(func(n mcp.JSONRPCNotification) { heard = append(heard, jsonOf(n)) })
	tr.SetRequestHandler(func(_ context.Context, r transport.JSONRPCRequest) (*transport.JSONRPCResponse, error) {
		asked <- jsonOf(r)
		return transport.NewJSONRPCResultResponse(r.ID, json.RawMessage("{}")), nil
	})
	one, err := tr.SendRequest(t.Context(), rpc("a", "one"))
	if err != nil || string(one.Result) != result || jsonOf(one.ID) != `"a"` {
		t.Errorf("one: %+v, %v", one, err)
	}
	if got := <-asked; got != `{"jsonrpc":"2.0","id":1,"method":"ask","params":{"a":1,"z":12345678901234567000}}` {
		t.Errorf("asked %s", got)
	}
	two, err := tr.SendRequest(t.Context(), rpc("b", "two"))
	if err != nil || jsonOf(two.Error) != `{"code":-5,"message":"m","data":{"a":1,"z":12345678901234567000}}` {
		t.Errorf("two: %+v, %v", two, err)
	}
	want := []string{
		`{"jsonrpc":"2.0","method":"notifications/message","params":{"_meta":{},"data":"early"}}`,
		`{"jsonrpc":"2.0","method":"notifications/plain","params":{"_meta":{},"a":1,"z":12345678901234567000}}`,
	}
	if jsonOf(heard) != jsonOf(want) {
		t.Errorf("heard %q", heard)
	}
	bye := mcp.JSONRPCNotification{JSONRPC: mcp.JSONRPC_VERSION, Notification: mcp.Notification{Method: "notifications/bye"}}
	if err := errors.Join(tr.SendNotification(t.Context(), bye), tr.Close()); err != nil {
		t.Error(err)
	}
}

func TestTransportClosedWhileWaiting(t *testing.T) {
	t.Parallel()
	rec := play(t, replay.Options{}, tapeOf(t, "host", `>{"jsonrpc":"2.0","id":0,"method":"one"}`,
		"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/soon\"}\n"))
	tr := rec.Transport()
	came := make(chan struct{})
	tr.SetNotificationHandler(func(mcp.JSONRPCNotification) { close(came) })
	if _, err := tr.SendRequest(t.Context(), rpc(1, "one")); err == nil {
		t.Error("a request before Start was taken")
	}
	tr = rec.Transport()
	tr.SetNotificationHandler(func(mcp.JSONRPCNotification) { close(came) })
	if err := errors.Join(tr.Start(t.Context()), tr.Start(t.Context())); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		_, err := tr.SendRequest(t.Context(), rpc(1, "one"))
		ended <- err
	}()
	<-came
	if err := errors.Join(tr.Close(), tr.Close()); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, transport.ErrTransportClosed) {
		t.Errorf("the waiting request ended with %v", err)
	}
	if _, err := tr.SendRequest(t.Context(), rpc(2, "one")); !errors.Is(err, transport.ErrTransportClosed) {
		t.Errorf("a request after Close ended with %v", err)
	}
	if err := tr.Start(t.Context()); !errors.Is(err, transport.ErrTransportClosed) {
		t.Errorf("Start after Close: %v", err)
	}
}

// A handler may close the transport that it hears.
func TestTransportClosedByHandler(t *testing.T) {
	t.Parallel()
	tr := play(t, replay.Options{}, tapeOf(t, "host", `>{"jsonrpc":"2.0","id":0,"method":"one"}`,
		"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/soon\"}\n")).Transport()
	tr.SetNotificationHandler(func(mcp.JSONRPCNotification) { _ = tr.Close() })
	if err := tr.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.SendRequest(t.Context(), rpc(1, "one")); !errors.Is(err, transport.ErrTransportClosed) {
		t.Errorf("the request ended with %v", err)
	}
}

func TestTransportEndsWithItsContext(t *testing.T) {
	t.Parallel()
	tr := play(t, replay.Options{}, tapeOf(t, "host", `>{"jsonrpc":"2.0","id":0,"method":"one"}`)).Transport()
	ctx, cancel := context.WithCancel(t.Context())
	if err := tr.Start(ctx); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := tr.SendRequest(t.Context(), rpc(1, "one")); !errors.Is(err, transport.ErrTransportClosed) {
		t.Errorf("the request ended with %v", err)
	}
}

func TestTransportTellsOfTheExit(t *testing.T) {
	t.Parallel()
	tr := play(t, replay.Options{}, tapeOf(t, "exit", append(guestHello, `>{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)...)).Transport()
	c := client.NewClient(tr)
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	opened, err := c.Initialize(t.Context(), mcp.InitializeRequest{})
	if err != nil || opened.ProtocolVersion != "2025-06-18" {
		t.Fatalf("initialize: %+v, %v", opened, err)
	}
	_, err = c.ListTools(t.Context(), mcp.ListToolsRequest{})
	if !errors.Is(err, transport.ErrTransportClosed) || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("the request ended with %v", err)
	}
}

// A recording that is changed under its replay is no silence.
func TestTransportTellsOfDamage(t *testing.T) {
	t.Parallel()
	path := tapeOf(t, "host", `>{"jsonrpc":"2.0","id":0,"method":"one"}`, "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{}}\n")
	tr := play(t, replay.Options{}, path).Transport()
	if err := tr.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.ReplaceAll(whole, []byte(`"result"`), []byte(`"re`+"\x00"+`ult"`)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = tr.SendRequest(t.Context(), rpc(1, "one"))
	if !errors.Is(err, transport.ErrTransportClosed) || !strings.Contains(err.Error(), "reading event 2") {
		t.Errorf("the request ended with %v", err)
	}
}

// A client that discovers the server comes to a recording without discovery in
// the revision that was recorded.
func TestTransportWithoutDiscovery(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"demo-modern", "go-sdk-modern-listen", "mcp-go-modern"} {
		whole, err := record.Load(sessionAt(name))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "x.jsonl")
		if _, err := record.Rewrite(path, whole.Header, func(yield func(record.Event, error) bool) {
			for _, e := range whole.Events {
				if !bytes.Contains(e.Line, []byte("server-discover-probe")) && !yield(e, nil) {
					return
				}
			}
		}, "host"); err != nil {
			t.Fatal(err)
		}
		g := newGuest(t, play(t, replay.Options{}, path))
		if _, err := g.ListTools(t.Context(), mcp.ListToolsRequest{}); err != nil || g.ProtocolVersion() != "2026-07-28" {
			t.Errorf("%s: %s, %v", name, g.ProtocolVersion(), err)
		}
	}
}
