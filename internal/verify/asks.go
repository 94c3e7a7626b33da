package verify

import (
	"context"
	"errors"
	"slices"
	"time"

	"wiretape/internal/compare"
	"wiretape/internal/wire"
)

// awaitAsk waits for what the server asks in the place of a recorded ask. That it
// does not is a finding, and no reason not to go on, unless there are many.
func (p *play) awaitAsk(ctx context.Context, n int) error {
	a := p.script.asks[n]
	began := time.Now()
	q, err := p.asking(ctx, a, began.Add(p.timeout()))
	p.left[a.method]--
	switch {
	case q != nil:
		p.vain = 0
		p.take(n, q)
		return nil
	case err != nil && !errors.Is(err, errLate):
		return err
	}
	p.found = append(p.found, unasked(a))
	if err != nil {
		return p.inVain(time.Since(began))
	}
	return nil
}

// take takes what the server asks for what is asked in the place of an ask.
func (p *play) take(n int, q *question) {
	p.asked[n] = q
	p.minted.pair("elicitationId", wire.Get(p.script.asks[n].params, "elicitationId"), wire.Get(q.params, "elicitationId"))
}

// asking waits for what the server asks in the place of a recorded ask. It gives
// nil if the server is done with what might have made it ask, and errLate if it
// was not by the deadline.
func (p *play) asking(ctx context.Context, a ask, deadline time.Time) (q *question, err error) {
	for until, next := deadline, deadline; ; until = next {
		err = p.wait(ctx, until, func() bool {
			q, next = p.live.match(a), p.asksUntil(a, deadline)
			return q != nil || !next.Equal(until)
		})
		switch {
		case q != nil:
			return q, nil
		case err != nil && !errors.Is(err, errLate):
			return nil, err
		case next.After(time.Now()):
		case next.Equal(deadline):
			return nil, errLate
		default:
			return nil, nil
		}
	}
}

// asksUntil gives how long the server may be waited for to ask something: until the
// deadline while a call is open, and else for a while after something was said.
func (p *play) asksUntil(a ask, deadline time.Time) time.Time {
	if a.of >= 0 && p.live.calls[a.of].answered() {
		return time.Time{}
	}
	quiet := p.live.stirred.Add(min(settleTime, p.timeout()))
	if p.busy() || quiet.After(deadline) {
		return deadline
	}
	return quiet
}

// busy reports whether the server has something to do: it was just started, or a
// call is open that comes to an end by itself.
func (p *play) busy() bool {
	for _, n := range p.live.open {
		if c := p.script.calls[n]; !c.listens && !c.cancelled {
			return true
		}
	}
	return p.live.stirred.IsZero()
}

// awaitUnanswered waits for what the server had asked and the host did not
// answer.
func (p *play) awaitUnanswered(ctx context.Context) error {
	err := p.wait(ctx, time.Now().Add(min(settleTime, p.timeout())), func() bool {
		asked := map[string]int{}
		for _, q := range p.live.asks {
			asked[q.method]++
		}
		for method, n := range p.left {
			if asked[method] < n {
				return false
			}
		}
		return true
	})
	if errors.Is(err, errLate) || errors.Is(err, errEnded) {
		return nil
	}
	return err
}

// leftover takes what the server asked that was not taken so far. If it was said
// all that it was to be said, it has asked what the host did not answer.
func (p *play) leftover(all bool) {
	p.live.mu.Lock()
	defer p.live.mu.Unlock()
	for n := range p.script.asks {
		a := p.script.asks[n]
		if !all || a.answered {
			continue
		}
		p.left[a.method]--
		if q := p.live.match(a); q != nil {
			p.take(n, q)
		} else {
			p.found = append(p.found, unasked(a))
		}
	}
	for _, q := range p.live.asks {
		if p.unexpected(q) && q.method != "ping" {
			p.refused(q)
		}
	}
}

// match takes the question that is most like a recorded one: one with the same
// params, or else the first of the method.
func (l *live) match(a ask) *question {
	first := -1
	for i, q := range l.asks {
		if q.method != a.method {
			continue
		}
		if compare.Equal(a.params, q.params, askAlike) {
			first = i
			break
		}
		if first < 0 {
			first = i
		}
	}
	if first < 0 {
		return nil
	}
	q := l.asks[first]
	l.asks = slices.Delete(l.asks, first, first+1)
	return q
}

// asker tells for which call the server asks something of the host, -1 if that
// cannot be said.
func (r *reading) asker(method string) int {
	if len(r.open) == 1 && (method == "sampling/createMessage" || method == "elicitation/create") {
		for _, n := range r.open {
			return n
		}
	}
	return -1
}
