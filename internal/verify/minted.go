package verify

import (
	"bytes"
	"iter"

	"wiretape/internal/compare"
	"wiretape/internal/wire"
)

// minted is what the live server minted in the place of what was recorded.
type minted struct {
	handles compare.Pointers
	toLive  map[string][]byte // recorded raw string: live raw string
	back    map[string][]byte // and the other way
}

// places are where servers mint what the host has to give back.
var places = [][]string{
	{"nextCursor"}, {"requestState"}, {"taskId"}, {"task", "taskId"},
}

func newMinted(handles compare.Pointers) minted {
	return minted{handles.Under("result"), map[string][]byte{}, map[string][]byte{}}
}

// learn takes note of what was minted in an answer.
func (m *minted) learn(recorded, live []byte) {
	for _, path := range places {
		// Looking for the name is much cheaper than reading the answer.
		if !bytes.Contains(recorded, []byte(path[len(path)-1])) {
			continue
		}
		m.pair(wire.Get(recorded, path...), wire.Get(live, path...))
	}
	if len(m.handles) == 0 {
		return
	}
	for _, d := range compare.Differences(recorded, live, compare.Ignore{}, 0) {
		if m.handles.Match(d.Pointer) {
			m.pair(d.A, d.B)
		}
	}
}

func (m *minted) pair(recorded, live []byte) {
	if wire.Is(recorded, '"') && wire.Is(live, '"') && !bytes.Equal(recorded, live) {
		m.toLive[string(recorded)], m.back[string(live)] = live, recorded
	}
}

// live gives a line of the host with what the live server minted.
func (m *minted) live(line []byte) []byte { return swap(line, m.toLive) }

// recorded gives an answer with what the recorded server had minted.
func (m *minted) recorded(value []byte) []byte { return swap(value, m.back) }

// swap replaces whole strings in a message.
func swap(text []byte, by map[string][]byte) []byte {
	if len(by) == 0 {
		return text
	}
	var out []byte
	done := 0
	for from, to := range literals(text) {
		if other, ok := by[string(text[from:to])]; ok {
			out = append(append(out, text[done:from]...), other...)
			done = to
		}
	}
	if done == 0 {
		return text
	}
	return append(out, text[done:]...)
}

// literals gives where the strings of a JSON text are, their quotes included.
func literals(text []byte) iter.Seq2[int, int] {
	return func(yield func(from, to int) bool) {
		for at := 0; ; {
			n := bytes.IndexByte(text[at:], '"')
			if n < 0 {
				return
			}
			from := at + n
			for at = from + 1; at < len(text) && text[at] != '"'; at++ {
				if text[at] == '\\' {
					at++
				}
			}
			if at++; at > len(text) || !yield(from, at) {
				return
			}
		}
	}
}
