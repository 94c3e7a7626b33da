package replay

import (
	"math"

	"wiretape/internal/wire"
)

// note takes a notification of the host. None is ever answered.
func (s *Session) note(m wire.Message) {
	// One that came too late when it was recorded, or comes too late now, is a
	// notification like others: something may have followed it.
	if m.Method == "notifications/cancelled" && s.cancel(wire.Get(m.Params, "requestId")) {
		return
	}
	recorded := s.index.notes[m.Method]
	if n := s.turns.noted[m.Method]; n < len(recorded) {
		s.turns.noted[m.Method]++
		s.pass(recorded[n], s.now(recorded[n]))
	}
}

// cancel ends a call, or has it go on as it went on when it was cancelled. It
// reports whether it was.
func (s *Session) cancel(id []byte) bool {
	l := s.cast.live[string(id)]
	if l == nil || l.cancelled != 0 {
		return false
	}
	if cancel := s.index.calls[l.call].cancel; cancel != 0 {
		l.cancelled, l.base = cancel, s.now(cancel)
		s.advance(l)
		if s.index.calls[l.call].response == 0 {
			s.unanswered(l)
		}
		s.pass(cancel, l.base)
		return true
	}
	l.dropped = true
	s.unanswered(l)
	return false
}

// unanswered forgets a call that gets no answer. Its batch does without.
func (s *Session) unanswered(l *live) {
	s.finished(l)
	if l.batch == nil {
		return
	}
	if line := l.batch.add(nil); line != nil {
		s.free = append(s.free, item{number: math.MaxInt32, text: line})
	}
}

// giveUp ends the calls that wait for something, now that the host says no more.
// It warns of those that were not cancelled, as they were when they were recorded,
// and of those that wait for an answer of the host.
func (s *Session) giveUp() {
	for _, l := range s.cast.live {
		c := &s.index.calls[l.call]
		if c.cancel != 0 && l.cancelled == 0 && !l.listens {
			s.tellOfSilence(l, "it was recorded as cancelled (event %d), and this host did not cancel it", c.cancel)
		} else if a := s.awaited(l); a != 0 {
			s.tellOfSilence(l, "the host did not answer what the server asked it meanwhile (event %d)", s.index.asks[a].message)
		}
		if c.response == 0 || l.next != 0 && l.next <= c.response {
			s.unanswered(l)
		}
	}
	s.release()
}

// tellOfSilence warns of a call that got no answer because of a message.
func (s *Session) tellOfSilence(l *live, why string, message int32) {
	r := s.recorded(l.call)
	s.warn("%s was not answered: "+why, r.title(), s.index.messages[message].seq)
}

// subscribed lets a subscription hear what has waited for it. One that plays a
// recorded one again is acknowledged again.
func (s *Session) subscribed(l *live, again bool) {
	kept := s.cast.held[:0]
	for _, it := range s.cast.held {
		if s.index.messages[it.number].of != l.call {
			kept = append(kept, it)
			continue
		}
		it.live = l
		s.say(it)
	}
	s.cast.held = kept
	if !again {
		return
	}
	for n := s.index.messages[s.index.calls[l.call].request].next; n != 0; n = s.index.messages[n].next {
		if m := &s.index.messages[n]; m.kind == tagged && m.of == l.call {
			s.say(item{number: n, live: l, base: l.base})
			return
		}
	}
}
