package vcr

import (
	"bytes"
	"fmt"

	"wiretape/internal/wire"
	"wiretape/record"
)

// open has the server told how the session was opened before it is told more. The
// caller holds patch.mu.
func (l *live) open(o *opening) {
	if l.opened {
		return
	}
	l.opened = true
	l.talk.mu.Lock()
	defer l.talk.mu.Unlock()
	l.talk.first = o
}

// introduce gives the server the host's own handshake, in the version that the
// replay agreed on. The host notices nothing of it.
func (l *live) introduce(first *opening) error {
	select {
	case <-first.met:
	case <-l.over:
		return errEnded
	}
	if err := l.tell(record.Proxy, l.greetingLine(first)); err != nil {
		return err
	}
	select {
	case m := <-l.talk.greeting:
		if err := first.agree(m); err != nil {
			return err
		}
	case <-l.over:
		return errEnded
	}
	if !l.told {
		return nil
	}
	return l.tell(record.Proxy, []byte(`{"jsonrpc":"2.0","method":"notifications/initialized"}`+"\n"))
}

// greetingLine is the host's initialize, under an id that no host will choose.
func (l *live) greetingLine(first *opening) []byte {
	id := wire.Quote("wiretape:" + record.NewID())
	line := bytes.Clone(first.line)
	line = wire.Replace(line, wire.Parse(line).ID, id)
	if first.version != nil {
		line, _ = wire.Set(line, first.version, "params", "protocolVersion")
	}
	l.talk.mu.Lock()
	defer l.talk.mu.Unlock()
	l.talk.meeting = id
	return line
}

// agree looks at the answer to initialize.
//
// MCP 2025-11-25, lifecycle: the server "MUST respond with the same version" if
// it supports it.
func (o *opening) agree(m wire.Message) error {
	if m.Result == nil {
		return fmt.Errorf("it refused the session: %s", m.Error)
	}
	version := wire.Get(m.Result, "protocolVersion")
	if want := o.version; want != nil && !bytes.Equal(version, want) {
		return fmt.Errorf("it speaks %s, and the recorded session %s", version, want)
	}
	return nil
}
