package verify

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"wiretape/internal/redact"
	"wiretape/internal/wire"
	"wiretape/record"
)

// script is what a host said, and what it heard meanwhile.
type script struct {
	steps []step
	calls []call
	asks  []ask
}

// step is a line that the host says.
type step struct {
	line   []byte
	seq    int64
	calls  []int  // what it asks
	ask    int    // what it answers, -1 for nothing
	id     []byte // raw, of that
	cancel int    // the call that it cancels, -1 for none
	after  []int  // calls whose answer the host had heard since its last step
	heard  int    // notifications of that call that the host had heard by then
}

// call is a request of the host.
type call struct {
	method, name string
	id           []byte // raw
	token        []byte // raw progress token; nil if there is none
	line         []byte // nil if it is part of a batch
	seq          int64
	answer       *wire.Message // nil if there was none
	answered     int64         // the event of the answer
	awaited      bool
	cancelled    bool
	listens      bool
	notes        int // notifications of it so far
}

// ask is a request of the server.
type ask struct {
	method string
	params []byte
	seq    int64
}

// reading is what has to be known to read a recording on.
type reading struct {
	*script
	open   map[string]int // calls by raw id
	tokens map[string]int // by raw token
	asked  map[string]int // asks by raw id
	after  []int
}

func newScript(whole *record.Recording) *script {
	r := &reading{script: &script{}, open: map[string]int{}, tokens: map[string]int{}, asked: map[string]int{}}
	for i := range whole.Events {
		e := &whole.Events[i]
		switch {
		case e.Stderr || e.Line == nil:
		case e.To == record.Target:
			r.host(e)
		case e.From == record.Target:
			all, batch := spoken(e.Line)
			for _, m := range all {
				r.target(e, m, batch)
			}
		}
	}
	return r.script
}

// messages gives the messages of a line, one unless it is a batch.
func messages(line []byte) []wire.Message {
	all, _ := spoken(line)
	return all
}

// spoken gives the messages of a line, and tells whether it is a batch.
func spoken(line []byte) (all []wire.Message, batch bool) {
	m := wire.Parse(line)
	if m.Kind != wire.Batch {
		return []wire.Message{m}, false
	}
	for element := range wire.Elements(line) {
		all = append(all, wire.Parse(element))
	}
	return all, true
}

// load reads what a script is made of.
func load(path string) (*record.Recording, error) {
	r, err := record.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	whole := &record.Recording{Header: r.Header()}
	for e, err := range r.All() {
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if e.End != nil {
			whole.End = e.End
		}
		whole.Events = append(whole.Events, e)
	}
	return whole, nil
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
		c := &s.calls[i]
		if c.answer == nil {
			continue
		}
		if value, err := redact.Fill(c.answer.Result, lookup); err == nil {
			c.answer.Result = value
		}
	}
	return nil
}

// hidden reports whether a recorded value was redacted.
func hidden(value []byte) bool { return bytes.Contains(value, []byte(`[redacted:`)) }

// host adds a step. Where the proxy spoke in the host's name, it is the host.
func (r *reading) host(e *record.Event) {
	s := step{line: e.Line, seq: e.Seq, ask: -1, cancel: -1, after: r.after}
	r.after = nil
	all, batch := spoken(e.Line)
	for _, m := range all {
		switch {
		case m.Kind == wire.Request:
			s.calls = append(s.calls, r.call(e, m, batch))
		case m.Kind == wire.Response:
			if a, ok := r.asked[string(m.ID)]; ok {
				s.ask, s.id = a, m.ID
				delete(r.asked, string(m.ID))
			}
		case m.Method == "notifications/cancelled":
			r.cancel(&s, wire.Get(m.Params, "requestId"))
		}
	}
	r.steps = append(r.steps, s)
}

func (r *reading) call(e *record.Event, m wire.Message, batch bool) int {
	c := call{
		method: m.Method, id: m.ID, seq: e.Seq,
		token:   wire.Get(m.Params, "_meta", "progressToken"),
		listens: m.Method == "subscriptions/listen",
	}
	for _, member := range []string{"name", "uri"} {
		if name, ok := wire.Text(wire.Get(m.Params, member)); ok {
			c.name = name
		}
	}
	if !batch {
		c.line = e.Line
	}
	n := len(r.calls)
	r.calls = append(r.calls, c)
	r.open[string(c.id)] = n
	if c.token != nil {
		r.tokens[string(c.token)] = n
	}
	if c.listens {
		r.tokens["listen "+string(c.id)] = n
	}
	return n
}

func (r *reading) cancel(s *step, id []byte) {
	n, ok := r.open[string(id)]
	if !ok {
		return
	}
	r.calls[n].cancelled = true
	s.cancel, s.heard = n, r.calls[n].notes
}

func (r *reading) target(e *record.Event, m wire.Message, batch bool) {
	switch m.Kind {
	case wire.Response:
		n, ok := r.open[string(m.ID)]
		if !ok {
			return
		}
		delete(r.open, string(m.ID))
		c := &r.calls[n]
		if c.answer = &m; !batch {
			c.answered = e.Seq
		}
		r.after = append(r.after, n)
	case wire.Request:
		r.asked[string(m.ID)] = len(r.asks)
		r.asks = append(r.asks, ask{m.Method, m.Params, e.Seq})
	case wire.Notification:
		if n, ok := r.tokens[noteKey(m)]; ok {
			r.calls[n].notes++
		}
	}
}

// noteKey tells which call a notification belongs to.
func noteKey(m wire.Message) string {
	if id := wire.Get(m.Params, "_meta", "io.modelcontextprotocol/subscriptionId"); id != nil {
		return "listen " + string(id)
	}
	if m.Method == "notifications/progress" {
		return string(wire.Get(m.Params, "progressToken"))
	}
	return ""
}
