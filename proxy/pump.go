package proxy

import (
	"bytes"
	"io"

	"wiretape/internal/wire"
)

// pump moves one direction of the line. It forwards bytes as they arrive,
// without waiting for the end of a line, unless the line may have to be
// changed or kept back.
type pump struct {
	in  *wire.Reader
	out *outlet // gets what is passed on before its line is complete

	// take is handed each complete line, records it, and says what becomes of
	// it. It is called before the line's last byte is passed on.
	take func(wire.Line) verdict

	// holds tells whether a line that began like this has to be complete
	// before any of it is passed on. A nil holds never does.
	holds func(wire.Line) bool

	line wire.Line // the line under way
	sent int       // how many of its pieces were passed on
	held int       // how long it was when holds was last asked
}

// verdict says what becomes of a line.
type verdict struct {
	to      *outlet // who gets it; nil for nobody
	instead []byte  // what is passed on in its place; nil for the line itself
}

// run moves lines until the input ends, and returns why it ended: nil for the
// end of input.
func (p *pump) run() error {
	for {
		piece, err := p.in.Next()
		p.feed(piece)
		if err != nil {
			p.end()
			if err == io.EOF {
				err = nil
			}
			return err
		}
	}
}

// feed takes one piece of the stream. Lines that leave unchanged leave in as
// few writes as they came in reads.
func (p *pump) feed(piece []byte) {
	var run run
	for len(piece) > 0 {
		n := bytes.IndexByte(piece, '\n') + 1
		if n == 0 {
			break
		}
		p.line = append(p.line, piece[:n])
		p.finish(&run)
		piece = piece[n:]
	}
	if len(piece) > 0 {
		p.line = append(p.line, piece)
		if !p.mustHold() {
			p.send(&run, p.out)
		}
	}
	run.flush()
}

// mustHold tells whether the line under way has to be complete first. It does
// not ask again before the line is twice as long.
func (p *pump) mustHold() bool {
	if p.sent > 0 || p.holds == nil {
		return false
	}
	n := p.line.Len()
	if n < 2*p.held {
		return true
	}
	p.held = n
	return p.holds(p.line)
}

// end takes what stands behind the last newline as a line of its own.
func (p *pump) end() {
	if len(p.line) == 0 {
		return
	}
	var run run
	p.finish(&run)
	run.flush()
}

// finish has the complete line judged and does as told.
func (p *pump) finish(run *run) {
	v := p.take(p.line)
	switch {
	case p.sent > 0:
		// Part of it is gone already: it can neither be changed nor kept.
		p.send(run, p.out)
	case v.to != nil && v.instead != nil:
		run.add(v.to, v.instead)
	case v.to != nil:
		p.send(run, v.to)
	}
	p.line, p.sent, p.held = nil, 0, 0
}

// send passes on those pieces of the line that were not yet.
func (p *pump) send(run *run, to *outlet) {
	for _, piece := range p.line[p.sent:] {
		run.add(to, piece)
	}
	p.sent = len(p.line)
}

// run gathers bytes that follow each other in memory and leave by one outlet.
type run struct {
	to    *outlet
	bytes []byte
}

func (r *run) add(to *outlet, p []byte) {
	if r.to == to && follows(r.bytes, p) {
		r.bytes = r.bytes[:len(r.bytes)+len(p)]
		return
	}
	r.flush()
	r.to, r.bytes = to, p
}

func (r *run) flush() {
	if r.to != nil {
		r.to.pass(r.bytes)
	}
	r.to, r.bytes = nil, nil
}

// follows reports whether q stands directly behind p in the same array.
func follows(p, q []byte) bool {
	n := len(p)
	return cap(p) > n && len(q) > 0 && &p[:n+1][n] == &q[0]
}
