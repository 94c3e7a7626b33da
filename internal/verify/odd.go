package verify

import (
	"bytes"
	"fmt"
	"slices"

	"wiretape/internal/findings"
	"wiretape/internal/wire"
)

// odd is what a server says against the rules, and belongs to no call.
type odd struct {
	junk        lines // that are no messages
	versionless lines // with a message that does not say what it is
	strays      lines // with an answer to what was not asked, or was answered before
}

// lines are counted, and the first one is kept.
type lines struct {
	count int
	first []byte
}

func (l *lines) add(line []byte) {
	if l.count++; l.count == 1 {
		l.first = bytes.TrimSpace(line)
	}
}

// see takes note of what can be seen of a line alone.
func (o *odd) see(line []byte) {
	said := [][]byte{line}
	if wire.Is(line, '[') {
		said = slices.Collect(wire.Elements(line))
	}
	if slices.ContainsFunc(said, versionless) {
		o.versionless.add(line)
	}
}

// versionless reports whether text is a message that does not say which version it
// is.
//
// JSON-RPC 2.0: "A String specifying the version of the JSON-RPC protocol. MUST be
// exactly "2.0"."
func versionless(text []byte) bool {
	// Looking for it is much cheaper than reading the message.
	if bytes.Contains(text, []byte(`"jsonrpc":"2.0"`)) {
		return false
	}
	version, _ := wire.Text(wire.Get(text, "jsonrpc"))
	return version != "2.0" && wire.Parse(text).Kind != wire.Junk
}

// oddities tells what the server says against the rules and the recorded one did
// not.
func (p *play) oddities() (found []findings.Finding) {
	tell := func(rule, message string, recorded, live lines) {
		if recorded.count == 0 && live.count > 0 {
			found = append(found, findings.Finding{Rule: rule, Live: live.first, Message: fmt.Sprintf("%s (lines: %d).", message, live.count)})
		}
	}
	was, is := &p.script.odd, &p.live.odd
	tell(findings.MessageInvalid, "The server writes to its standard output what is no message", was.junk, is.junk)
	tell(findings.MessageInvalid, `The server's messages do not say "jsonrpc":"2.0"`, was.versionless, is.versionless)
	tell(findings.ExtraAnswer, "The server answers what it was not asked, or had answered before", was.strays, is.strays)
	return found
}
