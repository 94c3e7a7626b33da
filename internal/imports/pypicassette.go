package imports

import (
	"fmt"
	"time"

	"wiretape/record"
)

// pypiCassette is mcp-cassette of PyPI, whose files are one document with a list
// of messages.
func pypiCassette() tool {
	return tool{
		name: "mcp-cassette (PyPI)",
		owns: func(first *envelope) bool {
			return first.has("format_version") && (first.has("messages") || first.has("recorded_at"))
		},
		whole: pypiDocument,
		never: []string{rewrote, noSpace, millis, noStderr, noExit},
	}
}

const newestPypiCassette = 2

func pypiDocument(in *intake, e *envelope, text []byte) error {
	if version := e.whole("format_version"); version > newestPypiCassette {
		return fmt.Errorf("%w: version %d of %s, not one up to %d", ErrNewer, version, in.name, newestPypiCassette)
	}
	d := in.connection("")
	d.header.Label = e.inner("server_info").text("name")
	d.header.Target = record.Endpoint{Transport: e.text("transport"), URL: e.text("server_url")}
	err := in.elements(text, e.list("messages"), func(m *envelope) error {
		d.message(m, text)
		return nil
	})
	if at := e.clock("recorded_at"); !at.IsZero() {
		// The cassette is dated when it is written, at the end of the session.
		d.header.Started = at.Add(-d.longest())
		d.lost[reckoned] = 1
	}
	return err
}

// message adds a message of the list.
func (d *draft) message(m *envelope, text []byte) {
	p := piece{at: m.span("t_offset_ms", time.Millisecond)}
	switch m.text("sender") {
	case "client":
		p.by = byHost
	case "server":
		p.by = byTarget
	default:
		m.fail("sender", "client or server")
		return
	}
	raw := m.raw("payload")
	if raw == nil {
		m.fail("payload", "there")
		return
	}
	if raw[0] == '"' {
		p.form = quoted
	}
	if m.is("redacted") {
		d.lost[hidden]++
	}
	p.offset = offset(text, raw)
	d.add(p, raw)
}
