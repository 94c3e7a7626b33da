package filter

import (
	"bytes"

	"wiretape/internal/wire"
	"wiretape/record"
)

// message is what words are asked about: a message, or an event that is none.
type message struct {
	event *record.Event
	line  []byte // the event's, or the message's part of a batch
	kind  string // as wire.Kind has it, or one of these
	batch bool   // it stands in a batch, or is an empty one
	said  wire.Message
	call  record.Call  // that a request or a response belongs to
	unit  int64        // what is chosen together: the request of the call, or the event itself
	asker record.Party // who began the unit
	about bool         // it is a notification about the call
	lower []byte       // line in lower case, once it was asked for
}

const (
	stderr  = "stderr"
	outcome = "outcome" // how a process or the recording ended
)

// inLower gives the line in lower case.
func (m *message) inLower() []byte {
	if len(m.lower) > 0 {
		return m.lower
	}
	m.lower = append(m.lower, m.line...)
	for i, c := range m.lower {
		switch {
		case c >= 0x80:
			m.lower = bytes.ToLower(m.line)
			return m.lower
		case 'A' <= c && c <= 'Z':
			m.lower[i] = c + 'a' - 'A'
		}
	}
	return m.lower
}

// thread goes through the events of a recording in their order, takes them
// apart, and finds out what belongs together.
type thread struct {
	visit           func(*message) // keeps nothing of it
	bonds           *bonds         // nil if each call is a unit of its own
	pairing         record.Pairing
	asked, answered []record.Call // by the rest of an event
	ids, tokens     recent
	message         message
}

func (t *thread) event(e *record.Event) {
	if t.bonds != nil {
		if !playable(e) {
			return
		}
		e.AsHost()
	}
	t.asked, t.answered = t.pairing.See(e)
	switch {
	case e.Line == nil:
		t.tell(message{event: e, kind: outcome})
		return
	case e.Stderr:
		t.tell(message{event: e, kind: stderr, line: e.Line})
		return
	}
	said := wire.Parse(e.Line)
	if said.Kind != wire.Batch {
		t.tell(message{event: e, line: e.Line, kind: said.Kind.String(), said: said})
		return
	}
	first := int64(0)
	for element := range wire.Elements(e.Line) {
		said := wire.Parse(element)
		t.tell(message{event: e, line: element, kind: said.Kind.String(), batch: true, said: said})
		if first == 0 {
			first = t.message.unit
		}
		if t.bonds != nil {
			t.bonds.join(t.message.unit, first)
		}
	}
	if first == 0 {
		t.tell(message{event: e, line: e.Line, kind: said.Kind.String(), batch: true})
	}
}

// tell finds out what a message belongs to and has it visited.
func (t *thread) tell(m message) {
	m.lower = t.message.lower[:0]
	m.unit, m.asker = m.event.Seq, m.event.From
	switch m.said.Kind {
	case wire.Request:
		m.call, t.asked = t.asked[0], t.asked[1:]
		t.ids.add(m.asker, m.said.ID, m.unit)
		t.tokens.add(m.asker, wire.Get(m.said.Params, "_meta", "progressToken"), m.unit)
	case wire.Response:
		m.call, t.answered = t.answered[0], t.answered[1:]
		m.asker = m.call.From
		if m.call.Request != 0 {
			m.unit = m.call.Request
		}
	case wire.Notification:
		if asker, request := t.subject(m.event, &m.said); request != 0 {
			m.asker, m.unit, m.about = asker, request, true
		}
	}
	t.message = m
	if t.bonds != nil {
		t.bonds.hear(&t.message)
	}
	t.visit(&t.message)
}

// subject finds the call that a notification is about; 0 if there is none.
//
// "Progress notifications MUST only reference tokens that were provided in an
// active request" and "Cancellation notifications MUST only reference requests
// that were previously issued in the same direction" (2025-11-25); in
// 2026-07-28 a server also cancels the host's subscriptions/listen, and tags
// what it says to a subscription with the id of that request.
func (t *thread) subject(e *record.Event, said *wire.Message) (asker record.Party, request int64) {
	if id := wire.Get(said.Params, "_meta", "io.modelcontextprotocol/subscriptionId"); id != nil {
		return e.To, t.ids.find(e.To, id)
	}
	switch said.Method {
	case "notifications/progress":
		return e.To, t.tokens.find(e.To, wire.Get(said.Params, "progressToken"))
	case "notifications/cancelled":
		id := wire.Get(said.Params, "requestId")
		for _, asker := range cancellers(e) {
			if request := t.ids.find(asker, id); request != 0 {
				return asker, request
			}
		}
	}
	return "", 0
}

// cancellers are who may have asked what is cancelled, the likeliest first.
// wiretape cancels in the name of a side that is gone.
func cancellers(e *record.Event) []record.Party {
	switch {
	case e.From == record.Proxy && e.To == record.Host:
		return []record.Party{record.Proxy, record.Target}
	case e.From == record.Proxy && e.To == record.Target:
		return []record.Party{record.Proxy, record.Host}
	case e.From == record.Target:
		return []record.Party{record.Target, e.To}
	}
	return []record.Party{e.From}
}
