package proxy

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"wiretape/internal/wire"
)

// changes tell how a new server differs from the one before it.
type changes struct {
	Tools        *toolChanges `json:"tools,omitempty"`        // nil if the lists could not be compared
	Capabilities []string     `json:"capabilities,omitempty"` // "prompts added", which the host cannot be told
	Server       bool         `json:"server_info,omitempty"`  // another name or version
	Notes        []string     `json:"notes,omitempty"`        // what of the old state could not be restored

	unknown bool // the host knows a list, and the new one is not to be had
}

func (c *changes) String() string {
	if c.Tools == nil || !c.Tools.any() {
		return ""
	}
	return fmt.Sprintf(" Its tools differ: %d added, %d removed, %d changed.",
		len(c.Tools.Added), len(c.Tools.Removed), len(c.Tools.Changed))
}

// ownID makes an id that no host will choose.
//
// MCP 2025-11-25, basic: the id "MUST NOT have been previously used by the
// requestor within the same session", and the host may still choose any.
func ownID() string { return "wiretape:" + rand.Text() }

// introduce tells the new target of c what the host had told the last one: the
// handshake with the version that was agreed on, the log level, and the
// subscriptions. The host notices nothing of it.
func (l *line) introduce(ctx context.Context, c *connection) (*changes, error) {
	s := l.session
	s.mu.Lock()
	past, old := s.past, s.tools
	s.mu.Unlock()
	found := &changes{}
	var err error
	switch {
	case past.initialize != nil:
		err = l.initialize(ctx, c, &past, found)
	case past.modern != nil:
		err = l.discover(ctx, c, &past, found)
	}
	if err != nil {
		return nil, err
	}
	if err := l.relist(ctx, c, &old, found); err != nil {
		return nil, err
	}
	l.listenAgain(c)
	return found, nil
}

// initialize repeats the host's handshake of a legacy session.
//
// MCP 2025-11-25, lifecycle: the server "MUST respond with the same version" if
// it supports it, so asking for the version that was negotiated keeps what the
// host was told true.
func (l *line) initialize(ctx context.Context, c *connection, past *past, found *changes) error {
	params := wire.Parse(past.initialize.line).Params
	params, _ = wire.Set(params, wire.Quote(past.version), "protocolVersion")
	m, err := c.ask(ctx, l.session, methodInitialize, params)
	if err != nil {
		return err
	}
	if m.Result == nil {
		return fmt.Errorf("%w: %s", errRefused, m.Error)
	}
	if version := text(wire.Get(m.Result, "protocolVersion")); version != past.version {
		return fmt.Errorf("%w: it answered %s, the session is held in %s", errVersion, version, past.version)
	}
	l.session.met(found, m.Result)
	if !past.initialized {
		return nil
	}
	c.tell(notificationLine(methodInitialized, nil))
	return l.restore(ctx, c, past, found)
}

// restore sets the log level and subscribes to resources as the host had done.
// What the new target refuses is no reason not to go on.
func (l *line) restore(ctx context.Context, c *connection, past *past, found *changes) error {
	type request struct {
		method string
		params []byte
	}
	var again []request
	if past.level != nil {
		again = append(again, request{methodSetLevel, past.level})
	}
	for _, params := range past.subscribed {
		again = append(again, request{methodSubscribe, params})
	}
	for _, r := range again {
		m, err := c.ask(ctx, l.session, r.method, r.params)
		if err != nil {
			return err
		}
		if m.Error != nil {
			found.Notes = append(found.Notes, fmt.Sprintf("%s %s was refused: %s", r.method, r.params, text(wire.Get(m.Error, "message"))))
		}
	}
	return nil
}

// discover asks a modern target whether it still speaks the host's version.
func (l *line) discover(ctx context.Context, c *connection, past *past, found *changes) error {
	m, err := c.ask(ctx, l.session, methodDiscover, metaParams(past.modern))
	if err != nil {
		return err
	}
	version := wire.Get(past.modern, string(metaVersion))
	supported := wire.Get(m.Result, "supportedVersions")
	if string(wire.Get(m.Error, "code")) == "-32022" {
		// MCP 2026-07-28, versioning: UnsupportedProtocolVersionError.
		supported = wire.Get(m.Error, "data", "supported")
	} else if m.Result == nil {
		return fmt.Errorf("%w: %s", errRefused, m.Error)
	}
	for v := range wire.Elements(supported) {
		if string(v) == string(version) {
			l.session.met(found, m.Result)
			return nil
		}
	}
	return fmt.Errorf("%w: it supports %s, the session is held in %s", errVersion, supported, version)
}

// metaParams are params with the host's _meta, but for what asks for messages
// about the host's own request.
func metaParams(meta []byte) []byte {
	meta = wire.Remove(wire.Remove(meta, "progressToken"), mcp.MetaKeyLogLevel)
	return append(append([]byte(`{"_meta":`), meta...), '}')
}

// maxPages bounds a tool list that never ends.
const maxPages = 1000

// relist asks the new target for its tools, if the host had asked for them, so
// that the host is told of a change only when there is one: in 2026-07-28 a
// list must not change as a side effect of a call.
func (l *line) relist(ctx context.Context, c *connection, old *catalog, found *changes) error {
	if !old.listed {
		return nil
	}
	s := l.session
	fresh := &catalog{prefix: old.prefix, moved: old.moved, listed: true}
	s.mu.Lock()
	params, toolless := []byte(`{}`), s.past.toolless
	if s.past.initialize == nil && s.past.modern != nil {
		params = metaParams(s.past.modern)
	}
	s.mu.Unlock()
	// Of a list that the host has not seen the end of, the beginning counts.
	pages := maxPages
	if old.next != nil {
		pages = len(old.pages)
	}
	for page := params; pages > 0 && !toolless; pages-- {
		m, err := c.ask(ctx, s, methodToolsList, page)
		if err != nil {
			return err
		}
		if toolless = isUnknownMethod(m.Error); toolless {
			break
		}
		if m.Result == nil {
			found.Notes = append(found.Notes, "tools/list was refused: "+text(wire.Get(m.Error, "message")))
			found.unknown = true
			return nil
		}
		if fresh.page(cursorOf(page), m.Result); fresh.next == nil {
			break
		}
		page, _ = wire.Set(params, fresh.next, "cursor")
	}
	difference := fresh.changesFrom(old)
	found.Tools = &difference
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tools, s.past.toolless = *fresh, toolless
	return nil
}

// listenAgain sends the new target the host's subscriptions, with the host's
// own ids, which are free there, so that what comes on them is tagged right.
//
// MCP 2026-07-28, subscriptions: after a reconnect the client "MUST" send
// subscriptions/listen again.
func (l *line) listenAgain(c *connection) {
	s := l.session
	s.mu.Lock()
	var lines [][]byte
	for _, li := range s.listensInOrder() {
		if !li.own {
			// One that was never acknowledged is as good as new.
			li.again = li.granted != nil
			s.open.add(li.request)
			lines = append(lines, li.request.line)
		}
	}
	s.mu.Unlock()
	for _, line := range lines {
		c.tell(append(slices.Clip(line), trailing(line)...))
	}
}

func trailing(line []byte) string {
	if strings.HasSuffix(string(line), "\n") {
		return ""
	}
	return "\n"
}

// introduced tells the host what a connect has changed, after its result.
func (s *session) introduced(found *changes) {
	if found.unknown || (found.Tools != nil && found.Tools.any()) {
		s.toolsChanged()
	}
	s.othersChanged()
	for _, li := range s.listensInOrder() {
		if li.own {
			// It was promised less than it asked for; now there is more.
			s.endListen(li)
		}
	}
}

// met takes note of who the new server is.
func (s *session) met(found *changes, new []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.past.known != nil {
		found.compare(s.past.known, new)
	}
	s.past.told(new)
}

// compare tells what differs between two initialize or discover results.
func (c *changes) compare(old, new []byte) {
	c.Server = string(serverInfoOf(old)) != string(serverInfoOf(new))
	was, is := wire.Get(old, "capabilities"), wire.Get(new, "capabilities")
	for name := range wire.Members(is) {
		if wire.Get(was, name) == nil {
			c.Capabilities = append(c.Capabilities, name+" added")
		}
	}
	for name := range wire.Members(was) {
		if wire.Get(is, name) == nil {
			c.Capabilities = append(c.Capabilities, name+" removed")
		}
	}
}

func serverInfoOf(result []byte) []byte {
	return or(wire.Get(result, "serverInfo"), wire.Get(result, "_meta", metaServerInfo))
}
