package proxy

import (
	"bytes"
	"encoding/json"
	"strings"

	"wiretape/internal/wire"
)

// answer gives the line that answers a request in the target's name, nil if
// the target shall answer itself.
func (s *session) answer(m wire.Message) []byte {
	if !s.connected() || (len(s.held) > 0 && isPing(m)) {
		return s.absent(m)
	}
	cursor := wire.Get(m.Params, "cursor")
	switch {
	case m.Method == methodToolsList && s.past.toolless && cursorOf(m.Params) == nil:
		return resultLine(m.ID, s.toolList(isModern(m.Params)))
	case m.Method == methodToolsList && s.past.toolless:
		return unknownCursor.line(m.ID)
	case m.Method == methodToolsCall && s.past.toolless:
		return failure{-32602, "Unknown tool: " + text(wire.Get(m.Params, "name")), "unknown_tool"}.line(m.ID)
	case isList(m.Method) && s.minted["cursor"].dead(cursor, s.conn.n):
		return staleCursor.line(m.ID)
	case isTaskCall(m.Method) && s.minted["task"].dead(wire.Get(m.Params, "taskId"), s.conn.n):
		return staleTask.line(m.ID)
	}
	return nil
}

var (
	// MCP 2025-11-25, pagination: "Invalid cursors SHOULD result in an error
	// with code -32602".
	staleCursor   = failure{-32602, "Invalid cursor: it was given out by a server that has been disconnected since; list from the start", "stale_cursor"}
	unknownCursor = failure{-32602, "Invalid cursor: the list has one page", "unknown_cursor"}
	// MCP 2025-11-25, tasks: "Task not found" is -32602.
	staleTask = failure{-32602, "Task not found: it ended with the server that was disconnected", "stale_task"}
)

func isTaskCall(method string) bool { return strings.HasPrefix(method, "tasks/") }

func text(raw []byte) string {
	s, _ := wire.Text(raw)
	return s
}

// absent gives the line that answers a request while nothing is connected.
func (s *session) absent(m wire.Message) []byte {
	modern := isModern(m.Params)
	if !modern && m.Method == methodPing {
		// MCP 2025-11-25, ping: "The receiver MUST respond promptly with an
		// empty response".
		return resultLine(m.ID, []byte(`{}`))
	}
	if !modern && (m.Method == methodSetLevel || m.Method == methodSubscribe || m.Method == methodUnsubscribe) {
		// The next target is told.
		s.past.remember(m.Method, m.Params)
		return resultLine(m.ID, []byte(`{}`))
	}
	switch m.Method {
	case methodToolsList:
		if cursorOf(m.Params) != nil {
			return staleCursor.line(m.ID)
		}
		return resultLine(m.ID, s.toolList(modern))
	case methodDiscover:
		if s.past.discovered != nil {
			line := resultLine(m.ID, s.fresh(s.past.discovered, true))
			return or(withTools(line, s.past.discovered), line)
		}
	case methodListen:
		return s.listenAbsent(m)
	}
	if isTaskCall(m.Method) {
		return staleTask.line(m.ID)
	}
	return s.gone(&request{id: m.ID, method: m.Method, modern: modern, task: wire.Get(m.Params, "task") != nil})
}

func or(a, b []byte) []byte {
	if a != nil {
		return a
	}
	return b
}

// gone gives the line that answers r in the name of a target that is gone. A
// model sees a tool's error, but not an error of the protocol. A call that
// asked for a task (2025-11-25) can only be refused.
func (s *session) gone(r *request) []byte {
	message := s.ended + " Call " + s.tools.name(connect) + " to start it again."
	if r.method != methodToolsCall || (r.task && !r.modern) {
		return failure{-32603, message, "target_disconnected"}.line(r.id)
	}
	result := append([]byte(`{"content":[{"type":"text","text":`), wire.Quote(message)...)
	result = append(result, `}],"isError":true}`...)
	return resultLine(r.id, s.complete(result, r.modern))
}

// endOpen answers, in the target's name, all that it left unanswered. Listens
// that it knew of stay open: the next target gets them again.
func (s *session) endOpen() {
	for _, r := range s.open.takeAll() {
		if (r.method != methodListen || r.untold) && !r.cancelled {
			s.tellHost(s.gone(r))
		}
	}
}

// endAsked cancels at the host what the target of c had asked it for.
//
// MCP, cancellation: either side may cancel a request of its own; the receiver
// "SHOULD NOT send a response", and if it does, the response is not for the
// next target.
func (s *session) endAsked(c *connection) {
	for id, open := range c.asking {
		s.stale[id] = struct{}{}
		if !open {
			continue
		}
		s.tellHost(cancelledLine([]byte(id), "the server was disconnected"))
	}
	clear(c.asking)
}

// refuseAsked gives the lines that answer what the target of c has asked the
// host for: some servers do not end before they have all their answers.
func (s *session) refuseAsked(c *connection) []byte {
	var lines []byte
	refusal := failure{-32603, "wiretape is stopping this server; call " + s.tools.name(connect) + " to start it again", "disconnecting"}
	for id, open := range c.asking {
		if open {
			lines = append(lines, refusal.line([]byte(id))...)
		}
	}
	return lines
}

// toolsChanged tells the host that the tool list is another, where it may be
// told: in a legacy session, which was told of the capability by us, once it is
// initialized; in modern ones on the subscriptions that asked for it.
func (s *session) toolsChanged() { s.listChanged(methodToolsChanged, "toolsListChanged", true) }

// othersChanged tells that prompts and resources may be others, as a new
// target may well have others.
func (s *session) othersChanged() {
	s.listChanged(methodPromptsChanged, "promptsListChanged", s.past.declares("prompts", "listChanged"))
	s.listChanged(methodResourcesChanged, "resourcesListChanged", s.past.declares("resources", "listChanged"))
}

func (s *session) listChanged(method, filter string, declared bool) {
	if s.past.initialized && declared {
		s.tellHost(notificationLine(method, nil))
	}
	for _, li := range s.listens {
		if li.honours(filter) {
			params := append([]byte(`{"_meta":`), subscriptionMeta(li.request.id)...)
			s.tellHost(notificationLine(method, append(params, '}')))
		}
	}
}

// asJSON is for values of our own making only, which always can be encoded.
func asJSON(v any) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSpace(out.Bytes())
}
