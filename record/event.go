package record

import (
	"bytes"
	"encoding/json"
	"time"

	"wiretape/internal/wire"
)

// The names of the events that version 1 knows.
const (
	EventExit = "exit"
	EventEnd  = "end"
)

// Event is one line of a recording after its header: something that was said,
// or something that happened.
type Event struct {
	Seq    int64         // counts from 1 without gaps
	At     time.Duration // since Header.Started; when the line was complete
	From   Party         // empty if nobody said it
	To     Party         // empty for stderr and for events
	Line   []byte        // the bytes as they were on the wire, their end ("\n", "\r\n" or none) included; nil for events
	Stderr bool          // Line was written to stderr
	Name   string        // EventExit, EventEnd or an event of a later version; empty for lines
	Exit   *Exit         // set if Name is EventExit
	End    *End          // set if Name is EventEnd
	Extra  []byte        // members that this version does not know: raw JSON, with commas between
}

// Control reports whether the host and wiretape alone had to do with an event.
func (e *Event) Control() bool {
	return e.From == Proxy && e.To == Host || e.From == Host && e.To == Proxy
}

// AsHost makes wiretape the host in an event: it speaks to the target in the
// host's name.
func (e *Event) AsHost() {
	if e.From == Proxy {
		e.From = Host
	}
	if e.To == Proxy {
		e.To = Host
	}
}

// Exit is how a target's process ended.
type Exit struct {
	Code   int    // its exit code; means nothing if Signal is set
	Signal string // the signal that ended it, such as "SIGKILL"; empty if none did
}

// End closes a recording.
type End struct {
	Reason     string // "disconnect", "exit", …
	Statistics Statistics
	Raw        []byte // the statistics as they stood in the file; written in place of Statistics if set
}

// text is one line of a recording, its newline included. The message in it is
// a part of its own, so that it need not be copied.
type text struct {
	frame []byte // all but the message
	cut   int    // where in frame the message stands
	body  []byte // the message
}

func (t text) len() int { return len(t.frame) + len(t.body) }

// parts gives the line in the order in which it is written.
func (t text) parts() [3][]byte { return [...][]byte{t.frame[:t.cut], t.body, t.frame[t.cut:]} }

// Append appends the event as it stands in a recording, without line end.
func (e *Event) Append(dst []byte) []byte {
	body, _ := wire.Cut(e.Line)
	t := e.encode(nil, oneLine(body) && wire.Valid(body))
	for _, part := range t.parts() {
		dst = append(dst, part...)
	}
	return dst[:len(dst)-1]
}

// encode writes the event behind what stands in scratch. If exact is set, the
// line's body is one valid JSON value that can stand in a recording as it is.
func (e *Event) encode(scratch []byte, exact bool) text {
	o := begin(scratch)
	o.integer("seq", e.Seq)
	o.seconds("at", e.At)
	o.optional("from", string(e.From))
	o.optional("to", string(e.To))
	body, eol := wire.Cut(e.Line)
	cut := -1
	switch {
	case e.Name != "":
		e.happened(&o)
	case e.Line == nil:
	case e.Stderr:
		appendBytes(&o, "stderr", body)
	case exact:
		o.name("msg")
		cut = len(o.text)
	default:
		appendBytes(&o, "raw", body)
	}
	if e.Line != nil && string(eol) != "\n" {
		o.string("eol", string(eol))
	}
	o.extra(e.Extra)
	frame := append(o.end(), '\n')
	if cut < 0 {
		return text{frame: frame, cut: len(frame)}
	}
	return text{frame, cut, body}
}

// happened writes what an event says of what happened.
func (e *Event) happened(o *object) {
	o.string("event", e.Name)
	if e.Exit != nil {
		if e.Exit.Code != 0 || e.Exit.Signal == "" {
			o.integer("code", int64(e.Exit.Code))
		}
		o.optional("signal", e.Exit.Signal)
	}
	if e.End != nil {
		o.optional("reason", e.End.Reason)
		o.name("statistics")
		if e.End.Raw != nil {
			o.text = append(o.text, e.End.Raw...)
		} else {
			o.text = e.End.Statistics.append(o.text)
		}
	}
}

// oneLine reports whether body can stand in a line of a recording: white space
// within a JSON value may be a line end.
func oneLine(body []byte) bool { return bytes.IndexByte(body, '\n') < 0 }

// parseEvent reads a line of a recording after its first. The event keeps no
// part of line.
func parseEvent(line []byte) (Event, error) {
	if e, ok := parseSaid(line); ok {
		return e, nil
	}
	return parseObject(line)
}

// parseObject reads an event, however it is spelled.
func parseObject(line []byte) (Event, error) {
	f, err := fieldsOf(line)
	if err != nil {
		return Event{}, err
	}
	e := Event{Seq: f.integer("seq")}
	e.At = f.seconds("at")
	e.From = Party(f.string("from"))
	e.To = Party(f.string("to"))
	e.Name = f.string("event")
	switch e.Name {
	case "":
		e.takeLine(f)
	case EventExit:
		e.Exit = &Exit{Code: int(f.integer("code")), Signal: f.string("signal")}
	case EventEnd:
		e.End = &End{Reason: f.string("reason"), Raw: bytes.Clone(f.take("statistics"))}
		e.End.parse(f)
	}
	e.Extra = f.rest()
	if f.err == nil && e.Seq < 1 {
		f.fail("seq", "a number from 1")
	}
	return e, f.err
}

// takeLine reads the bytes of the wire.
func (e *Event) takeLine(f *fields) {
	eol := []byte("\n")
	if raw := f.take("eol"); raw != nil {
		eol = f.unquote("eol", raw)
	}
	if _, end := wire.Cut(eol); len(end) != len(eol) {
		f.fail("eol", "a line end")
	}
	for _, name := range [...]string{"msg", "raw", "raw64", "stderr", "stderr64"} {
		raw := f.take(name)
		if raw == nil {
			continue
		}
		e.Stderr = name == "stderr" || name == "stderr64"
		body := raw
		switch name {
		case "raw", "stderr":
			body = f.unquote(name, raw)
		case "raw64", "stderr64":
			body = f.base64(name, raw)
		}
		e.Line = append(append(make([]byte, 0, len(body)+len(eol)), body...), eol...)
		return
	}
}

// parse reads the statistics.
func (e *End) parse(f *fields) {
	if e.Raw == nil {
		return
	}
	if err := json.Unmarshal(e.Raw, &e.Statistics); err != nil {
		f.fail("statistics", "an object of statistics")
	}
}
