package proxy

import "wiretape/internal/wire"

// held is what the host says behind a connect: it waits until it is clear who
// gets it. The place of the connect itself is marked by one without a line.
type held struct{ line wire.Line }

// hold makes what follows wait for a connect.
func (s *session) hold() { s.held = append(s.held, held{}) }

// waits reports whether a line of the host has to wait for a connect that was
// called before: all do, but for what wiretape is asked, what answers the
// present target, and what cancels a request that was made before.
func (s *session) waits(m wire.Message) bool {
	switch {
	case m.Kind == wire.Response:
		return false
	case m.Kind == wire.Request:
		return s.roleOf(m) == "" && !isPing(m)
	case m.Kind == wire.Notification && m.Method == methodCancelled:
		id := wire.Get(m.Params, "requestId")
		r := s.open.byID[string(id)]
		return !s.calls.has(id) && (r == nil || r.method == methodListen)
	}
	return true
}

// release ends the wait for the connect that was called first: what was said
// behind it goes its way, in its order, up to the next connect.
func (s *session) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = s.held[1:]
	for len(s.held) > 0 && s.held[0].line != nil {
		l := s.held[0].line
		s.held = s.held[1:]
		text := l.Bytes()
		if v := s.hostLine(wire.Parse(text), l, text); v.to != nil {
			v.to.say(or(v.instead, text))
		}
	}
}
