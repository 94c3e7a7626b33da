package verify

import (
	"bytes"
	"errors"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"wiretape/internal/compare"
	"wiretape/internal/findings"
	"wiretape/internal/schema"
	"wiretape/internal/wire"
)

// outputs are the output schemas of tools, by name, as the live server lists
// them.
type outputs map[string]*jsonschema.Schema

// learn takes the schemas of a list of tools. One that is none checks nothing.
func (o outputs) learn(result []byte) {
	for tool := range wire.Elements(wire.Get(result, "tools")) {
		name, _ := wire.Text(wire.Get(tool, "name"))
		if s := schema.Compile(wire.Get(tool, "outputSchema")); s != nil {
			o[name] = s
		}
	}
}

// check tells where a tool's result does not fit its schema.
//
// MCP 2025-11-25, tools: "If an output schema is provided: Servers MUST provide
// structured results that conform to this schema."
func (o outputs) check(c *call, result []byte) []findings.Finding {
	s := o[c.name]
	if c.method != "tools/call" || s == nil || result == nil || string(wire.Get(result, "isError")) == "true" || !complete(result) {
		return nil
	}
	content := wire.Get(result, "structuredContent")
	if content == nil {
		return []findings.Finding{{Rule: findings.OutputInvalid, Pointer: "/result/structuredContent", Message: "The tool has an output schema, and there is no structuredContent."}}
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
	if err != nil {
		return nil
	}
	var wrong *jsonschema.ValidationError
	if !errors.As(s.Validate(value), &wrong) {
		return nil
	}
	for len(wrong.Causes) > 0 {
		wrong = wrong.Causes[0]
	}
	_, why, _ := strings.Cut(wrong.Error(), "': ")
	return []findings.Finding{{
		Rule: findings.OutputInvalid, Pointer: "/result/structuredContent" + compare.PointerTo(wrong.InstanceLocation...).String(),
		Live: wire.Get(content, wrong.InstanceLocation...), Message: "The result does not fit the tool's output schema: " + why + ".",
	}}
}

// complete reports whether a result is one: in 2026-07-28 it may ask for more
// input, or be a task.
func complete(result []byte) bool {
	kind, ok := wire.Text(wire.Get(result, "resultType"))
	return (!ok || kind == "complete") && wire.Get(result, "task") == nil
}
