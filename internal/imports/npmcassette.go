package imports

import (
	"fmt"
	"time"

	"wiretape/internal/wire"
	"wiretape/record"
)

// npmCassette is mcp-cassette of npm. Its files begin with a line that is a
// header; another one begins another connection. Further lines hold a message each, a line that was no message, or the
// messages of one stream of HTTP. A stream is written when it ends, so such a
// file is not in the order of time.
func npmCassette() tool {
	return tool{
		name: "mcp-cassette (npm)",
		owns: func(first *envelope) bool {
			return string(first.raw("type")) == `"header"` && first.has("cassetteVersion")
		},
		entry: cassetteLine,
		never: []string{rewrote, noDigits, noSpace, millis, noStderr, noExit},
	}
}

const newestNpmCassette = 2

func cassetteLine(in *intake, e *envelope, l line) error {
	d := in.connection("")
	p := piece{at: e.span("t", time.Millisecond), by: byHost}
	if e.text("dir") == "s2c" {
		p.by = byTarget
	}
	switch e.text("type") {
	case "header":
		if len(d.pieces) > 0 {
			d = in.begin("")
		}
		return d.cassette(e)
	case "frame":
		d.filed(p, e, l, e.raw("frame"))
	case "raw":
		p.form = quoted
		d.filed(p, e, l, e.quoted("data"))
	case "chunks":
		d.shuffle = true
		for chunk := range wire.Elements(e.list("chunks")) {
			c := members(chunk)
			p.at = c.span("t", time.Millisecond)
			d.filed(p, e, l, c.raw("frame"))
			if c.err != nil {
				return c.err
			}
		}
	default:
		d.lost[foreign]++
	}
	return nil
}

// cassette reads the header.
func (d *draft) cassette(e *envelope) error {
	if version := e.whole("cassetteVersion"); version > newestNpmCassette {
		return fmt.Errorf("%w: version %d of mcp-cassette (npm), not one up to %d", ErrNewer, version, newestNpmCassette)
	}
	d.header.Started = e.clock("startedAt")
	d.header.Target = record.Endpoint{Transport: e.text("transport"), Command: e.texts("command"), URL: e.text("url")}
	if e.inner("redaction").is("applied") {
		d.lost[hiding] = 1
	}
	return nil
}

// filed adds raw, which is in the entry e. What was added to the file later
// has times of its own.
func (d *draft) filed(p piece, e *envelope, l line, raw []byte) {
	dir := e.text("dir")
	if raw == nil || dir != "c2s" && dir != "s2c" {
		e.fail("dir", "c2s or s2c, with a message")
		return
	}
	if e.text("origin") == "live" {
		if d.lost[later]++; d.lost[later] == 1 {
			d.base = d.longest()
		}
		p.at += d.base
	}
	p.offset = l.offset + offset(l.text, raw)
	d.add(p, raw)
}

// longest gives the time of the piece that was last by the clock.
func (d *draft) longest() time.Duration {
	var last time.Duration
	for i := range d.pieces {
		last = max(last, d.pieces[i].at)
	}
	return last
}
