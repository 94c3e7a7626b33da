package schema

import (
	"math/big"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// stricter tells which bounds of values of a kind are closer in to than in from.
func (n *narrowing) stricter(kind kinds, from, to *jsonschema.Schema) (found Places) {
	if kind == integer || kind == fraction {
		return closer(from, to, n.kindsOf(from)&fraction == 0)
	}
	for _, b := range []struct {
		kind    kinds
		keyword string
		closer  bool
	}{
		{text, "minLength", raised(from.MinLength, to.MinLength)},
		{text, "maxLength", lowered(from.MaxLength, to.MaxLength)},
		{text, "pattern", from.Pattern == nil && to.Pattern != nil},
		{array, "minItems", raised(from.MinItems, to.MinItems)},
		{array, "maxItems", lowered(from.MaxItems, to.MaxItems)},
		{array, "uniqueItems", !from.UniqueItems && to.UniqueItems},
		{object, "minProperties", raised(from.MinProperties, to.MinProperties)},
		{object, "maxProperties", lowered(from.MaxProperties, to.MaxProperties)},
	} {
		if b.kind == kind && b.closer {
			found = append(found, at(from, to, b.keyword)...)
		}
	}
	return found
}

func raised(before, now *int) bool {
	return now != nil && *now > 0 && (before == nil || *now > *before)
}

func lowered(before, now *int) bool { return now != nil && (before == nil || *now < *before) }

// closer tells which bounds of numbers are closer; whole says that they have no
// fractions.
func closer(from, to *jsonschema.Schema, whole bool) (found Places) {
	if least(from, whole).below(least(to, whole)) {
		found = at(from, to, "minimum", "exclusiveMinimum")
	}
	if most(from, whole).below(most(to, whole)) {
		found = append(found, at(from, to, "maximum", "exclusiveMaximum")...)
	}
	step := from.MultipleOf
	if step == nil && whole {
		step = big.NewRat(1, 1)
	}
	if to.MultipleOf != nil && to.MultipleOf.Sign() > 0 && (step == nil || !new(big.Rat).Quo(step, to.MultipleOf).IsInt()) {
		found = append(found, at(from, to, "multipleOf")...)
	}
	return found
}

// bound is what numbers are not below.
type bound struct {
	number *big.Rat // nil if there is none
	open   bool     // nor are they the number itself
}

func least(s *jsonschema.Schema, whole bool) bound {
	return boundOf(s.Minimum, s.ExclusiveMinimum, whole)
}

// most is the upper bound, which is a lower one of what is negated.
func most(s *jsonschema.Schema, whole bool) bound {
	return boundOf(negated(s.Maximum), negated(s.ExclusiveMaximum), whole)
}

func negated(r *big.Rat) *big.Rat {
	if r == nil {
		return nil
	}
	return new(big.Rat).Neg(r)
}

// farthest is the largest integer that JavaScript can tell from its neighbours.
// A bound that is as far away is written by generators, and meant by nobody.
var farthest = big.NewRat(-(1<<53 - 1), 1)

func boundOf(closed, open *big.Rat, whole bool) bound {
	b := bound{number: closed}
	if open != nil && (closed == nil || open.Cmp(closed) >= 0) {
		b = bound{open, true}
	}
	if whole && b.open && b.number.IsInt() {
		b = bound{new(big.Rat).Add(b.number, big.NewRat(1, 1)), false}
	}
	if b.number != nil && b.number.Cmp(farthest) <= 0 {
		return bound{}
	}
	return b
}

// below reports whether a bound lets pass what the other one does not.
func (b bound) below(other bound) bool {
	switch {
	case other.number == nil:
		return false
	case b.number == nil:
		return true
	}
	order := b.number.Cmp(other.number)
	return order < 0 || order == 0 && other.open && !b.open
}
