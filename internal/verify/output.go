package verify

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"wiretape/internal/compare"
	"wiretape/internal/findings"
	"wiretape/internal/schema"
	"wiretape/internal/wire"
)

// outputs are the output schemas of tools, by name, as a server lists them.
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

// misfit is where a result does not fit a schema.
type misfit struct {
	keyword string // of the schema
	findings.Finding
}

// misfits gives where a tool's result does not fit its schema, in an order of
// their own.
//
// MCP 2025-11-25, tools: "If an output schema is provided: Servers MUST provide
// structured results that conform to this schema."
func (o outputs) misfits(c *call, result []byte) (all []misfit) {
	s := o[c.name]
	if c.method != "tools/call" || s == nil || result == nil || string(wire.Get(result, "isError")) == "true" || !complete(result) {
		return nil
	}
	content := wire.Get(result, "structuredContent")
	if content == nil {
		return []misfit{{"", findings.Finding{
			Rule: findings.OutputInvalid, Pointer: "/result/structuredContent", Message: "The tool has an output schema, and there is no structuredContent.",
		}}}
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
	if err != nil {
		return nil
	}
	var wrong *jsonschema.ValidationError
	if !errors.As(s.Validate(value), &wrong) {
		return nil
	}
	eachCause(wrong, func(wrong *jsonschema.ValidationError) {
		_, why, _ := strings.Cut(wrong.Error(), "': ")
		all = append(all, misfit{strings.Join(wrong.ErrorKind.KeywordPath(), "/"), findings.Finding{
			Rule: findings.OutputInvalid, Pointer: "/result/structuredContent" + compare.PointerTo(wrong.InstanceLocation...).String(),
			Live: wire.Get(content, wrong.InstanceLocation...), Message: "The result does not fit the tool's output schema: " + why + ".",
		}})
	})
	slices.SortFunc(all, func(x, y misfit) int {
		return cmp.Or(cmp.Compare(x.Pointer, y.Pointer), cmp.Compare(x.keyword, y.keyword))
	})
	return all
}

// eachCause gives the causes of an error that have no causes themselves.
func eachCause(wrong *jsonschema.ValidationError, do func(*jsonschema.ValidationError)) {
	if len(wrong.Causes) == 0 {
		do(wrong)
	}
	for _, cause := range wrong.Causes {
		eachCause(cause, do)
	}
}

// misfit tells where a tool's result does not fit its schema, of several places
// one. Where the recorded one did not fit the recorded schema either, it is a note.
func (p *play) misfit(c *call, live []byte, before, now outputs) []findings.Finding {
	wrong := slices.DeleteFunc(now.misfits(c, live), func(m misfit) bool {
		return p.Ignore.Match(m.Pointer) || p.expects(compare.Difference{Pointer: m.Pointer, A: m.Live, B: m.Live})
	})
	if len(wrong) == 0 {
		return nil
	}
	var known []misfit
	if c.answer != nil {
		known = before.misfits(c, c.answer.Result)
	}
	fresh := slices.IndexFunc(wrong, func(m misfit) bool {
		return !slices.ContainsFunc(known, func(k misfit) bool { return k.Pointer == m.Pointer && k.keyword == m.keyword })
	})
	if fresh >= 0 {
		return []findings.Finding{wrong[fresh].Finding}
	}
	wrong[0].Severity = findings.Note
	wrong[0].Message += " Nor did the recorded one."
	return []findings.Finding{wrong[0].Finding}
}

// complete reports whether a result is one: in 2026-07-28 it may ask for more
// input, or be a task.
func complete(result []byte) bool {
	kind, ok := wire.Text(wire.Get(result, "resultType"))
	return (!ok || kind == "complete") && wire.Get(result, "task") == nil
}
