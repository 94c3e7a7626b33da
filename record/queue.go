package record

import (
	"sync"
	"time"
)

// gather is how long arrivals are left to add up before they are written.
// Waking the recorder for every message would cost each round trip more than
// passing it on.
const gather = 2 * time.Millisecond

// entry is something on its way into a recording.
type entry struct {
	at       time.Duration
	from, to Party
	line     []byte
	more     [][]byte          // the pieces of a line that came in several; line is nil then
	event    *Event            // an exit or an end; nil for lines
	ask      chan<- Statistics // wants the statistics of all before it
}

// entrySize is what an entry costs beside its bytes, roughly.
const entrySize = 128

// cost is how much of the queue the entry takes.
func (e *entry) cost() int {
	n := entrySize + len(e.line)
	for _, piece := range e.more {
		n += len(piece)
	}
	return n
}

// queue holds what was handed over until it is written. It is bounded in bytes
// and keeps the order of arrival: who comes while it is full waits in line.
type queue struct {
	limit int
	clock clock
	due   *time.Timer   // fires when what has gathered is to be taken
	hurry chan struct{} // says that it is to be taken now

	door sync.Mutex // held by the producer whose turn it is, also while it waits for room

	mu      sync.Mutex // guards what follows
	room    sync.Cond
	waiting []entry
	held    int           // the cost of all that is not yet written, taken or not
	full    time.Duration // when a producer last had to wait; 0 for never
	closed  bool          // the last entry is in
}

func newQueue(limit int, started time.Time) *queue {
	q := &queue{limit: limit, clock: startClock(started), due: time.NewTimer(time.Hour), hurry: make(chan struct{}, 1)}
	q.due.Stop()
	q.room.L = &q.mu
	return q
}

// put stamps an entry and queues it; it waits while there is no room. An entry
// that is larger than the whole queue has room when the queue is empty. After
// the last entry it does nothing and reports false.
func (q *queue) put(e entry, last bool) bool {
	cost := e.cost()
	q.door.Lock()
	defer q.door.Unlock()
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.closed && q.held > 0 && q.held+cost > q.limit {
		q.full = q.clock.now()
		q.rush()
		q.room.Wait()
	}
	if q.closed {
		return false
	}
	e.at = q.clock.now()
	q.waiting = append(q.waiting, e)
	q.held += cost
	q.closed = last
	switch {
	case last || e.ask != nil || q.held > q.limit/2:
		q.rush()
	case len(q.waiting) == 1:
		q.due.Reset(gather)
	}
	return true
}

// pressed reports whether producers had to wait within the last second.
func (q *queue) pressed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.full > 0 && q.clock.now()-q.full < time.Second
}

// rush has what is waiting taken at once.
func (q *queue) rush() {
	select {
	case q.hurry <- struct{}{}:
	default:
	}
}

// take waits until there is something to write and takes all of it. The entries
// count until release is told of them. What it is given is used for the next.
func (q *queue) take(used []entry) []entry {
	for {
		select {
		case <-q.due.C:
		case <-q.hurry:
		}
		if batch := q.swap(used); len(batch) > 0 {
			return batch
		}
	}
}

func (q *queue) swap(used []entry) []entry {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		return nil
	}
	q.due.Stop()
	batch := q.waiting
	q.waiting = used[:0]
	return batch
}

// release makes room for others.
func (q *queue) release(cost int) {
	q.mu.Lock()
	q.held -= cost
	q.mu.Unlock()
	q.room.Signal() // the door lets only one wait
}

// clock tells the time since a recording was started, never falling.
type clock struct {
	base time.Time // a moment on the monotonic clock
	at   time.Duration
}

// startClock reads started's own monotonic clock if it has one.
func startClock(started time.Time) clock {
	base := time.Now()
	return clock{base, max(base.Sub(started), 0)}
}

func (c *clock) now() time.Duration { return c.at + time.Since(c.base) }
