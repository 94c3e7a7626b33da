package proxy

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"wiretape/internal/wire"
	"wiretape/record"
)

// script plays a target: what it reads is what the target is told, what it
// writes is what the target says. The target ends when it returns.
type script func(n int, in *bufio.Reader, out, stderr io.Writer) Exit

// pipes is an Endpoint whose targets are goroutines of the test.
type pipes struct {
	serve script
	mu    sync.Mutex
	n     int
	fail  error // what the next Connect gives
}

func (p *pipes) Describe() record.Endpoint {
	return record.Endpoint{Transport: "pipe", Command: []string{"test-server"}}
}

func (p *pipes) Connect(_ context.Context, stderr io.Writer) (Target, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.fail; err != nil {
		p.fail = nil
		return nil, err
	}
	p.n++
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	t := &pipeTarget{in: inW, out: outR, done: make(chan struct{})}
	n := p.n
	go func() {
		defer close(t.done)
		t.exit = p.serve(n, bufio.NewReader(inR), outW, stderr)
		inR.Close()
		outW.Close()
	}()
	return t, nil
}

type pipeTarget struct {
	in   *io.PipeWriter
	out  *io.PipeReader
	done chan struct{}
	exit Exit
}

func (t *pipeTarget) Read(p []byte) (int, error)  { return t.out.Read(p) }
func (t *pipeTarget) Write(p []byte) (int, error) { return t.in.Write(p) }

func (t *pipeTarget) Stop() Exit {
	t.in.Close()
	if !within(endGrace, t.done) {
		t.out.Close()
		return Exit{Code: 137, Forced: true}
	}
	return t.exit
}

// rig is a host, and the line that it talks over.
type rig struct {
	t        *testing.T
	in       *io.PipeWriter
	lines    chan string // what the host hears
	warnings chan string
	files    func() []string
	status   chan int
	ids      int
}

// patience bounds every wait; nothing in these tests takes that long.
const patience = 60 * time.Second

func newRig(t *testing.T, endpoint Endpoint, adapt func(*Proxy)) *rig {
	t.Helper()
	dir := t.TempDir()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	r := &rig{t: t, in: inW, lines: make(chan string, 1<<16), warnings: make(chan string, 100), status: make(chan int, 1)}
	p := &Proxy{
		Endpoint: endpoint, In: inR, Out: outW, Prefix: "wiretape_", Version: "test",
		Warn: func(s string) { r.warnings <- s },
		Record: func(n int) (*record.Writer, error) {
			return record.Create(filepath.Join(dir, fmt.Sprintf("%d.jsonl.zst", n)), record.Header{Connection: n}, record.Options{})
		},
	}
	if adapt != nil {
		adapt(p)
	}
	r.files = func() []string {
		files, _ := filepath.Glob(filepath.Join(dir, "*"))
		return files
	}
	go func() {
		status, err := p.Run(t.Context())
		if err != nil {
			t.Error(err)
		}
		outW.Close()
		r.status <- status
	}()
	go func() {
		defer close(r.lines)
		br := bufio.NewReader(outR)
		for {
			line, err := br.ReadString('\n')
			if line != "" {
				r.lines <- line
			}
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { inW.Close() })
	return r
}

func (r *rig) send(line string) {
	r.t.Helper()
	if _, err := io.WriteString(r.in, line+"\n"); err != nil {
		r.t.Fatalf("sending %s: %v", line, err)
	}
}

// next gives the next line that the host hears, without its newline.
func (r *rig) next() string {
	r.t.Helper()
	select {
	case line, ok := <-r.lines:
		if !ok {
			r.t.Fatal("the line ended")
		}
		return strings.TrimSuffix(line, "\n")
	case <-time.After(patience):
		r.t.Fatal("nothing was heard")
	}
	panic("unreachable")
}

// answer gives the response with the raw id, and the lines before it.
func (r *rig) answer(id string) (response wire.Message, before []string) {
	r.t.Helper()
	for {
		line := r.next()
		m := wire.Parse([]byte(line))
		if m.Kind == wire.Response && string(m.ID) == id {
			return m, before
		}
		before = append(before, line)
	}
}

// ask sends a request and gives its response.
func (r *rig) ask(method, params string) wire.Message {
	r.t.Helper()
	r.ids++
	id := fmt.Sprint(r.ids)
	r.send(`{"jsonrpc":"2.0","id":` + id + `,"method":"` + method + `","params":` + params + `}`)
	m, _ := r.answer(id)
	return m
}

func (r *rig) call(tool, arguments string) wire.Message {
	r.t.Helper()
	return r.ask("tools/call", `{"name":"`+tool+`","arguments":`+arguments+`}`)
}

const initializeParams = `{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"rig","version":"1"}}`

// open opens a legacy session.
func (r *rig) open() {
	r.t.Helper()
	if m := r.ask("initialize", initializeParams); m.Result == nil {
		r.t.Fatalf("initialize failed: %s", m.Error)
	}
	r.send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
}

// end hangs up and gives the line's exit status.
func (r *rig) end() int {
	r.t.Helper()
	r.in.Close()
	select {
	case status := <-r.status:
		return status
	case <-time.After(patience):
		r.t.Fatal("the line does not end")
	}
	panic("unreachable")
}

func (r *rig) load(n int) *record.Recording {
	r.t.Helper()
	rec, err := record.Load(r.files()[n-1])
	if err != nil {
		r.t.Fatal(err)
	}
	return rec
}

func structured(t *testing.T, m wire.Message) []byte {
	t.Helper()
	value := wire.Get(m.Result, "structuredContent")
	if value == nil {
		t.Fatalf("no structured content in %s%s", m.Result, m.Error)
	}
	return value
}

func wantContains(t *testing.T, text []byte, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !bytes.Contains(text, []byte(part)) {
			t.Errorf("want %s in %s", part, text)
		}
	}
}
