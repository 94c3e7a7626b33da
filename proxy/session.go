package proxy

import (
	"bytes"
	"sync"

	"wiretape/internal/wire"
	"wiretape/record"
)

// session is all that the line knows of the host's session, which can span
// several connections. Every line of either side passes its gate, mu: what a
// line means, and its place in the recording, are decided behind it.
type session struct {
	mu    sync.Mutex
	conn  *connection // the present one, or the last one while it ends; nil while there is none
	ended string      // while disconnected: why, for whoever calls the target

	host    *outlet
	open    requests            // the host's requests that wait for an answer
	past    past                // what a new target has to be told
	tools   catalog             // the tool list as the host knows it
	listens map[string]*listen  // the host's open subscriptions/listen, by raw id
	minted  map[string]minted   // by what was minted: "cursor", "task"
	stale   map[string]struct{} // raw ids of requests by targets that are gone, cancelled at the host
	held    []held              // host lines that wait for a connect to finish
	calls   *controls           // the control calls that wait their turn
}

// connected reports whether there is a target that lines can go to.
func (s *session) connected() bool { return s.conn != nil && !s.conn.ending }

// fromHost judges a line of the host.
func (s *session) fromHost(l wire.Line) verdict {
	text := l.Bytes()
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.glance(text)
	if len(s.held) > 0 && s.waits(m) {
		s.held = append(s.held, held{line: l})
		return verdict{}
	}
	return s.hostLine(m, l, text)
}

func (s *session) hostLine(m wire.Message, l wire.Line, text []byte) verdict {
	if m.Kind == wire.Batch {
		return s.hostBatch(l, text)
	}
	mine, answer := s.judge(m, text)
	if !mine && s.open.strike(s.conn, m, l, text) {
		delete(s.listens, string(m.ID)) // no target has heard of it
		return verdict{}
	}
	if !mine {
		return s.toTarget(l)
	}
	v := s.consume(l)
	if answer != nil {
		s.tellHost(answer)
	}
	return v
}

// judge takes note of a message of the host. It tells whether the target does
// not get it, and what the host is answered then, nil for nothing yet.
func (s *session) judge(m wire.Message, text []byte) (mine bool, answer []byte) {
	switch m.Kind {
	case wire.Request:
		return s.hostRequest(m, text)
	case wire.Notification:
		return s.hostNotification(m), nil
	case wire.Response:
		return s.hostResponse(m), nil
	}
	return false, nil
}

// toTarget passes a line on, if there is somebody to get it.
func (s *session) toTarget(l wire.Line) verdict {
	if !s.connected() {
		return s.consume(l)
	}
	s.conn.tape.Line(record.Host, record.Target, l...)
	return verdict{to: s.conn.in}
}

// consume keeps a line of the host from the target.
func (s *session) consume(l wire.Line) verdict {
	if s.conn != nil {
		s.conn.tape.Line(record.Host, record.Proxy, l...)
	}
	return verdict{}
}

func (s *session) hostRequest(m wire.Message, text []byte) (mine bool, answer []byte) {
	if role := s.roleOf(m); role != "" {
		if role == connect {
			s.hold()
		}
		s.calls.add(newCall(role, m, text))
		return true, nil
	}
	if answer := s.answer(m); answer != nil {
		return true, answer
	}
	r := newRequest(m, text)
	s.open.add(r)
	if r.modern {
		s.past.modern = bytes.Clone(wire.Get(m.Params, "_meta"))
	}
	if m.Method == methodListen {
		s.listens[string(r.id)] = newListen(r)
	}
	return false, nil
}

// roleOf tells which control tool a request calls, "" for none.
func (s *session) roleOf(m wire.Message) string {
	if m.Kind != wire.Request || m.Method != methodToolsCall {
		return ""
	}
	name, _ := wire.Text(wire.Get(m.Params, "name"))
	return s.tools.role(name)
}

func (s *session) hostNotification(m wire.Message) (mine bool) {
	switch m.Method {
	case methodInitialized:
		s.past.initialized = true
	case methodCancelled:
		id := wire.Get(m.Params, "requestId")
		// MCP, cancellation: the receiver "SHOULD NOT send a response for
		// the cancelled request", so nobody waits for one.
		r := s.open.cancel(id)
		if r != nil && r.untold {
			return true
		}
		return s.cancelListen(id) || (r == nil && s.calls.cancel(id))
	}
	return false
}

// hostResponse passes on the answer to a target's request, unless the target
// that asked is gone.
func (s *session) hostResponse(m wire.Message) (mine bool) {
	id := string(m.ID)
	if s.conn != nil {
		if _, asked := s.conn.asking[id]; asked {
			delete(s.conn.asking, id)
			return false
		}
	}
	_, stale := s.stale[id]
	delete(s.stale, id)
	return stale
}

// fromTarget judges a line of the target of c.
func (s *session) fromTarget(c *connection, l wire.Line) verdict {
	m, ok := wire.Peek(l[0])
	if !ok || !l.Ended() {
		m = wire.Parse(l.Bytes())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch m.Kind {
	case wire.Request:
		return s.targetRequest(c, m, l)
	case wire.Notification:
		return s.targetNotification(c, m, l)
	case wire.Response:
		return s.targetResponse(c, m, l)
	case wire.Batch:
		return s.targetBatch(c, l)
	}
	c.junk()
	return s.toHost(c, l, nil)
}

// toHost passes a line on, or instead of it what is given.
func (s *session) toHost(c *connection, l wire.Line, instead []byte) verdict {
	c.tape.Line(record.Target, record.Host, l...)
	return verdict{to: s.host, instead: instead}
}

// keep keeps a line of the target from the host.
func (s *session) keep(c *connection, l wire.Line) verdict {
	c.tape.Line(record.Target, record.Proxy, l...)
	return verdict{}
}

// longNotification is more than one that is kept from the host can have.
const longNotification = 4096 // bytes

// holds tells whether a line of the target that began like this may be one
// that has to be changed or kept.
func (s *session) holds(c *connection, l wire.Line) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open.changing == 0 && len(c.asked) == 0 {
		return c.n > 1 && l.Len() < longNotification
	}
	m, ok := wire.Peek(l.Bytes())
	return !ok || (m.Kind == wire.Response && (c.asked[string(m.ID)] != nil || s.open.changes(m.ID)))
}

func (s *session) targetRequest(c *connection, m wire.Message, l wire.Line) verdict {
	if c.ending {
		return s.keep(c, l) // nobody could bring it the answer
	}
	c.asking[string(m.ID)] = true
	return s.toHost(c, l, nil)
}

func (s *session) targetResponse(c *connection, m wire.Message, l wire.Line) verdict {
	if answer := c.asked[string(m.ID)]; answer != nil {
		delete(c.asked, string(m.ID))
		answer <- bytes.Clone(l.Bytes())
		return s.keep(c, l)
	}
	r := s.open.take(m.ID)
	if r == nil || (r.plain() && (!r.modern || s.past.settled())) {
		return s.toHost(c, l, nil)
	}
	text := l.Bytes()
	instead, mine := s.learn(c, r, wire.Parse(text), text)
	if mine {
		return s.keep(c, l)
	}
	if r.strike != nil {
		v := s.open.faulty.spoil(c, r, l, or(instead, text))
		s.open.spoiled(r)
		return v
	}
	return s.toHost(c, l, instead)
}

// tellHost says a line of wiretape's own to the host.
func (s *session) tellHost(line []byte) {
	if s.conn != nil {
		s.conn.tape.Line(record.Proxy, record.Host, line)
	}
	s.host.say(line)
}
