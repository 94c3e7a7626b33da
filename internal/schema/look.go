package schema

import (
	"bytes"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"wiretape/internal/compare"
)

// The time that reading a schema takes grows with the square of its parts, and
// with the cube of its depth. One that is larger than this is not read.
const (
	mostParts  = 10_000
	mostLevels = 200
)

// Compile reads a schema. It gives nil if it is none, refers to others that
// are elsewhere, or is too large to be looked through.
func Compile(text []byte) *jsonschema.Schema {
	if text == nil || !small(text) {
		return nil
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil
	}
	const url = "mem:tool.json"
	c := jsonschema.NewCompiler()
	c.UseLoader(nowhere{})
	c.UseRegexpEngine(lenient)
	if c.AddResource(url, doc) != nil {
		return nil
	}
	schema, err := c.Compile(url)
	if err != nil || effort(schema, map[*jsonschema.Schema]int{}) > mostEffort {
		return nil
	}
	return schema
}

// nowhere is where schemas would be loaded from that others refer to.
type nowhere struct{}

func (nowhere) Load(url string) (any, error) {
	return nil, fmt.Errorf("%s is not loaded: a schema has to be complete", url)
}

// small reports whether a schema has few parts, and not too many levels. What
// looks like such in its strings counts too.
func small(text []byte) bool {
	parts, level, deepest := 0, 0, 0
	for _, c := range text {
		switch c {
		case ',':
			parts++
		case '{', '[':
			parts++
			level++
			deepest = max(deepest, level)
		case '}', ']':
			level--
		}
	}
	return parts <= mostParts && deepest <= mostLevels
}

// unread is a pattern that Go cannot read, such as one that looks ahead. It fits
// everything.
type unread string

func (u unread) String() string        { return string(u) }
func (unread) MatchString(string) bool { return true }

func lenient(pattern string) (jsonschema.Regexp, error) {
	if re, err := regexp.Compile(pattern); err == nil {
		return re, nil
	}
	return unread(pattern), nil
}

// at gives the places of keywords in two schemas.
func at(from, to *jsonschema.Schema, keywords ...string) (found Places) {
	for _, s := range []*jsonschema.Schema{from, to} {
		for _, keyword := range keywords {
			found = append(found, pointerTo(s)+"/"+keyword)
		}
	}
	return found
}

// whatItIs are the keywords that say of what kind a value is.
var whatItIs = []string{"type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref"}

func propertyOf(s *jsonschema.Schema, name string) string {
	return pointerTo(s) + "/properties" + compare.PointerTo(name).String()
}

// pointerTo is where a schema stands in the whole one.
func pointerTo(s *jsonschema.Schema) string {
	_, fragment, _ := strings.Cut(s.Location, "#")
	if pointer, err := url.PathUnescape(fragment); err == nil {
		return pointer
	}
	return fragment
}

// target follows a schema that is no more than a reference, or an allOf of one.
func target(s *jsonschema.Schema) *jsonschema.Schema {
	const mostHops = 16
	for range mostHops {
		switch {
		case bare(s) && s.Ref != nil && s.AllOf == nil && s.AnyOf == nil && s.OneOf == nil:
			s = s.Ref
		case bare(s) && s.Ref == nil && len(s.AllOf) == 1 && s.AnyOf == nil && s.OneOf == nil:
			s = s.AllOf[0]
		default:
			return s
		}
	}
	return s
}

// bare reports whether a schema says nothing of its own about values.
func bare(s *jsonschema.Schema) bool {
	return s.Types == nil && s.Enum == nil && s.Const == nil && s.Properties == nil && s.Required == nil &&
		s.AdditionalProperties == nil && s.Items == nil && s.Items2020 == nil && !conditional(s)
}

// conditional reports whether a schema has keywords that are not looked at.
func conditional(s *jsonschema.Schema) bool {
	return s.Not != nil || s.If != nil || s.RecursiveRef != nil || s.DynamicRef != nil || s.PropertyNames != nil || s.Contains != nil ||
		s.Dependencies != nil || s.DependentRequired != nil || s.DependentSchemas != nil || s.UnevaluatedProperties != nil || s.UnevaluatedItems != nil
}

// opaque reports whether a schema may forbid more than can be seen in its own
// keywords.
func opaque(s *jsonschema.Schema) bool {
	return conditional(s) || s.Ref != nil || s.AllOf != nil || s.AnyOf != nil || s.OneOf != nil
}

// alternatives gives what a schema is a choice of, which is itself if it is none.
func alternatives(s *jsonschema.Schema) []*jsonschema.Schema { return choices(nil, s, 0) }

func choices(all []*jsonschema.Schema, s *jsonschema.Schema, depth int) []*jsonschema.Schema {
	const mostDepth, mostChoices = 8, 64
	s = target(s)
	branches := s.AnyOf
	if branches == nil {
		branches = s.OneOf
	}
	if branches == nil || s.AnyOf != nil && s.OneOf != nil || s.Ref != nil || s.AllOf != nil || !bare(s) || depth == mostDepth {
		return append(all, s)
	}
	for _, branch := range branches {
		if len(all) > mostChoices {
			return append(all, anything) // whatever the rest is
		}
		all = choices(all, branch, depth+1)
	}
	return all
}

// elementsOf gives the schema of an array's elements, nil if they have several.
func elementsOf(s *jsonschema.Schema) *jsonschema.Schema {
	switch items := s.Items.(type) {
	case *jsonschema.Schema:
		return items
	case nil:
	default:
		return nil
	}
	switch {
	case s.PrefixItems != nil:
		return nil
	case s.Items2020 != nil:
		return s.Items2020
	}
	return anything
}

// unnamedOf gives the schema of members that have no schema by their name, nil if
// that depends on the name.
func unnamedOf(s *jsonschema.Schema) *jsonschema.Schema {
	if s.PatternProperties != nil {
		return nil
	}
	switch others := s.AdditionalProperties.(type) {
	case *jsonschema.Schema:
		return others
	case bool:
		if !others {
			return nothing
		}
	}
	return anything
}

var yes, no = true, false

// anything and nothing are schemas that stand nowhere.
var anything, nothing = &jsonschema.Schema{Bool: &yes}, &jsonschema.Schema{Bool: &no}
