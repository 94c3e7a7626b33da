package verify

import (
	"errors"
	"fmt"
	"slices"

	"wiretape/internal/compare"
	"wiretape/internal/wire"
)

// put gives a copy of value, what is said or a part of it, in which what names lead
// to is raw. What is missing on the way is added, as objects. No other byte changes.
//
// RFC 6901, section 4, tells which names an array has; RFC 6902, section 4.1: "If
// the "-" character is used to index the end of the array […], this has the effect
// of appending the value to the array."
func put(value, raw []byte, names []string) ([]byte, error) {
	if len(names) == 0 {
		return raw, nil
	}
	name := names[0]
	switch {
	case wire.Is(value, '['):
		return putElement(value, raw, names)
	case value == nil || string(value) == "null":
		if name == "-" || compare.Index(name) >= 0 {
			return nil, fmt.Errorf("there is no array that %q could be in: set it whole, as [1,2]", name)
		}
		value = []byte("{}")
	case !wire.Is(value, '{'):
		return nil, fmt.Errorf("%q can only be in an object", name)
	}
	there := wire.Get(value, name)
	if there == nil && name == "*" {
		return nil, errors.New("* is no name there, and one value is set, not many")
	}
	inner, err := put(there, raw, names[1:])
	if err != nil {
		return nil, err
	}
	out, _ := wire.Set(value, inner, name) // it is an object
	return out, nil
}

// putElement is put for an array.
func putElement(array, raw []byte, names []string) ([]byte, error) {
	var there []byte // nil if it is to be added
	if name := names[0]; name != "-" {
		elements := slices.Collect(wire.Elements(array))
		n := compare.Index(name)
		if n < 0 || n >= len(elements) {
			return nil, fmt.Errorf("an array of length %d has no element %q (the first is 0, and - adds one)", len(elements), name)
		}
		there = elements[n]
	}
	inner, err := put(there, raw, names[1:])
	switch {
	case err != nil:
		return nil, err
	case there == nil:
		out, _ := wire.Append(array, inner) // it is an array
		return out, nil
	}
	return wire.Replace(array, there, inner), nil
}
