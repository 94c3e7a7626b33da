package imports

import "wiretape/internal/wire"

// mcpRec is mcp-rec, which writes each message as the member msg of a line. A
// line that is no message is an object with the member _raw there. The file is
// added to by each session: one begins where a client initializes.
func mcpRec() tool {
	return tool{
		name: "mcp-rec",
		owns: func(first *envelope) bool {
			_, ok := recSides(first.text("dir"))
			return ok && first.has("msg", "ts")
		},
		entry: recLine,
		never: []string{rewrote, noSpace, noStderr, noExit},
	}
}

func recSides(dir string) (side, bool) {
	switch dir {
	case "client->server":
		return byHost, true
	case "server->client":
		return byTarget, true
	}
	return 0, false
}

func recLine(in *intake, e *envelope, l line) error {
	by, ok := recSides(e.text("dir"))
	raw := e.raw("msg")
	if !ok || raw == nil {
		e.fail("dir", "client->server or server->client, with a message")
		return e.err
	}
	d := in.connection("")
	if m := wire.Parse(raw); by == byHost && m.Method == "initialize" && len(d.pieces) > 0 {
		d = in.begin("")
	}
	p := piece{at: d.since(e.unix("ts")), by: by}
	if junk := members(raw); junk.is("_unparsed") && junk.has("_raw") {
		if raw, p.form = junk.quoted("_raw"), quoted; junk.err != nil {
			return junk.err
		}
	}
	p.offset = l.offset + offset(l.text, raw)
	d.add(p, raw)
	return nil
}
