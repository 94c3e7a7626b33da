package record

import (
	"fmt"
	"time"

	"wiretape/internal/wire"
)

// Header is the first line of a recording: what was connected to what, when.
type Header struct {
	Version    int       // of the format; 0 stands for Version when it is written
	ID         string    // names this recording: NewID
	Session    string    // shared by all connections of one run of wiretape
	Connection int       // counts the connections of a session, from 1
	Label      string    // what the user calls the target
	Started    time.Time // what Event.At counts from
	Target     Endpoint
	Program    string // the version of wiretape that made the recording
	Extra      []byte // members that this version does not know: raw JSON, with commas between
}

// Endpoint is how the target was reached.
type Endpoint struct {
	Transport string   // "stdio", "http", …
	Command   []string // program and arguments
	URL       string
	Cwd       string
	Env       []string // names of variables, never their values
	Extra     []byte   // as in Header
}

// Append appends the header as it stands in a recording, without line end. It
// leaves out what is empty.
func (h Header) Append(dst []byte) []byte {
	if h.Version == 0 {
		h.Version = Version
	}
	o := begin(dst)
	o.integer("wiretape", int64(h.Version))
	o.optional("id", h.ID)
	o.optional("session", h.Session)
	if h.Connection != 0 {
		o.integer("connection", int64(h.Connection))
	}
	o.optional("label", h.Label)
	if !h.Started.IsZero() {
		o.string("started", h.Started.UTC().Format(time.RFC3339Nano))
	}
	if !h.Target.empty() {
		o.name("target")
		o.text = h.Target.append(o.text)
	}
	o.optional("version", h.Program)
	o.extra(h.Extra)
	return o.end()
}

func (e *Endpoint) empty() bool {
	return e.Transport == "" && len(e.Command) == 0 && e.URL == "" && e.Cwd == "" && len(e.Env) == 0 && len(e.Extra) == 0
}

func (e *Endpoint) append(dst []byte) []byte {
	o := begin(dst)
	o.optional("transport", e.Transport)
	o.list("command", e.Command)
	o.optional("url", e.URL)
	o.optional("cwd", e.Cwd)
	o.list("env", e.Env)
	o.extra(e.Extra)
	return o.end()
}

// parseHeader reads the first line of a recording.
func parseHeader(line []byte) (Header, error) {
	f, err := fieldsOf(line)
	if err != nil {
		return Header{}, ErrNotRecording
	}
	if !f.has("wiretape") {
		if f.has("seq") && f.has("at") {
			return Header{}, ErrNoHeader
		}
		return Header{}, ErrNotRecording
	}
	h := Header{Version: int(f.integer("wiretape"))}
	if f.err != nil || h.Version < 1 {
		return Header{}, ErrNotRecording
	}
	if h.Version > Version {
		return Header{}, &VersionError{h.Version}
	}
	h.take(f)
	if f.err != nil {
		return Header{}, fmt.Errorf("reading the header: %w", f.err)
	}
	return h, nil
}

func (h *Header) take(f *fields) {
	h.ID = f.string("id")
	h.Session = f.string("session")
	h.Connection = int(f.integer("connection"))
	h.Label = f.string("label")
	h.Started = f.time("started")
	if raw := f.take("target"); wire.Is(raw, '{') {
		h.Target.take(membersOf(raw), f)
	} else if raw != nil {
		f.fail("target", "an object")
	}
	h.Program = f.string("version")
	h.Extra = f.rest()
}

// take reads an endpoint from in, and says what is wrong with it in out.
func (e *Endpoint) take(in, out *fields) {
	e.Transport = in.string("transport")
	e.Command = in.strings("command")
	e.URL = in.string("url")
	e.Cwd = in.string("cwd")
	e.Env = in.strings("env")
	e.Extra = in.rest()
	if out.err == nil {
		out.err = in.err
	}
}
