package imports

import "bytes"

// mcporter writes each message on a line, with a member _meta added that tells
// the direction, the server and the time. One file holds all servers that
// mcporter spoke to, each of which is a connection here.
func mcporter() tool {
	return tool{
		name: "mcporter",
		owns: func(first *envelope) bool {
			return first.inner("_meta").has("dir", "server", "ts")
		},
		entry: ported,
		never: []string{rewrote, noDigits, noSpace, millis, noStderr, noJunk, noExit},
	}
}

func ported(in *intake, e *envelope, l line) error {
	meta := e.inner("_meta")
	server, dir := meta.text("server"), meta.text("dir")
	d := in.connection(server)
	if dir == "lifecycle" && e.text("method") == "$transport/start" && len(d.pieces) > 0 {
		d = in.begin(server)
	}
	d.header.Label = server
	p := piece{at: d.since(meta.clock("ts")), form: tagged}
	switch dir {
	case "send":
		p.by = byHost
	case "recv":
		p.by = byTarget
	case "lifecycle":
		return meta.err
	default:
		meta.fail("dir", "send, recv or lifecycle")
		return meta.err
	}
	object := bytes.TrimSpace(l.text)
	p.offset = l.offset + offset(l.text, object)
	d.add(p, object)
	return meta.err
}
