package replay

import (
	"cmp"
	"iter"
)

// turns is which recorded calls have had their turn in a session.
type turns struct {
	queues   map[key]turn
	rounds   map[round]int32 // the last call that had its turn again
	used     bits            // calls
	spent    bits            // the first call of each key of which all were used, if some have placeholders
	unveiled int             // so many of index.queues.veiled are spent, from the first one
	passed   bits            // messages of the host that were said again
	noted    map[string]int  // how many notifications of a method were
}

// turn is how far a queue of calls has moved.
type turn struct {
	seen int32 // this call, and all before it, were used
	last int32 // the call that was used last
}

// round is the calls that have their turn again one after the other.
type round struct {
	key
	closer uint32 // 0 where there is none that is closer
}

func newTurns() turns {
	return turns{queues: make(map[key]turn), rounds: make(map[round]int32), noted: make(map[string]int)}
}

// mostSearched bounds how many calls are looked at for one that is the same in more
// than its key, or in all but secrets.
const mostSearched = 10000

// left gives the first call of a key that was not used, 0 if there is none.
func (t *turns) left(ix *index, k key) int32 {
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
	return ix.after(q.seen, tail)
}

// unused gives the first call of a key that was not used; if there is one that
// is closer, that one.
func (t *turns) unused(ix *index, k key, closer uint32) int32 {
	first, tail := t.left(ix, k), ix.queues.last[k]
	if first == 0 {
		return 0
	}
	for n := range ix.ring(cmp.Or(t.queues[k].seen, tail)) {
		if ix.calls[n].closer == closer && !t.used.has(n) {
			return n
		}
		if n == tail {
			break
		}
	}
	return first
}

// again gives a call of a key that was used before: the last one, or the one
// that is next when all have their turn again. Those that were answered come
// first, and among them those that are closer.
func (t *turns) again(ix *index, k key, closer uint32, how Exhausted) int32 {
	tail, last := ix.queues.last[k], t.queues[k].last
	if last == 0 {
		return 0
	}
	best := ix.best(tail, closer)
	if how == Cycle {
		r := round{key: k}
		if best == answeredCloser {
			r.closer = closer
		}
		t.rounds[r] = ix.next(cmp.Or(t.rounds[r], tail), closer, best)
		return t.rounds[r]
	}
	if ix.fit(last, closer) == best {
		return last
	}
	for n := range ix.ring(tail) {
		if ix.fit(n, closer) == best {
			last = n
		}
	}
	return last
}

// fit says how good it is to give a call again.
type fit int

const (
	other fit = iota
	justCloser
	answered
	answeredCloser
)

func (ix *index) fit(n int32, closer uint32) fit {
	f, c := other, &ix.calls[n]
	if c.closer == closer {
		f += justCloser
	}
	// Nobody subscribes for the sake of the answer, which ends it.
	if c.answered() || c.flags&subscribe != 0 {
		f += answered
	}
	return f
}

// best is how well the best call of a queue fits.
func (ix *index) best(tail int32, closer uint32) fit {
	best := other
	for n := range ix.ring(tail) {
		if best = max(best, ix.fit(n, closer)); best == answeredCloser {
			break
		}
	}
	return best
}

// next gives the first call behind n in its queue that fits so well.
func (ix *index) next(n int32, closer uint32, want fit) int32 {
	for n := range ix.ring(n) {
		if ix.fit(n, closer) == want {
			return n
		}
	}
	return n
}

// ring gives the calls of a queue from the one that follows n to n itself, of
// very many only the first.
func (ix *index) ring(n int32) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		end := n
		for range mostSearched {
			n = ix.calls[n].next
			if !yield(n) || n == end {
				return
			}
		}
	}
}

// take gives a call its turn.
func (t *turns) take(ix *index, n int32, k key) {
	t.used.set(n)
	q := t.queues[k]
	q.last = n
	t.queues[k] = q
	if len(ix.queues.veiled) > 0 && t.left(ix, k) == 0 {
		t.spent.set(ix.calls[ix.queues.last[k]].next)
	}
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

// add adds all numbers of another set.
func (b *bits) add(other bits) {
	for i, word := range other {
		if i == len(*b) {
			*b = append(*b, 0)
		}
		(*b)[i] |= word
	}
}
