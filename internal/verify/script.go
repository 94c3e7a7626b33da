package verify

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"wiretape/internal/fixture"
	"wiretape/internal/redact"
	"wiretape/internal/wire"
	"wiretape/record"
)

// script is what a host said, and what it heard meanwhile.
type script struct {
	timeless bool   // the times were normalised
	redacted bool   // secrets were taken out
	reason   string // why it ended
	odd      odd
	steps    []*step
	calls    []*call
	asks     []ask
	exit     *record.Exit // how the server ended; nil if that was not seen
}

// step is a line that the host says.
type step struct {
	line   []byte
	seq    int64
	calls  []int // what it asks
	asks   []int // what its responses answer, in their order; also nothing and aPing
	cancel int   // the call that it cancels, -1 for none
	after  []int // calls whose answer the host had heard since its last step
	grants []int // subscriptions that were acknowledged since
	heard  int   // notifications of that call that the host had heard by then
}

// What else a response of the host answers.
const (
	nothing = -1
	aPing   = -2 // which a server sends when it likes
)

// call is a request of the host.
type call struct {
	method, name string
	id           []byte // raw
	token        []byte // raw progress token; nil if there is none
	line         []byte // nil if it is part of a batch
	seq          int64
	at           time.Duration
	answer       *wire.Message // nil if there was none
	said         answered
	notes        notes
	cancelled    bool
	listens      bool
}

// answered is where and when an answer was.
type answered struct {
	line []byte // nil if it is part of a batch
	seq  int64  // the event
	took time.Duration

	endless bool // it is about a task that is never said to be over
}

// ask is a request of the server.
type ask struct {
	method   string
	params   []byte
	seq      int64
	of       int // the call that it belongs to, -1 if that cannot be said
	answered bool
}

// reading is what has to be known to read a recording on.
type reading struct {
	*script
	callers
	asked  map[string]int // asks by raw id
	after  []int
	grants []int
	over   map[string]bool // tasks by raw id
}

// readScript reads a recording to its end.
func readScript(path string) (*script, error) {
	file, err := record.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	r := &reading{
		script:  &script{timeless: fixture.Normalised(file.Header())},
		callers: newCallers(), asked: map[string]int{}, over: map[string]bool{},
	}
	batches := make(chan []record.Event, 4)
	// Ends with the recording. While it reads on, what it has read is understood.
	go func() {
		err = inBatches(file, batches)
		close(batches)
	}()
	for batch := range batches {
		for i := range batch {
			r.event(&batch[i])
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	r.endless()
	return r.script, nil
}

// inBatches reads the events of a recording. Handing over many at a time costs
// less.
func inBatches(file *record.Reader, to chan<- []record.Event) error {
	const size = 128
	batch := make([]record.Event, 0, size)
	for e, err := range file.All() {
		if err != nil {
			return err
		}
		if batch = append(batch, e); len(batch) == size {
			to <- batch
			batch = make([]record.Event, 0, size)
		}
	}
	to <- batch
	return nil
}

func (r *reading) event(e *record.Event) {
	switch {
	case e.End != nil:
		r.reason = e.End.Reason
	case e.Exit != nil:
		r.exit = e.Exit
	case e.Stderr || e.Line == nil:
	case e.To == record.Target:
		r.host(e)
	case e.From == record.Target:
		r.redacted = r.redacted || redact.Holds(e.Line)
		r.odd.see(e.Line)
		spoken(e.Line, func(m wire.Message, whole []byte) { r.target(e, m, whole) })
	}
}

// spoken gives each message of a line to a function, with the whole line, or nil
// if that is a batch.
func spoken(line []byte, hear func(m wire.Message, whole []byte)) {
	m := wire.Parse(line)
	if m.Kind != wire.Batch {
		hear(m, line)
		return
	}
	for element := range wire.Elements(line) {
		hear(wire.Parse(element), nil)
	}
}

// messages gives the messages of a line, one unless it is a batch.
func messages(line []byte) (all []wire.Message) {
	spoken(line, func(m wire.Message, _ []byte) { all = append(all, m) })
	return all
}

// fill puts the secrets that were redacted back into what the host said. All that
// cannot be had are named. In answers they are put back where they can be.
func (s *script) fill(lookup func(string) (string, bool)) error {
	var missing []string
	for i := range s.steps {
		line, err := redact.Fill(s.steps[i].line, lookup)
		var lacks *redact.MissingError
		switch {
		case errors.As(err, &lacks):
			missing = append(missing, lacks.Variables...)
		case err != nil:
			return fmt.Errorf("event %d: %w", s.steps[i].seq, err)
		default:
			s.steps[i].line = line
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return fmt.Errorf("secrets were taken out of this recording: set %s", strings.Join(slices.Compact(missing), ", "))
	}
	for i := range s.calls {
		c := s.calls[i]
		if c.answer == nil {
			continue
		}
		if value, err := redact.Fill(c.answer.Result, lookup); err == nil {
			c.answer.Result = value
		}
	}
	return nil
}

// host adds a step. Where the proxy spoke in the host's name, it is the host.
func (r *reading) host(e *record.Event) {
	r.redacted = r.redacted || redact.Holds(e.Line)
	s := &step{line: e.Line, seq: e.Seq, cancel: -1, after: r.after, grants: r.grants}
	r.after, r.grants = nil, nil
	spoken(e.Line, func(m wire.Message, whole []byte) {
		switch {
		case m.Kind == wire.Request:
			s.calls = append(s.calls, r.call(e, m, whole))
		case m.Kind == wire.Response:
			a, ok := r.asked[string(m.ID)]
			switch {
			case !ok:
				a = nothing
			case a >= 0:
				r.asks[a].answered = true
			}
			s.asks = append(s.asks, a)
			delete(r.asked, string(m.ID))
		case m.Method == "notifications/cancelled":
			r.cancel(s, wire.Get(m.Params, "requestId"))
		}
	})
	r.steps = append(r.steps, s)
}

func (r *reading) call(e *record.Event, m wire.Message, whole []byte) int {
	c := &call{
		method: m.Method, id: m.ID, seq: e.Seq, at: e.At,
		name: nameOf(m), token: tokenOf(m), line: whole,
		listens: m.Method == "subscriptions/listen",
	}
	n := len(r.calls)
	r.calls = append(r.calls, c)
	r.add(n, c)
	return n
}

// tokenOf is the raw progress token of a request, nil if it has none.
func tokenOf(m wire.Message) []byte {
	// Looking for the name is much cheaper than reading the params.
	if !bytes.Contains(m.Params, []byte("progressToken")) {
		return nil
	}
	return wire.Get(m.Params, "_meta", "progressToken")
}

func (r *reading) cancel(s *step, id []byte) {
	n, ok := r.open[string(id)]
	if !ok {
		return
	}
	r.calls[n].cancelled = true
	s.cancel, s.heard = n, r.calls[n].notes.heard
}

func (r *reading) target(e *record.Event, m wire.Message, whole []byte) {
	switch m.Kind {
	case wire.Response:
		n, ok := r.answered(m.ID)
		if !ok {
			r.odd.strays.add(e.Line)
			return
		}
		c := r.calls[n]
		answer := m
		c.answer, c.said = &answer, answered{line: whole, seq: e.Seq, took: e.At - c.at}
		r.ends(c.method, m.Result)
		r.after = append(r.after, n)
	case wire.Request:
		if m.Method == "ping" {
			r.asked[string(m.ID)] = aPing
			return
		}
		r.asked[string(m.ID)] = len(r.asks)
		r.asks = append(r.asks, ask{method: m.Method, params: m.Params, seq: e.Seq, of: r.asker(m.Method)})
	case wire.Junk:
		r.odd.junk.add(e.Line)
	case wire.Notification:
		r.ends(m.Method, m.Params)
		if n, ok := r.tokens[noteKey(m)]; ok {
			r.calls[n].notes.hear(m)
			if m.Method == acknowledged {
				r.grants = append(r.grants, n)
			}
		}
	}
}
