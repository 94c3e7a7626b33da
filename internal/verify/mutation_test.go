package verify

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wiretape/internal/compare"
	"wiretape/internal/findings"
	"wiretape/internal/wire"
)

// TestMutations changes each leaf of each recorded answer in turn, removes each member and each last element, and adds
// a member to each object. What is not volatile is found, where it is, and nothing else.
func TestMutations(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("..", "..", "fixtures", "sessions", "*.jsonl"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	made, known := map[mutation]int{}, map[string]bool{}
	for _, path := range paths {
		s, err := readScript(path)
		if err != nil {
			t.Fatal(err)
		}
		p := newPlay(&Check{}, nil, s)
		for i := range p.script.calls {
			c := p.script.calls[i]
			if c.answer == nil || c.cancelled {
				continue
			}
			if found := p.compare(c, *c.answer, true, nil); len(found) > 0 {
				t.Fatalf("%s, event %d: found %+v", path, c.seq, found)
			}
			value := or(c.answer.Result, c.answer.Error)
			if known[c.method+string(value)] {
				continue
			}
			known[c.method+string(value)] = true
			mutate(value, nil, "", func(how mutation, pointer string, other []byte) {
				made[how]++
				p.mutated(t, c, how, pointer, other)
			})
		}
	}
	if made[changed] < 1000 || made[removed] < 1000 || made[added] < 1000 {
		t.Errorf("only %v mutations", made)
	}
}

// mutation is one way to change an answer.
type mutation string

const (
	changed mutation = "changed"
	removed mutation = "removed"
	added   mutation = "added"
)

// mutate gives all that one mutation makes of what is in part, which is all of
// the value if that is nil.
func mutate(value, part []byte, pointer string, do func(how mutation, pointer string, other []byte)) {
	if part == nil {
		part = value
	}
	switch {
	case wire.Is(part, '{'):
		for name, inner := range wire.Members(part) {
			place := pointer + compare.PointerTo(name).String()
			do(removed, place, wire.Replace(value, part, wire.Remove(part, name)))
			mutate(value, inner, place, do)
		}
		more, _ := wire.Set(part, []byte("[]"), "by the test")
		do(added, pointer+"/by the test", wire.Replace(value, part, more))
	case wire.Is(part, '['):
		elements := slices.Collect(wire.Elements(part))
		for n, inner := range elements {
			mutate(value, inner, fmt.Sprintf("%s/%d", pointer, n), do)
		}
		if last := len(elements) - 1; last >= 0 {
			fewer := slices.Concat([]byte("["), bytes.Join(elements[:last], []byte(",")), []byte("]"))
			do(removed, fmt.Sprintf("%s/%d", pointer, last), wire.Replace(value, part, fewer))
		}
	default:
		do(changed, pointer, wire.Replace(value, part, []byte(`"changed by the test"`)))
	}
}

// saysNothing reports whether a member of a result may as well be absent.
func saysNothing(result []byte, pointer string) bool {
	switch pointer {
	case "/isError":
		return string(wire.Get(result, "isError")) == "false"
	case "/_meta":
		for name := range wire.Members(wire.Get(result, "_meta")) {
			if !volatile.Match("/_meta" + compare.PointerTo(name).String()) {
				return false
			}
		}
		return true
	}
	return false
}

// mutated checks what is found of a mutation.
func (p *play) mutated(t *testing.T, c *call, how mutation, pointer string, other []byte) {
	t.Helper()
	got, member := *c.answer, "/result"
	if c.answer.Error != nil {
		got.Error, member = other, "/error"
	} else {
		got.Result = other
	}
	rules := 1
	switch list, isList := listed[c.method]; {
	case member == "/error" && pointer == "/message",
		member == "/result" && (volatile.Match(pointer) || taskIgnore(c, c.answer.Result).Match(pointer)),
		how == changed && mintedAt.Match(member+pointer),
		member == "/result" && how == removed && saysNothing(c.answer.Result, pointer):
		rules = 0
	case isList && !list.tools && how != added && strings.HasSuffix(pointer, "/"+list.key) && strings.Count(pointer, "/") == 3:
		rules = 2 // who is called otherwise is another one
	}
	found := p.compare(c, got, true, nil)
	switch {
	case len(found) != rules:
		t.Errorf("%s, event %d, %s: %s%s: found %+v", c.method, c.seq, how, member, pointer, found)
	case rules == 1 && found[0].Pointer != member+pointer:
		t.Errorf("%s, event %d, %s: found at %s, want %s%s", c.method, c.seq, how, found[0].Pointer, member, pointer)
	case rules == 2 && (found[0].Rule != findings.EntryRemoved || found[1].Rule != findings.EntryAdded):
		t.Errorf("%s, event %d, %s: %s%s: found %+v", c.method, c.seq, how, member, pointer, found)
	}
}
