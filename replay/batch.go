package replay

import (
	"bytes"
	"sync"

	"wiretape/internal/wire"
)

// batch gathers the answers to a batch of requests.
//
// MCP 2025-03-26, basic: "Implementations … MUST support receiving JSON-RPC
// batches"; JSON-RPC 2.0: the answers come as an array, in any order, without
// one for notifications.
type batch struct {
	mu      sync.Mutex
	left    int
	answers [][]byte
}

// batch takes a batch of the host's, message by message.
func (s *Session) batch(line []byte) {
	b, empty := &batch{}, true
	for element := range wire.Elements(line) {
		empty = false
		if wire.Parse(element).Kind == wire.Request {
			b.left++
		}
	}
	if empty {
		s.junk(line)
	}
	for element := range wire.Elements(line) {
		m := wire.Parse(element)
		if m.Kind == wire.Request {
			s.request(m, append(bytes.Clone(element), '\n'), b)
		} else {
			s.message(m, element)
		}
	}
}

// add takes an answer, nil for a call that is not answered. With the last one
// it gives the line that answers the batch.
func (b *batch) add(line []byte) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	if line != nil {
		b.answers = append(b.answers, bytes.TrimRight(line, "\r\n"))
	}
	if b.left--; b.left > 0 || len(b.answers) == 0 {
		return nil
	}
	return append(wire.Array(b.answers...), '\n')
}
