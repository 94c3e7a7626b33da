package record

import "wiretape/internal/wire"

// counter pairs requests with responses and sums up, event by event. The same
// code counts while a recording is written and when it is read.
type counter struct {
	pairs    pairs
	sums     Statistics // without its maps and Unanswered
	asked    int64      // requests between host and target
	answered int64
	methods  tallies
	tools    tallies
	server   tallies
}

// see counts one event that was read.
func (c *counter) see(e *Event) {
	var m wire.Message
	if !e.Stderr {
		m = wire.Parse(e.Line)
	}
	c.add(e, &m)
}

// add counts one event, whose line says m.
func (c *counter) add(e *Event, m *wire.Message) {
	switch {
	case e.Line == nil:
		return
	case e.Stderr:
		c.sums.StderrLines++
		return
	}
	switch {
	case e.From == Host && e.To == Target:
		c.sums.Messages.HostToTarget++
		c.sums.Bytes.HostToTarget += int64(len(e.Line))
	case e.From == Target && e.To == Host:
		c.sums.Messages.TargetToHost++
		c.sums.Bytes.TargetToHost += int64(len(e.Line))
	}
	if m.Kind == wire.Junk && traffic(e.From, e.To) {
		c.sums.JunkLines++
	}
	if m.Kind != wire.Batch {
		c.message(e, m)
		return
	}
	for element := range wire.Elements(e.Line) {
		m := wire.Parse(element)
		c.message(e, &m)
	}
}

// message counts a request or a response; a batch holds many of them.
func (c *counter) message(e *Event, m *wire.Message) {
	switch m.Kind {
	case wire.Request:
		c.request(c.pairs.request(e, m))
	case wire.Response:
		if call := c.pairs.response(e, m); call != nil {
			c.response(call)
		}
	}
}

func (c *counter) request(call *Call) {
	if !traffic(call.From, call.To) {
		return
	}
	c.asked++
	if call.From == Target {
		c.server.of(call.Method).calls++
		return
	}
	c.methods.of(call.Method).calls++
	switch call.Method {
	case "tools/call":
		c.sums.ToolsCalled++
		c.tools.of(call.Tool).calls++
	case "resources/read":
		c.sums.ResourcesAccessed++
	case "prompts/get":
		c.sums.PromptsExecuted++
	}
}

func (c *counter) response(call *Call) {
	if !traffic(call.From, call.To) {
		return
	}
	c.answered++
	if call.From == Target {
		c.server.of(call.Method).answer(call)
		return
	}
	c.methods.of(call.Method).answer(call)
	if call.Method == "tools/call" {
		c.tools.of(call.Tool).answer(call)
	}
	if call.Error {
		c.sums.Errors++
	}
}

// statistics sums up what was counted so far.
func (c *counter) statistics() Statistics {
	s := c.sums
	s.Unanswered = c.asked - c.answered
	s.Methods = c.methods.sum()
	s.Tools = c.tools.sum()
	s.ServerRequests = c.server.sum()
	return s
}

// traffic reports whether two parties are the host and the target.
func traffic(from, to Party) bool {
	return from == Host && to == Target || from == Target && to == Host
}
