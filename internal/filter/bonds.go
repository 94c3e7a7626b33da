package filter

import (
	"slices"

	"wiretape/internal/wire"
	"wiretape/record"
)

// opening is the unit of what opens a session, which all others rest on.
const opening = 0

// bonds tell which units are parts of one, as [Filter.Whole] has it.
type bonds struct {
	of     map[int64]int64 // by unit: an earlier one that it is a part of
	minted map[handle]int64
	open   map[int64]bool // the host's calls that may ask something
	asked  []question     // what the server asked while several calls were open
	roots  bool           // the server may ask for the roots once, whatever is open
}

// handle is what a server mints for the host to give back. Cursors are told
// apart by method: many servers count pages.
type handle struct{ name, method, raw string }

// question is what the server asked the host, and the event of the answer.
type question struct{ unit, answered int64 }

func newBonds() *bonds {
	return &bonds{of: make(map[int64]int64), minted: make(map[handle]int64), open: make(map[int64]bool)}
}

// root gives the unit that a unit is a part of.
func (b *bonds) root(unit int64) int64 {
	for earlier, ok := b.of[unit]; ok; earlier, ok = b.of[unit] {
		unit = earlier
	}
	return unit
}

func (b *bonds) join(one, other int64) {
	if one, other = b.root(one), b.root(other); one != other {
		b.of[max(one, other)] = min(one, other)
	}
}

// playable reports whether an event has a part in what is played.
func playable(e *record.Event) bool { return !e.Control() && !e.Stderr && e.Line != nil }

// hear takes note of a message, and finds the call that a notification of a
// task is about.
func (b *bonds) hear(m *message) {
	fromHost, fromTarget := m.event.To == record.Target, m.event.From == record.Target
	switch {
	case m.said.Kind == wire.Request && fromHost:
		b.request(m)
	case m.said.Kind == wire.Request && fromTarget:
		b.question(m)
	case m.said.Kind == wire.Response && fromHost:
		b.reply(m)
	case m.said.Kind == wire.Response && fromTarget && m.call.Request != 0:
		b.response(m)
	case m.said.Kind == wire.Notification:
		b.notification(m)
	}
}

func (b *bonds) request(m *message) {
	switch m.said.Method {
	case "initialize", "server/discover":
		b.join(m.unit, opening)
		return
	case "ping", "subscriptions/listen":
		return
	}
	b.open[m.unit] = true
	for _, name := range []string{"cursor", "requestState", "taskId"} {
		if call, ok := b.minted[handleOf(name, m.said.Method, wire.Get(m.said.Params, name))]; ok {
			b.join(m.unit, call)
		}
	}
}

// question finds the call that the server asks for. A server that uses roots
// asks for them when it is told that they are there.
func (b *bonds) question(m *message) {
	if m.said.Method == "roots/list" && b.roots {
		b.roots = false
		b.join(m.unit, opening)
		return
	}
	if call, ok := b.task(m); ok {
		b.join(m.unit, call)
		return
	}
	if len(b.open) > 1 {
		b.asked = append(b.asked, question{unit: m.unit})
		return
	}
	for call := range b.open {
		b.join(m.unit, call)
	}
}

func (b *bonds) reply(m *message) {
	for i := range b.asked {
		if b.asked[i].unit == m.unit {
			b.asked[i].answered = m.event.Seq
		}
	}
}

// response gives the call the questions that it waited for: the oldest one that
// was asked and answered meanwhile, and those that came one by one after that;
// the last call that is open, all that are left. A replay does the same.
func (b *bonds) response(m *message) {
	delete(b.open, m.unit)
	last := int64(0)
	b.asked = slices.DeleteFunc(b.asked, func(q question) bool {
		chained := q.unit > last || len(b.open) == 0
		if q.answered == 0 || q.unit < m.unit || !chained {
			return false
		}
		b.join(q.unit, m.unit)
		last = q.answered
		return true
	})
	for name, raw := range wire.Minted(m.said.Result) {
		b.minted[handleOf(name, m.call.Method, raw)] = m.unit
	}
}

func (b *bonds) notification(m *message) {
	switch m.said.Method {
	case "notifications/initialized", "notifications/roots/list_changed":
		b.join(m.unit, opening)
		b.roots = true
	case "notifications/cancelled":
		delete(b.open, m.unit)
	}
	if call, ok := b.task(m); ok {
		m.unit, m.about, m.asker = call, true, record.Host
	}
}

// task gives the call that made the task which a message is about.
func (b *bonds) task(m *message) (call int64, ok bool) {
	for _, path := range [][]string{{"taskId"}, {"_meta", "io.modelcontextprotocol/related-task", "taskId"}} {
		if call, ok := b.minted[handleOf("taskId", "", wire.Get(m.said.Params, path...))]; ok {
			return call, true
		}
	}
	return 0, false
}

func handleOf(name, method string, raw []byte) handle {
	if name != "cursor" {
		method = ""
	}
	return handle{name, method, string(raw)}
}
