package verify

import (
	"fmt"
	"slices"
	"strings"

	"wiretape/internal/compare"
	"wiretape/internal/findings"
	"wiretape/internal/schema"
	"wiretape/internal/wire"
)

// change is what a tool or a prompt was, and what it became.
type change struct {
	renamed     bool
	then, later map[string][]byte
	narrowed    map[string]schema.Area // where callers break, by the parts that were looked at
}

func changeOf(before, now *entry) *change {
	c := &change{renamed: before.name != now.name, then: map[string][]byte{}, later: map[string][]byte{}, narrowed: map[string]schema.Area{}}
	for name, value := range wire.Members(before.raw) {
		c.then[name] = value
	}
	for name, value := range wire.Members(now.raw) {
		c.later[name] = value
	}
	return c
}

// ofTool names what a difference in a tool is, and tells whether it breaks those
// who call the tool.
func (c *change) ofTool(pointer string) (rule string, breaking bool) {
	part, rest := cut(pointer)
	switch {
	case part == "name" && c.renamed:
		return findings.ToolRenamed, true
	case part == "description":
		return findings.DescriptionChanged, false
	case part == "annotations":
		return findings.AnnotationsChanged, false
	case part == "inputSchema":
		return findings.InputSchemaChanged, c.breaks(part, rest, func(then, later []byte) schema.Places { return schema.Narrower(then, later, schema.Takes) })
	case part == "outputSchema":
		return findings.OutputSchemaChanged, c.later[part] == nil ||
			c.breaks(part, rest, func(then, later []byte) schema.Places { return schema.Narrower(then, later, schema.Gives) })
	}
	return findings.ToolChanged, false
}

// onlyReordered reports whether a difference is in a list of a schema whose order
// says nothing, and only that is another one.
func onlyReordered(before, now []byte, pointer string) bool {
	p, err := compare.ParsePointer(pointer)
	names := p.Names()
	last := len(names) - 2 // of the list
	if err != nil || last < 1 || !strings.HasSuffix(names[0], "Schema") || names[last] != "required" && names[last] != "enum" || !leadToSchema(names[1:last]) {
		return false
	}
	then := elements(before, names[:last+1])
	return then != nil && slices.Equal(then, elements(now, names[:last+1]))
}

// leadToSchema reports whether names lead from a schema to one that is a part of it,
// and not to a value in it, such as a default.
func leadToSchema(names []string) bool {
	for len(names) > 0 {
		switch names[0] {
		case "items", "additionalItems", "unevaluatedItems", "contains", "additionalProperties", "unevaluatedProperties", "propertyNames", "not", "if", "then", "else", "contentSchema":
			names = names[1:]
		case "properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies":
			if len(names) == 1 {
				return false
			}
			names = names[2:]
		default:
			return false
		}
	}
	return true
}

// elements gives those of the array at path, in an order of their own. It finds
// none within other arrays.
func elements(value []byte, path []string) (all []string) {
	for element := range wire.Elements(wire.Get(value, path...)) {
		all = append(all, string(compare.Canonical(nil, element, compare.Ignore{})))
	}
	slices.Sort(all)
	return all
}

// ofPrompt reports whether a difference in a prompt breaks those who ask for it.
func (c *change) ofPrompt(pointer string) bool {
	part, rest := cut(pointer)
	return part == "arguments" && c.breaks(part, rest, moreRequired)
}

// breaks reports whether callers break by what changed at a place of a part.
func (c *change) breaks(part, rest string, narrower func(then, later []byte) schema.Places) bool {
	found, known := c.narrowed[part]
	if !known {
		found = narrower(c.then[part], c.later[part]).Area()
		c.narrowed[part] = found
	}
	return found.Touches(rest)
}

// moreRequired tells which arguments of a prompt have to be given that did not
// have to be given before.
func moreRequired(then, later []byte) (found schema.Places) {
	required := map[string]bool{}
	for argument := range wire.Elements(then) {
		if name, must := requiredOf(argument); must {
			required[name] = true
		}
	}
	n := 0
	for argument := range wire.Elements(later) {
		if name, must := requiredOf(argument); must && !required[name] {
			found = append(found, fmt.Sprintf("/%d", n))
		}
		n++
	}
	return found
}

func requiredOf(argument []byte) (name string, required bool) {
	name, _ = wire.Text(wire.Get(argument, "name"))
	return name, string(wire.Get(argument, "required")) == "true"
}

// cut splits a pointer after its first token.
func cut(pointer string) (first, rest string) {
	first, _, _ = strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	return first, strings.TrimPrefix(pointer, "/"+first)
}
