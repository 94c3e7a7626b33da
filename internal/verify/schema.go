package verify

import (
	"iter"

	"wiretape/internal/compare"
	"wiretape/internal/wire"
)

// side is what a schema is of.
type side int

const (
	takes side = iota // what callers send
	gives             // what they get
)

// narrower reports whether who keeps to the schema before breaks by the one that
// is in force now: a caller may send what is not taken any more, or wait for what
// is not given any more. It looks at types, at what is required, at properties,
// at values and at elements; what else there is in JSON Schema it takes for
// harmless.
func narrower(before, now []byte, s side) bool {
	kind := wire.Get(now, "type")
	return kind != nil && !compare.Equal(wire.Get(before, "type"), kind, compare.Ignore{}) ||
		othersRequired(before, now, s) || fewerValues(before, now, s) || narrowerInside(before, now, s)
}

// othersRequired reports whether callers have to send more, or may get less.
func othersRequired(before, now []byte, s side) bool {
	from, to := wire.Get(before, "required"), wire.Get(now, "required")
	if s == takes {
		from, to = to, from
	}
	return !holds(to, wire.Elements(from))
}

// fewerValues reports whether a value that callers may send is not taken any more.
func fewerValues(before, now []byte, s side) bool {
	from, to := wire.Get(before, "enum"), wire.Get(now, "enum")
	return s == takes && to != nil && (from == nil || !holds(to, wire.Elements(from)))
}

// narrowerInside looks at properties and elements.
func narrowerInside(before, now []byte, s side) bool {
	closed := string(wire.Get(now, "additionalProperties")) == "false"
	for name, schema := range wire.Members(wire.Get(before, "properties")) {
		later := wire.Get(now, "properties", name)
		if later == nil && (s == gives || closed) || later != nil && narrower(schema, later, s) {
			return true
		}
	}
	items, later := wire.Get(before, "items"), wire.Get(now, "items")
	return items != nil && later != nil && narrower(items, later, s)
}

// holds reports whether an array has all these elements.
func holds(array []byte, elements iter.Seq[[]byte]) bool {
	for wanted := range elements {
		found := false
		for element := range wire.Elements(array) {
			found = found || compare.Equal(element, wanted, compare.Ignore{})
		}
		if !found {
			return false
		}
	}
	return true
}
