package proxy

import (
	"bytes"
	"maps"
	"slices"

	"github.com/mark3labs/mcp-go/mcp"

	"wiretape/internal/wire"
)

// request is one of the host's that waits for its answer.
type request struct {
	id     []byte
	method string
	nth    int
	modern bool   // carries its protocol version in _meta
	task   bool   // may be answered with a task
	cursor []byte // raw; nil asks for the first page
	params []byte // of those whose success has to be remembered
	line   []byte // of those that are repeated to a new target

	strike    *strike // what goes wrong with its answer; nil for nothing
	untold    bool    // a fault keeps it from the target
	cancelled bool    // its answer is waited for only to be spoiled
}

// newRequest copies what has to be known of a request when its answer comes.
func newRequest(m wire.Message, line []byte) *request {
	r := &request{id: bytes.Clone(m.ID), method: m.Method, modern: isModern(m.Params)}
	switch m.Method {
	case methodInitialize, methodListen:
		r.line = bytes.Clone(line)
	case methodSetLevel, methodSubscribe, methodUnsubscribe:
		r.params = bytes.Clone(m.Params)
	case methodToolsCall:
		r.task = mayBecomeTask(m.Params)
	}
	if isList(m.Method) {
		r.cursor = cursorOf(m.Params)
	}
	return r
}

// changes reports whether the answer may have to be changed, so that it must
// be complete before any of it is passed on.
func (r *request) changes() bool {
	switch r.method {
	case methodInitialize, methodDiscover, methodToolsList, methodListen:
		return true
	}
	return r.strike != nil
}

// requests are those that wait, by raw id.
type requests struct {
	byID     map[string]*request
	count    int     // of all there ever were
	changing int     // how many of them may have their answer changed
	faulty   *faulty // what goes wrong with them on purpose; nil for nothing
}

func (rs *requests) add(r *request) {
	if rs.byID == nil {
		rs.byID = map[string]*request{}
	}
	rs.take(r.id) // an id that is used again is not waited for twice
	rs.count++
	r.nth = rs.count
	rs.byID[string(r.id)] = r
	if r.changes() {
		rs.changing++
	}
}

// take removes and gives the request with the raw id, nil if there is none.
func (rs *requests) take(id []byte) *request {
	r := rs.byID[string(id)]
	if r == nil {
		return nil
	}
	delete(rs.byID, string(id))
	if r.changes() {
		rs.changing--
	}
	return r
}

// cancel gives the request with the raw id, which the host does not wait for
// any more, nil if there is none. What was to go wrong with its answer still does.
func (rs *requests) cancel(id []byte) *request {
	r := rs.take(id)
	if r != nil && r.strike != nil {
		r.cancelled = true
		rs.add(r)
	}
	return r
}

// spoiled takes a request back whose answer the host did not get: it goes on
// waiting, unless it does not wait or will get the answer later.
func (rs *requests) spoiled(r *request) {
	if r.cancelled || r.strike.Act == ActDelay {
		return
	}
	r.strike = nil
	rs.add(r)
}

// changes reports whether the answer with the raw id may have to be changed.
func (rs *requests) changes(id []byte) bool {
	r := rs.byID[string(id)]
	return r != nil && r.changes()
}

// takeAll removes and gives all of them, in the order in which they came.
func (rs *requests) takeAll() []*request {
	all := slices.SortedFunc(maps.Values(rs.byID), func(a, b *request) int { return a.nth - b.nth })
	rs.byID, rs.changing = nil, 0
	return all
}

var (
	metaVersion = []byte(mcp.MetaKeyProtocolVersion)
	metaCaps    = []byte(mcp.MetaKeyClientCapabilities)
)

// isModern reports whether params are those of revision 2026-07-28 or later,
// where every request carries its protocol version.
func isModern(params []byte) bool {
	return bytes.Contains(params, metaVersion) && wire.Get(params, "_meta", mcp.MetaKeyProtocolVersion) != nil
}

// tasksExtension is how a client of 2026-07-28 says that it takes tasks
// (SEP-2663).
const tasksExtension = "io.modelcontextprotocol/tasks"

// mayBecomeTask reports whether a call may be answered with a task: in
// 2025-11-25 if it asks for one, from 2026-07-28 on if the client takes them.
func mayBecomeTask(params []byte) bool {
	if bytes.Contains(params, []byte(`"task"`)) && wire.Get(params, "task") != nil {
		return true
	}
	return bytes.Contains(params, metaCaps) &&
		wire.Get(params, "_meta", mcp.MetaKeyClientCapabilities, "extensions", tasksExtension) != nil
}

func isList(method string) bool {
	switch method {
	case methodToolsList, "prompts/list", "resources/list", "resources/templates/list", "tasks/list":
		return true
	}
	return false
}

// cursorOf gives the raw cursor, nil for the first page.
//
// MCP 2026-07-28, pagination: an empty string is a valid cursor; only a cursor
// that is absent or null asks for the first page.
func cursorOf(params []byte) []byte {
	cursor := wire.Get(params, "cursor")
	if string(cursor) == "null" {
		return nil
	}
	return bytes.Clone(cursor)
}
