package replay

import (
	"cmp"
	"container/heap"
	"io"
	"math"
	"slices"
	"sync"
	"time"
)

// outbox is what is to be said to the host: at once, or when its time has come.
// The session's gate guards it.
type outbox struct {
	changed sync.Cond
	ready   []item
	said    int // how many of ready were said
	later   schedule
	added   int         // how many have been
	stop    func() bool // keeps the clock from calling
	ended   bool        // nothing more will be said than what is ready
	err     error       // why; nil for the end of input
	midline bool        // what was said last did not end its line
	rest    []byte      // what Read has still to give
}

// schedule is a heap of what is to be said later.
type schedule []scheduled

type scheduled struct {
	item
	due time.Time
	n   int
}

func (q schedule) Len() int { return len(q) }
func (q schedule) Less(i, j int) bool {
	return cmp.Or(q[i].due.Compare(q[j].due), cmp.Compare(q[i].n, q[j].n)) < 0
}
func (q schedule) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *schedule) Push(x any)   { *q = append(*q, x.(scheduled)) }
func (q *schedule) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}

// send says something now, or when it is due.
func (s *Session) send(it item) {
	o := &s.out
	if o.ended {
		return
	}
	speed := s.options.Speed
	if speed == 0 || it.text != nil {
		o.ready = append(o.ready, it)
		return
	}
	after := min(float64(it.at-it.base.recorded)/speed, longestWait)
	o.added++
	heap.Push(&o.later, scheduled{it, it.base.live.Add(time.Duration(after)), o.added})
	s.deliver()
}

// longestWait is more than a lifetime, and less than what a time.Duration holds.
const longestWait = float64(math.MaxInt64 / 2)

// deliver makes ready what is due, and has the clock call for the rest.
func (s *Session) deliver() {
	o := &s.out
	now := s.clock.Now()
	for len(o.later) > 0 && !o.later[0].due.After(now) {
		o.first()
	}
	if o.stop != nil {
		o.stop()
		o.stop = nil
	}
	if len(o.later) > 0 && !o.ended {
		o.stop = s.clock.AfterFunc(o.later[0].due.Sub(now), func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.deliver()
			o.changed.Broadcast()
		})
	}
}

// hurry makes ready what is due later.
func (o *outbox) hurry() {
	for len(o.later) > 0 {
		o.first()
	}
}

// first makes ready what is due first.
func (o *outbox) first() {
	if it := heap.Pop(&o.later).(scheduled).item; !it.late() {
		o.ready = append(o.ready, it)
	}
}

// late reports whether the subscription that an item belongs to was cancelled
// before the item came.
//
// MCP 2026-07-28, stdio: the server MUST NOT send any further message for a
// request that was cancelled.
func (it *item) late() bool { return it.kind == tagged && it.number < it.live.cancelled }

// end says that nothing more is to be said than what is ready.
func (s *Session) end(err error) {
	o := &s.out
	if o.ended {
		return
	}
	o.ended, o.err = true, err
	o.later = nil
	if o.stop != nil {
		o.stop()
		o.stop = nil
	}
	o.changed.Broadcast()
}

// next waits for the next line that the server says, and gives it, its end
// included. The error is io.EOF when there is none any more. If it is not to
// wait, it may also give nothing.
func (s *Session) next(wait bool) ([]byte, error) {
	for {
		it, err := s.pick(wait)
		if err != nil || it.kind == start && it.text == nil {
			return nil, err
		}
		text, err := s.render(it)
		if err != nil {
			s.mu.Lock()
			s.out.silence()
			s.end(err)
			s.mu.Unlock()
			return nil, err
		}
		if len(text) > 0 {
			return s.whole(text), nil
		}
	}
}

// pick takes the first item that is ready, the zero one if there is none and it
// is not to wait.
func (s *Session) pick(wait bool) (item, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := &s.out
	for {
		for o.said == len(o.ready) {
			if o.ended && o.err != nil {
				return item{}, o.err
			}
			if o.ended {
				return item{}, io.EOF
			}
			if !wait {
				return item{}, nil
			}
			o.changed.Wait()
		}
		it := o.take()
		if it.text == nil && it.live != nil && it.live.dropped {
			continue
		}
		switch it.kind {
		case response:
			s.finished(it.live)
		case exited:
			status := int(it.of)
			s.report.Exit = &status
			o.hurry()
			o.keep(it.number)
			s.end(nil)
			continue
		}
		return it, nil
	}
}

// take takes the first item that is ready. The memory is used again when all are
// taken, or when most are.
func (o *outbox) take() item {
	it := o.ready[o.said]
	o.ready[o.said] = item{}
	o.said++
	if o.said == len(o.ready) || o.said > mostSaid && 2*o.said > len(o.ready) {
		n := copy(o.ready, o.ready[o.said:])
		clear(o.ready[n:])
		o.ready, o.said = o.ready[:n], 0
	}
	return it
}

// mostSaid bounds the memory of what was said.
const mostSaid = 1024

// keep forgets what is ready, but for what was recorded before a message.
func (o *outbox) keep(before int32) {
	o.ready = slices.DeleteFunc(o.ready[o.said:], func(it item) bool { return it.number >= before })
	o.said = 0
}

// silence forgets what is ready.
func (o *outbox) silence() { o.ready, o.said = nil, 0 }

// finished forgets a call that was answered.
func (s *Session) finished(l *live) {
	if s.cast.live[string(l.id)] == l {
		delete(s.cast.live, string(l.id))
	}
}

// whole ends a line that was recorded without an end, as hosts wait for that: at
// once, or if the recorded server then ended, before another line that follows.
func (s *Session) whole(text []byte) []byte {
	if s.out.midline {
		text = append([]byte{'\n'}, text...)
	}
	if s.out.midline = text[len(text)-1] != '\n'; s.out.midline && !s.exits() {
		text, s.out.midline = append(slices.Clip(text), '\n'), false
	}
	return text
}

// exits reports whether the recorded server ends after what is to be said.
func (s *Session) exits() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := &s.out
	return slices.ContainsFunc(o.ready[o.said:], func(it item) bool { return it.kind == exited }) ||
		slices.ContainsFunc(o.later, func(it scheduled) bool { return it.kind == exited })
}

// Read gives what the server says. After CloseInput, or when the recorded
// server ended by itself, it gives the rest and then io.EOF. It is for one
// goroutine at a time.
func (s *Session) Read(p []byte) (int, error) {
	if len(s.out.rest) == 0 {
		line, err := s.next(true)
		if err != nil {
			return 0, err
		}
		s.out.rest = line
	}
	n := copy(p, s.out.rest)
	s.out.rest = s.out.rest[n:]
	return n, nil
}
