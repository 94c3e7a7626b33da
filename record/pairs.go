package record

import (
	"crypto/sha256"
	"slices"
)

// pairs finds the request that a response answers. Requests are told apart by
// who asked and by their raw id, so that host and target may use the same ids.
type pairs struct {
	keep  bool        // keep every call in calls, in the order of requests; else only the open ones
	calls []Call      // by slot
	open  map[key]int // the slot of each call that waits for its response
	free  []int       // slots to use again
}

// key tells an open call from others.
type key struct {
	asker Party
	asked Party // only if the proxy asks, which it does on both sides
	id    string
}

const (
	// Requests without an answer add up in a long session: hosts cancel them,
	// servers forget them.
	mostOpen = 1 << 16
	// An id may be of any length. A long one is kept as its hash.
	longestID = 64
)

// ask notes a request and gives it. It closes, without an answer, an older one
// of the same id that is still open.
func (p *pairs) ask(c Call) *Call {
	if p.open == nil {
		p.open = make(map[key]int)
	}
	k := keyOf(c.From, c.To, c.ID)
	if older, ok := p.open[k]; ok {
		p.close(k, older)
	}
	if len(p.open) >= mostOpen {
		p.forget()
	}
	slot := p.slot(c)
	p.open[k] = slot
	return &p.calls[slot]
}

// answer gives the call that a response from one party to the other belongs
// to, and closes it. It gives nil if none is open.
func (p *pairs) answer(from, to Party, id []byte) *Call {
	k := keyOf(to, from, id)
	slot, ok := p.open[k]
	if !ok {
		return nil
	}
	p.close(k, slot)
	return &p.calls[slot]
}

func (p *pairs) slot(c Call) int {
	if !p.keep {
		c.ID = nil // it would keep the whole line
	}
	if n := len(p.free); n > 0 {
		slot := p.free[n-1]
		p.free = p.free[:n-1]
		p.calls[slot] = c
		return slot
	}
	p.calls = append(p.calls, c)
	return len(p.calls) - 1
}

func (p *pairs) close(k key, slot int) {
	delete(p.open, k)
	if !p.keep {
		p.free = append(p.free, slot)
	}
}

// forget closes the older half of the open calls.
func (p *pairs) forget() {
	requests := make([]int64, 0, len(p.open))
	for _, slot := range p.open {
		requests = append(requests, p.calls[slot].Request)
	}
	slices.Sort(requests)
	middle := requests[len(requests)/2]
	for k, slot := range p.open {
		if p.calls[slot].Request <= middle {
			p.close(k, slot)
		}
	}
}

func keyOf(asker, asked Party, id []byte) key {
	k := key{asker: asker}
	if asker == Proxy {
		k.asked = asked
	}
	if len(id) > longestID {
		sum := sha256.Sum256(id)
		k.id = string(sum[:])
		return k
	}
	k.id = string(id)
	return k
}
