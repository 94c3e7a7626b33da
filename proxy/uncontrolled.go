package proxy

import (
	"wiretape/internal/wire"
	"wiretape/record"
)

// uncontrolled judges the lines of one connection under NoControl with faults: they are
// read to find what is to go wrong, and for nothing else.
type uncontrolled struct {
	open *requests // those that something goes wrong with
	conn *connection
}

// fromHost judges a line of the host.
func (u uncontrolled) fromHost(l wire.Line) verdict {
	text := l.Bytes()
	m := wire.Parse(text)
	gate := u.open.faulty.gate
	gate.Lock()
	defer gate.Unlock()
	if u.cancelsUntold(m) {
		u.conn.tape.Line(record.Host, record.Proxy, l...)
		return verdict{}
	}
	if u.open.strike(u.conn, m, l, text) {
		return verdict{}
	}
	u.conn.tape.Line(record.Host, record.Target, l...)
	return verdict{to: u.conn.in}
}

// cancelsUntold reports whether a message cancels a request that the target
// does not know of.
func (u uncontrolled) cancelsUntold(m wire.Message) bool {
	if m.Kind != wire.Notification || m.Method != methodCancelled {
		return false
	}
	r := u.open.cancel(wire.Get(m.Params, "requestId"))
	return r != nil && r.untold
}

// fromTarget judges a line of the target.
func (u uncontrolled) fromTarget(l wire.Line) verdict {
	text := l.Bytes()
	m := wire.Parse(text)
	f := u.open.faulty
	f.gate.Lock()
	defer f.gate.Unlock()
	if m.Kind == wire.Response {
		if r := u.open.take(m.ID); r != nil && r.strike != nil {
			return f.spoil(u.conn, r, l, text)
		}
	}
	u.conn.tape.Line(record.Target, record.Host, l...)
	return verdict{to: f.host}
}

// holds tells whether a line of the target that began like this may be an
// answer that something goes wrong with.
func (u uncontrolled) holds(l wire.Line) bool {
	u.open.faulty.gate.Lock()
	defer u.open.faulty.gate.Unlock()
	if u.open.changing == 0 {
		return false
	}
	m, ok := wire.Peek(l.Bytes())
	return !ok || (m.Kind == wire.Response && u.open.changes(m.ID))
}
