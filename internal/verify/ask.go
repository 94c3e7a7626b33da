package verify

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"wiretape/internal/compare"
	"wiretape/internal/wire"
	"wiretape/proxy"
)

// Question is one recorded call that a server is asked again.
type Question struct {
	Path    string
	Seq     int64 // the event of the request; 0 for the last tool that was called
	Set     []Change
	Server  proxy.Endpoint
	Timeout time.Duration // as in Check
}

// Change is a value that is set before a request is sent.
type Change struct {
	Pointer compare.Pointer // from the request's root, without *
	Value   []byte          // raw JSON
}

// Answer is what came of a question.
type Answer struct {
	Request  []byte // as it was sent, raw
	Recorded []byte // the response that was recorded, raw; nil if there was none
	Live     []byte // the response of the server, raw
	Took     time.Duration
}

// Ask opens a session as the recorded host did, and asks the question.
func (q *Question) Ask(ctx context.Context) (*Answer, error) {
	s, err := readScript(q.Path)
	if err != nil {
		return nil, err
	}
	secrets := s.secrets(os.LookupEnv)
	if err := s.fill(os.LookupEnv); err != nil {
		return nil, err
	}
	if q.Seq == 0 {
		if q.Seq = s.lastTool(); q.Seq == 0 {
			return nil, errors.New("no tool is called in this recording: say which request is meant, by FILE#SEQ")
		}
	}
	asked, err := s.only(q.Seq)
	if err != nil {
		return nil, err
	}
	n := asked.calls[0]
	if err := s.calls[n].change(asked, q.Set); err != nil {
		return nil, err
	}
	p := newPlay(&Check{Timeout: q.Timeout}, nil, s)
	stop, err := p.live.connect(ctx, q.Server)
	if err != nil {
		return nil, err
	}
	defer stop()
	if err := p.play(ctx); err != nil {
		stop()
		why := err.Error()
		if words := p.live.words.String(); words != "" {
			why += "; its last words on stderr: " + words
		}
		return nil, errors.New(string(secrets.Text([]byte(why))))
	}
	if p.tries[n].failed != nil {
		return nil, p.tries[n].failed
	}
	p.live.mu.Lock()
	defer p.live.mu.Unlock()
	got := &p.live.calls[n]
	if !got.answered() {
		return nil, errors.New("the server gave no answer")
	}
	return &Answer{
		Request: secrets.Text(asked.line), Recorded: secrets.Text(s.calls[n].said.line), Live: secrets.Text(got.line),
		Took: got.at.Sub(p.tries[n].sent),
	}, nil
}

// change has a call ask for something else in its step.
func (c *call) change(asked *step, changes []Change) (err error) {
	for _, change := range changes {
		if asked.line, err = put(asked.line, change.Value, change.Pointer.Names()); err != nil {
			return fmt.Errorf("%s cannot be set: %w", change.Pointer, err)
		}
	}
	if m := wire.Parse(asked.line); m.Kind == wire.Request {
		// It is this one that is answered.
		c.line, c.method, c.id, c.token = asked.line, m.Method, m.ID, tokenOf(m)
	}
	return nil
}

// lastTool gives the last event that calls a tool, 0 if there is none.
func (s *script) lastTool() int64 {
	for _, c := range slices.Backward(s.calls) {
		if c.method == "tools/call" && c.line != nil {
			return c.seq
		}
	}
	return 0
}

// only leaves of the script what opens the session, and the one call with what
// the server asks for it. It gives the step of that.
func (s *script) only(seq int64) (*step, error) {
	at := slices.IndexFunc(s.steps, func(step *step) bool { return step.seq == seq })
	switch {
	case at < 0:
		return nil, fmt.Errorf("event %d is nothing that the host said to the server", seq)
	case len(s.steps[at].calls) != 1:
		return nil, fmt.Errorf("event %d is no request", seq)
	}
	asked := s.steps[at]
	n := asked.calls[0]
	var kept []*step
	var asks []ask
	sent := map[int]bool{}
	for _, step := range s.steps {
		switch {
		case step == asked || step.opens():
			for _, n := range step.calls {
				sent[n] = true
			}
		case len(step.calls) == 0 && slices.ContainsFunc(step.asks, func(a int) bool { return a >= 0 && s.asks[a].of == n }):
			asks = append(asks, s.renumber(step, len(asks))...)
		default:
			continue
		}
		kept = append(kept, step)
	}
	// Only the answers to what is asked are waited for.
	for n, c := range s.calls {
		if !sent[n] {
			c.answer = nil
		}
	}
	if c := s.calls[n]; c.answer == nil {
		// It was never answered, but may be now.
		c.answer = &wire.Message{}
	}
	s.steps, s.asks = kept, asks
	return asked, nil
}

// renumber gives the asks that a step answers, which have numbers from first on
// then.
func (s *script) renumber(step *step, first int) (asks []ask) {
	for i, a := range step.asks {
		if a >= 0 {
			step.asks[i] = first + len(asks)
			asks = append(asks, s.asks[a])
		}
	}
	return asks
}

// opens reports whether a step is part of what opens a session.
func (s *step) opens() bool {
	m := wire.Parse(s.line)
	return m.Method == "initialize" || m.Method == "notifications/initialized"
}
