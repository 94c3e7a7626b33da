package verify

import (
	"wiretape/internal/findings"
	"wiretape/internal/wire"
)

// Mutants gives what one mutation makes of a value.
func Mutants(value []byte) (all [][]byte) {
	mutate(value, nil, "", func(_ mutation, _ string, other []byte) { all = append(all, other) })
	return all
}

// Compared tells what differs in two answers to a call of a method; nil stands for
// none.
func Compared(check *Check, method string, recorded, live []byte) []findings.Finding {
	p := newPlay(check, nil, &script{})
	c := &call{method: method}
	if recorded != nil {
		answer := wire.Parse(recorded)
		c.answer = &answer
	}
	return p.compare(c, wire.Parse(live), live != nil, nil)
}
