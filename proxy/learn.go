package proxy

import (
	"bytes"

	"github.com/mark3labs/mcp-go/mcp"

	"wiretape/internal/wire"
)

const metaServerInfo = mcp.MetaKeyServerInfo

// plain reports whether the answer changes nothing that the line must know.
func (r *request) plain() bool {
	return !r.changes() && !r.task && !isList(r.method) && r.params == nil
}

// learn takes note of the target's answer to r. It gives what the host gets
// instead, nil for the answer itself; mine means that the host gets nothing.
func (s *session) learn(c *connection, r *request, m wire.Message, text []byte) (instead []byte, mine bool) {
	if r.modern && m.Result != nil && !s.past.settled() {
		s.past.open = true
		s.past.server = or(s.past.server, bytes.Clone(wire.Get(m.Result, "_meta", metaServerInfo)))
	}
	switch r.method {
	case methodListen:
		return nil, s.listenEnded(r, m)
	case methodToolsList:
		return s.toolsListed(c, r, m, text), false
	}
	if m.Result == nil {
		return nil, false
	}
	switch r.method {
	case methodInitialize:
		s.past.answered(r, m.Result)
		return withTools(text, m.Result), false
	case methodDiscover:
		s.past.discovered = bytes.Clone(m.Result)
		s.past.told(s.past.discovered)
		return withTools(text, m.Result), false
	case methodSetLevel, methodSubscribe, methodUnsubscribe:
		s.past.remember(r.method, r.params)
	}
	if isList(r.method) {
		s.minted["cursor"].add(wire.Get(m.Result, "nextCursor"), c.n)
		for task := range wire.Elements(wire.Get(m.Result, "tasks")) {
			s.mintTask(c, task)
		}
	}
	if r.task {
		s.mintTask(c, m.Result)
	}
	return nil, false
}

// withTools declares that there are tools and that their list may change.
func withTools(text, result []byte) []byte {
	if !wire.Is(wire.Get(result, "capabilities"), '{') {
		return nil
	}
	out, _ := wire.Set(text, []byte("true"), "result", "capabilities", "tools", "listChanged")
	return out
}

// mintTask takes note of the task that a result or a notification names: in
// 2025-11-25 it is an object of its own, later the result itself.
func (s *session) mintTask(c *connection, object []byte) {
	for _, path := range [][]string{{"task", "taskId"}, {"taskId"}} {
		s.minted["task"].add(wire.Get(object, path...), c.n)
	}
}

// toolsListed takes note of a page of the target's tools and puts the control
// tools behind those of the first page. A target without tools gets a list.
func (s *session) toolsListed(c *connection, r *request, m wire.Message, text []byte) []byte {
	if m.Result == nil {
		if r.cursor == nil && isUnknownMethod(m.Error) {
			s.past.toolless = true
			return resultLine(r.id, s.toolList(r.modern))
		}
		return nil
	}
	s.minted["cursor"].add(wire.Get(m.Result, "nextCursor"), c.n)
	shown := s.tools.listed
	if s.tools.page(r.cursor, m.Result) && shown && r.cursor != nil {
		s.toolsChanged()
	}
	if r.cursor != nil {
		return nil
	}
	out, ok := wire.Append(text, s.tools.definitions(), "result", "tools")
	if !ok {
		return nil
	}
	s.tools.listed = true
	if wire.Get(m.Result, "ttlMs") != nil {
		// Connects and disconnects change the list, and a host without a
		// subscription has only the TTL to go by.
		out, _ = wire.Set(out, []byte("0"), "result", "ttlMs")
	}
	return out
}

func isUnknownMethod(rpcError []byte) bool { return string(wire.Get(rpcError, "code")) == "-32601" }

// toolList is the answer to tools/list where the target gives none: the tools
// that are known of it, and ours, on one page.
func (s *session) toolList(modern bool) []byte {
	result := s.tools.result
	if !wire.Is(wire.Get(result, "tools"), '[') {
		result = []byte(`{}`)
	}
	tools := append([]byte{'['}, s.tools.tools()...)
	if len(tools) > 1 {
		tools = append(tools, ',')
	}
	tools = append(append(tools, s.tools.definitions()...), ']')
	result, _ = wire.Set(result, tools, "tools")
	result = wire.Remove(result, "nextCursor")
	s.tools.listed = true
	return s.fresh(result, modern)
}

// fresh dresses a result that wiretape gives itself and that nobody shall
// cache.
//
// MCP 2026-07-28, caching: ttlMs and cacheScope are required on lists and on
// server/discover.
func (s *session) fresh(result []byte, modern bool) []byte {
	if modern || wire.Get(result, "ttlMs") != nil {
		result, _ = wire.Set(result, []byte("0"), "ttlMs")
	}
	if !modern {
		return result
	}
	if wire.Get(result, "cacheScope") == nil {
		result, _ = wire.Set(result, []byte(`"private"`), "cacheScope")
	}
	return s.complete(result, modern)
}

// complete dresses a result that wiretape gives itself.
//
// MCP 2026-07-28, basic: resultType is required in every result, and a server
// should name itself in _meta.
func (s *session) complete(result []byte, modern bool) []byte {
	if !modern {
		return result
	}
	result, _ = wire.Set(result, []byte(`"complete"`), "resultType")
	if s.past.server != nil {
		result, _ = wire.Set(result, s.past.server, "_meta", metaServerInfo)
	}
	return result
}
