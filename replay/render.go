package replay

import (
	"bytes"
	"fmt"

	"wiretape/internal/wire"
)

// load reads a message from the file: the whole line, or the element of a batch
// as a line.
func (s *Session) load(message int32) ([]byte, error) {
	m := &s.index.messages[message]
	return s.fetch(m.place(), m.elem)
}

// render gives what is said of an item, with what the live host minted. It gives
// nothing if it must not be said to this host.
func (s *Session) render(it item) ([]byte, error) {
	if it.text != nil {
		return it.text, nil
	}
	line, err := s.fetch(it.place(), it.elem)
	if err != nil {
		return nil, fmt.Errorf("reading event %d of the recording again: %w", it.seq, err)
	}
	switch it.kind {
	case response:
		return it.live.respond(line), nil
	case progress:
		// MCP 2025-11-25, progress: "Progress notifications MUST only reference
		// tokens that were provided in an active request"
		if it.live.token == nil {
			return nil, nil
		}
		return with(line, it.live.token, "params", "progressToken"), nil
	case tagged:
		if wire.Parse(line).Method == "notifications/cancelled" {
			line = with(line, it.live.id, "params", "requestId")
		}
		return with(line, it.live.id, "params", "_meta", metaSubscription), nil
	case logged:
		// MCP 2026-07-28, logging: without a log level in its _meta a request
		// has no log messages.
		if it.live != nil && !it.live.logs {
			return nil, nil
		}
	case asking:
		return with(line, it.inquiry.id, "id"), nil
	case withdrawn:
		return with(line, it.inquiry.id, "params", "requestId"), nil
	}
	return line, nil
}

// respond answers the live call with a recorded response.
func (l *live) respond(line []byte) []byte {
	line = with(line, l.id, "id")
	if l.listens {
		line = with(line, l.id, "result", "_meta", metaSubscription)
	}
	if l.batch != nil {
		return l.batch.add(line)
	}
	return line
}

// with gives the line with raw at path, if there is something there.
func with(line, raw []byte, path ...string) []byte {
	there := wire.Get(line, path...)
	if there == nil || bytes.Equal(there, raw) {
		return line
	}
	return wire.Replace(line, there, raw)
}
