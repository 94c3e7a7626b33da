package replay

import (
	"wiretape/internal/wire"
	"wiretape/record"
)

// build is what has to be known to read on.
type build struct {
	last   int32            // the host's last message
	tail   int32            // the last message that followed it
	open   map[string]int32 // calls without a response, by raw id
	asked  map[string]int32 // asks without an answer, by raw id
	tokens map[string]int32 // the last call with a progress token, by raw token
	older  map[string]int32 // the same, of tokens that were used before those
	subs   map[string]int32 // the last subscription, by raw id
	logger int32            // the last call that asked for log messages, in a modern session
	busy   int              // open calls that are not subscriptions
	free   []int32          // asks that were answered, and that no call has waited for so far
	code   int              // the target's exit status
	left   bool             // it ended
}

func newBuild(last int32) build {
	return build{
		last:   last,
		open:   make(map[string]int32),
		asked:  make(map[string]int32),
		tokens: make(map[string]int32),
		subs:   make(map[string]int32),
	}
}

// add takes note of an event. What the proxy said to the host, or heard from
// it, is left out. Where it spoke to the target in the host's name, it is the host.
func (ix *index) add(e *record.Event, place record.Place) {
	switch {
	case e.Exit != nil:
		ix.build.left, ix.build.code = true, exitStatus(*e.Exit)
	case e.End != nil && e.End.Reason == "exit" && ix.build.left:
		ix.follow(ix.message(e, place, exited, int32(ix.build.code)))
	}
	fromHost := e.To == record.Target && (e.From == record.Host || e.From == record.Proxy)
	fromTarget := e.From == record.Target && (e.To == record.Host || e.To == record.Proxy)
	if e.Stderr || !fromHost && !fromTarget {
		return
	}
	b := builder{index: ix, event: e, place: place}
	m := wire.Parse(e.Line)
	if m.Kind != wire.Batch {
		b.message(m, fromHost)
		return
	}
	for element := range wire.Elements(e.Line) {
		b.elem++
		b.message(wire.Parse(element), fromHost)
	}
	if b.elem == 0 {
		b.message(m, fromHost) // of nothing: no message
	}
}

// builder adds the messages of one event.
type builder struct {
	*index
	event *record.Event
	place record.Place
	elem  uint32 // in a batch, from 1
}

func (b *builder) message(m wire.Message, fromHost bool) {
	switch {
	case fromHost && m.Kind == wire.Request:
		b.request(m)
	case fromHost && m.Kind == wire.Response:
		b.reply(m)
	case fromHost:
		b.note(m)
	case m.Kind == wire.Response:
		b.response(m)
	case m.Kind == wire.Request:
		b.ask(m)
	case m.Kind == wire.Notification:
		b.notification(m)
	default:
		b.follow(b.new(verbatim, 0))
	}
}

// message adds a message.
func (ix *index) message(e *record.Event, place record.Place, k kind, of int32) int32 {
	ix.messages = append(ix.messages, message{
		offset: place.Offset, skip: place.Skip, at: e.At, seq: uint32(e.Seq), kind: k, of: of,
	})
	return int32(len(ix.messages) - 1)
}

func (b *builder) new(k kind, of int32) int32 {
	n := b.index.message(b.event, b.place, k, of)
	b.messages[n].elem = b.elem
	return n
}

// said makes n the host's last message.
func (b *builder) said(n int32) { b.build.last, b.build.tail = n, 0 }

// follow puts a message of the target behind the host's last one.
func (ix *index) follow(n int32) {
	if ix.build.tail == 0 {
		ix.messages[ix.build.last].next = n
	} else {
		ix.messages[ix.build.tail].next = n
	}
	ix.build.tail = n
}

// belong puts a message of the target into a call.
func (b *builder) belong(n, to int32) {
	c := &b.calls[to]
	if c.head == 0 {
		c.head = n
	} else {
		b.messages[c.tail].next = n
	}
	c.tail = n
}

// exitStatus is how a shell tells how a process ended.
func exitStatus(e record.Exit) int {
	if e.Signal == "" {
		return e.Code
	}
	return 128 + map[string]int{
		"SIGHUP": 1, "SIGINT": 2, "SIGQUIT": 3, "SIGILL": 4, "SIGTRAP": 5, "SIGABRT": 6, "SIGBUS": 7, "SIGFPE": 8,
		"SIGKILL": 9, "SIGUSR1": 10, "SIGSEGV": 11, "SIGUSR2": 12, "SIGPIPE": 13, "SIGALRM": 14, "SIGTERM": 15,
	}[e.Signal]
}
