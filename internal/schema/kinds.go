package schema

import (
	"encoding/json"
	"iter"
	"math/big"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// kinds are types of JSON, of which numbers have two.
type kinds int

const (
	null kinds = 1 << iota
	boolean
	integer
	fraction
	text
	array
	object
	everything = 1<<iota - 1
)

// each goes through kinds one by one.
func (k kinds) each() iter.Seq[kinds] {
	return func(yield func(kinds) bool) {
		for one := null; one <= object; one <<= 1 {
			if k&one != 0 && !yield(one) {
				return
			}
		}
	}
}

var kindNames = map[string]kinds{
	"null": null, "boolean": boolean, "integer": integer, "number": integer | fraction, "string": text, "array": array, "object": object,
}

// kindsOf gives all kinds of values that a schema may take.
func (n *narrowing) kindsOf(s *jsonschema.Schema) kinds {
	all, ok := n.kinds[s]
	if ok {
		return all
	}
	all = everything
	n.kinds[s] = all // until it is known
	if s.Bool != nil && !*s.Bool {
		all = 0
	}
	if s.Types != nil {
		all &= named(s.Types.ToStrings())
	}
	if s.Const != nil {
		all &= kindOf(*s.Const)
	}
	if s.Enum != nil {
		all &= union(s.Enum.Values, kindOf)
	}
	if s.Ref != nil {
		all &= n.kindsOf(s.Ref)
	}
	for _, part := range s.AllOf {
		all &= n.kindsOf(part)
	}
	for _, parts := range [][]*jsonschema.Schema{s.AnyOf, s.OneOf} {
		if len(parts) > 0 {
			all &= union(parts, n.kindsOf)
		}
	}
	n.kinds[s] = all
	return all
}

func named(types []string) kinds {
	return union(types, func(name string) kinds { return kindNames[name] })
}

func union[T any](parts []T, of func(T) kinds) (all kinds) {
	for _, part := range parts {
		all |= of(part)
	}
	return all
}

func kindOf(v any) kinds {
	switch v := v.(type) {
	case nil:
		return null
	case bool:
		return boolean
	case string:
		return text
	case []any:
		return array
	case map[string]any:
		return object
	case json.Number:
		if r, ok := new(big.Rat).SetString(v.String()); ok && !r.IsInt() {
			return fraction
		}
	}
	return integer
}

// valuesOf gives all values of a kind that fit a schema, if they are few.
func valuesOf(kind kinds, s *jsonschema.Schema) (values []any, few bool) {
	switch {
	case s.Const != nil:
		values = []any{*s.Const}
	case s.Enum != nil:
		values = s.Enum.Values
	default:
		return nil, false
	}
	var ofKind []any
	for _, v := range values {
		if kindOf(v) == kind && s.Validate(v) == nil {
			ofKind = append(ofKind, v)
		}
	}
	if kind == null || kind == boolean && len(ofKind) == 2 {
		return nil, false // it takes all there are
	}
	return ofKind, true
}

func fit(values []any, s *jsonschema.Schema) bool {
	return !slices.ContainsFunc(values, func(v any) bool { return s.Validate(v) != nil })
}
