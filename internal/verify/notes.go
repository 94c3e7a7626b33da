package verify

import (
	"strconv"

	"wiretape/internal/wire"
)

// notes are the notifications that belong to a call, so far.
type notes struct {
	heard    int
	progress float64 // the last one
	fell     bool    // the progress did not rise
	granted  []byte  // the params that a subscription was acknowledged with; nil before
}

func (n *notes) hear(m wire.Message) {
	n.heard++
	if m.Method == acknowledged && n.granted == nil {
		n.granted = m.Params
	}
	if m.Method != "notifications/progress" {
		return
	}
	rose := false
	n.progress, rose = rises(n.progress, n.heard > 1, m)
	n.fell = n.fell || !rose
}

// rises gives the progress that a notification tells, and reports whether it is
// more than before, if that was told.
//
// MCP 2025-11-25, progress: "The progress value MUST increase with each
// notification"
func rises(before float64, told bool, m wire.Message) (now float64, rose bool) {
	now, err := strconv.ParseFloat(string(wire.Get(m.Params, "progress")), 64)
	return now, err == nil && (!told || now > before)
}

// callers tell which call a message of the server belongs to, by the numbers of
// calls.
type callers struct {
	open   map[string]int // those that were not answered, by raw id
	tokens map[string]int // by noteKey
}

func newCallers() callers { return callers{map[string]int{}, map[string]int{}} }

func (by callers) add(n int, c *call) {
	by.open[string(c.id)] = n
	if c.token != nil {
		by.tokens[string(c.token)] = n
	}
	if c.listens {
		by.tokens[listenKey(c.id)] = n
	}
}

// answered gives the call that a response answers. No other one does.
func (by callers) answered(id []byte) (n int, ok bool) {
	n, ok = by.open[string(id)]
	delete(by.open, string(id))
	return n, ok
}

// listenKey is the key of what is tagged for a subscription.
func listenKey(id []byte) string { return "listen " + string(id) }

// subscriptionID is the member of _meta that has the id of a subscription.
const subscriptionID = "io.modelcontextprotocol/subscriptionId"

// noteKey tells which call a notification belongs to.
func noteKey(m wire.Message) string {
	if id := wire.Get(m.Params, "_meta", subscriptionID); id != nil {
		return listenKey(id)
	}
	if m.Method == "notifications/progress" {
		return string(wire.Get(m.Params, "progressToken"))
	}
	return ""
}
