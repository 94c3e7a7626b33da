package vcr

import (
	"wiretape/internal/wire"
	"wiretape/record"
)

// methodListen is a request that is not answered as long as it holds.
const methodListen = "subscriptions/listen"

// gist is what a recording tells of its requests.
type gist struct {
	path     string
	torn     bool
	answered bool           // a request of the host was
	open     map[int64]bool // numbers of events: requests that were neither answered nor cancelled
	left     left
}

// left is what was left out so far.
type left struct {
	any    bool            // a request of the host
	tokens map[string]bool // raw progress tokens of those
	asked  map[string]bool // raw ids of what the server asked for their sake
	others map[string]bool // raw ids of those requests that are under way and stay
}

// look reads a recording, of a damaged one what stands before the damage.
func look(path string) *gist {
	g := &gist{path: path, open: make(map[int64]bool)}
	g.left.tokens, g.left.asked, g.left.others = make(map[string]bool), make(map[string]bool), make(map[string]bool)
	asked := make(map[string]int64) // events by raw id
	_, g.torn = each(path, func(e record.Event, _ error) bool {
		if e.Line == nil || e.Stderr {
			return true
		}
		switch m := wire.Parse(e.Line); {
		case e.To == record.Target && m.Kind == wire.Request && m.Method != methodListen:
			asked[string(m.ID)] = e.Seq
			g.open[e.Seq] = true
		case e.To == record.Target && m.Method == "notifications/cancelled":
			delete(g.open, asked[string(wire.Get(m.Params, "requestId"))])
		case e.From == record.Target && m.Kind == wire.Response:
			delete(g.open, asked[string(m.ID)])
			g.answered = g.answered || e.To == record.Host
		}
		return true
	})
	return g
}

// hangs reports whether an event is an open request, or what was said for the sake
// of one: played, it would hang. Events come in order.
func (g *gist) hangs(e record.Event) bool {
	if len(g.open) == 0 || e.Line == nil || e.Stderr {
		return false
	}
	m := wire.Parse(e.Line)
	if e.To == record.Target {
		return g.left.heard(m, g.open[e.Seq])
	}
	return e.From == record.Target && g.left.said(m)
}

// heard takes note of a message of the host, which may be an open request.
func (l *left) heard(m wire.Message, open bool) (out bool) {
	switch {
	case m.Kind == wire.Response:
		return l.asked[string(m.ID)]
	case m.Method == "notifications/cancelled":
		delete(l.others, string(wire.Get(m.Params, "requestId")))
	case m.Kind == wire.Request && m.Method != methodListen:
		if token := wire.Get(m.Params, "_meta", "progressToken"); token != nil {
			l.tokens[string(token)] = open
		}
		if l.any = l.any || open; !open {
			l.others[string(m.ID)] = true
		}
	}
	return open
}

// said takes note of a message of the server. What it asks while nothing else is
// under way it asks for the sake of what was left out.
func (l *left) said(m wire.Message) (out bool) {
	switch {
	case m.Kind == wire.Response:
		delete(l.others, string(m.ID))
	case m.Kind == wire.Request:
		l.asked[string(m.ID)] = l.any && len(l.others) == 0
		return l.asked[string(m.ID)]
	case m.Method == "notifications/cancelled":
		return l.asked[string(wire.Get(m.Params, "requestId"))]
	case m.Method == "notifications/progress":
		return l.tokens[string(wire.Get(m.Params, "progressToken"))]
	}
	return false
}
