package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// mostVain is how many calls in a row may be waited for in vain.
const mostVain = 3

// awaitAll waits for what the host had heard: that subscriptions were
// acknowledged, and answers.
func (p *play) awaitAll(ctx context.Context, grants, answers []int) error {
	for _, n := range grants {
		if err := p.awaitGrant(ctx, n); err != nil {
			return err
		}
	}
	for _, n := range answers {
		if err := p.await(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// await waits for the answer to a call, as the host had done. One that comes too
// late is a finding, and no reason not to go on, unless there are many.
func (p *play) await(ctx context.Context, n int) error {
	c := p.script.calls[n]
	if c.answer == nil || p.tries[n].awaited || c.listens && c.answer.Error == nil {
		return nil
	}
	p.tries[n].awaited = true
	began := time.Now()
	got, err := p.answer(ctx, n)
	if err == nil {
		got, err = p.poll(ctx, n, got)
	}
	switch {
	case errors.Is(err, errLate):
		p.tries[n].failed = fmt.Errorf("there was no answer within %v", p.timeout())
		return p.inVain(time.Since(began))
	case errors.Is(err, context.Canceled):
		return err
	case err != nil:
		p.tries[n].failed = err
		return fmt.Errorf("%w without an answer to %s", err, c.title())
	}
	p.vain = 0
	p.learn(c, got.Result)
	// While the server is at work there is time for this. What is not the same may
	// still be, by what its later answers teach.
	p.tries[n].same = len(p.compare(c, got.Message, true, nil)) == 0
	return nil
}

// inVain counts calls that were waited for in vain. It gives the server up that
// seems to answer no more. Calls that had waited already when it was their turn
// tell nothing new.
func (p *play) inVain(waited time.Duration) error {
	if waited >= p.timeout()/2 {
		p.vain++
	}
	if p.vain < mostVain {
		return nil
	}
	return fmt.Errorf("the server hangs: there was no answer to %d calls in a row, within %v each", p.vain, p.timeout())
}

// answer waits for that to a call.
func (p *play) answer(ctx context.Context, n int) (heard, error) {
	c := p.script.calls[n]
	var got heard
	err := p.wait(ctx, p.tries[n].sent.Add(p.timeout()), func() bool {
		got = p.live.calls[n]
		return got.answered() || c.listens && c.notes.granted == nil && got.notes.granted != nil
	})
	return got, err
}

// awaitNotes waits for what the host had heard of a call before it cancelled it.
func (p *play) awaitNotes(ctx context.Context, s *step) error {
	err := p.wait(ctx, time.Now().Add(min(settleTime, p.timeout())), func() bool {
		got := &p.live.calls[s.cancel]
		return got.answered() || got.notes.heard >= s.heard
	})
	if errors.Is(err, errLate) {
		return nil
	}
	return err
}

// wait waits until what is wanted was heard, but no longer than until. What was
// never asked before is refused meanwhile.
func (p *play) wait(ctx context.Context, until time.Time, wanted func() bool) error {
	for done := false; !done; {
		p.refuse()
		if err := p.live.wait(ctx, until, func() bool {
			done = wanted()
			return done || slices.ContainsFunc(p.live.asks, p.unexpected)
		}); err != nil {
			return err
		}
		if !done && time.Now().After(until) {
			return errLate
		}
	}
	return nil
}

// unexpected reports whether nobody was recorded to answer a question.
func (p *play) unexpected(q *question) bool { return p.left[q.method] <= 0 }

// refuse answers what the recorded server never asked.
func (p *play) refuse() {
	p.live.mu.Lock()
	var list []*question
	for _, q := range p.live.asks {
		if p.unexpected(q) {
			list = append(list, q)
		}
	}
	p.live.asks = slices.DeleteFunc(p.live.asks, p.unexpected)
	p.live.mu.Unlock()
	for _, q := range list {
		body := `"error":{"code":-31000,"message":"the recorded server did not ask for this","data":{"origin":"verify"}}`
		if q.method == "ping" {
			// MCP 2025-11-25, ping: "The receiver MUST respond promptly with an
			// empty response".
			body = `"result":{}`
		} else {
			p.refused(q)
		}
		// Who does not hear it any more has ended, which is found out later.
		_ = p.live.say(fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%s,%s}`+"\n", q.id, body), p.timeout())
	}
}

// mostRefused questions are told one by one.
const mostRefused = 10

// refused takes note of a question that was refused.
func (p *play) refused(q *question) {
	p.refusals++
	if p.refusals > mostRefused {
		return
	}
	p.found = append(p.found, newlyAsked(q.method, q.params))
}
