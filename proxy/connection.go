package proxy

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"wiretape/internal/wire"
	"wiretape/record"
)

// connection is one life of a target, and its recording.
type connection struct {
	n       int // counts the connections of a session, from 1
	started time.Time
	target  Target
	in      *outlet        // to the target
	tape    *record.Writer // counts only, if there is no file
	lost    error          // why there is no file; nil if there is, or none was wanted
	words   *lastWords
	junk    func()        // says, once, that the target writes what is no message
	over    chan struct{} // closed when all that the target said was passed on
	dealings
}

// dealings are what goes on with a target. They are behind the session's gate.
type dealings struct {
	ending   bool                   // no more lines go to it
	asking   map[string]bool        // raw ids of what the target has asked the host, false if it wants no answer any more
	asked    map[string]chan []byte // what wiretape has asked the target, by raw id
	recalled map[string]bool        // raw ids of listens that it was sent again, and that the host has cancelled since
}

// dial starts the target and its recording, but does not listen to it yet.
func (p *Proxy) dial(ctx context.Context, n int) (*connection, error) {
	words := &lastWords{to: p.Stderr, ready: make(chan struct{})}
	target, err := p.Endpoint.Connect(ctx, words)
	if err != nil {
		close(words.ready)
		return nil, err
	}
	c := &connection{
		n:       n,
		started: time.Now(),
		target:  target,
		in:      newOutlet(target, nil),
		words:   words,
		junk: sync.OnceFunc(func() {
			p.warn("the server writes lines that are no MCP messages to its stdout; they are passed on and recorded")
		}),
		over:     make(chan struct{}),
		dealings: dealings{asking: map[string]bool{}, asked: map[string]chan []byte{}, recalled: map[string]bool{}},
	}
	c.tape, c.lost = p.tape(n)
	words.tape = c.tape
	close(words.ready)
	return c, nil
}

func (p *Proxy) tape(n int) (*record.Writer, error) {
	if p.Record == nil {
		return record.Discard(record.Header{}, record.Options{}), nil
	}
	tape, err := p.Record(n)
	if err != nil {
		p.warn("not recording: %v; the traffic goes on", err)
		return record.Discard(record.Header{}, record.Options{}), err
	}
	return tape, nil
}

// problem tells why the recording is not complete, nil while it is.
func (c *connection) problem() error {
	if c.lost != nil {
		return c.lost
	}
	return c.tape.Err()
}

// listen passes on what the target says until it says no more, and then what
// faults hold back of it.
func (c *connection) listen(p *pump, f *faulty) {
	// Whatever ended the stream, the target is gone; Stop tells how.
	_ = p.run()
	p.out.tear()
	f.hurry()
	close(c.over)
}

// ask sends the target a request of wiretape's own and waits for its answer.
func (c *connection) ask(ctx context.Context, s *session, method string, params []byte) (wire.Message, error) {
	id := ownID()
	line := requestLine(id, method, params)
	answer := make(chan []byte, 1)
	raw := string(wire.Quote(id))
	s.mu.Lock()
	c.asked[raw] = answer
	c.tape.Line(record.Proxy, record.Target, line)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(c.asked, raw)
		s.mu.Unlock()
	}()
	c.in.say(line)
	select {
	case line := <-answer:
		return wire.Parse(line), nil
	case <-c.over:
		return wire.Message{}, errEnded
	case <-ctx.Done():
		return wire.Message{}, fmt.Errorf("%s was not answered: %w", method, context.Cause(ctx))
	}
}

// tell sends the target a line of wiretape's own.
func (c *connection) tell(line []byte) {
	c.tape.Line(record.Proxy, record.Target, line)
	c.in.say(line)
}

// lastWords passes on what a target writes to stderr, records it, and keeps
// the last lines for whoever asks why the target ended.
type lastWords struct {
	to    io.Writer
	ready chan struct{} // closed when tape is set
	tape  *record.Writer

	mu    sync.Mutex
	line  []byte // the line under way
	lines [][]byte
}

const (
	keptWords = 20      // lines
	maxKept   = 2 << 10 // bytes of each
	maxLine   = 1 << 20 // what is longer is recorded in parts
)

func (w *lastWords) Write(p []byte) (int, error) {
	<-w.ready
	n := len(p)
	// Who does not listen shall not stop the recording.
	_, _ = w.to.Write(p)
	w.mu.Lock()
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n') + 1
		if end == 0 {
			end = len(p)
		}
		w.line = append(w.line, p[:end]...)
		if p[end-1] == '\n' || len(w.line) >= maxLine {
			w.finish()
		}
		p = p[end:]
	}
	w.mu.Unlock()
	return n, nil
}

func (w *lastWords) finish() {
	if len(w.line) == 0 {
		return
	}
	w.tape.Stderr(w.line)
	kept := bytes.Clone(w.line[:min(len(w.line), maxKept)])
	if w.lines = append(w.lines, kept); len(w.lines) > keptWords {
		w.lines = w.lines[1:]
	}
	w.line = nil
}

// end takes a last line that has no end, and gives the last lines as text.
func (w *lastWords) end() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.finish()
	return strings.TrimSpace(string(bytes.Join(w.lines, nil)))
}
