package replay

// Unused gives the recorded calls that none of these sessions of the recording
// asked for, the first thousand of them, and tells how many there are. It reads the
// recording to its end.
func (r *Recording) Unused(sessions ...*Session) (list []Unused, sum int) {
	var used bits
	for _, s := range sessions {
		s.mu.Lock()
		used.add(s.turns.used)
		s.mu.Unlock()
	}
	r.index.mu.Lock()
	defer r.index.mu.Unlock()
	return (&Session{Recording: r}).unused(used)
}

// unused gives the calls that are not among the used ones, as Recording.Unused does.
// The caller has passed the gate of the index.
func (s *Session) unused(used bits) (list []Unused, sum int) {
	ix := s.index
	ix.until(func() bool { return false })
	list = []Unused{}
	for n := range ix.calls {
		c := &ix.calls[n]
		if n == 0 || c.flags&optional != 0 || used.has(int32(n)) || ix.server.methods.name(c.method) == "ping" {
			continue
		}
		if sum++; len(list) < mostListed {
			call := s.recorded(int32(n))
			list = append(list, Unused{ix.messages[c.request].seq, call.Method, call.name})
		}
	}
	return list, sum
}
