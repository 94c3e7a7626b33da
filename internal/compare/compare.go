// Package compare tells whether two JSON values mean the same, and where they
// differ.
//
// Two values mean the same if they differ only in spelling: white space, the
// order of members, the escapes of strings, and the digits of numbers (10, 1e1
// and 10.0 are one number; no precision is ever lost). A name that stands twice
// in an object counts where it stands last. What does not matter to the caller,
// such as a progress token, is named by pointers:
//
//	drop, err := compare.ParsePointers("/_meta/progressToken")
//	…
//	same := compare.Equal(a, b, compare.Ignore{Drop: drop})
//
// Damaged text, which includes what is nested deeper than 10,000 levels, equals
// only itself. A string that holds lone surrogates or bytes that are no UTF-8 is
// not damaged: they are equal to themselves, and to nothing else. All functions
// are safe for concurrent use, and take time in proportion to the size of the
// values, but for the sorting of names.
package compare

import (
	"bytes"
	"slices"
)

// Ignore says what does not count in a comparison. The zero value ignores
// nothing. What is both dropped and masked is dropped.
type Ignore struct {
	Drop Pointers // as if it were not there, in either value; an array's element as if it were null
	Mask Pointers // counts as being there, whatever it is
}

// under is what to ignore in the member or element of this name.
func (ig Ignore) under(name string) Ignore {
	return Ignore{Drop: ig.Drop.Under(name), Mask: ig.Mask.Under(name)}
}

func (ig Ignore) nothing() bool { return len(ig.Drop) == 0 && len(ig.Mask) == 0 }

// Marks begin what is no JSON, so that no JSON value has the same spelling.
const (
	masked  = '*'
	damaged = '!' // the raw text follows
)

// Canonical appends to dst the one spelling of value that all values of the
// same meaning share: members sorted by name, numbers and strings each in one
// spelling, no white space. What ignore drops is left out, but a dropped element
// of an array is null so that the others keep their places; what it masks is
// written as a mark that no JSON value is equal to. If nothing is masked, the
// spelling of valid JSON is valid JSON, of the same meaning. A nil value, or one
// that is dropped as a whole, gives nothing; damaged text gives a mark with the
// text.
func Canonical(dst, value []byte, ignore Ignore) []byte {
	switch {
	case value == nil || ignore.Drop.whole():
		return dst
	case ignore.Mask.whole():
		return append(dst, masked)
	}
	t := grow(value)
	defer t.release()
	if !t.sound {
		return append(append(dst, damaged), value...)
	}
	return t.spell(slices.Grow(dst, len(value)), 0, ignore)
}

// CanonicalUnlessEmpty does as Canonical, but gives nothing for null, nor for an
// object that has no members, or none that count.
func CanonicalUnlessEmpty(dst, value []byte, ignore Ignore) []byte {
	n := len(dst)
	dst = Canonical(dst, value, ignore)
	if s := string(dst[n:]); s == "{}" || s == "null" {
		return dst[:n]
	}
	return dst
}

// Equal reports whether a and b mean the same. Nil is a value that is absent:
// it equals only nil, and what is dropped as a whole.
func Equal(a, b []byte, ignore Ignore) bool {
	return identical(a, b) || bytes.Equal(Canonical(nil, a, ignore), Canonical(nil, b, ignore))
}

func identical(a, b []byte) bool { return (a == nil) == (b == nil) && bytes.Equal(a, b) }
