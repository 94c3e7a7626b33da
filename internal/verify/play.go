package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"wiretape/internal/compare"
	"wiretape/internal/findings"
	"wiretape/internal/wire"
)

// play is one run of a script.
type play struct {
	*Check
	rules  []rule
	script *script
	live   *live
	minted minted
	asked  []*question    // what the live server asked in the place of a recorded ask, by its number
	left   map[string]int // recorded asks still to come, by method
	sent   []time.Time    // when each call was
	same   []bool         // calls whose answer is known to be the same
	trials map[int]error  // calls that were waited for in vain
	found  []findings.Finding
	polls  int // how often tasks were asked for besides
}

func newPlay(c *Check, rules []rule, s *script) *play {
	p := &play{
		Check: c, rules: rules, script: s, live: newLive(), minted: newMinted(c.Handles),
		asked: make([]*question, len(s.asks)), left: map[string]int{},
		sent: make([]time.Time, len(s.calls)), same: make([]bool, len(s.calls)), trials: map[int]error{},
	}
	for _, a := range s.asks {
		p.left[a.method]++
	}
	return p
}

// settleTime is how long is waited, at most, for what the host may not have
// waited for: notifications before a cancel, the last words at the end.
const settleTime = 5 * time.Second

// play says all steps. It stops when the server has ended.
func (p *play) play(ctx context.Context) error {
	for i := range p.script.steps {
		s := p.script.steps[i]
		if err := p.step(ctx, s); err != nil {
			return fmt.Errorf("before event %d: %w", s.seq, err)
		}
		if p.Said != nil {
			p.Said(i+1, len(p.script.steps))
		}
	}
	for n := range p.script.calls {
		if err := p.await(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// step waits for what the host had heard by then, and says what it said.
func (p *play) step(ctx context.Context, s *step) error {
	for _, n := range s.after {
		if err := p.await(ctx, n); err != nil {
			return err
		}
	}
	if s.cancel >= 0 {
		if err := p.awaitNotes(ctx, s); err != nil {
			return err
		}
	}
	if s.ask >= 0 {
		return p.reply(ctx, s)
	}
	p.refuse()
	now := time.Now()
	for _, n := range s.calls {
		p.sent[n] = now
	}
	return p.live.say(p.minted.live(s.line))
}

// await waits for the answer to a call, as the host had done. One that comes too
// late is a finding, and no reason not to go on.
func (p *play) await(ctx context.Context, n int) error {
	c := p.script.calls[n]
	if c.answer == nil || p.trials[n] != nil || c.awaited {
		return nil
	}
	c.awaited = true
	got, err := p.heard(ctx, c)
	if err == nil {
		got, err = p.poll(ctx, c, got)
	}
	switch {
	case errors.Is(err, errLate):
		p.trials[n] = fmt.Errorf("there was no answer within %v", p.timeout())
		return nil
	case errors.Is(err, errEnded):
		p.trials[n] = errEnded
		return fmt.Errorf("%w without an answer to %s", errEnded, c.title())
	case err != nil:
		return err
	}
	p.minted.learn(c.answer.Result, got.Result)
	// While the server is at work there is time for this. What is not the same may
	// still be, by what its later answers teach.
	p.same[n] = len(p.compare(c, got.Message, true, nil)) == 0
	return nil
}

// heard waits for an answer, and refuses meanwhile what was never asked before.
func (p *play) heard(ctx context.Context, c *call) (got answer, err error) {
	for err == nil && got.at.IsZero() {
		p.refuse()
		err = p.live.wait(ctx, p.timeout(), func() bool {
			got = p.live.answers[string(c.id)]
			return !got.at.IsZero() || p.refusing()
		})
	}
	return got, err
}

// awaitNotes waits for what the host had heard of a call before it cancelled it.
func (p *play) awaitNotes(ctx context.Context, s *step) error {
	c := p.script.calls[s.cancel]
	key := string(c.token)
	if c.listens {
		key = "listen " + string(c.id)
	}
	err := p.live.wait(ctx, min(settleTime, p.timeout()), func() bool {
		return p.live.answered(c) || p.live.notes[key] >= s.heard
	})
	if errors.Is(err, errLate) {
		return nil
	}
	return err
}

// reply gives the recorded answer to what the server asked.
func (p *play) reply(ctx context.Context, s *step) error {
	a := p.script.asks[s.ask]
	var q *question
	err := p.live.wait(ctx, p.timeout(), func() bool {
		q = p.live.match(a)
		return q != nil || a.of >= 0 && p.live.answered(p.script.calls[a.of])
	})
	p.left[a.method]--
	switch {
	case errors.Is(err, errLate), err == nil && q == nil:
		p.found = append(p.found, findings.Finding{
			Seq: a.seq, Rule: findings.ServerRequest, Recorded: a.params, Message: "The server did not ask the host for " + a.method + ".",
		})
		return nil
	case err != nil:
		return err
	}
	p.asked[s.ask] = q
	line := wire.Replace(s.line, wire.Parse(s.line).ID, q.id)
	return p.live.say(p.minted.live(line))
}

// match takes the question that is most like a recorded one: one with the same
// params, or else the first of the method.
func (l *live) match(a ask) *question {
	first := -1
	for i, q := range l.asks {
		if q.method != a.method {
			continue
		}
		if compare.Equal(a.params, q.params, askIgnore) {
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

// askIgnore is what does not count in what a server asks.
var askIgnore = compare.Ignore{Drop: must("/_meta")}

func must(pointers ...string) compare.Pointers {
	ps, err := compare.ParsePointers(pointers...)
	if err != nil {
		panic(err)
	}
	return ps
}

// unexpected reports whether nobody was recorded to answer a question.
func (p *play) unexpected(q *question) bool { return p.left[q.method] == 0 }

// refusing reports whether there is such a question. It is called behind the gate
// of live.
func (p *play) refusing() bool { return slices.ContainsFunc(p.live.asks, p.unexpected) }

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
			p.found = append(p.found, findings.Finding{
				Rule: findings.ServerRequest, Live: q.params, Message: "The server asks the host for " + q.method + ", which was not recorded.",
			})
		}
		// Who does not hear it any more has ended, which is found out later.
		_ = p.live.say(fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%s,%s}`+"\n", q.id, body))
	}
}

// title names a call for people.
func (c *call) title() string {
	if c.name == "" {
		return c.method
	}
	return c.method + " " + c.name
}
