package proxy

import (
	"bytes"
	"math/rand/v2"
	"strings"

	"wiretape/internal/wire"
)

// lot decides which requests a fault chooses. What it decides depends on the
// seed and on the requests with its method and name, and on nothing else.
type lot struct {
	Fault
	rand *rand.Rand
	seen int // requests with its method and name
}

// strike is a fault that has chosen a request.
type strike struct {
	Fault
	seed uint64 // of what is random about it
}

// newLots gives each fault a stream of chances of its own, so that they do not
// depend on what other faults choose.
func newLots(list []Fault, seed uint64) []*lot {
	var lots []*lot
	for i, f := range list {
		lots = append(lots, &lot{Fault: f, rand: rand.New(rand.NewPCG(seed, uint64(i)))})
	}
	return lots
}

// draw gives what goes wrong with a request, nil for nothing. Every lot is
// drawn: what is counted must not depend on the other faults.
func draw(lots []*lot, method string, line []byte) *strike {
	var first *strike
	for _, l := range lots {
		if !l.concerns(method, line) {
			continue
		}
		if s := l.draw(); first == nil {
			first = s
		}
	}
	return first
}

// concerns reports whether a request has the fault's method and name.
func (l *lot) concerns(method string, line []byte) bool {
	begin, open := strings.CutSuffix(l.Method, "*")
	if l.Method != "" && method != l.Method && !(open && strings.HasPrefix(method, begin)) {
		return false
	}
	return l.Name == "" || text(wire.Get(line, "params", "name")) == l.Name
}

func (l *lot) draw() *strike {
	l.seen++
	// All chances are taken, so that the next one does not depend on this.
	chance, seed := l.rand.Float64(), l.rand.Uint64()
	switch {
	case l.Nth > l.seen || (l.Nth > 0 && l.Nth < l.seen && !l.Onwards):
		return nil
	case l.Probability > 0 && chance >= l.Probability:
		return nil
	}
	return &strike{l.Fault, seed}
}

// half is the first half of an answer, as a line. It is never JSON: the object
// is not closed in it.
func half(answer []byte) []byte {
	body := bytes.TrimSpace(answer)
	return append(bytes.Clone(body[:len(body)/2]), '\n')
}

const junkLength = 64 // bytes, without the newline

// junk is a line that no parser takes for text: its first byte alone is in no
// UTF-8 text.
func (s *strike) junk() []byte {
	random := rand.New(rand.NewPCG(s.seed, 0))
	line := make([]byte, junkLength, junkLength+1)
	for i := range line {
		line[i] = byte(random.UintN(256))
		if line[i] == '\n' {
			line[i] = 0xfe
		}
	}
	line[0] = 0xff
	return append(line, '\n')
}
