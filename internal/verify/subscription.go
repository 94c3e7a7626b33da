package verify

import (
	"context"
	"errors"
	"time"

	"wiretape/internal/findings"
)

// A subscription lasts, and whether its end was seen says nothing. What counts is
// whether it was refused, and else how it was acknowledged.

// acknowledged is the notification that a server begins a subscription with. It
// tells what the host will hear of what it asked for.
const acknowledged = "notifications/subscriptions/acknowledged"

// awaitGrant waits until a subscription is acknowledged or refused, as the host
// had done.
func (p *play) awaitGrant(ctx context.Context, n int) error {
	if p.script.calls[n].notes.granted == nil || p.tries[n].granted || p.tries[n].sent.IsZero() {
		return nil
	}
	p.tries[n].granted = true
	began := time.Now()
	err := p.wait(ctx, p.tries[n].sent.Add(p.timeout()), func() bool {
		got := &p.live.calls[n]
		return got.answered() || got.notes.granted != nil
	})
	if errors.Is(err, errLate) {
		p.tries[n].failed = errLate
		return p.inVain(time.Since(began))
	}
	p.vain = 0
	return err
}

// subscription compares how a subscription went.
func (p *play) subscription(c *call, got *heard, answered bool, trial error) []findings.Finding {
	before, granted := c.notes.granted, got.notes.granted
	if trial != nil {
		granted = nil // it came too late
	}
	switch {
	case before != nil && granted == nil && got.Error != nil:
		return []findings.Finding{{Rule: findings.OutcomeChanged, Recorded: before, Live: got.Error}}
	case before == nil && granted != nil && c.answer != nil && c.answer.Error != nil:
		return []findings.Finding{{Rule: findings.OutcomeChanged, Recorded: c.answer.Error, Live: granted}}
	}
	found := p.ruled(c).granted(c, granted)
	if got.Error == nil && (c.answer == nil || c.answer.Error == nil && !answered) {
		return found // it was not refused
	}
	return append(found, p.compare(c, got.Message, answered, trial)...)
}

// granted compares how a subscription was acknowledged.
func (p *play) granted(c *call, live []byte) (found []findings.Finding) {
	recorded := c.notes.granted
	switch {
	case recorded == nil && live == nil, recorded == nil && c.cancelled:
		return nil
	case live == nil:
		return []findings.Finding{{Rule: findings.MissingAnswer, Recorded: recorded, Message: "The subscription is not acknowledged any more."}}
	case recorded == nil:
		return []findings.Finding{{Rule: findings.ExtraAnswer, Live: live, Message: "The subscription is acknowledged, which it was not."}}
	}
	for _, d := range p.inParams(recorded, live) {
		found = append(found, findings.Finding{
			Rule: findings.ResultChanged, Pointer: d.Pointer, Recorded: d.A, Live: d.B, Message: "The subscription is acknowledged for something else.",
		})
	}
	return found
}
