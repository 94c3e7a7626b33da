package imports

import (
	"slices"
	"time"

	"wiretape/internal/wire"
)

// How far behind a response its request is looked for. The tools that write
// responses too early do so by a moment; what comes later has the same id by
// chance.
const (
	manyPieces = 4096
	longMoment = time.Second
)

// question is a request: who asked, and with which id.
type question struct {
	by side
	id uint64
}

// ordering puts pieces into an order of cause and effect.
type ordering struct {
	waits   map[int]int // the place of a response that is too early, and that of its request
	held    [2][]int    // what each side said, from a response on that is still too early
	out     []piece
	asked   []bool // by place: the request was put out
	moved   int    // responses that were too early
	orphans int    // responses without a request
}

// causal gives pieces with each response behind its request. What a side said
// stays in its order: whatever it said after a response that has to wait waits
// too.
func causal(pieces []piece) *ordering {
	o := &ordering{waits: make(map[int]int)}
	o.pair(pieces)
	if len(o.waits) == 0 {
		o.out = pieces
		return o
	}
	o.out, o.asked = make([]piece, 0, len(pieces)), make([]bool, len(pieces))
	for i := range pieces {
		if by := pieces[i].by; by != onStderr && (len(o.held[by]) > 0 || o.early(i)) {
			o.held[by] = append(o.held[by], i)
			continue
		}
		o.put(pieces, i)
	}
	left := slices.Concat(o.held[byHost], o.held[byTarget])
	slices.Sort(left)
	for _, i := range left {
		o.out = append(o.out, pieces[i])
	}
	return o
}

// pair finds the responses that stand before their requests.
func (o *ordering) pair(pieces []piece) {
	open := make(map[question]int)  // how many of them
	early := make(map[question]int) // the place of a response that no request was seen for
	for i := range pieces {
		p := &pieces[i]
		switch p.kind {
		case wire.Request:
			q := question{p.by, p.id}
			if at, ok := early[q]; ok && i-at <= manyPieces && p.at-pieces[at].at <= longMoment {
				o.waits[at] = i
				o.moved++
				o.orphans--
				delete(early, q)
				continue
			}
			open[q]++
		case wire.Response:
			q := question{other(p.by), p.id}
			if open[q] > 1 {
				open[q]--
			} else if open[q] == 1 {
				delete(open, q)
			} else {
				early[q] = i
				o.orphans++
			}
		}
	}
}

func (o *ordering) early(i int) bool {
	request, waits := o.waits[i]
	return waits && !o.asked[request]
}

// put puts a piece out, and what the other side holds back for it.
func (o *ordering) put(pieces []piece, i int) {
	o.out = append(o.out, pieces[i])
	o.asked[i] = true
	if pieces[i].kind != wire.Request {
		return
	}
	held := &o.held[other(pieces[i].by)]
	for len(*held) > 0 && !o.early((*held)[0]) {
		next := (*held)[0]
		*held = (*held)[1:]
		o.put(pieces, next)
	}
}

func other(by side) side { return byHost + byTarget - by }
