package verify

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"wiretape/internal/compare"
	"wiretape/internal/wire"
	"wiretape/proxy"
)

// Question is one recorded call that a server is asked again.
type Question struct {
	Path    string
	Seq     int64 // the event of the request
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
	if err := s.fill(os.LookupEnv); err != nil {
		return nil, err
	}
	asked, err := s.only(q.Seq)
	if err != nil {
		return nil, err
	}
	c := s.calls[asked.calls[0]]
	for _, change := range q.Set {
		line, ok := wire.Set(asked.line, change.Value, change.Pointer.Names()...)
		if !ok {
			return nil, fmt.Errorf("%s cannot be set: there is no object to set it in", change.Pointer)
		}
		asked.line = line
	}
	p := newPlay(&Check{Timeout: q.Timeout}, nil, s)
	stop, err := p.live.connect(ctx, q.Server)
	if err != nil {
		return nil, err
	}
	defer stop()
	if err := p.play(ctx); err != nil {
		return nil, err
	}
	n := asked.calls[0]
	if p.trials[n] != nil {
		return nil, p.trials[n]
	}
	p.live.mu.Lock()
	defer p.live.mu.Unlock()
	got := p.live.answers[string(c.id)]
	if got.at.IsZero() {
		return nil, errors.New("the server gave no answer")
	}
	return &Answer{Request: asked.line, Recorded: c.said, Live: got.line, Took: got.at.Sub(p.sent[n])}, nil
}

// only leaves of the script what opens the session, what the server asks, and
// the one call. It gives the step of that.
func (s *script) only(seq int64) (*step, error) {
	var kept []*step
	at := -1
	for _, step := range s.steps {
		asks := step.seq == seq
		switch {
		case asks && len(step.calls) != 1:
			return nil, fmt.Errorf("event %d is no request", seq)
		case asks:
			at = len(kept)
			kept = append(kept, step)
		case s.opens(step):
			kept = append(kept, step)
		}
	}
	if at < 0 {
		return nil, fmt.Errorf("event %d is nothing that the host said to the server", seq)
	}
	// Only the answers to what is asked are waited for.
	sent := map[int]bool{}
	for i := range kept {
		for _, n := range kept[i].calls {
			sent[n] = true
		}
	}
	for n := range s.calls {
		if !sent[n] {
			s.calls[n].answer = nil
		}
	}
	s.steps = kept
	asked := s.steps[at]
	if c := s.calls[asked.calls[0]]; c.answer == nil {
		// It was never answered, but may be now.
		c.answer = &wire.Message{}
	}
	return asked, nil
}

// opens reports whether a step is part of what opens a session.
func (s *script) opens(step *step) bool {
	m := wire.Parse(step.line)
	return m.Method == "initialize" || m.Method == "notifications/initialized"
}
