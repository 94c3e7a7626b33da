// Package schema tells whom a change of a tool's schema breaks.
package schema

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Side is what a schema is of.
type Side int

const (
	Takes Side = iota // what callers send
	Gives             // what they get
)

// Narrower tells where those break who keep to the schema before, now that
// another one is in force: they may send what is not taken any more, or get what
// was not given. It gives JSON pointers into the schemas, none if nobody breaks
// for sure.
//
// Compared are types, values, what is required, properties and elements, and, of
// what callers send, also bounds, a pattern where there was none, and whether
// what has no name is taken. References are followed, and each part of an anyOf
// or oneOf is looked for in the other one. A schema that has more (allOf, not,
// if, …) may forbid by that what the other one now forbids in plain words, so
// only its types and properties count. All else is taken for harmless.
func Narrower(before, now []byte, s Side) Places {
	from, to := Compile(before), Compile(now)
	if from == nil || to == nil {
		return nil
	}
	if s == Gives {
		from, to = to, from
	}
	n := narrowing{side: s, kinds: map[*jsonschema.Schema]kinds{}, known: map[[2]*jsonschema.Schema]Places{}, left: mostPairs}
	return n.schemas(from, to)
}

// Places are JSON pointers without wildcards.
type Places []string

// Area is what Places point to, for looking up.
type Area struct {
	roots map[string]bool // what they point to
	above map[string]bool // what that is within
}

// Area gives what can be asked about the places.
func (p Places) Area() Area {
	a := Area{map[string]bool{}, map[string]bool{}}
	for _, pointer := range p {
		if a.roots[pointer] {
			continue
		}
		a.roots[pointer] = true
		for outer := range outwards(pointer) {
			a.above[outer] = true
		}
	}
	return a
}

// Touches reports whether what a pointer points to is in the area, or has some of
// it.
func (a Area) Touches(pointer string) bool {
	if a.roots[pointer] || a.above[pointer] {
		return true
	}
	for outer := range outwards(pointer) {
		if a.roots[outer] {
			return true
		}
	}
	return false
}

// outwards goes through the pointers to what a pointer's place is within.
func outwards(pointer string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for at := strings.LastIndexByte(pointer, '/'); at >= 0; at = strings.LastIndexByte(pointer, '/') {
			if pointer = pointer[:at]; !yield(pointer) {
				return
			}
		}
	}
}

// mostPairs bounds a comparison. What goes beyond is taken for harmless.
const mostPairs = 20_000

// narrowing looks for what fits the schema from and does not fit the schema to.
type narrowing struct {
	side  Side
	kinds map[*jsonschema.Schema]kinds     // that schemas take
	known map[[2]*jsonschema.Schema]Places // of the pairs that were compared, or are
	left  int                              // pairs that may still be
}

func (n *narrowing) schemas(from, to *jsonschema.Schema) Places {
	pair := [2]*jsonschema.Schema{from, to}
	if found, ok := n.known[pair]; ok || n.left == 0 {
		return found
	}
	n.left--
	n.known[pair] = nil
	found := n.targets(target(from), target(to))
	if len(found) > 0 {
		found = append(found, at(from, to, "$ref")...)
	}
	n.known[pair] = found
	return found
}

// targets compares schemas that are no references.
func (n *narrowing) targets(from, to *jsonschema.Schema) Places {
	if n.kindsOf(from) == 0 || to.Bool != nil && *to.Bool {
		return nil
	}
	as, bs := alternatives(from), alternatives(to)
	if len(as) <= 1 && len(bs) <= 1 {
		return n.plain(as[0], bs[0])
	}
	for _, a := range as {
		if !n.covered(a, to, bs) {
			return at(from, to, whatItIs...)
		}
	}
	return nil
}

// covered reports whether all that fits an alternative fits a schema, which is a
// choice of others.
func (n *narrowing) covered(a, to *jsonschema.Schema, others []*jsonschema.Schema) bool {
	for kind := range n.kindsOf(a).each() {
		if values, few := valuesOf(kind, a); few {
			if !fit(values, to) {
				return false
			}
			continue
		}
		if !slices.ContainsFunc(others, func(b *jsonschema.Schema) bool {
			return n.kindsOf(b)&kind != 0 && len(n.values(kind, a, b)) == 0
		}) {
			return false
		}
	}
	return true
}

// plain compares two schemas that are no choice of others.
func (n *narrowing) plain(from, to *jsonschema.Schema) (found Places) {
	a, b := n.kindsOf(from), n.kindsOf(to)
	if a&^b != 0 {
		found = at(from, to, whatItIs...)
	}
	for kind := range (a & b).each() {
		found = append(found, n.values(kind, from, to)...)
	}
	return found
}

// values compares what two schemas say of values of a kind that both take.
func (n *narrowing) values(kind kinds, from, to *jsonschema.Schema) (found Places) {
	values, few := valuesOf(kind, from)
	switch _, fewer := valuesOf(kind, to); {
	case few && fit(values, to):
		return nil
	case few || fewer:
		return at(from, to, whatItIs...)
	}
	switch kind {
	case object:
		found = n.objects(from, to)
	case array:
		if a, b := elementsOf(from), elementsOf(to); a != nil && b != nil {
			found = n.schemas(a, b)
		}
	}
	if n.side == Takes && !opaque(from) {
		found = append(found, n.stricter(kind, from, to)...)
	}
	return found
}

// objects compares what is required, what has a name, and what has none.
func (n *narrowing) objects(from, to *jsonschema.Schema) (found Places) {
	if !opaque(from) && slices.ContainsFunc(to.Required, func(name string) bool { return !slices.Contains(from.Required, name) }) {
		found = at(from, to, "required")
	}
	unnamed := unnamedOf(to)
	for _, name := range slices.Sorted(maps.Keys(from.Properties)) {
		if later, ok := to.Properties[name]; ok {
			found = append(found, n.schemas(from.Properties[name], later)...)
		} else if n.side == Takes && unnamed != nil && len(n.schemas(from.Properties[name], unnamed)) > 0 {
			found = append(found, propertyOf(from, name))
		}
	}
	if n.side == Gives {
		return append(found, gone(to, from)...)
	}
	if open := unnamedOf(from); open != nil && unnamed != nil && !opaque(from) && len(n.schemas(open, unnamed)) > 0 {
		found = append(found, at(from, to, "additionalProperties")...)
	}
	return found
}

// gone tells what callers got by its name and is not named any more.
func gone(before, now *jsonschema.Schema) (found Places) {
	if opaque(now) || unnamedOf(now) == nil || unnamedOf(now).Bool == nil {
		return nil // it may be told in another way
	}
	for name := range before.Properties {
		if _, ok := now.Properties[name]; !ok {
			found = append(found, propertyOf(before, name))
		}
	}
	return found
}
