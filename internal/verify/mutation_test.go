package verify

import (
	"fmt"
	"path/filepath"
	"testing"

	"wiretape/internal/compare"
	"wiretape/internal/wire"
)

// TestMutations changes each leaf of each recorded answer in turn. What is not volatile is found, where it is, and
// nothing else.
func TestMutations(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("..", "..", "fixtures", "sessions", "*.jsonl"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	leaves := 0
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
			member, value := "result", c.answer.Result
			if value == nil {
				member, value = "error", c.answer.Error
			}
			each(value, "", func(pointer string, leaf []byte) {
				leaves++
				p.mutated(t, c, member, value, leaf, pointer)
			})
		}
	}
	if leaves < 1000 {
		t.Errorf("only %d leaves", leaves)
	}
}

// each goes through the leaves of a value.
func each(value []byte, pointer string, do func(pointer string, leaf []byte)) {
	switch {
	case wire.Is(value, '{'):
		for name, inner := range wire.Members(value) {
			each(inner, pointer+compare.PointerTo(name).String(), do)
		}
	case wire.Is(value, '['):
		n := 0
		for inner := range wire.Elements(value) {
			each(inner, fmt.Sprintf("%s/%d", pointer, n), do)
			n++
		}
	default:
		do(pointer, value)
	}
}

func (p *play) mutated(t *testing.T, c *call, member string, value, leaf []byte, pointer string) {
	t.Helper()
	got := *c.answer
	other := wire.Replace(value, leaf, []byte(`"changed by the test"`))
	want := 1
	if member == "result" {
		got.Result = other
		if volatile.Match(pointer) || taskIgnore(c).Match(pointer) {
			want = 0
		}
	} else {
		got.Error = other
		if pointer == "/message" {
			want = 0
		}
	}
	found := p.compare(c, got, true, nil)
	switch _, isList := listed[c.method]; {
	case isList && len(found) > 1 && renamed(found[0].Rule):
		// Who is called otherwise is another one.
	case len(found) != want:
		t.Errorf("%s, event %d, %s/%s: found %+v", c.method, c.seq, member, pointer, found)
	case want == 1 && !isList && found[0].Pointer != "/"+member+pointer:
		t.Errorf("%s, event %d: found at %s, want /%s%s", c.method, c.seq, found[0].Pointer, member, pointer)
	}
}

func renamed(rule string) bool { return rule == "tool-removed" || rule == "entry-removed" }
