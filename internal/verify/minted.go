package verify

import (
	"bytes"
	"slices"

	"wiretape/internal/compare"
	"wiretape/internal/wire"
)

// minted is what the live server minted in the place of what was recorded.
type minted struct {
	handles compare.Pointers
	toLive  map[string]mint // by recorded raw string
	back    map[string]mint // and the other way
}

// mint is a raw string that a server minted.
type mint struct {
	value  []byte
	handle bool // the user named it: it may stand anywhere
}

// places are where servers mint what the host has to give back.
var places = [][]string{
	{"nextCursor"}, {"requestState"}, {"taskId"}, {"task", "taskId"},
}

// mintedNames are the members in which that is said again.
var mintedNames = []string{`"cursor"`, `"nextCursor"`, `"requestState"`, `"taskId"`}

func newMinted(handles compare.Pointers) minted {
	return minted{handles.Under("result"), map[string]mint{}, map[string]mint{}}
}

// learn takes note of what was minted in an answer.
func (m *minted) learn(recorded, live []byte) {
	for _, path := range places {
		// Looking for the name is much cheaper than reading the answer.
		if !bytes.Contains(recorded, []byte(path[len(path)-1])) {
			continue
		}
		m.pair(wire.Get(recorded, path...), wire.Get(live, path...), false)
	}
	if len(m.handles) == 0 {
		return
	}
	for _, d := range compare.Differences(recorded, live, compare.Ignore{}, 0) {
		if m.handles.Match(d.Pointer) {
			m.pair(d.A, d.B, true)
		}
	}
}

func (m *minted) pair(recorded, live []byte, handle bool) {
	if wire.Is(recorded, '"') && wire.Is(live, '"') && !bytes.Equal(recorded, live) {
		m.toLive[string(recorded)], m.back[string(live)] = mint{live, handle}, mint{recorded, handle}
	}
}

// same reports whether one was minted in the place of the other.
func (m *minted) same(recorded, live []byte) bool {
	known, ok := m.toLive[string(recorded)]
	return ok && bytes.Equal(known.value, live)
}

// live gives a line of the host with what the live server minted.
func (m *minted) live(line []byte) []byte { return swap(line, m.toLive) }

// recorded gives an answer with what the recorded server had minted.
func (m *minted) recorded(line []byte) []byte { return swap(line, m.back) }

// swap replaces what was minted in a message: handles wherever they stand, and
// else only what stands where it would. A cursor may be as short as "2".
func swap(text []byte, by map[string]mint) []byte {
	if len(by) == 0 {
		return text
	}
	swapped := swapStrings(text, func(name, raw []byte) []byte {
		known, ok := by[string(raw)]
		if !ok || !known.handle && !slices.Contains(mintedNames, string(name)) {
			return nil
		}
		return known.value
	})
	if swapped == nil {
		return text
	}
	return swapped
}
