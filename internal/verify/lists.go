package verify

import (
	"bytes"
	"slices"
	"strings"

	"wiretape/internal/compare"
	"wiretape/internal/findings"
	"wiretape/internal/wire"
)

// entries is what a list is made of.
type entries struct {
	member string // of the result
	key    string // what names an entry
	tools  bool
}

var listed = map[string]entries{
	"tools/list":               {"tools", "name", true},
	"prompts/list":             {"prompts", "name", false},
	"resources/list":           {"resources", "uri", false},
	"resources/templates/list": {"resourceTemplates", "uriTemplate", false},
}

// lists compares two lists by what their entries are called.
func (p *play) lists(of entries, recorded, live []byte) (found []findings.Finding) {
	rest := p.ignore("result")
	rest.Drop = slices.Concat(rest.Drop, volatile, must("/"+of.member))
	for _, d := range compare.Differences(recorded, live, rest, 0) {
		d.Pointer = "/result" + d.Pointer
		if !p.expects(d) {
			found = append(found, findings.Finding{Rule: findings.ResultChanged, Pointer: d.Pointer, Recorded: d.A, Live: d.B})
		}
	}
	before, now := of.read(recorded), of.read(live)
	for _, e := range before {
		if other := find(now, e.name); other == nil {
			found = append(found, findings.Finding{Rule: of.rule(findings.ToolRemoved, findings.EntryRemoved), About: e.name, Breaking: true, Recorded: e.raw})
		} else {
			found = append(found, p.entry(of, e, *other)...)
		}
	}
	for _, e := range now {
		if find(before, e.name) == nil {
			found = append(found, findings.Finding{Rule: of.rule(findings.ToolAdded, findings.EntryAdded), About: e.name, Live: e.raw})
		}
	}
	if of.tools && reordered(before, now) {
		found = append(found, findings.Finding{Rule: findings.ToolOrderChanged, Pointer: "/result/" + of.member, Recorded: names(before), Live: names(now)})
	}
	return found
}

type entry struct {
	name string
	at   int
	raw  []byte
}

func (of entries) read(result []byte) (all []entry) {
	for raw := range wire.Elements(wire.Get(result, of.member)) {
		name, _ := wire.Text(wire.Get(raw, of.key))
		all = append(all, entry{name, len(all), raw})
	}
	return all
}

func (of entries) rule(tool, other string) string {
	if of.tools {
		return tool
	}
	return other
}

func find(all []entry, name string) *entry {
	i := slices.IndexFunc(all, func(e entry) bool { return e.name == name })
	if i < 0 {
		return nil
	}
	return &all[i]
}

// reordered reports whether what is in both lists stands in another order.
func reordered(before, now []entry) bool {
	last := -1
	for _, e := range before {
		other := find(now, e.name)
		switch {
		case other == nil:
		case other.at < last:
			return true
		default:
			last = other.at
		}
	}
	return false
}

func names(all []entry) []byte {
	quoted := make([][]byte, len(all))
	for i, e := range all {
		quoted[i] = wire.Quote(e.name)
	}
	return slices.Concat([]byte("["), bytes.Join(quoted, []byte(",")), []byte("]"))
}

// entry compares what two lists say of the same thing.
func (p *play) entry(of entries, before, now entry) (found []findings.Finding) {
	ignore := compare.Ignore{Drop: slices.Concat(p.Ignore.Under("result"), volatile).Under(of.member).Under("*")}
	for _, d := range compare.Differences(before.raw, now.raw, ignore, 0) {
		f := findings.Finding{Rule: findings.EntryChanged, About: before.name, Pointer: d.Pointer, Recorded: d.A, Live: d.B}
		if of.tools {
			f.Rule, f.Breaking = toolRule(before.raw, now.raw, d)
		}
		found = append(found, f)
	}
	return found
}

// toolRule names what a change of a tool is, and tells whether it breaks those
// who call the tool.
func toolRule(before, now []byte, d compare.Difference) (rule string, breaking bool) {
	part, _ := cut(d.Pointer)
	then, later := wire.Get(before, part), wire.Get(now, part)
	switch part {
	case "description":
		return findings.DescriptionChanged, false
	case "annotations":
		return findings.AnnotationsChanged, false
	case "inputSchema":
		return findings.InputSchemaChanged, narrower(then, later, takes)
	case "outputSchema":
		return findings.OutputSchemaChanged, later == nil || then != nil && narrower(then, later, gives)
	}
	return findings.ToolChanged, false
}

// cut splits a pointer after its first token.
func cut(pointer string) (first, rest string) {
	first, rest, _ = strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	return first, "/" + rest
}
