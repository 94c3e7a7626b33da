package proxy

import (
	"bytes"
	"context"
	"slices"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"

	"wiretape/internal/wire"
)

// call is a call of a control tool.
type call struct {
	role      string
	line      []byte
	id        []byte
	arguments []byte // raw; nil if absent
	modern    bool
	task      bool   // asks for a task, which the control tools never are
	token     []byte // raw progress token; nil if no progress is wanted
	level     string // of the log notifications it wants; modern only

	ctx     context.Context // done when the host cancels it
	cancel  context.CancelFunc
	dropped bool // the host cancelled it; guarded by controls.mu
	reports int
	after   []func(*session) // what follows its result, behind the gate
}

func newCall(role string, m wire.Message, line []byte) *call {
	c := &call{
		role:      role,
		line:      line,
		id:        bytes.Clone(m.ID),
		arguments: bytes.Clone(wire.Get(m.Params, "arguments")),
		modern:    isModern(m.Params),
		task:      wire.Get(m.Params, "task") != nil,
		token:     bytes.Clone(wire.Get(m.Params, "_meta", "progressToken")),
		level:     text(wire.Get(m.Params, "_meta", mcp.MetaKeyLogLevel)),
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c
}

// controls are the calls that wait their turn: one runs at a time.
type controls struct {
	mu      sync.Mutex
	change  sync.Cond
	waiting []*call
	running *call
	over    []*call // the last ones that ran: a cancel may come late
	closed  bool
}

// maxOver bounds for how many calls a late cancel is known as such.
const maxOver = 16

func newControls() *controls {
	c := &controls{}
	c.change.L = &c.mu
	return c
}

func (c *controls) add(call *call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = append(c.waiting, call)
	c.change.Signal()
}

// next waits for a call and marks it as running; nil when no more will come.
func (c *controls) next() *call {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running != nil {
		c.over = append(c.over, c.running)
		c.over = c.over[max(0, len(c.over)-maxOver):]
	}
	c.running = nil
	for len(c.waiting) == 0 && !c.closed {
		c.change.Wait()
	}
	if len(c.waiting) == 0 {
		return nil
	}
	c.running, c.waiting = c.waiting[0], c.waiting[1:]
	return c.running
}

// cancel cancels the call with the raw id, and reports whether there is one.
func (c *controls) cancel(id []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	call := c.find(id)
	if call == nil {
		return false
	}
	call.dropped = true
	call.cancel()
	return true
}

// has reports whether there is a call with the raw id.
func (c *controls) has(id []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.find(id) != nil
}

func (c *controls) find(id []byte) *call {
	for _, call := range slices.Concat([]*call{c.running}, c.waiting, c.over) {
		if call != nil && bytes.Equal(call.id, id) {
			return call
		}
	}
	return nil
}

func (c *controls) wasDropped(call *call) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return call.dropped
}

// close says that no more calls will come.
func (c *controls) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.change.Signal()
}

// control runs the control calls, one after the other, until the host has hung
// up. The channel is closed when the last one is answered.
func (l *line) control(ctx context.Context) <-chan struct{} {
	done := make(chan struct{})
	if l.session == nil {
		close(done)
		return done
	}
	// Ends after hangUp.
	go func() {
		defer close(done)
		for call := l.session.calls.next(); call != nil; call = l.session.calls.next() {
			stop := context.AfterFunc(ctx, call.cancel)
			if ctx.Err() != nil {
				call.cancel() // AfterFunc takes its time
			}
			l.run(call)
			stop()
			call.cancel()
		}
	}()
	return done
}

func (l *line) hangUp() {
	if l.session != nil {
		l.session.calls.close()
	}
}

// run carries out one call, says its result, and then what follows from it.
func (l *line) run(call *call) {
	s := l.session
	// MCP, cancellation: the receiver "SHOULD stop processing the cancelled
	// request", and "not send a response".
	if !s.calls.wasDropped(call) {
		s.answerCall(call, l.carryOut(call))
	}
	if call.role == connect {
		s.release()
	}
}

func (s *session) answerCall(call *call, answer []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.calls.wasDropped(call) {
		s.tellHost(answer)
	}
	for _, then := range call.after {
		then(s)
	}
}

// report tells the host what is being done, as far as it wants to know:
// progress if the call has a token, a log message where the host may get one.
func (l *line) report(call *call, what string) {
	s := l.session
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.calls.wasDropped(call) {
		return
	}
	if call.token != nil {
		call.reports++
		s.tellHost(notificationLine(methodProgress, asJSON(struct {
			Token    raw    `json:"progressToken"`
			Progress int    `json:"progress"`
			Message  string `json:"message"`
		}{call.token, call.reports, what})))
	}
	if s.logs(call) {
		s.tellHost(notificationLine(methodMessage, asJSON(struct {
			Level  string `json:"level"`
			Logger string `json:"logger"`
			Data   string `json:"data"`
		}{"info", "wiretape", what})))
	}
}

// logs reports whether the host may be sent a log message at level info.
//
// MCP 2025-11-25, logging: a server that sends them has declared logging, and
// sends those at or above the level that was set. MCP 2026-07-28: only for a
// request that has a logLevel.
func (s *session) logs(call *call) bool {
	if call.modern {
		return call.level == "debug" || call.level == "info"
	}
	level := text(wire.Get(s.past.level, "level"))
	return s.past.initialized && s.past.declares("logging") && (level == "" || level == "debug" || level == "info")
}
