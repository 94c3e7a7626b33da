package verify

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"

	"wiretape/internal/compare"
	"wiretape/internal/wire"
)

// minted is what the live server minted in the place of what was recorded.
type minted struct {
	handles compare.Pointers
	given   mints            // raw, as the live server spells it
	toLive  map[named][]byte // what may stand in many places: handles and other ids
	back    map[named][]byte // and the other way
}

// named is a raw value that a server minted, and which id it is; "" for a handle,
// which may stand anywhere.
type named struct{ name, raw string }

func newMinted(handles compare.Pointers) minted {
	return minted{handles.Under("result"), mints{}, map[named][]byte{}, map[named][]byte{}}
}

// learn takes note of what was minted in the answer to a call.
func (p *play) learn(c *call, live []byte) {
	recorded := c.answer.Result
	p.minted.learnHandles(recorded, live)
	// Looking for the names is much cheaper than reading the answer.
	if !mentions(recorded, "nextCursor", "requestState", "taskId", "inputRequests") {
		return
	}
	by := sync.OnceValue(func() string { return operationOf(p.script.request(c)) })
	p.minted.learnInputs(recorded, live, by)
	given := maps.Collect(wire.Minted(live))
	for name, raw := range wire.Minted(recorded) {
		other := given[name]
		switch {
		case !isMint(raw) || !isMint(other):
		case name == "cursor":
			p.minted.given.add(mintOf(name, c.method, raw), string(other))
		case name == "requestState":
			p.minted.given.add(mintOf(name, by(), raw), string(other))
		case !strings.HasPrefix(c.method, "tasks/"): // where it is only said again
			p.minted.pair(name, raw, other)
		}
	}
}

func mentions(text []byte, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return bytes.Contains(text, []byte(name)) })
}

// operationOf tells operations apart.
func operationOf(said wire.Message) string {
	params, _ := operation(said)
	whose := hashOf(compare.Canonical(append([]byte(said.Method), 0), params, askIgnore))
	return string(whose[:])
}

// request gives what the host says in a call, with its secrets. It is none if
// that is a batch.
func (s *script) request(c *call) wire.Message {
	at, found := slices.BinarySearchFunc(s.steps, c.seq, func(s *step, seq int64) int { return cmp.Compare(s.seq, seq) })
	if !found {
		return wire.Message{}
	}
	return wire.Parse(s.steps[at].line)
}

// pair takes note of two strings that were minted in the place of each other.
func (m *minted) pair(name string, recorded, live []byte) {
	if isMint(recorded) && isMint(live) && m.put(name, recorded, live) {
		m.back[named{name, string(live)}] = recorded
	}
}

// put takes note of what is put in the place of a recorded value, and reports
// whether there is any need.
func (m *minted) put(name string, recorded, live []byte) bool {
	of := named{name, string(recorded)}
	if m.toLive[of] == nil && bytes.Equal(recorded, live) {
		return false
	}
	m.toLive[of] = live
	return true
}

// same reports whether two values differ only because two servers minted them.
func (m *minted) same(d compare.Difference) bool {
	is := func(name string) bool {
		live, ok := m.toLive[named{name, string(d.A)}]
		return ok && bytes.Equal(live, d.B)
	}
	return mintedThere(d) || is("") || strings.HasSuffix(d.Pointer, "/taskId") && is("taskId")
}

// live gives a line of the host with what the live server minted.
func (m *minted) live(line []byte) []byte {
	if len(m.given)+len(m.toLive) == 0 || len(m.handles) == 0 && !mentions(line, "cursor", "requestState", "inputResponses", "taskId", "elicitationId") {
		return line
	}
	if wire.Parse(line).Kind != wire.Batch {
		return m.said(line)
	}
	var all [][]byte
	for element := range wire.Elements(line) {
		all = append(all, m.said(element))
	}
	return wire.Array(all...)
}

// said gives a message of the host with what the live server minted.
func (m *minted) said(text []byte) []byte {
	if said := wire.Parse(text); said.Kind == wire.Request {
		by := sync.OnceValue(func() string { return operationOf(said) })
		params := m.given.givenBack(said, by, func(live string) []byte { return []byte(live) })
		if params != nil {
			text = wire.Replace(text, said.Params, params)
		}
	}
	if len(m.toLive) == 0 {
		return text
	}
	return swapIn(text, func(name, raw []byte) []byte { return inPlaceOf(m.toLive, name, raw) })
}

// recorded gives the live answer to a call with what the recorded server had
// minted. A number is only known where that stood: there are too many like it.
func (m *minted) recorded(c *call, line []byte) []byte {
	line = recordedKeys(c.answer.Result, line)
	result := wire.Get(line, "result")
	there := map[*byte][]byte{} // by where it stands in the result
	for _, d := range compare.Differences(c.answer.Result, result, compare.Ignore{}, 0) {
		if d.Pointer = "/result" + d.Pointer; d.B != nil && m.same(d) {
			there[&d.B[0]] = d.A
		}
	}
	return swapIn(line, func(name, raw []byte) []byte { return or(there[&raw[0]], inPlaceOf(m.back, name, raw)) })
}

// swapIn swaps in what a message says, which its id is no part of.
func swapIn(text []byte, by func(name, raw []byte) []byte) []byte {
	said := wire.Parse(text)
	body := or(said.Params, or(said.Result, said.Error))
	if other := swapScalars(body, by); other != nil {
		return wire.Replace(text, body, other)
	}
	return text
}

// inPlaceOf gives what was minted in the place of a value, nil if nothing was: a handle
// wherever it stands, but for the host's own ids, and another id where such are said.
func inPlaceOf(by map[named][]byte, name, raw []byte) []byte {
	switch string(name) {
	case `"progressToken"`, `"requestId"`:
		return nil
	}
	if other := by[named{idOf(string(bytes.Trim(name, `"`))), string(raw)}]; other != nil {
		return other
	}
	return by[named{"", string(raw)}]
}

// idOf tells which id it is that a member says, "" for none that servers mint.
func idOf(member string) string {
	switch member {
	case "taskId", "taskIds":
		return "taskId"
	case "elicitationId":
		return member
	}
	return ""
}
