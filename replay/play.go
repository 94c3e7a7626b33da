package replay

import (
	"bytes"

	"wiretape/internal/wire"
)

// request plays what was recorded of such a call.
func (s *Session) request(m wire.Message, line []byte, b *batch) {
	r := s.index.rules.read(m)
	s.report.Asked++
	s.host.notice(&r)
	// The line may be long, and an answer late.
	l := &live{id: bytes.Clone(m.ID), token: bytes.Clone(r.token), listens: m.Method == methodListen, logs: r.logs(), batch: b}
	how := s.find(l, &r)
	switch {
	case l.call != 0:
		s.report.Matched[how]++
		s.begin(l, &r, line, how == repeated)
	case s.answers(l, &r):
	case s.elsewhere(l, line):
	default:
		s.fail(l, &r, s.miss(&r))
	}
}

// elsewhere reports whether the answer to a call that the recording has none for
// comes from elsewhere.
func (s *Session) elsewhere(l *live, line []byte) bool {
	return l.batch == nil && s.options.Missing != nil && s.options.Missing(line)
}

const repeated = "repeated"

// find finds the recorded call that a live one plays, and tells how. A recording
// that is not read to its end is read on.
func (s *Session) find(l *live, r *reading) (how string) {
	k, closer := s.index.key(r, nil)
	n := int32(0)
	s.index.until(func() bool {
		n = s.turns.unused(s.index, k, closer)
		// The answer to these is known, and hosts are in a hurry for it.
		known := s.index.server.legacy && (r.Method == "server/discover" || r.Method == "ping")
		return n != 0 || known
	})
	if n == 0 {
		if recorded, like, ok := s.unveil(r); ok {
			k, closer = recorded, like
			n = s.turns.unused(s.index, k, closer)
		}
	}
	how = r.level.String()
	switch policy := r.exhausted(); {
	case n != 0 && s.index.calls[n].closer == closer:
		how = r.level.closer().String()
	case n == 0 && policy != Fail:
		n, how = s.turns.again(s.index, k, closer, policy), repeated
	}
	if l.call = n; n != 0 {
		s.turns.take(s.index, n, k)
	}
	return how
}

// begin plays a call, which stands in line.
func (s *Session) begin(l *live, r *reading, line []byte, again bool) {
	ix := s.index
	// How a call ends tells what belongs to it.
	ended := ix.until(func() bool {
		c := &ix.calls[l.call]
		return c.response != 0 || c.cancel != 0 || c.flags&subscribe != 0
	})
	c := ix.calls[l.call]
	if r.Method == "ping" && !c.answered() && s.answers(l, r) {
		return
	}
	if !ended && ix.torn() {
		if !s.elsewhere(l, line) {
			s.fail(l, r, s.cutOff(r, c))
		}
		return
	}
	if !ended {
		s.warn("the recording has no answer to %s, so there is none (event %d)", r.title(), ix.messages[c.request].seq)
	}
	if r.Method == "initialize" {
		s.open(r, c)
	}
	l.next, l.base = c.head, s.now(c.request)
	if s.cast.live[string(l.id)] = l; l.listens {
		s.cast.subs[l.call] = l
	}
	s.advance(l)
	s.pass(c.request, l.base)
	if c.flags&subscribe != 0 {
		s.subscribed(l, again)
	}
}

// now is the moment at which what was recorded as a message happens.
func (s *Session) now(message int32) moment {
	return moment{s.clock.Now(), s.index.messages[message].at}
}

// advance says what may be said of a call.
func (s *Session) advance(l *live) {
	c := &s.index.calls[l.call]
	for l.next != 0 && !l.dropped {
		// A call that was recorded as cancelled goes on when it is cancelled.
		if c.cancel != 0 && l.next > c.cancel && l.cancelled == 0 {
			return
		}
		if !s.inquire(l, l.next) {
			return
		}
		s.say(item{number: l.next, live: l, base: l.base})
		l.next = s.index.messages[l.next].next
	}
}

// pass sets free what followed a message of the host, now that the live host
// has said it.
func (s *Session) pass(message int32, base moment) {
	ix := s.index
	if s.turns.passed.has(message) {
		return
	}
	s.turns.passed.set(message)
	ix.until(func() bool { return ix.build.last > message })
	for n := ix.messages[message].next; n != 0; n = ix.messages[n].next {
		s.follow(item{number: n, base: base})
	}
}

// follow sets a message free that is not part of a call, unless it has to wait
// for something else too.
func (s *Session) follow(it item) {
	m := &s.index.messages[it.number]
	switch m.kind {
	case asking:
		if s.index.asks[m.of].owner == 0 {
			s.ask(m.of, nil, it.base)
		}
		return
	case tagged, response:
		if it.live = s.cast.subs[m.of]; it.live == nil {
			s.cast.held = append(s.cast.held, it)
			return
		}
	case withdrawn:
		if it.inquiry = s.inquiryOf(m.of); it.inquiry == nil {
			return
		}
	case logged:
		if !s.host.logs {
			return
		}
	}
	s.say(it)
}

// say sets a message free, if it does not come too late.
func (s *Session) say(it item) {
	if it.message = s.index.messages[it.number]; !it.late() {
		s.free = append(s.free, it)
	}
}
