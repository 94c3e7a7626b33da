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
	answered bool            // a request of the host was
	open     map[int64]bool  // numbers of events: requests that were neither answered nor cancelled
	tokens   map[string]bool // raw progress tokens of those that were left out so far
}

// look reads a recording, of a damaged one what stands before the damage.
func look(path string) *gist {
	g := &gist{path: path, open: make(map[int64]bool), tokens: make(map[string]bool)}
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

// hangs reports whether an event is an open request, or tells of its progress:
// played, it would hang. Events come in order.
func (g *gist) hangs(e record.Event) bool {
	if len(g.open) == 0 || e.Line == nil || e.Stderr {
		return false
	}
	m := wire.Parse(e.Line)
	if m.Kind == wire.Request && e.To == record.Target {
		if token := wire.Get(m.Params, "_meta", "progressToken"); token != nil {
			g.tokens[string(token)] = g.open[e.Seq]
		}
		return g.open[e.Seq]
	}
	return e.From == record.Target && m.Method == "notifications/progress" && g.tokens[string(wire.Get(m.Params, "progressToken"))]
}
