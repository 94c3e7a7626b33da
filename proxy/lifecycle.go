package proxy

func newSession(l *line) *session {
	return &session{
		host:    l.host,
		tools:   catalog{prefix: l.Prefix},
		listens: map[string]*listen{},
		minted:  map[string]minted{"cursor": {}, "task": {}},
		stale:   map[string]struct{}{},
		calls:   newControls(),
	}
}

// turn makes c the connection that lines go to.
func (s *session) turn(c *connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn = c
}

// disconnect stops lines from going to c. What its target still says is passed
// on. It gives the lines that refuse what the target has asked for.
func (s *session) disconnect(c *connection) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.ending, s.ended = true, "The server is being disconnected."
	return s.refuseAsked(c)
}

// finish settles what c, whose target has said its last word, leaves open.
func (s *session) finish(c *connection, why string, answer bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = why
	if answer {
		s.host.mend()
		s.endOpen()
		s.endAsked(c)
	}
	s.conn = nil
}

// isOpen reports whether the target has answered the host: there is a session
// that is worth keeping.
func (s *session) isOpen() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.past.open
}

// nameOf gives the present name of a control tool.
func (s *session) nameOf(role string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tools.name(role)
}
