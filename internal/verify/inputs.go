package verify

import (
	"bytes"
	"slices"

	"wiretape/internal/compare"
	"wiretape/internal/findings"
	"wiretape/internal/wire"
)

// input is what a result asks the host for, by a key that the server chose.
//
// MCP 2026-07-28, multi round trip: the host answers in inputResponses under the
// keys of inputRequests.
type input struct {
	key string
	raw []byte // the request
}

// inputsOf gives what a result asks for, and reports whether it asks.
func inputsOf(result []byte) (all []input, ok bool) {
	// Looking for the name is much cheaper than reading the result.
	if !mentions(result, "inputRequests") {
		return nil, false
	}
	inputs := wire.Get(result, "inputRequests")
	at := map[string]int{}
	for key, raw := range wire.Members(inputs) {
		n, again := at[key]
		if again {
			all[n].raw = raw // the last one counts
			continue
		}
		at[key] = len(all)
		all = append(all, input{key, raw})
	}
	return all, wire.Is(inputs, '{')
}

var inputIgnore = compare.Ignore{Drop: must("/params/_meta"), Mask: must("/params/elicitationId")}

func (in *input) asks() string { return string(compare.Canonical(nil, in.raw, inputIgnore)) }

func (in *input) method() string {
	method, _ := wire.Text(wire.Get(in.raw, "method"))
	return method
}

// pairInputs joins what two results ask for. Keys may be made up each time, so what
// is asked counts more.
func pairInputs(was, is []input) pairs {
	p := newPairs(len(was), len(is))
	join(p, was, is, func(in *input) string { return in.asks() + in.key })
	join(p, was, is, (*input).asks)
	join(p, was, is, func(in *input) string { return in.key })
	join(p, was, is, (*input).method)
	return p
}

// inputs compares what two results ask for.
func (p *play) inputs(was, is []input) (found []findings.Finding) {
	same := pairInputs(was, is)
	for i, in := range was {
		var live []byte
		if n := same.ofA[i]; n >= 0 {
			live = is[n].raw
		}
		found = append(found, p.input(in.key, in.raw, live)...)
	}
	for i, in := range is {
		if same.ofB[i] < 0 {
			found = append(found, p.input(in.key, nil, in.raw)...)
		}
	}
	return found
}

// input compares two requests as if they had the same key; nil stands for none.
func (p *play) input(key string, was, is []byte) []findings.Finding {
	under := func(raw []byte) []byte {
		result := []byte(`{"inputRequests":{}}`)
		if raw != nil {
			result, _ = wire.Set(result, raw, "inputRequests", key)
		}
		return result
	}
	return p.differ(under(was), under(is), nil, func(compare.Difference) string { return findings.ResultChanged })
}

// learnInputs takes note of the keys of what the answer to a call asks for.
func (m *minted) learnInputs(recorded, live []byte, by func() string) {
	was, asked := inputsOf(recorded)
	if !asked {
		return
	}
	is, _ := inputsOf(live)
	same := pairInputs(was, is)
	for i, in := range was {
		if n := same.ofA[i]; n >= 0 {
			m.given.add(keyOf(by()+string(wire.Get(recorded, "requestState")), in.key), string(wire.Quote(is[n].key)))
			m.pair("elicitationId", wire.Get(in.raw, "params", "elicitationId"), wire.Get(is[n].raw, "params", "elicitationId"))
		}
	}
}

// recordedKeys gives a live answer in which what is asked for has the recorded keys.
func recordedKeys(recorded, line []byte) []byte {
	was, asked := inputsOf(recorded)
	is, asks := inputsOf(wire.Get(line, "result"))
	if !asked || !asks {
		return line
	}
	keys := map[string][]byte{}
	same := pairInputs(was, is)
	for i, in := range is {
		if n := same.ofB[i]; n >= 0 {
			keys[in.key] = wire.Quote(was[n].key)
		} else if slices.ContainsFunc(was, func(other input) bool { return other.key == in.key }) {
			return line // it would be there twice
		}
	}
	inputs := wire.Get(line, "result", "inputRequests")
	return wire.Replace(line, inputs, renamed(inputs, func(key string) []byte { return keys[key] }))
}

// keyOf is the key of a mint that is a key of inputRequests.
func keyOf(round, key string) hash { return mintOf("inputResponses", round, wire.Quote(key)) }

// answersTo gives inputResponses under the keys that stand for theirs.
func (m mints) answersTo(round string, responses []byte, spell func(string) []byte) []byte {
	return renamed(responses, func(key string) []byte { return m.standsFor(keyOf(round, key), spell) })
}

// renamed gives an object with other names, raw; nil leaves one as it is.
func renamed(object []byte, other func(name string) []byte) []byte {
	var members [][]byte
	differs := false
	for name, value := range wire.Members(object) {
		raw := wire.Quote(name)
		if to := other(name); to != nil && !bytes.Equal(to, raw) {
			raw, differs = to, true
		}
		members = append(members, slices.Concat(raw, []byte(":"), value))
	}
	if !differs {
		return object
	}
	return slices.Concat([]byte("{"), bytes.Join(members, []byte(",")), []byte("}"))
}
