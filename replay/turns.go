package replay

// turns is which recorded calls have had their turn in a session.
type turns struct {
	queues map[key]turn
	used   bits           // calls
	passed bits           // messages of the host that were said again
	noted  map[string]int // how many notifications of a method were
}

// turn is how far a queue of calls has moved.
type turn struct {
	seen int32 // this call, and all before it, were used
	last int32 // the call that was used last
}

func newTurns() turns {
	return turns{queues: make(map[key]turn), noted: make(map[string]int)}
}

// mostSearched bounds how far ahead a call is looked for that is the same in more
// than its key.
const mostSearched = 10000

// unused gives the first call of a key that was not used; if there is one that
// is closer, that one.
func (t *turns) unused(ix *index, k key, closer uint32) int32 {
	tail, ok := ix.queues.last[k]
	if !ok {
		return 0
	}
	q := t.queues[k]
	for q.seen != tail && t.used.has(ix.after(q.seen, tail)) {
		q.seen = ix.after(q.seen, tail)
	}
	t.queues[k] = q
	if q.seen == tail {
		return 0
	}
	first := ix.after(q.seen, tail)
	n := first
	for range mostSearched {
		if ix.calls[n].closer == closer && !t.used.has(n) {
			return n
		}
		if n == tail {
			break
		}
		n = ix.calls[n].next
	}
	return first
}

// again gives a call of a key that was used before: the last one, or the one
// that is next when all have their turn again.
func (t *turns) again(ix *index, k key, how Exhausted) int32 {
	last := t.queues[k].last
	if last == 0 || how == Last {
		return last
	}
	return ix.calls[last].next
}

// take gives a call its turn.
func (t *turns) take(n int32, k key) {
	t.used.set(n)
	q := t.queues[k]
	q.last = n
	t.queues[k] = q
}

// after gives the call that follows n in its queue, the first one for 0.
func (ix *index) after(n, tail int32) int32 {
	if n == 0 {
		n = tail // the queue is a ring
	}
	return ix.calls[n].next
}

// bits is a set of numbers.
type bits []uint64

func (b bits) has(n int32) bool { return int(n>>6) < len(b) && b[n>>6]&(1<<(n&63)) != 0 }

func (b *bits) set(n int32) {
	for int(n>>6) >= len(*b) {
		*b = append(*b, 0)
	}
	(*b)[n>>6] |= 1 << (n & 63)
}
