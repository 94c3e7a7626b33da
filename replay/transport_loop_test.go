package replay_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"

	"wiretape/internal/wire"
	"wiretape/record"
	"wiretape/replay"
)

// TestTransportLoop says to each recording what its host said, and wants each
// result byte for byte.
func TestTransportLoop(t *testing.T) {
	paths, err := filepath.Glob(sessions)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			whole, err := record.Load(path)
			if err != nil {
				t.Fatal(err)
			}
			p := &parrot{
				t: t, transport: play(t, replay.Options{StrictAnswers: true}, path).Transport(),
				waiting: make(map[string]chan *transport.JSONRPCResponse),
				answers: make(map[string][]wire.Message), heard: make(chan string, 1000),
			}
			p.learn(whole.Events)
			p.transport.SetNotificationHandler(func(n mcp.JSONRPCNotification) { p.heard <- n.Method })
			p.transport.SetRequestHandler(p.answer)
			if err := p.transport.Start(context.WithoutCancel(t.Context())); err != nil {
				t.Fatal(err)
			}
			defer p.transport.Close()
			for _, event := range whole.Events {
				p.play(event)
			}
			if r := p.transport.Report(); r.Failed > 0 || r.UnusedSum > 0 {
				t.Errorf("report: %+v", r)
			}
		})
	}
}

// parrot is a host that says what the recorded one said.
type parrot struct {
	t         *testing.T
	transport *replay.Transport
	waiting   map[string]chan *transport.JSONRPCResponse // by raw id
	answers   map[string][]wire.Message                  // of the recorded host, by the method that it was asked
	heard     chan string
	early     []string
}

// learn takes note of what the recorded host answered.
func (p *parrot) learn(events []record.Event) {
	asked := make(map[string]string)
	for _, event := range events {
		switch m := wire.Parse(event.Line); {
		case event.From == record.Target && m.Kind == wire.Request:
			asked[string(m.ID)] = m.Method
		case event.To == record.Target && m.Kind == wire.Response:
			method := asked[string(m.ID)]
			p.answers[method] = append(p.answers[method], m)
		}
	}
}

// answer answers as the recorded host did. The server asks one thing at a time.
func (p *parrot) answer(_ context.Context, r transport.JSONRPCRequest) (*transport.JSONRPCResponse, error) {
	m := p.answers[r.Method][0]
	p.answers[r.Method] = p.answers[r.Method][1:]
	if m.Error == nil {
		return transport.NewJSONRPCResultResponse(r.ID, json.RawMessage(m.Result)), nil
	}
	response := transport.NewJSONRPCErrorResponse(r.ID, 0, "", nil)
	return response, json.Unmarshal(m.Error, response.Error)
}

func (p *parrot) play(event record.Event) {
	m := wire.Parse(event.Line)
	fromTarget := event.From == record.Target && !event.Stderr
	switch {
	case event.To == record.Target && m.Kind == wire.Request:
		p.ask(m)
	case event.To == record.Target && m.Kind == wire.Notification:
		var n mcp.JSONRPCNotification
		if err := json.Unmarshal(event.Line, &n); err != nil {
			p.t.Error(err)
		}
		if err := p.transport.SendNotification(p.t.Context(), n); err != nil {
			p.t.Error(err)
		}
	case fromTarget && m.Kind == wire.Response:
		got := <-p.waiting[string(m.ID)]
		if got == nil || string(got.Result) != string(m.Result) || (got.Error == nil) != (m.Error == nil) {
			p.t.Errorf("event %d: %s came as %+v", event.Seq, event.Line, got)
		}
	case fromTarget && m.Kind == wire.Notification:
		p.await(m.Method)
	}
}

func (p *parrot) ask(m wire.Message) {
	var id any
	if err := json.Unmarshal(m.ID, &id); err != nil {
		p.t.Fatal(err)
	}
	request := transport.JSONRPCRequest{JSONRPC: mcp.JSONRPC_VERSION, ID: mcp.NewRequestId(id), Method: m.Method}
	if m.Params != nil {
		request.Params = json.RawMessage(m.Params)
	}
	came := make(chan *transport.JSONRPCResponse, 1)
	p.waiting[string(m.ID)] = came
	asked := p.transport.Report().Asked
	// Ends with the transport at the latest.
	go func() {
		response, _ := p.transport.SendRequest(context.Background(), request)
		came <- response
	}()
	// What is said next, or the end, must not come before this.
	for p.transport.Report().Asked == asked {
		runtime.Gosched()
	}
}

// await waits for a notification, and takes it.
func (p *parrot) await(method string) {
	for {
		if i := slices.Index(p.early, method); i >= 0 {
			p.early = slices.Delete(p.early, i, i+1)
			return
		}
		p.early = append(p.early, <-p.heard)
	}
}
