package verify

import (
	"bytes"
	"strconv"

	"wiretape/internal/compare"
	"wiretape/internal/wire"
)

// isNumber reports whether a raw value is a number.
func isNumber(raw []byte) bool {
	return len(raw) > 0 && (raw[0] == '-' || '0' <= raw[0] && raw[0] <= '9')
}

// eachHandle gives the strings and numbers that pointers point to, or to what these
// are within.
func eachHandle(value []byte, place string, handles compare.Pointers, do func(place string, raw []byte)) {
	if len(handles) == 0 {
		return
	}
	whole := handles.Match("")
	if whole && (isMint(value) || isNumber(value)) {
		do(place, value)
		return
	}
	inside := func(name string, inner []byte) {
		under := handles
		if !whole {
			under = handles.Under(name)
		}
		eachHandle(inner, place+"/"+name, under, do)
	}
	for name, inner := range wire.Members(value) {
		inside(name, inner)
	}
	n := 0
	for inner := range wire.Elements(value) {
		inside(strconv.Itoa(n), inner)
		n++
	}
}

// learnHandles takes note of the handles in an answer.
func (m *minted) learnHandles(recorded, live []byte) {
	if len(m.handles) == 0 || len(m.toLive) == 0 && bytes.Equal(recorded, live) {
		return
	}
	there := map[string][]byte{}
	eachHandle(live, "", m.handles, func(place string, raw []byte) { there[place] = raw })
	eachHandle(recorded, "", m.handles, func(place string, raw []byte) {
		other := there[place]
		if !isNumber(raw) || !isNumber(other) {
			m.pair("", raw, other)
			return
		}
		m.put("", raw, other)
		m.put("", inText(raw), inText(other))
	})
}

// inText is a text that only says a number.
func inText(number []byte) []byte { return wire.Quote(string(number)) }
