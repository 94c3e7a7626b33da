package compare

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"slices"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// tree is what a text says: its values, found in one pass, so that no part of a
// deep value is read once for each level it stands in.
type tree struct {
	text    []byte
	nodes   []node // values and names in the order of the text; 0 is the whole value
	sound   bool   // the text is one JSON value
	open    []int  // while reading: the objects and arrays that have not ended
	members []member
	buf     bytes.Buffer // holds text for dec, which then reads it in place
	dec     jsontext.Decoder
}

// node is a value, or a member's name, which stands before its value.
type node struct {
	from, to int // in text
	next     int // the first node that is not within this one
}

// member is a member of an object.
type member struct {
	name  []byte // its canonical spelling, without the quotes
	value int
}

var trees = sync.Pool{New: func() any { return new(tree) }}

// tooLarge is the number of nodes from which on a tree is not kept for reuse.
const tooLarge = 1 << 16

// grow reads text; sound tells whether that went well.
func grow(text []byte) *tree {
	t := trees.Get().(*tree)
	t.text, t.buf = text, *bytes.NewBuffer(text)
	t.dec.Reset(&t.buf, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	t.sound = t.read() && t.end()
	return t
}

// release ends the use of t.
func (t *tree) release() {
	if cap(t.nodes) > tooLarge {
		return
	}
	t.text, t.buf = nil, bytes.Buffer{}
	t.nodes, t.open = t.nodes[:0], t.open[:0]
	trees.Put(t)
}

// read reads one value. It does not call itself: the text says how deep it goes.
func (t *tree) read() bool {
	for {
		var err error
		switch t.dec.PeekKind() {
		case '{', '[':
			_, err = t.dec.ReadToken()
			t.open = append(t.open, len(t.nodes))
			t.nodes = append(t.nodes, node{from: t.offset() - 1})
		case '}', ']':
			_, err = t.dec.ReadToken()
			t.close()
		default:
			var raw jsontext.Value
			raw, err = t.dec.ReadValue()
			end := t.offset()
			t.nodes = append(t.nodes, node{from: end - len(raw), to: end, next: len(t.nodes) + 1})
		}
		if err != nil {
			return false
		}
		if len(t.open) == 0 {
			return true
		}
	}
}

// close ends the innermost object or array that is open.
func (t *tree) close() {
	last := len(t.open) - 1
	if last < 0 {
		return // the decoder has the error
	}
	n := &t.nodes[t.open[last]]
	n.to, n.next = t.offset(), len(t.nodes)
	t.open = t.open[:last]
}

// offset is where what was read last ends.
func (t *tree) offset() int { return int(t.dec.InputOffset()) }

// end reports whether nothing but white space is left.
func (t *tree) end() bool {
	_, err := t.dec.ReadToken()
	return errors.Is(err, io.EOF)
}

// raw gives the bytes of a node.
func (t *tree) raw(at int) []byte { return t.text[t.nodes[at].from:t.nodes[at].to] }

// first is the first byte of a node, which tells its kind.
func (t *tree) first(at int) byte { return t.text[t.nodes[at].from] }

// enter gives the members of the object at a node sorted by name, each name
// once. They stay until leave is called with the mark.
func (t *tree) enter(at int) (members []member, mark int) {
	mark = len(t.members)
	for i := at + 1; i < t.nodes[at].next; i = t.nodes[i+1].next {
		t.members = append(t.members, member{name: t.name(i), value: i + 1})
	}
	members = t.members[mark:]
	slices.SortFunc(members, func(a, b member) int {
		// Of the same name, the last one comes first, and is the one that is kept.
		return cmp.Or(bytes.Compare(a.name, b.name), b.value-a.value)
	})
	return slices.CompactFunc(members, func(a, b member) bool { return bytes.Equal(a.name, b.name) }), mark
}

// leave forgets what the members of enter refer to.
func (t *tree) leave(mark int) {
	clear(t.members[mark:])
	t.members = t.members[:mark]
}

// elements gives the nodes of the elements of the array at a node.
func (t *tree) elements(at int) []int {
	var elements []int
	for i := at + 1; i < t.nodes[at].next; i = t.nodes[i].next {
		elements = append(elements, i)
	}
	return elements
}

func (t *tree) name(at int) []byte {
	raw := t.raw(at)
	if bytes.IndexByte(raw, '\\') >= 0 {
		raw = spellString(nil, raw)
	}
	return raw[1 : len(raw)-1]
}
