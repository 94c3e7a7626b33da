package redact

import (
	"iter"
	"slices"
	"strings"
)

// kind says what a needle is for.
type kind uint8

const (
	secret  kind = iota // a known secret
	spelled             // one, as it is escaped
	encoded             // a part of the base64 of one
	trigger             // a pattern may match where it stands
	clue                // a rule may apply to what holds it, in any case of its letters
)

// needle is a text that is searched for.
type needle struct {
	text    string
	name    string
	kind    kind
	pattern *pattern // of a trigger
}

// window is how many bytes a needle has at least.
const window = 3

// search finds many needles at once. It looks at every other place of a text and
// mostly sees from three bytes that no needle stands around it: of the first four
// bytes of a needle, either the first three or the last three are seen. Bytes
// count by their lowest five bits, which makes letters of either case equal.
type search struct {
	needles []needle
	blocks  []bool  // whether there are needles, by block
	heads   []int32 // the first link, by block and then by whether the needle begins a byte earlier
	links   []link
}

// link leads to a needle, and to the next link with the same block, or -1.
type link struct{ needle, next int32 }

const blocks = 1 << 15

// block is the place of three bytes in the table.
func block(a, b, c byte) int { return int(a&31)<<10 | int(b&31)<<5 | int(c&31) }

// add takes a needle, of at least window bytes.
func (s *search) add(n needle) {
	t := n.text
	if len(t) < window {
		return
	}
	if s.blocks == nil {
		s.blocks = make([]bool, blocks)
		s.heads = slices.Repeat([]int32{-1}, 2*blocks)
	}
	s.needles = append(s.needles, n)
	s.link(block(t[0], t[1], t[2]), 0)
	if len(t) > window {
		s.link(block(t[1], t[2], t[3]), 1)
		return
	}
	for third := range byte(32) {
		s.link(block(t[1], t[2], third), 1)
	}
}

// link makes that the last needle is found by a block.
func (s *search) link(block, earlier int) {
	s.blocks[block] = true
	head := &s.heads[2*block+earlier]
	s.links = append(s.links, link{int32(len(s.needles) - 1), *head})
	*head = int32(len(s.links) - 1)
}

// all gives where the needles stand in text, from its beginning on.
func (s *search) all(text []byte) iter.Seq2[int, *needle] {
	return func(yield func(int, *needle) bool) {
		if s.blocks == nil {
			return
		}
		table := (*[blocks]bool)(s.blocks)
		for i := 0; i+1 < len(text); i += 2 {
			third := byte(0) // behind the end anything may stand
			if i+2 < len(text) {
				third = text[i+2]
			}
			b := block(text[i], text[i+1], third)
			if !table[b] {
				continue
			}
			// The needle that begins one byte earlier comes first.
			if i > 0 && !s.meet(text, i-1, s.heads[2*b+1], yield) || !s.meet(text, i, s.heads[2*b], yield) {
				return
			}
		}
	}
}

// meet gives the needles of a chain that stand at this place.
func (s *search) meet(text []byte, at int, chain int32, yield func(int, *needle) bool) bool {
	for ; chain >= 0; chain = s.links[chain].next {
		if n := &s.needles[s.links[chain].needle]; n.at(text[at:]) && !yield(at, n) {
			return false
		}
	}
	return true
}

// at reports whether text begins with the needle.
func (n *needle) at(text []byte) bool {
	if len(text) < len(n.text) {
		return false
	}
	if n.kind == clue {
		return foldPrefix(text, n.text)
	}
	return string(text[:len(n.text)]) == n.text
}

// foldPrefix reports whether text begins with lower, whatever case its ASCII
// letters are in.
func foldPrefix(text []byte, lower string) bool {
	for i := range len(lower) {
		c := text[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// any reports whether a needle stands in text.
func (s *search) any(text []byte) bool {
	for range s.all(text) {
		return true
	}
	return false
}

// clueOf gives a needle that stands in every text that holds this one, escaped
// however often: its longest part without what JSON escapes, and without what
// may be in the other case. It reports false if that is too short to be found.
func clueOf(text string) (needle, bool) {
	best := ""
	for _, part := range strings.FieldsFunc(text, func(c rune) bool { return c < ' ' || c >= 0x7f || c == '"' || c == '\\' }) {
		if len(part) > len(best) {
			best = part
		}
	}
	return needle{text: strings.ToLower(best), kind: clue}, len(best) >= window
}
