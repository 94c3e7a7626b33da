package verify

import (
	"slices"
	"strconv"
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

// entry is one of a list.
type entry struct {
	name    string
	pointer string // from the root of the answer
	raw     []byte
}

func (of entries) read(result []byte) (all []entry) {
	for raw := range wire.Elements(wire.Get(result, of.member)) {
		name, _ := wire.Text(wire.Get(raw, of.key))
		all = append(all, entry{name, "/result/" + of.member + "/" + strconv.Itoa(len(all)), raw})
	}
	return all
}

func (of entries) rule(tool, other string) string {
	if of.tools {
		return tool
	}
	return other
}

// lists compares two lists by what their entries are called.
func (p *play) lists(of entries, recorded, live []byte) (found []findings.Finding) {
	var rest compare.Pointers
	// What is no list on one side is compared as it stands.
	lists := wire.Is(wire.Get(recorded, of.member), '[') && wire.Is(wire.Get(live, of.member), '[')
	if lists {
		rest = must("/" + of.member)
	}
	found = p.differ(recorded, live, rest, func(compare.Difference) string { return findings.ResultChanged })
	if lists {
		found = append(found, p.entries(of, of.read(recorded), of.read(live))...)
	}
	if paged(recorded) || paged(live) {
		unsure(found)
	}
	return found
}

// paged reports whether a list goes on elsewhere.
func paged(result []byte) bool {
	cursor, _ := wire.Text(wire.Get(result, "nextCursor"))
	return cursor != ""
}

// unsure says of what was removed from a page that it may stand on another one.
func unsure(found []findings.Finding) {
	for i := range found {
		if f := &found[i]; f.Rule == findings.ToolRemoved || f.Rule == findings.EntryRemoved {
			f.Breaking, f.Message = false, "It is not on this page any more."
		}
	}
}

// entries compares what two lists have.
func (p *play) entries(of entries, before, now []entry) (found []findings.Finding) {
	same := newPairs(len(before), len(now))
	join(same, before, now, func(e *entry) string { return e.name })
	moved := of.tools && reordered(same.ofA)
	if of.tools {
		join(same, before, now, p.unnamed)
	}
	for i := range before {
		e := &before[i]
		switch {
		case p.Ignore.Match(e.pointer):
		case same.ofA[i] >= 0:
			found = append(found, p.entry(of, e, &now[same.ofA[i]])...)
		default:
			found = append(found, findings.Finding{
				Rule: of.rule(findings.ToolRemoved, findings.EntryRemoved), About: e.name, Breaking: true, Pointer: e.pointer, Recorded: e.raw,
			})
		}
	}
	for i, e := range now {
		if same.ofB[i] < 0 && !p.Ignore.Match(e.pointer) {
			found = append(found, findings.Finding{
				Rule: of.rule(findings.ToolAdded, findings.EntryAdded), About: e.name, Pointer: e.pointer, Live: e.raw,
			})
		}
	}
	if whole := "/result/" + of.member; moved && !p.Ignore.Match(whole) {
		found = append(found, findings.Finding{Rule: findings.ToolOrderChanged, Pointer: whole, Recorded: names(before), Live: names(now)})
	}
	return found
}

// nameless is what does not count in whether two tools are the same one by
// another name.
var nameless = must("/name", "/title", "/annotations/title")

// unnamed is what a tool is but for its name.
func (p *play) unnamed(e *entry) string {
	return string(compare.Canonical(nil, e.raw, compare.Ignore{Drop: slices.Concat(p.dropped(e), nameless)}))
}

// dropped is what does not count in an entry.
func (p *play) dropped(e *entry) compare.Pointers {
	drop := slices.Concat(p.Ignore.Under("result"), volatile)
	for name := range strings.SplitSeq(strings.TrimPrefix(e.pointer, "/result/"), "/") {
		drop = drop.Under(name)
	}
	return drop
}

// reordered reports whether what is in both lists stands in another order, by
// where it stands in the other.
func reordered(others []int32) bool {
	last := int32(-1)
	for _, other := range others {
		switch {
		case other < 0:
		case other < last:
			return true
		default:
			last = other
		}
	}
	return false
}

func names(all []entry) []byte {
	quoted := make([][]byte, len(all))
	for i, e := range all {
		quoted[i] = wire.Quote(e.name)
	}
	return wire.Array(quoted...)
}

// entry compares what two lists say of the same thing.
func (p *play) entry(of entries, before, now *entry) (found []findings.Finding) {
	differences := compare.Differences(before.raw, now.raw, compare.Ignore{Drop: p.dropped(before)}, 0)
	if len(differences) == 0 {
		return nil
	}
	c := changeOf(before, now)
	for _, d := range differences {
		// With the name, the title changed.
		if c.renamed && d.Pointer != "/name" || onlyReordered(before.raw, now.raw, d.Pointer) {
			continue
		}
		f := findings.Finding{Rule: findings.EntryChanged, About: before.name, Recorded: d.A, Live: d.B}
		switch of.member {
		case "tools":
			f.Rule, f.Breaking = c.ofTool(d.Pointer)
		case "prompts":
			f.Breaking = c.ofPrompt(d.Pointer)
		}
		d.Pointer = before.pointer + d.Pointer
		if f.Pointer = d.Pointer; !p.expects(d) {
			found = append(found, f)
		}
	}
	return found
}
