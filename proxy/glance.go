package proxy

import (
	"bytes"

	"wiretape/internal/wire"
)

// glance sees of a host's line what the session has to know, and no more: of
// an ordinary request, that is its method and id. Reading all of each call
// would be a good part of what it costs to pass it on.
func (s *session) glance(text []byte) wire.Message {
	m, ok := wire.Peek(text)
	if ok && (m.Kind == wire.Response || !s.concerns(m.Method, text)) {
		return m
	}
	return wire.Parse(text)
}

// concerns reports whether a request may hold something that the session has
// to know. What it looks for may also stand in an argument by chance.
func (s *session) concerns(method string, text []byte) bool {
	if !s.connected() || s.past.toolless || bytes.Contains(text, metaVersion) {
		return true
	}
	switch method {
	case methodToolsCall:
		return mayNameControl(text) || bytes.Contains(text, []byte(`"task"`))
	case methodPing, "prompts/get", "resources/read", "completion/complete":
		return false
	}
	return true
}

func isPing(m wire.Message) bool { return m.Method == methodPing && !isModern(m.Params) }

// mayNameControl reports whether a line may hold the name of a control tool, as
// it is or with escapes. All three names hold one of two words.
func mayNameControl(text []byte) bool {
	return bytes.Contains(text, []byte(connect)) || bytes.Contains(text, []byte(status)) || bytes.Contains(text, []byte(`\u`))
}
