package proxy

import (
	"bytes"
	"slices"
	"sync"
	"time"

	"wiretape/internal/wire"
	"wiretape/record"
)

// faulty is what goes wrong on the line on purpose. All of it is behind gate,
// as the requests are that it is about.
type faulty struct {
	gate   sync.Locker
	host   *outlet
	lots   []*lot
	late   []*late     // answers that the host gets later, in that order
	felled *connection // whose target was ended by a fault last
	by     string      // that fault
}

// late is an answer that waits for its time.
type late struct {
	conn  *connection
	line  []byte
	due   time.Time
	timer *time.Timer
}

// newFaulty gives nil if nothing is to go wrong.
func newFaulty(p *Proxy, host *outlet, gate sync.Locker) *faulty {
	if len(p.Faults) == 0 {
		return nil
	}
	return &faulty{gate: gate, host: host, lots: newLots(p.Faults, p.Seed)}
}

// strike lets a fault choose a request that the target of c would get. It
// reports whether the target does not get it.
func (rs *requests) strike(c *connection, m wire.Message, l wire.Line, text []byte) (kept bool) {
	if rs.faulty == nil || m.Kind != wire.Request {
		return false
	}
	s := draw(rs.faulty.lots, m.Method, text)
	if s == nil {
		return false
	}
	r := rs.take(m.ID)
	if r == nil {
		r = &request{id: bytes.Clone(m.ID), method: m.Method}
	}
	switch s.Act {
	case ActError, ActHang, ActExit:
		r.untold = true
		c.tape.Line(record.Host, record.Proxy, l...)
	default:
		r.strike = s
	}
	if s.Act != ActError {
		rs.add(r)
	}
	switch s.Act {
	case ActError:
		rs.faulty.tell(c, failure{s.Code, "This error is a fault that wiretape injected: " + s.String(), "fault"}.line(r.id))
	case ActExit:
		rs.faulty.fell(c, s)
	}
	return r.untold
}

// spoil does to the answer to r what a fault wants. It stands in l, and text is
// what the host would get.
func (f *faulty) spoil(c *connection, r *request, l wire.Line, text []byte) verdict {
	c.tape.Line(record.Target, record.Proxy, l...)
	var instead []byte
	switch r.strike.Act {
	case ActDelay:
		f.postpone(c, r.strike.Delay, text)
		return verdict{}
	case ActTruncate:
		instead = half(text)
	case ActGarbage:
		instead = r.strike.junk()
	default:
		return verdict{}
	}
	c.tape.Line(record.Proxy, record.Host, instead)
	return verdict{to: f.host, instead: instead}
}

func (f *faulty) postpone(c *connection, d time.Duration, line []byte) {
	if line[len(line)-1] != '\n' {
		line = append(slices.Clip(line), '\n')
	}
	w := &late{conn: c, line: line, due: time.Now().Add(d)}
	f.late = append(f.late, w)
	slices.SortStableFunc(f.late, func(a, b *late) int { return a.due.Compare(b.due) })
	// Ends at once: it does not wait for the host.
	w.timer = time.AfterFunc(d, func() {
		f.gate.Lock()
		defer f.gate.Unlock()
		f.pass(w.due)
	})
}

// pass passes on the answers that are due by now. Of timers that fire at about the
// same time any may come first.
func (f *faulty) pass(now time.Time) {
	for len(f.late) > 0 && !f.late[0].due.After(now) {
		w := f.late[0]
		f.late = f.late[1:]
		f.tell(w.conn, w.line)
	}
}

// hurry passes on the answers that still wait: their target has ended, and so
// will its recording. A nil faulty has none.
func (f *faulty) hurry() {
	if f == nil {
		return
	}
	f.gate.Lock()
	all := f.late
	f.late = nil
	for _, w := range all {
		w.timer.Stop()
		w.conn.tape.Line(record.Proxy, record.Host, w.line)
	}
	f.gate.Unlock()
	for _, w := range all {
		f.host.pass(w.line)
	}
}

// tell sends the host a line that the target did not say, or not like this.
func (f *faulty) tell(c *connection, line []byte) {
	c.tape.Line(record.Proxy, record.Host, line)
	f.host.say(line)
}

// fell ends the target of c as a crash would.
func (f *faulty) fell(c *connection, s *strike) {
	f.felled, f.by = c, s.String()
	if target, ok := c.target.(interface{ Kill() }); ok {
		target.Kill()
		return
	}
	// Ends with the target: Stop has a bound.
	go c.target.Stop()
}

// felledBy tells which fault ended the target of c, "" for none.
func (f *faulty) felledBy(c *connection) string {
	if f == nil {
		return ""
	}
	f.gate.Lock()
	defer f.gate.Unlock()
	if f.felled != c {
		return ""
	}
	return f.by
}
