package verify

import (
	"fmt"
	"slices"

	"wiretape/internal/compare"
)

// rule is what counts for some calls besides what counts for all.
type rule struct {
	method, name string // empty for any
	ignore       compare.Pointers
	expect       []Expectation
}

// compile makes the rules ready, and says what is wrong with them.
func (c *Check) compile() ([]rule, error) {
	var all []rule
	for i, r := range c.Rules {
		ignore, err := compare.ParsePointers(r.Ignore...)
		if err != nil {
			return nil, fmt.Errorf("rule %d: %w", i+1, err)
		}
		ready := rule{method: r.Method, name: r.Name, ignore: ignore}
		for _, text := range r.Expect {
			e, err := ParseExpectation(text)
			if err != nil {
				return nil, fmt.Errorf("rule %d: %w", i+1, err)
			}
			ready.expect = append(ready.expect, e)
		}
		all = append(all, ready)
	}
	return all, nil
}

// ruled gives a play that goes by the rule for a call.
func (p *play) ruled(c *call) *play {
	i := slices.IndexFunc(p.rules, func(r rule) bool {
		return (r.method == "" || r.method == c.method) && (r.name == "" || r.name == c.name)
	})
	if i < 0 {
		return p
	}
	check, ruled := *p.Check, *p
	check.Ignore = slices.Concat(check.Ignore, p.rules[i].ignore)
	check.Expect = slices.Concat(check.Expect, p.rules[i].expect)
	ruled.Check = &check
	return &ruled
}
