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
	rules []rule
	a, b  half
	room  int // bytes of values that findings may still hold
}

// half is one of two recordings.
type half struct {
	*ledger
	file *record.File
}

// mostValues bounds what findings hold of the recordings.
const mostValues = 16 << 20

func newContrast(d *Diff, rules []rule, a, b *ledger) *contrast {
	check := &Check{Path: d.A, Ignore: d.Ignore, Expect: d.Expect, Handles: d.Handles, Messages: d.Messages}
	return &contrast{check: check, rules: rules, a: half{ledger: a}, b: half{ledger: b}, room: mostValues}
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
	f.Calls = make([]findings.Call, 0, len(c.a.calls))
	for i := range c.a.calls {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if p.ofA[i] < 0 && c.a.calls[i].polls() {
			continue
		}
		compared, err := c.call(&c.a.calls[i], c.b.at(p.ofA[i]))
		if err != nil {
			return err
		}
		f.Calls = append(f.Calls, compared)
	}
	for i := range c.b.calls {
		if p.ofB[i] >= 0 || c.b.calls[i].polls() {
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
	if b.answer != nil {
		compared.Duration = b.answer.took
	}
	if a.sameAs(b) {
		return compared, nil
	}
	found, err := c.answers(a, b)
	compared.Findings = c.hold(found...)
	return compared, err
}

// polls reports whether a call asks for a task that was not over.
func (k *kept) polls() bool { return k.answer != nil && k.answer.poll }

// sameAs reports whether there is nothing to compare in the answers to two calls
// that ask the same.
func (k *kept) sameAs(other *kept) bool {
	switch {
	case k.cancelled || other.cancelled:
		return true // whether the answer was faster than the cancel says nothing
	case k.answer != nil && other.answer != nil:
		return k.answer.said == other.answer.said
	case k.answer == nil && other.answer == nil:
		return true
	}
	return k.listens() // nor does whether the end of a subscription was seen
}

// answers compares the answers to two calls.
func (c *contrast) answers(a, b *kept) ([]findings.Finding, error) {
	was := &call{method: a.method, name: a.name, seq: a.seq}
	var before, now wire.Message
	var err error
	switch {
	case a.answer != nil && b.answer != nil:
		before, now, err = c.both(a.answer.spot, b.answer.spot)
	case a.answer != nil:
		before, _, err = c.a.message(a.answer.spot)
	default:
		now, _, err = c.b.message(b.answer.spot)
	}
	if err != nil {
		return nil, err
	}
	if a.answer != nil {
		was.answer = &before
	}
	found := c.play().compare(was, now, b.answer != nil, nil)
	if len(found) > 0 && b.answer != nil {
		found = append(found, c.b.outputs.check(was, now.Result)...)
	}
	return found, nil
}

// play is one in which nothing is said, to compare with.
func (c *contrast) play() *play {
	return &play{Check: c.check, rules: c.rules, script: &script{}, live: &live{}, minted: minted{}}
}

// extra tells of a call of B that A does not have.
func (c *contrast) extra(b *kept) (findings.Call, error) {
	m, _, err := c.b.message(b.request)
	found := findings.Finding{
		Rule: findings.CallExtra, Live: m.Params, Message: fmt.Sprintf("A call was made that is not recorded: event %d.", b.seq),
	}
	return findings.Call{Method: b.method, Name: b.name, Findings: c.hold(found)}, err
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
