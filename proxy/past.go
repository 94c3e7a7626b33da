package proxy

import (
	"bytes"
	"maps"
	"slices"

	"wiretape/internal/wire"
)

// past is what the host and its targets have agreed on so far: what a new
// target has to be told to take the place of the old one.
type past struct {
	initialize  *request // the host's own, legacy
	result      []byte   // what it was answered, as the target said it
	version     string   // negotiated by it
	initialized bool     // the host said so
	level       []byte   // params of the last logging/setLevel
	subscribed  [][]byte // params of resources/subscribe, one for each URI

	discovered []byte // result of the host's last server/discover
	known      []byte // what the present target, or the last one, said of itself to either
	modern     []byte // _meta of the host's last modern request
	server     []byte // raw serverInfo of the last target that told it
	toolless   bool   // the target is known to have no tools
	open       bool   // the target has answered: a session is under way
}

// answered takes note of an initialize result.
func (p *past) answered(r *request, result []byte) {
	p.initialize, p.result, p.open = r, bytes.Clone(result), true
	p.version, _ = wire.Text(wire.Get(result, "protocolVersion"))
	p.told(p.result)
}

// declares reports whether the host was told of a capability, such as "tools"
// or "prompts", "listChanged". One that is false was not told of.
func (p *past) declares(path ...string) bool {
	return declares(p.result, path) || declares(p.discovered, path)
}

func declares(result []byte, path []string) bool {
	value := wire.Get(wire.Get(result, "capabilities"), path...)
	return value != nil && string(value) != "false" && string(value) != "null"
}

// told takes note of what a target says of itself.
func (p *past) told(result []byte) {
	p.known = result
	p.server = or(serverInfoOf(result), p.server)
	p.toolless = wire.Get(result, "capabilities") != nil && !declares(result, []string{"tools"})
}

// settled reports whether an ordinary modern answer tells nothing new.
func (p *past) settled() bool { return p.open && p.server != nil }

func (p *past) subscribe(params []byte) {
	p.unsubscribe(params)
	p.subscribed = append(p.subscribed, bytes.Clone(params))
}

func (p *past) unsubscribe(params []byte) {
	uri := wire.Get(params, "uri")
	p.subscribed = slices.DeleteFunc(slices.Clone(p.subscribed), func(other []byte) bool {
		return bytes.Equal(wire.Get(other, "uri"), uri)
	})
}

// remember keeps what a request that succeeded has changed.
func (p *past) remember(method string, params []byte) {
	switch method {
	case methodSetLevel:
		p.level = bytes.Clone(params)
	case methodSubscribe:
		p.subscribe(params)
	case methodUnsubscribe:
		p.unsubscribe(params)
	}
}

// minted are the cursors and task ids that targets have given out, with the
// number of the connection that gave them: those of a target that is gone mean
// nothing to the next one, or something else.
type minted map[string]int

// maxMinted bounds what a host that pages for days can make us keep.
const maxMinted = 10_000

func (m minted) add(raw []byte, connection int) {
	if len(raw) == 0 || string(raw) == "null" {
		return
	}
	if len(m) >= maxMinted {
		maps.DeleteFunc(m, func(_ string, n int) bool { return n < connection })
	}
	if len(m) < maxMinted {
		m[string(raw)] = connection
	}
}

// dead reports whether raw was given out by an earlier connection only.
func (m minted) dead(raw []byte, connection int) bool {
	n, known := m[string(raw)]
	return known && n < connection
}
