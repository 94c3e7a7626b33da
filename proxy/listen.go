package proxy

import (
	"bytes"
	"maps"
	"slices"

	"github.com/mark3labs/mcp-go/mcp"

	"wiretape/internal/wire"
)

// listen is a subscriptions/listen of the host (2026-07-28). It outlives the
// target: the next one is sent the same request again, with the same id.
type listen struct {
	request *request
	asked   []byte // the raw filter that the host asked for
	granted []byte // the raw filter that was acknowledged; nil before
	own     bool   // wiretape alone serves it: no target knows of it
	again   bool   // a new target was sent it and has not acknowledged it yet
}

func newListen(r *request) *listen {
	params := wire.Parse(r.line).Params
	return &listen{request: r, asked: wire.Get(params, "notifications")}
}

// honours reports whether the host was promised notifications of this kind.
func (li *listen) honours(kind string) bool { return isTrue(wire.Get(li.granted, kind)) }

func isTrue(raw []byte) bool { return string(raw) == "true" }

const toolsFilter = "toolsListChanged"

// ownGrant is what wiretape can promise without a target.
func (li *listen) ownGrant() []byte {
	if isTrue(wire.Get(li.asked, toolsFilter)) {
		return []byte(`{"` + toolsFilter + `":true}`)
	}
	return []byte(`{}`)
}

func (li *listen) acknowledgement() []byte {
	params := append([]byte(`{"_meta":`), subscriptionMeta(li.request.id)...)
	params = append(append(params, `,"notifications":`...), li.granted...)
	return notificationLine(methodAcknowledged, append(params, '}'))
}

// listenAbsent acknowledges a listen that arrives while nothing is connected.
func (s *session) listenAbsent(m wire.Message) []byte {
	r := &request{id: bytes.Clone(m.ID), method: m.Method, modern: true}
	li := &listen{request: r, asked: bytes.Clone(wire.Get(m.Params, "notifications")), own: true}
	li.granted = li.ownGrant()
	s.listens[string(r.id)] = li
	return li.acknowledgement()
}

// acknowledged takes a target's acknowledgement. The host is promised what the
// target grants and, if it asked for that, news of the tool list, which we can
// give ourselves.
//
// MCP 2026-07-28, subscriptions: the acknowledgement lists the honoured subset
// and "MUST be the first message" with the subscription's id.
func (s *session) acknowledged(c *connection, li *listen, m wire.Message, l wire.Line) verdict {
	grants := wire.Get(m.Params, "notifications")
	if li.again {
		li.again = false
		if !covers(grants, li.granted) {
			s.endListen(li)
			c.tell(cancelledLine(li.request.id, "less was granted than by the server before"))
		}
		return s.keep(c, l)
	}
	li.granted = bytes.Clone(grants)
	if !isTrue(wire.Get(li.asked, toolsFilter)) || li.honours(toolsFilter) {
		return s.toHost(c, l, nil)
	}
	text := l.Bytes()
	params, _ := wire.Set(m.Params, []byte("true"), "notifications", toolsFilter)
	li.granted = wire.Get(params, "notifications")
	return s.toHost(c, l, wire.Replace(text, wire.Get(text, "params"), params))
}

// covers reports whether a new grant leaves nothing out of the old one, but
// for what we give ourselves.
func covers(grants, old []byte) bool {
	for kind, value := range wire.Members(old) {
		now := wire.Get(grants, kind)
		switch {
		case kind == toolsFilter || bytes.Equal(now, value):
		case isTrue(value) || !holdsAll(now, value):
			return false
		}
	}
	return true
}

// holdsAll reports whether the array now has all elements of the array before.
func holdsAll(now, before []byte) bool {
	all := slices.Collect(wire.Elements(now))
	for element := range wire.Elements(before) {
		if !slices.ContainsFunc(all, func(e []byte) bool { return bytes.Equal(e, element) }) {
			return false
		}
	}
	return true
}

// listenEnded takes a target's answer to a listen, which ends it; a target
// that refuses it leaves it to us, if there is something that we can give. It
// reports whether the host shall not see the answer.
func (s *session) listenEnded(r *request, m wire.Message) (mine bool) {
	li := s.listens[string(r.id)]
	switch {
	case li == nil:
		return false
	case li.again:
		s.endListen(li)
		return true
	case isUnknownMethod(m.Error) && li.granted == nil && isTrue(wire.Get(li.asked, toolsFilter)):
		li.own, li.granted = true, li.ownGrant()
		s.tellHost(li.acknowledgement())
		return true
	}
	delete(s.listens, string(r.id))
	return false
}

// endListen ends a subscription at the host, which may then ask for it anew.
//
// MCP 2026-07-28: the page on subscriptions wants the listen result, the one
// on cancellation a notifications/cancelled; a host ignores the latter for a
// request that has been answered.
func (s *session) endListen(li *listen) {
	id := li.request.id
	delete(s.listens, string(id))
	s.open.take(id)
	result := append([]byte(`{"resultType":"complete","_meta":`), subscriptionMeta(id)...)
	s.tellHost(resultLine(id, append(result, '}')))
	s.tellHost(cancelledLine(id, "the server changed; subscribe again"))
}

// cancelListen ends a subscription that the host cancels. It reports whether
// no target knows of it.
func (s *session) cancelListen(id []byte) (own bool) {
	li := s.listens[string(id)]
	if li == nil {
		return false
	}
	delete(s.listens, string(id))
	if li.again && s.conn != nil {
		s.conn.recalled[string(id)] = true
	}
	return li.own
}

func subscriptionOf(params []byte) string {
	return string(wire.Get(params, "_meta", mcp.MetaKeySubscriptionID))
}

// targetNotification judges a notification of the target.
func (s *session) targetNotification(c *connection, m wire.Message, l wire.Line) verdict {
	switch m.Method {
	case methodAcknowledged:
		id := subscriptionOf(m.Params)
		if c.recalled[id] {
			// The host has had an acknowledgement, and does not want another.
			delete(c.recalled, id)
			return s.keep(c, l)
		}
		if li := s.listens[id]; li != nil {
			return s.acknowledged(c, li, m, l)
		}
	case methodCancelled:
		id := wire.Get(m.Params, "requestId")
		if c.asking[string(id)] {
			c.asking[string(id)] = false
		}
		if s.listens[string(id)] != nil {
			delete(s.listens, string(id))
			s.open.take(id)
		}
	case methodTaskStatus, methodTasks:
		s.mintTask(c, m.Params)
	}
	if s.undeclared(c, m) {
		return s.keep(c, l)
	}
	return s.toHost(c, l, nil)
}

// undeclared reports whether a notification needs a capability that the host
// was never told of, as a new target may have more than the one before it.
//
// MCP 2025-11-25, lifecycle: both parties "MUST only use capabilities that were
// successfully negotiated".
func (s *session) undeclared(c *connection, m wire.Message) bool {
	if c.n == 1 || !s.past.initialized || subscriptionOf(m.Params) != "" {
		return false
	}
	switch m.Method {
	case methodPromptsChanged:
		return !s.past.declares("prompts", "listChanged")
	case methodResourcesChanged:
		return !s.past.declares("resources", "listChanged")
	case methodResourceUpdated:
		return !s.past.declares("resources", "subscribe")
	case methodMessage:
		return !s.past.declares("logging")
	}
	return false
}

// listensInOrder gives the subscriptions in the order in which they were made.
func (s *session) listensInOrder() []*listen {
	return slices.SortedFunc(maps.Values(s.listens), func(a, b *listen) int { return a.request.nth - b.request.nth })
}
