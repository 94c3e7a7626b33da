package compare

import "strconv"

// spell appends the canonical spelling of the value at a node. It calls itself
// no deeper than jsontext reads.
func (t *tree) spell(dst []byte, at int, ignore Ignore) []byte {
	switch t.first(at) {
	case '{':
		return t.spellObject(dst, at, ignore)
	case '[':
		return t.spellArray(dst, at, ignore)
	}
	return spellScalar(dst, t.raw(at))
}

func (t *tree) spellObject(dst []byte, at int, ignore Ignore) []byte {
	members, mark := t.enter(at)
	defer t.leave(mark)
	dst = append(dst, '{')
	for _, m := range members {
		inner := ignore.member(m.name)
		if inner.Drop.whole() {
			continue
		}
		if dst[len(dst)-1] != '{' {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, '"'), m.name...), '"', ':')
		dst = t.spellInner(dst, m.value, inner)
	}
	return append(dst, '}')
}

func (t *tree) spellArray(dst []byte, at int, ignore Ignore) []byte {
	dst = append(dst, '[')
	index := 0
	for i := at + 1; i < t.nodes[at].next; i = t.nodes[i].next {
		if index > 0 {
			dst = append(dst, ',')
		}
		inner := ignore.element(index)
		if inner.Drop.whole() {
			dst = append(dst, "null"...)
		} else {
			dst = t.spellInner(dst, i, inner)
		}
		index++
	}
	return append(dst, ']')
}

// spellInner appends what stands for a member or an element that is not dropped.
func (t *tree) spellInner(dst []byte, at int, ignore Ignore) []byte {
	if ignore.Mask.whole() {
		return append(dst, masked)
	}
	return t.spell(dst, at, ignore)
}

// spellScalar appends what is neither an object nor an array.
func spellScalar(dst, raw []byte) []byte {
	switch raw[0] {
	case '"':
		return spellString(dst, raw)
	case 't', 'f', 'n':
		return append(dst, raw...)
	}
	return spellNumber(dst, raw)
}

// member is what to ignore in the member whose name has this canonical spelling.
func (ig Ignore) member(name []byte) Ignore {
	if ig.nothing() {
		return ig
	}
	return ig.under(decode(name))
}

// element is what to ignore in the element at index.
func (ig Ignore) element(index int) Ignore {
	if ig.nothing() {
		return ig
	}
	return ig.under(strconv.Itoa(index))
}
