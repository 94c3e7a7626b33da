package vcr_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"wiretape/internal/demo"
	"wiretape/internal/vcr"
	"wiretape/internal/wire"
	"wiretape/proxy"
	"wiretape/record"
)

// server is an Endpoint that runs in this process.
type server struct {
	serve func(in io.Reader, out io.Writer) error
	err   error // of Connect

	mu      sync.Mutex
	started int
}

func demoServer() *server { return &server{serve: demo.Serve} }

func (s *server) Describe() record.Endpoint {
	return record.Endpoint{Transport: "stdio", Command: []string{"demo"}}
}

func (s *server) Connect(_ context.Context, stderr io.Writer) (proxy.Target, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.started++
	if s.err != nil {
		return nil, s.err
	}
	l := &life{ended: make(chan struct{})}
	in, toServer := io.Pipe()
	l.PipeReader, l.w = io.Pipe()
	l.PipeWriter = toServer
	go func() {
		fmt.Fprintln(stderr, "listening")
		l.w.CloseWithError(s.serve(in, l.w))
		in.Close()
		close(l.ended)
	}()
	return l, nil
}

// life is one life of a server.
type life struct {
	*io.PipeReader
	*io.PipeWriter
	w     *io.PipeWriter
	ended chan struct{}
}

func (l *life) Stop() proxy.Exit {
	l.PipeWriter.Close()
	select {
	case <-l.ended:
		return proxy.Exit{}
	case <-time.After(time.Second):
		l.w.Close()
		return proxy.Exit{Forced: true}
	}
}

// host talks to a tape through a line.
type host struct {
	t      *testing.T
	in     *io.PipeWriter
	answer func(m wire.Message) (result string) // to what the server asks
	done   chan error
	status int

	mu      sync.Mutex
	n       int
	waiting map[string]chan string
	heard   []string // notifications
}

// connect opens a tape and joins it with a host.
func connect(t *testing.T, tape *vcr.Tape) *host {
	t.Helper()
	endpoint, rec, err := tape.Open()
	if err != nil {
		t.Fatal(err)
	}
	return join(t, endpoint, rec)
}

func join(t *testing.T, endpoint proxy.Endpoint, rec func(int) (*record.Writer, error)) *host {
	in, fromHost := io.Pipe()
	fromLine, out := io.Pipe()
	h := &host{t: t, in: fromHost, done: make(chan error, 1), waiting: map[string]chan string{}}
	p := proxy.Proxy{Endpoint: endpoint, Record: rec, In: in, Out: out, NoControl: true}
	go func() {
		status, err := p.Run(context.Background())
		h.status = status
		out.Close()
		in.Close()
		h.done <- err
	}()
	go h.listen(fromLine)
	return h
}

func (h *host) listen(from io.Reader) {
	in := bufio.NewReader(from)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			break
		}
		h.hear(line)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, waiting := range h.waiting {
		close(waiting)
	}
	h.waiting = nil
}

func (h *host) hear(line []byte) {
	m := wire.Parse(line)
	h.mu.Lock()
	defer h.mu.Unlock()
	switch m.Kind {
	case wire.Response:
		if waiting := h.waiting[string(m.ID)]; waiting != nil {
			delete(h.waiting, string(m.ID))
			waiting <- string(line)
		}
	case wire.Request:
		go h.say(`{"jsonrpc":"2.0","id":` + string(m.ID) + `,"result":` + h.answer(m) + `}`)
	default:
		h.heard = append(h.heard, string(line))
	}
}

func (h *host) say(line string) {
	if _, err := io.WriteString(h.in, line+"\n"); err != nil {
		h.t.Error(err)
	}
}

// ask sends a request and gives what its answer will come on.
func (h *host) ask(method, params string) (id string, answer <-chan string) {
	h.mu.Lock()
	h.n++
	id = strconv.Itoa(h.n)
	waiting := make(chan string, 1)
	h.waiting[id] = waiting
	h.mu.Unlock()
	h.say(`{"jsonrpc":"2.0","id":` + id + `,"method":"` + method + `","params":` + params + `}`)
	return id, waiting
}

// call waits for the answer to a request.
func (h *host) call(method, params string) string {
	_, answer := h.ask(method, params)
	return <-answer
}

func (h *host) open() {
	h.call("initialize", `{"protocolVersion":"2025-06-18","capabilities":{"elicitation":{}},"clientInfo":{"name":"test","version":"1"}}`)
	h.say(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
}

func (h *host) tool(name, arguments string) string {
	return h.call("tools/call", `{"name":"`+name+`","arguments":`+arguments+`}`)
}

// wants fails unless an answer holds text.
func (h *host) wants(answer, text string) {
	h.t.Helper()
	if !bytes.Contains([]byte(answer), []byte(text)) {
		h.t.Errorf("answer %q lacks %q", answer, text)
	}
}

// leave ends the session.
func (h *host) leave() {
	h.t.Helper()
	h.in.Close()
	if err := <-h.done; err != nil {
		h.t.Fatal(err)
	}
}

// session has a host say something to a tape, which must go well.
func session(t *testing.T, tape *vcr.Tape, talk func(*host)) {
	t.Helper()
	h := connect(t, tape)
	talk(h)
	h.leave()
	if err := tape.Close(); err != nil {
		t.Errorf("closing the tape in mode %s: %v", tape.Mode, err)
	}
}

// recorded makes a recording of the demo server in which 1 and 2 were added.
func recorded(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "x.jsonl")
	session(t, &vcr.Tape{Path: path, Mode: vcr.Once, Live: demoServer()}, func(h *host) {
		h.open()
		h.wants(h.tool("add", `{"a":1,"b":2}`), `"sum":3`)
	})
	return path
}

// load reads a recording that must be whole.
func load(t *testing.T, path string) *record.Recording {
	t.Helper()
	rec, err := record.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// files are the names in the folder of path.
func files(t *testing.T, path string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range found {
		found[i] = filepath.Base(found[i])
	}
	return found
}

var errNoServer = errors.New("no such server")
