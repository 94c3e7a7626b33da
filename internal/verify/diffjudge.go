package verify

import (
	"bytes"
	"context"
	"fmt"

	"wiretape/internal/findings"
	"wiretape/internal/wire"
	"wiretape/record"
)

// contrast compares two recordings, of which the places are known.
type contrast struct {
	check *Check // how answers are compared
	a, b  half
	room  int // bytes of values that findings may still hold
}

// half is one of two recordings.
type half struct {
	*ledger
	file *record.File
}

// mostValues bounds what findings hold of the recordings.
const mostValues = 64 << 20

func newContrast(d *Diff, a, b *ledger) *contrast {
	check := &Check{Path: d.A, Ignore: d.Ignore, Expect: d.Expect, Handles: d.Handles, Messages: d.Messages}
	return &contrast{check: check, a: half{ledger: a}, b: half{ledger: b}, room: mostValues}
}

// message reads a message again.
func (h *half) message(at spot) (wire.Message, []byte, error) {
	e, err := h.file.At(at.Place)
	if err != nil {
		return wire.Message{}, nil, err
	}
	return nth(e.Line, at.nth), e.Line, nil
}

// nth gives a message of a line; none if the file is another one by now.
func nth(line []byte, n int) wire.Message {
	if all := messages(line); n < len(all) {
		return all[n]
	}
	return wire.Message{}
}

// both reads what stands at a place of each recording, the second with what its
// server minted as the first one spells it.
func (c *contrast) both(a, b spot) (x, y wire.Message, err error) {
	x, first, err := c.a.message(a)
	if err != nil {
		return x, y, err
	}
	y, second, err := c.b.message(b)
	if err != nil {
		return x, y, err
	}
	if spelled := c.b.mints.as(second, c.a.mints, first); len(spelled) > 0 && &spelled[0] != &second[0] {
		y = nth(spelled, b.nth)
	}
	return x, y, nil
}

func (c *contrast) compare(ctx context.Context, f *findings.File) error {
	p := pairUp(c.a.calls, c.b.calls)
	for i := range c.a.calls {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		compared, err := c.call(&c.a.calls[i], c.b.at(p.ofA[i]))
		if err != nil {
			return err
		}
		f.Calls = append(f.Calls, compared)
	}
	for i := range c.b.calls {
		if p.ofB[i] >= 0 {
			continue
		}
		extra, err := c.extra(&c.b.calls[i])
		if err != nil {
			return err
		}
		f.Calls = append(f.Calls, extra)
	}
	return c.asks(f)
}

// at gives the call of a number, nil for none.
func (h *half) at(n int32) *kept {
	if n < 0 {
		return nil
	}
	return &h.calls[n]
}

// call compares a call of A with the one of B that belongs to it.
func (c *contrast) call(a, b *kept) (findings.Call, error) {
	compared := findings.Call{Seq: a.seq, Method: a.method, Name: a.name}
	if b == nil {
		m, _, err := c.a.message(a.request)
		compared.Findings = c.hold(findings.Finding{Rule: findings.CallMissing, Recorded: m.Params})
		return compared, err
	}
	compared.Duration = b.took
	if a.answered == b.answered && a.said == b.said {
		return compared, nil
	}
	found, err := c.answers(a, b)
	compared.Findings = c.hold(found...)
	return compared, err
}

// answers compares the answers to two calls.
func (c *contrast) answers(a, b *kept) ([]findings.Finding, error) {
	was := &call{method: a.method, name: a.name, seq: a.seq, listens: a.listens()}
	// Whether the answer was faster than the cancel says nothing, nor does whether
	// a subscription was seen to end.
	was.cancelled = a.cancelled || b.cancelled || was.listens && a.answered != b.answered
	if was.cancelled {
		return nil, nil
	}
	var before, now wire.Message
	var err error
	switch {
	case a.answered && b.answered:
		before, now, err = c.both(a.answer, b.answer)
	case a.answered:
		before, _, err = c.a.message(a.answer)
	default:
		now, _, err = c.b.message(b.answer)
	}
	if err != nil {
		return nil, err
	}
	if a.answered {
		was.answer = &before
	}
	return c.play().compare(was, now, b.answered, nil), nil
}

// play is one in which nothing is said, to compare with.
func (c *contrast) play() *play {
	return &play{Check: c.check, script: &script{}, live: &live{}, minted: minted{}}
}

// extra tells of a call of B that A does not have.
func (c *contrast) extra(b *kept) (findings.Call, error) {
	m, _, err := c.b.message(b.request)
	return findings.Call{Method: b.method, Name: b.name, Duration: b.took, Findings: c.hold(findings.Finding{
		Rule: findings.CallExtra, Live: m.Params, Message: fmt.Sprintf("A call was made that is not recorded: event %d.", b.seq),
	})}, err
}

// asks compares what the servers asked of the hosts.
func (c *contrast) asks(f *findings.File) error {
	p := pairUp(c.a.asks, c.b.asks)
	for i := range c.a.asks {
		found, err := c.ask(&c.a.asks[i], p.ofA[i])
		if err != nil {
			return err
		}
		f.Findings = append(f.Findings, c.hold(found...)...)
	}
	for i := range c.b.asks {
		if p.ofB[i] >= 0 {
			continue
		}
		m, _, err := c.b.message(c.b.asks[i].request)
		if err != nil {
			return err
		}
		f.Findings = append(f.Findings, c.hold(findings.Finding{
			Rule: findings.ServerRequest, Live: m.Params, Message: "The server asks the host for " + m.Method + ", which was not recorded.",
		})...)
	}
	return nil
}

// ask compares what the server of A asked with what that of B did in its place.
func (c *contrast) ask(a *kept, n int32) ([]findings.Finding, error) {
	if n < 0 {
		m, _, err := c.a.message(a.request)
		return []findings.Finding{{
			Seq: a.seq, Rule: findings.ServerRequest, Recorded: m.Params, Message: "The server did not ask the host for " + a.method + ".",
		}}, err
	}
	b := &c.b.asks[n]
	if a.key == b.key {
		return nil, nil
	}
	before, now, err := c.both(a.request, b.request)
	if err != nil {
		return nil, err
	}
	p := c.play()
	p.script.asks = []ask{{method: a.method, params: before.Params, seq: a.seq}}
	p.asked = []*question{{method: a.method, params: now.Params}}
	return p.questions(), nil
}

// hold gives findings whose values are no longer slices of whole messages.
func (c *contrast) hold(found ...findings.Finding) []findings.Finding {
	for i := range found {
		f := &found[i]
		if size := len(f.Recorded) + len(f.Live); size > c.room {
			f.Recorded, f.Live = nil, nil
		} else {
			c.room -= size
			f.Recorded, f.Live = bytes.Clone(f.Recorded), bytes.Clone(f.Live)
		}
	}
	return found
}
