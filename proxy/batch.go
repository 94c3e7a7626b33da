package proxy

import (
	"bytes"

	"wiretape/internal/wire"
	"wiretape/record"
)

// MCP 2025-03-26 allows JSON-RPC batches, no other revision does. A batch is
// passed on as it is, but for the elements that are not for the other side.

// hostBatch judges a batch of the host. What is not for the target is taken out
// of it, and answered by lines of their own.
func (s *session) hostBatch(l wire.Line, text []byte) verdict {
	var rest, kept, answers [][]byte
	for e := range wire.Elements(text) {
		mine, answer := s.judge(wire.Parse(e), e)
		if !mine && s.connected() {
			rest = append(rest, e)
			continue
		}
		kept = append(kept, e)
		if answer != nil {
			answers = append(answers, answer)
		}
	}
	if len(kept) == 0 {
		return s.toTarget(l)
	}
	for _, e := range kept {
		s.consume(wire.Line{append(bytes.Clone(e), '\n')})
	}
	for _, answer := range answers {
		s.tellHost(answer)
	}
	if len(rest) == 0 {
		return verdict{}
	}
	line := append(wire.Array(rest...), '\n')
	v := s.toTarget(wire.Line{line})
	v.instead = line
	return v
}

// targetBatch judges a batch of the target: the answers in it are looked at,
// and changed in place, as if each stood alone.
func (s *session) targetBatch(c *connection, l wire.Line) verdict {
	text := l.Bytes()
	var out []byte
	done := 0
	for e := range wire.Elements(text) {
		m := wire.Parse(e)
		switch m.Kind {
		case wire.Request:
			c.asking[string(m.ID)] = true
		case wire.Response:
			r := s.open.take(m.ID)
			if r == nil || (r.plain() && (!r.modern || s.past.settled())) {
				continue
			}
			instead, _ := s.learn(c, r, m, e)
			if instead == nil {
				continue
			}
			at := cap(text) - cap(e)
			out = append(append(out, text[done:at]...), bytes.TrimSpace(instead)...)
			done = at + len(e)
		}
	}
	c.tape.Line(record.Target, record.Host, l...)
	if out == nil {
		return verdict{to: s.host}
	}
	return verdict{to: s.host, instead: append(out, text[done:]...)}
}
