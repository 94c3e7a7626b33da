package compare

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
)

// Difference is one place where two values differ.
type Difference struct {
	Pointer string // where, a JSON pointer
	A, B    []byte // the raw values there, slices of what was given; nil where there is none
}

// Differences gives the places where a and b differ, at most limit of them (0:
// no limit), in the order of a's members, then what only b has. It goes as deep
// as both sides are objects or both are arrays, whose elements are compared by
// index; values of two kinds are one difference, and so are two texts of which
// one is damaged or nil. There are none exactly if a and b are Equal.
func Differences(a, b []byte, ignore Ignore, limit int) []Difference {
	if identical(a, b) || ignore.Drop.whole() {
		return nil
	}
	ta, tb := grow(a), grow(b)
	defer ta.release()
	defer tb.release()
	switch {
	case a != nil && b != nil && ignore.Mask.whole():
		return nil
	case !ta.sound || !tb.sound:
		return []Difference{{A: a, B: b}}
	}
	c := comparison{a: ta, b: tb, limit: limit}
	c.values(0, 0, ignore)
	return c.found
}

// comparison is a walk through two values at a time.
type comparison struct {
	a, b  *tree
	path  []byte // the pointer to where the walk is
	limit int
	found []Difference
}

// none stands for the node of a value that is not there.
const none = -1

// values compares a value of a with one of b.
func (c *comparison) values(i, j int, ignore Ignore) {
	switch {
	case i == none || j == none:
		c.differ(i, j)
	case ignore.Drop.whole() || ignore.Mask.whole():
	case c.a.first(i) == '{' && c.b.first(j) == '{':
		c.objects(i, j, ignore)
	case c.a.first(i) == '[' && c.b.first(j) == '[':
		c.arrays(i, j, ignore)
	case !c.same(i, j):
		c.differ(i, j)
	}
}

func (c *comparison) objects(i, j int, ignore Ignore) {
	for _, p := range c.pairs(i, j) {
		if c.full() {
			return
		}
		name := decode(p.name)
		if inner := ignore.under(name); !inner.Drop.whole() {
			c.step(name, p.a, p.b, inner)
		}
	}
}

// arrays compares by index. A dropped element counts as being there: the others
// keep their places.
func (c *comparison) arrays(i, j int, ignore Ignore) {
	as, bs := c.a.elements(i), c.b.elements(j)
	for index := range max(len(as), len(bs)) {
		if c.full() {
			return
		}
		token := strconv.Itoa(index)
		c.step(token, at(as, index), at(bs, index), ignore.under(token))
	}
}

func at(nodes []int, index int) int {
	if index < len(nodes) {
		return nodes[index]
	}
	return none
}

// step compares what stands under name in both values.
func (c *comparison) step(name string, i, j int, ignore Ignore) {
	depth := len(c.path)
	c.path = append(append(c.path, '/'), escape.Replace(name)...)
	c.values(i, j, ignore)
	c.path = c.path[:depth]
}

// same reports whether two values, not both objects nor both arrays, are the same.
func (c *comparison) same(i, j int) bool {
	a, b := c.a.raw(i), c.b.raw(j)
	if bytes.Equal(a, b) {
		return true
	}
	if compound(a[0]) || compound(b[0]) {
		return false
	}
	return bytes.Equal(spellScalar(nil, a), spellScalar(nil, b))
}

func compound(first byte) bool { return first == '{' || first == '[' }

// differ notes that the values where the walk is are not the same.
func (c *comparison) differ(i, j int) {
	d := Difference{Pointer: string(c.path)}
	if i != none {
		d.A = c.a.raw(i)
	}
	if j != none {
		d.B = c.b.raw(j)
	}
	c.found = append(c.found, d)
}

func (c *comparison) full() bool { return c.limit > 0 && len(c.found) >= c.limit }

// pair is what the two objects have under one name.
type pair struct {
	name []byte
	a, b int
}

// pairs matches the members of two objects by name: those of a in its order,
// then what only b has.
func (c *comparison) pairs(i, j int) []pair {
	as, markA := c.a.enter(i)
	bs, markB := c.b.enter(j)
	defer c.a.leave(markA)
	defer c.b.leave(markB)
	pairs := make([]pair, 0, max(len(as), len(bs)))
	for len(as) > 0 || len(bs) > 0 {
		switch order(as, bs) {
		case -1:
			pairs = append(pairs, pair{as[0].name, as[0].value, none})
			as = as[1:]
		case 1:
			pairs = append(pairs, pair{bs[0].name, none, bs[0].value})
			bs = bs[1:]
		default:
			pairs = append(pairs, pair{as[0].name, as[0].value, bs[0].value})
			as, bs = as[1:], bs[1:]
		}
	}
	slices.SortFunc(pairs, func(p, q pair) int {
		if (p.a == none) != (q.a == none) {
			return cmp.Compare(q.a, p.a)
		}
		return cmp.Or(cmp.Compare(p.a, q.a), cmp.Compare(p.b, q.b))
	})
	return pairs
}

// order tells which of two lists, not both empty, has the next name: -1 if as,
// 1 if bs, 0 if both.
func order(as, bs []member) int {
	switch {
	case len(bs) == 0:
		return -1
	case len(as) == 0:
		return 1
	}
	return bytes.Compare(as[0].name, bs[0].name)
}
