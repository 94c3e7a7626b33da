package replay

import (
	"bytes"

	"wiretape/internal/redact"
	"wiretape/internal/wire"
	"wiretape/record"
)

const (
	methodListen = "subscriptions/listen"

	metaVersion      = "io.modelcontextprotocol/protocolVersion"
	metaSubscription = "io.modelcontextprotocol/subscriptionId"
	metaCapabilities = "io.modelcontextprotocol/clientCapabilities"
	metaLogLevel     = "io.modelcontextprotocol/logLevel"
	metaServerInfo   = "io.modelcontextprotocol/serverInfo"
	metaTask         = "io.modelcontextprotocol/related-task"
)

func (b *builder) request(m wire.Message) {
	b.calls = append(b.calls, call{})
	n := int32(len(b.calls) - 1)
	c := &b.calls[n]
	c.request = b.new(request, n)
	// A ping causes nothing, and whether and when there is one is up to the host:
	// nothing may wait for it.
	if m.Method != "ping" {
		b.said(c.request)
	}
	r := b.rules.read(m)
	c.method, c.about = b.server.methods.add(m.Method), r.about()
	if b.event.From == record.Proxy {
		c.flags |= optional
	}
	if r.modern {
		c.version = b.server.revisions.add(r.version)
	}
	switch m.Method {
	case methodListen:
		c.flags |= subscribe
		b.build.subs[string(m.ID)] = n
	case "initialize":
		b.server.legacy = true
	}
	if c.flags&subscribe == 0 {
		b.build.busy++
	}
	if r.token != nil {
		b.token(r.token, n)
	}
	if r.logs() {
		b.build.logger = n
	}
	b.build.open[string(m.ID)] = n
	var k key
	k, c.closer = b.key(&r, nil)
	if _, ok := b.queues.last[k]; !ok && redact.Holds(m.Params) {
		b.queues.veiled = append(b.queues.veiled, n)
	}
	b.enqueue(k, n)
}

// mostTokens is how many progress tokens are known before the older ones of them
// are forgotten, as far as their calls were answered.
const mostTokens = 4096

// token notes the progress token of a call.
func (b *builder) token(token []byte, n int32) {
	if len(b.build.tokens) >= mostTokens {
		b.build.older, b.build.tokens = b.build.tokens, make(map[string]int32)
		for t, n := range b.build.older {
			if b.calls[n].response == 0 {
				b.build.tokens[t] = n
			}
		}
	}
	b.build.tokens[string(token)] = n
}

// reports gives the call that progress is reported of, 0 if there is none.
func (b *builder) reports(token []byte) int32 {
	if n := b.build.tokens[string(token)]; n != 0 {
		return n
	}
	return b.build.older[string(token)]
}

// enqueue makes a call the last one of its key.
func (b *builder) enqueue(k key, n int32) {
	last, ok := b.queues.last[k]
	if !ok {
		last = n
	}
	b.calls[n].next = b.calls[last].next
	b.calls[last].next = n
	b.queues.last[k] = n
}

func (b *builder) reply(m wire.Message) {
	a := b.build.asked[string(m.ID)]
	n := b.new(reply, a)
	b.said(n)
	if a == 0 {
		return
	}
	delete(b.build.asked, string(m.ID))
	b.asks[a].answer = n
	if b.build.busy > 0 {
		b.build.free = append(b.build.free, a)
	}
}

func (b *builder) note(m wire.Message) {
	c := int32(0)
	if m.Method == "notifications/cancelled" {
		id := wire.Get(m.Params, "requestId")
		if c = b.build.open[string(id)]; c == 0 {
			c = b.build.subs[string(id)]
		}
	}
	n := b.new(note, c)
	b.said(n)
	if c != 0 && b.calls[c].cancel == 0 && b.calls[c].response == 0 {
		b.calls[c].cancel = n
		if b.calls[c].flags&subscribe == 0 {
			b.build.busy--
		}
	}
	if c == 0 || b.calls[c].cancel != n {
		b.notes[m.Method] = append(b.notes[m.Method], n)
	}
}

func (b *builder) response(m wire.Message) {
	n := b.build.open[string(m.ID)]
	if n == 0 {
		if m.ID == nil || string(m.ID) == "null" {
			b.follow(b.new(verbatim, 0))
		}
		return
	}
	delete(b.build.open, string(m.ID))
	c := &b.calls[n]
	c.response = b.new(response, n)
	if c.flags&subscribe != 0 {
		b.follow(c.response)
		return
	}
	if c.cancel == 0 {
		b.build.busy--
	}
	b.belong(c.response, n)
	b.claim(n)
	b.learn(c, m.Result)
}

// claim finds the asks that a response waited for: those that were asked and
// answered while the call was open. Where several calls were, it takes the
// oldest one that is left, and those that came one after the other from there.
func (b *builder) claim(n int32) {
	c := &b.calls[n]
	last := int32(0)
	free := b.build.free[:0]
	for _, a := range b.build.free {
		ask := &b.asks[a]
		chained := last == 0 || ask.message > b.asks[last].answer || b.build.busy == 0
		switch {
		case ask.message < c.request || !chained:
			free = append(free, a)
			continue
		case last == 0:
			c.asked = a
		default:
			b.asks[last].next = a
		}
		ask.owner, last = n, a
	}
	b.build.free = free
	if b.build.busy == 0 {
		b.build.free = nil
	}
}

// learn takes note of what a result tells of the server.
func (b *builder) learn(c *call, result []byte) {
	if c.version != 0 && result != nil {
		b.server.versions[b.server.revisions.name(c.version)] = true
		if b.server.info == nil {
			b.server.info = bytes.Clone(wire.Get(result, "_meta", metaServerInfo))
		}
	}
	member, ok := map[string]string{"tools/list": "tools", "prompts/list": "prompts"}[b.server.methods.name(c.method)]
	if !ok {
		return
	}
	for item := range wire.Elements(wire.Get(result, member)) {
		if name, ok := wire.Text(wire.Get(item, "name")); ok {
			b.server.listed[member+" "+name] = true
		}
	}
}

func (b *builder) ask(m wire.Message) {
	b.asks = append(b.asks, ask{})
	a := int32(len(b.asks) - 1)
	n := b.new(asking, a)
	b.asks[a].message = n
	b.build.asked[string(m.ID)] = a
	b.follow(n)
}

func (b *builder) notification(m wire.Message) {
	if id := wire.Get(m.Params, "_meta", metaSubscription); id != nil {
		b.follow(b.new(tagged, b.build.subs[string(id)]))
		return
	}
	switch m.Method {
	case "notifications/progress":
		if c := b.reports(wire.Get(m.Params, "progressToken")); c != 0 {
			b.belong(b.new(progress, c), c)
			return
		}
	case "notifications/cancelled":
		id := wire.Get(m.Params, "requestId")
		if a := b.build.asked[string(id)]; a != 0 {
			b.follow(b.new(withdrawn, a))
			return
		}
		if c := b.build.subs[string(id)]; c != 0 {
			b.follow(b.new(tagged, c))
			return
		}
	case "notifications/message":
		switch c := b.build.logger; {
		case c != 0 && b.calls[c].response == 0:
			b.belong(b.new(logged, c), c)
			return
		case c != 0:
			b.follow(b.new(logged, 0))
			return
		}
	}
	b.follow(b.new(verbatim, 0))
}
