package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"reflect"
	"sync"
)

// tap prints every request and notification of the server before the SDK sees it.
type tap struct {
	in   io.Reader
	host *host
	line []byte
}

func (t *tap) Read(p []byte) (int, error) {
	n, err := t.in.Read(p)
	t.line = append(t.line, p[:n]...)
	for {
		line, rest, ok := bytes.Cut(t.line, []byte("\n"))
		if !ok {
			return n, err
		}
		t.host.observe(line)
		t.line = rest
	}
}

// Close does nothing: the server ends the stream.
func (t *tap) Close() error { return nil }

// message is a request or a notification of the server.
type message struct {
	Method string
	ID     json.RawMessage
	Params json.RawMessage
}

func (h *host) observe(line []byte) {
	var m message
	if json.Unmarshal(line, &m) != nil || m.Method == "" {
		return
	}
	kind := "request"
	if m.ID == nil {
		kind = "notification"
	}
	h.print(map[string]any{kind: m.Method, "params": m.Params})
	h.mail.put(m)
}

// mailbox keeps messages until an "await" step takes them.
type mailbox struct {
	mu       sync.Mutex
	messages []message
	changed  chan struct{} // closed when there is a new one
}

func (b *mailbox) put(m message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages = append(b.messages, m)
	close(b.changed)
	b.changed = make(chan struct{})
}

// take waits for a message that is wanted.
func (b *mailbox) take(ctx context.Context, method string, params map[string]any) (json.RawMessage, error) {
	for {
		found, changed := b.find(method, params)
		if found != nil {
			return found.Params, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (b *mailbox) find(method string, params map[string]any) (*message, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, m := range b.messages {
		if m.Method == method && m.has(params) {
			b.messages = append(b.messages[:i:i], b.messages[i+1:]...)
			return &m, nil
		}
	}
	return nil, b.changed
}

// has reports whether the message's params have all that params have.
func (m message) has(params map[string]any) bool {
	var mine map[string]any
	if len(params) > 0 && json.Unmarshal(m.Params, &mine) != nil {
		return false
	}
	for name, value := range params {
		if !reflect.DeepEqual(mine[name], value) {
			return false
		}
	}
	return true
}
