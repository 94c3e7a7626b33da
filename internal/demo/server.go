// Package demo is a small MCP server with a host to match, for a first look at
// wiretape.
//
// The server speaks both eras of the protocol over stdio: the revisions that
// open with initialize, and 2026-07-28, in which each request says for itself
// who asks. It is written by hand on raw lines, so that it answers in the order
// in which it was asked and can be read as an example of the protocol.
package demo

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"

	"wiretape/internal/wire"
)

// Serve answers the requests on in until it ends, then cancels what is still
// running and returns when that is over. It gives the first error in reading
// or writing.
func Serve(in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := &server{out: out, waiting: map[string]func(wire.Message){}, running: map[string]func(){}}
	err := s.read(ctx, bufio.NewReader(in))
	cancel()
	s.work.Wait()
	return errors.Join(err, s.failed)
}

type server struct {
	version      string // negotiated by initialize; used by the reading goroutine only
	capabilities []byte // of the host, likewise
	work         sync.WaitGroup

	mu      sync.Mutex // guards what follows
	out     io.Writer
	failed  error
	asked   int
	waiting map[string]func(wire.Message) // by the id of a request to the host
	running map[string]func()             // cancels, by the id of a request from the host
}

// object is a JSON object.
type object map[string]any

// message is one line of what this package says.
type message struct {
	JSONRPC string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  object          `json:"params,omitempty"`
	Result  object          `json:"result,omitzero"`
	Error   *rpcError       `json:"error,omitempty"`
}

func (s *server) read(ctx context.Context, in *bufio.Reader) error {
	for {
		line, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			s.take(ctx, line)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (s *server) take(ctx context.Context, line []byte) {
	switch m := wire.Parse(line); m.Kind {
	case wire.Request:
		s.answer(ctx, m)
	case wire.Notification:
		if m.Method == "notifications/cancelled" {
			s.cancel(wire.Get(m.Params, "requestId"))
		}
	case wire.Response:
		s.mu.Lock()
		deliver := s.waiting[string(m.ID)]
		delete(s.waiting, string(m.ID))
		s.mu.Unlock()
		if deliver != nil {
			deliver(m)
		}
	case wire.Batch:
		s.send(message{ID: []byte("null"), Error: &rpcError{Code: invalidRequest, Message: "batches are not supported"}})
	case wire.Junk:
		s.send(message{ID: []byte("null"), Error: &rpcError{Code: parseError, Message: "this line is no JSON-RPC message"}})
	}
}

// answer handles a request at once, in order, unless it is the call of a tool
// that waits for the host: that one runs beside the others.
func (s *server) answer(ctx context.Context, m wire.Message) {
	r := &request{Message: m, server: s, ctx: ctx}
	run, waits, err := s.open(r)
	if err != nil {
		s.reply(r, nil, err)
		return
	}
	if !waits {
		result, err := run(r)
		s.reply(r, result, err)
		return
	}
	var cancel context.CancelFunc
	r.ctx, cancel = context.WithCancel(ctx)
	s.mu.Lock()
	s.running[string(m.ID)] = cancel
	s.mu.Unlock()
	// Ends with its tool, at the latest when it is cancelled by the host or by
	// the end of input.
	s.work.Go(func() {
		result, err := run(r)
		s.mu.Lock()
		delete(s.running, string(m.ID))
		s.mu.Unlock()
		cancel()
		s.reply(r, result, err)
	})
}

func (s *server) cancel(id []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel := s.running[string(id)]; cancel != nil {
		cancel()
	}
}

// reply sends what came of a request. "Receivers of a cancellation notification
// SHOULD … not send a response for the cancelled request" (2025-11-25).
func (s *server) reply(r *request, result object, err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	if refused := (*rpcError)(nil); errors.As(err, &refused) {
		s.send(message{ID: r.ID, Error: refused})
		return
	}
	if err != nil {
		s.send(message{ID: r.ID, Error: &rpcError{Code: internalError, Message: err.Error()}})
		return
	}
	if r.modern {
		if result["resultType"] == nil {
			result["resultType"] = "complete"
		}
		result["_meta"] = object{metaPrefix + "serverInfo": serverInfo}
	}
	s.send(message{ID: r.ID, Result: result})
}

// send writes one line.
func (s *server) send(m message) {
	m.JSONRPC = "2.0"
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == nil {
		s.failed = writeLine(s.out, m)
	}
}

// writeLine writes v as one line in one piece, leaving <, > and & as they are.
func writeLine(out io.Writer, v any) error {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return err
	}
	_, err := out.Write(line.Bytes())
	return err
}
