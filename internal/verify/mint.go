package verify

import (
	"bytes"

	"wiretape/internal/compare"
	"wiretape/internal/wire"
)

// mintedAt is where servers mint what they know again. What stands there need
// only be there.
var mintedAt = must(
	"/result/nextCursor", "/result/requestState",
	"/params/elicitationId", "/result/inputRequests/*/params/elicitationId", "/error/data/elicitations/*/elicitationId",
)

// isMint reports whether a value may have been minted. An empty string says that
// there is no cursor.
func isMint(raw []byte) bool { return wire.Is(raw, '"') && string(raw) != `""` }

// mintedThere reports whether two values of an answer, or of what is asked, are
// such.
func mintedThere(d compare.Difference) bool {
	return isMint(d.A) && isMint(d.B) && mintedAt.Match(d.Pointer)
}

// withoutMints gives a result in which all that is minted is alike.
func withoutMints(result []byte) []byte {
	// Looking for the names is much cheaper than reading the result.
	if !mentions(result, "nextCursor", "requestState") {
		return result
	}
	for _, at := range mintedAt.Under("result") {
		if isMint(wire.Get(result, at.Names()...)) {
			result, _ = wire.Set(result, []byte(`"\u0000minted"`), at.Names()...)
		}
	}
	return result
}

// mints hold what stands for what the host gives back, by who minted it. What was
// minted more than once, spelled alike, is taken in that order.
type mints map[hash]*queue

type queue struct {
	all  []string
	used bool // the first one was taken
}

// mintOf is the key of what was minted. By tells apart what is spelled alike: for
// a cursor it is the method, for what is said in rounds the operation.
func mintOf(name, by string, raw []byte) hash { return sum(name, by, string(raw)) }

func (m mints) add(key hash, stands string) {
	q := m[key]
	if q == nil {
		q = &queue{}
		m[key] = q
	}
	q.all = append(q.all, stands)
}

// take gives the next one. The last one is given again and again.
func (m mints) take(key hash) (stands string, ok bool) {
	q := m[key]
	if q == nil {
		return "", false
	}
	if q.used && len(q.all) > 1 {
		q.all = q.all[1:]
	}
	q.used = true
	return q.all[0], true
}

// rounds is what differs from round to round of one operation.
//
// MCP 2026-07-28, multi round trip: the host makes its request again, with
// inputResponses and requestState.
var rounds = []string{"requestState", "inputResponses"}

// operation gives the params that all rounds of an operation share, and reports
// whether a request is not the first one.
func operation(said wire.Message) (params []byte, again bool) {
	params = said.Params
	for _, name := range rounds {
		// Looking for the name is much cheaper than reading the params.
		if bytes.Contains(params, []byte(name)) {
			params, again = wire.Remove(params, name), true
		}
	}
	return params, again
}

// givenBack gives the params of a request in which what stands for what the host
// gives back is in its place, nil if there is nothing. By tells apart operations.
func (m mints) givenBack(said wire.Message, by func() string, spell func(string) []byte) []byte {
	var params []byte
	for name, value := range wire.Members(said.Params) {
		var other []byte
		switch name {
		case "cursor":
			other = m.standsFor(mintOf(name, said.Method, value), spell)
		case "requestState":
			other = m.standsFor(mintOf(name, by(), value), spell)
		case "inputResponses":
			other = m.answersTo(by()+string(wire.Get(said.Params, "requestState")), value, spell)
		}
		if other != nil {
			params, _ = wire.Set(or(params, said.Params), other, name)
		}
	}
	return params
}

// standsFor gives what stands for a mint, nil if there is nothing.
func (m mints) standsFor(key hash, spell func(string) []byte) []byte {
	stands, ok := m.take(key)
	if !ok {
		return nil
	}
	return spell(stands)
}
