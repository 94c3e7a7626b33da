package imports

import (
	"bytes"
	"cmp"
)

// mcpsnoop writes a line for each message and each line of stderr, with the
// message as its member raw. The first one of a session tells the command. What
// is no JSON is its member text.
//
// It forwards a line before it stamps it, so a response may stand before its
// request, and drops lines when it cannot keep up.
func mcpsnoop() tool {
	return tool{
		name:  "mcpsnoop",
		owns:  func(first *envelope) bool { return first.has("session_id", "direction", "seq") },
		entry: snooped,
		never: []string{noSpace, noExit},
	}
}

func snooped(in *intake, e *envelope, l line) error {
	d := in.connection(e.text("session_id"))
	d.numbers.see(e.whole("seq"))
	h := &d.header
	h.Label, h.Target.Transport = cmp.Or(e.text("server_label"), h.Label), cmp.Or(e.text("transport"), h.Target.Transport)
	p := piece{at: d.since(e.clock("ts"))}
	if conn := e.text("conn_id"); conn != "" {
		if d.client != "" && d.client != conn {
			d.lost[crowd] = 1
		}
		d.client = conn
	}
	switch e.text("direction") {
	case "meta":
		meta := e.inner("raw")
		h.Target.Command, h.Target.Cwd = meta.texts("command"), meta.text("cwd")
		return meta.err
	case "c2s":
		p.by = byHost
	case "s2c":
		p.by = byTarget
	case "stderr":
		p.by = onStderr
	default:
		d.lost[foreign]++
		return nil
	}
	d.snoop(p, e, l)
	return nil
}

// snoop adds what a line says.
func (d *draft) snoop(p piece, e *envelope, l line) {
	raw := e.raw("raw")
	if raw == nil || p.by == onStderr {
		raw, p.form = e.quoted("text"), quoted
	}
	switch {
	case raw != nil:
		p.offset = l.offset + offset(l.text, raw)
		d.add(p, raw)
	case p.by == onStderr:
		d.addMade(p, []byte{})
	default:
		d.lost[noBody]++
		return
	}
	d.flags(e, p.form, raw)
}

// flags counts what mcpsnoop says of a message, and what can be seen of what it
// did to it.
func (d *draft) flags(e *envelope, how form, raw []byte) {
	for name, what := range map[string]lack{"truncated": cut, "redacted": hidden, "batch": batched} {
		if e.is(name) {
			d.lost[what]++
		}
	}
	if how == value && hasEscapes(raw) {
		d.lost[escaped]++
	}
}

// hasEscapes finds the escapes that encoding/json writes for HTML's sake.
func hasEscapes(raw []byte) bool {
	return bytes.Contains(raw, []byte(`\u003c`)) || bytes.Contains(raw, []byte(`\u003e`)) || bytes.Contains(raw, []byte(`\u0026`))
}
