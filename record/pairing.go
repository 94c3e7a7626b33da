package record

import (
	"bytes"

	"wiretape/internal/wire"
)

// Pairing joins requests with their responses while events are read one after
// the other. Requests are told apart by who asked and by their raw id. The zero
// value is ready; it is not safe for concurrent use.
//
// It holds what it needs of the calls that are open, of 65,536 at most. When
// there are more, the older half is given up, as is a call whose asker uses its
// id again: their responses belong to no call.
type Pairing struct {
	pairs    pairs
	asked    []Call // what See gave last
	answered []Call
}

// See takes the next event. It gives a Call for each request in it, which has
// no response yet, and a Call for each response: the one that it answers, as
// Call.Request tells, or one whose Request is 0 if none is open. Both are in the
// order in which the messages stand in the event, and are there until the next
// See; their IDs are slices of e.Line. Only a batch gives more than one.
func (p *Pairing) See(e *Event) (asked, answered []Call) {
	p.asked, p.answered = emptied(p.asked), emptied(p.answered)
	if e.Line == nil || e.Stderr {
		return nil, nil
	}
	m := wire.Parse(e.Line)
	if m.Kind != wire.Batch {
		p.message(e, &m)
		return p.asked, p.answered
	}
	for element := range wire.Elements(e.Line) {
		m := wire.Parse(element)
		p.message(e, &m)
	}
	return p.asked, p.answered
}

func (p *Pairing) message(e *Event, m *wire.Message) {
	switch m.Kind {
	case wire.Request:
		call := *p.pairs.request(e, m)
		call.ID = m.ID
		p.asked = append(p.asked, call)
	case wire.Response:
		call := Call{From: e.To, To: e.From, Response: e.Seq, Error: failed("", m)}
		if known := p.pairs.response(e, m); known != nil {
			call = *known
		}
		call.ID = m.ID
		p.answered = append(p.answered, call)
	}
}

// emptied gives memory to use again, but not what a large batch needed.
func emptied(calls []Call) []Call {
	const manyCalls = 64
	if cap(calls) > manyCalls {
		return nil
	}
	return calls[:0]
}

// request notes what a message asks.
func (p *pairs) request(e *Event, m *wire.Message) *Call {
	call := Call{From: e.From, To: e.To, Method: m.Method, ID: m.ID, Request: e.Seq, Start: e.At}
	if m.Method == "tools/call" {
		call.Tool, _ = wire.Text(wire.Get(m.Params, "name"))
	}
	return p.ask(call)
}

// response gives the call that a message answers; nil if none is open.
func (p *pairs) response(e *Event, m *wire.Message) *Call {
	call := p.answer(e.From, e.To, m.ID)
	if call == nil {
		return nil
	}
	call.Response = e.Seq
	call.Latency = max(e.At-call.Start, 0)
	call.Error = failed(call.Method, m)
	return call
}

// failed reports whether a response to method, "" if that is not known, says
// that the call failed. "isError: whether the tool call ended in an error"
// (CallToolResult, 2025-11-25)
func failed(method string, m *wire.Message) bool {
	if m.Error != nil {
		return true
	}
	maybeTool := method == "tools/call" || method == ""
	return maybeTool && mayHold(m.Result, "isError") && string(wire.Get(m.Result, "isError")) == "true"
}

// mayHold reports whether the object in value can have a member of this name.
// Looking for it is much cheaper than reading a large result once more. A name
// that is spelled with escapes is the only other way to write it.
func mayHold(value []byte, name string) bool {
	return bytes.Contains(value, []byte(`"`+name+`"`)) || bytes.Contains(value, []byte(`\u`))
}
