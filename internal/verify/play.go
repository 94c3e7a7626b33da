package verify

import (
	"context"
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
	rules    []rule
	script   *script
	live     *live
	minted   minted
	unveiled unveiled
	tries    []try          // of the calls
	asked    []*question    // what the live server asked in the place of a recorded ask, by its number
	left     map[string]int // recorded asks still to come, by method
	counts
	found []findings.Finding
}

// counts bound how long a play goes on.
type counts struct {
	refusals int // what was asked and never before
	vain     int // calls in a row that were waited for in vain
	polls    int // how often tasks were asked for besides
}

// try is how a call goes.
type try struct {
	sent    time.Time
	awaited bool
	granted bool  // that it is acknowledged was waited for
	same    bool  // the answer is known to be the same
	failed  error // why it was waited for in vain
}

func newPlay(c *Check, rules []rule, s *script) *play {
	p := &play{
		Check: c, rules: rules, script: s, live: newLive(len(s.calls)), minted: newMinted(c.Handles), unveiled: newUnveiled(),
		tries: make([]try, len(s.calls)), asked: make([]*question, len(s.asks)), left: map[string]int{},
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
		if err := p.awaitAll(ctx, []int{n}, []int{n}); err != nil {
			return err
		}
	}
	return p.awaitUnanswered(ctx)
}

// step waits for what the host had heard by then, and says what it said.
func (p *play) step(ctx context.Context, s *step) error {
	if err := p.awaitAll(ctx, s.grants, s.after); err != nil {
		return err
	}
	if s.cancel >= 0 {
		if err := p.awaitNotes(ctx, s); err != nil {
			return err
		}
	}
	line, err := p.replies(ctx, s)
	if line == nil || err != nil {
		return err
	}
	p.refuse()
	now := time.Now()
	for _, n := range s.calls {
		p.tries[n].sent = now
		p.live.expect(n, p.script.calls[n])
	}
	return p.say(line)
}

// replies gives the line of a step, in which answers to what the server had asked
// have the ids of what it asks now. Those to what it does not ask any more are left
// out; it gives nil if nothing is left.
func (p *play) replies(ctx context.Context, s *step) ([]byte, error) {
	if len(s.asks) == 0 {
		return s.line, nil
	}
	parts, isBatch := [][]byte{s.line}, wire.Is(s.line, '[')
	if isBatch {
		parts = slices.Collect(wire.Elements(s.line))
	}
	var said [][]byte
	asks := s.asks
	for _, part := range parts {
		if wire.Parse(part).Kind == wire.Response {
			var err error
			if part, err = p.reply(ctx, asks[0], part); err != nil {
				return nil, err
			}
			asks = asks[1:]
		}
		if part != nil {
			said = append(said, part)
		}
	}
	switch {
	case len(said) == 0:
		return nil, nil
	case isBatch:
		return wire.Array(said...), nil
	}
	return said[0], nil
}

// reply gives an answer to an ask with the id of what the server asks now; nil if
// it does not ask that any more.
func (p *play) reply(ctx context.Context, ask int, answer []byte) ([]byte, error) {
	switch ask {
	case nothing:
		return answer, nil
	case aPing: // those of the live server are answered as they come
		return nil, nil
	}
	if err := p.awaitAsk(ctx, ask); err != nil || p.asked[ask] == nil {
		return nil, err
	}
	return wire.Replace(answer, wire.Parse(answer).ID, p.asked[ask].id), nil
}

// say tells the server a recorded line.
func (p *play) say(line []byte) error { return p.live.say(p.minted.live(line), p.timeout()) }

// askIgnore is what does not count in what a server asks.
var askIgnore = compare.Ignore{Drop: must("/_meta")}

// askAlike is the same where the server's choice of an id does not count either.
var askAlike = compare.Ignore{Drop: askIgnore.Drop, Mask: must("/elicitationId")}

func must(pointers ...string) compare.Pointers {
	ps, err := compare.ParsePointers(pointers...)
	if err != nil {
		panic(err)
	}
	return ps
}

// title names a call for people.
func (c *call) title() string {
	if c.name == "" {
		return c.method
	}
	return c.method + " " + c.name
}
