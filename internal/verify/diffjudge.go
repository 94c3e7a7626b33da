package verify

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"wiretape/internal/findings"
	"wiretape/internal/wire"
	"wiretape/record"
)

// contrast compares two recordings, of which the places are known.
type contrast struct {
	play *play // in which nothing is said, to compare with
	a, b half
	room int // bytes of values that findings may still hold
}

// half is one of two recordings.
type half struct {
	*ledger
	file    *record.File
	outputs outputs // of its tools; nil until something differs
}

// mostValues bounds what findings hold of the recordings.
const mostValues = 16 << 20

func newContrast(d *Diff, rules []rule, a, b *ledger) *contrast {
	check := &Check{Ignore: d.Ignore, Expect: d.Expect, Handles: d.Handles, Messages: d.Messages}
	return &contrast{play: &play{Check: check, rules: rules, unveiled: newUnveiled()}, a: half{ledger: a}, b: half{ledger: b}, room: mostValues}
}

// message reads a message again. It is none if the file is another one by now.
func (h *half) message(at spot) (wire.Message, error) {
	if at == (spot{}) {
		return wire.Message{}, nil
	}
	e, err := h.file.At(at.Place)
	if err != nil {
		return wire.Message{}, err
	}
	if all := messages(e.Line); at.nth < len(all) {
		return all[at.nth], nil
	}
	return wire.Message{}, nil
}

// both reads what stands at a place of each recording.
func (c *contrast) both(a, b spot) (x, y wire.Message, err error) {
	if x, err = c.a.message(a); err == nil {
		y, err = c.b.message(b)
	}
	return x, y, err
}

// minted leaves out what is another value only because another server minted it.
func (c *contrast) minted(found []findings.Finding) []findings.Finding {
	return slices.DeleteFunc(found, func(f findings.Finding) bool { return c.a.mints.same(f.Pointer, f.Recorded, c.b.mints, f.Live) })
}

func (c *contrast) compare(ctx context.Context, f *findings.File) error {
	p := pairUp(c.a.calls, c.b.calls)
	f.Calls = make([]findings.Call, 0, len(c.a.calls))
	for i := range c.a.calls {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if p.ofA[i] < 0 && c.a.calls[i].atWill() {
			continue
		}
		compared, err := c.call(&c.a.calls[i], c.b.at(p.ofA[i]))
		if err != nil {
			return err
		}
		f.Calls = append(f.Calls, compared)
	}
	for i := range c.b.calls {
		if p.ofB[i] >= 0 || c.b.calls[i].atWill() {
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
		m, err := c.a.message(a.request)
		compared.Findings = c.hold(findings.Finding{Rule: findings.CallMissing, Recorded: m.Params, Message: "Only the first recording has this call."})
		return compared, err
	}
	if b.answer != nil {
		compared.Duration = b.answer.took
	}
	compared.Findings = a.progress(b)
	if a.sameAs(b) {
		return compared, nil
	}
	found, err := c.answers(a, b)
	compared.Findings = append(compared.Findings, c.hold(found...)...)
	return compared, err
}

// progress compares the progress that was told of two calls. How often that was
// depends on the time it took.
func (k *kept) progress(other *kept) []findings.Finding {
	switch {
	case k.fell == other.fell:
		return nil
	case k.fell:
		return []findings.Finding{{Rule: findings.ProgressChanged, Message: "The progress did not always rise, and now does."}}
	}
	return []findings.Finding{{Rule: findings.ProgressChanged, Message: "The progress does not always rise any more."}}
}

// atWill reports whether a call is one that hosts make as often as they like: a
// ping, or one that asks for a task that was not over.
func (k *kept) atWill() bool { return k.method == "ping" || k.answer != nil && k.answer.poll }

// sameAs reports whether there is nothing to compare in the answers to two calls
// that ask the same.
func (k *kept) sameAs(other *kept) bool {
	switch {
	case k.listens():
		return false
	case k.cancelled || other.cancelled:
		return true // whether the answer was faster than the cancel says nothing
	case k.answer != nil && other.answer != nil:
		return k.answer.said == other.answer.said
	case k.answer == nil && other.answer == nil:
		return true
	}
	return false
}

// answers compares the answers to two calls.
func (c *contrast) answers(a, b *kept) ([]findings.Finding, error) {
	was := &call{method: a.method, name: a.name, seq: a.seq, listens: a.listens(), cancelled: a.cancelled || b.cancelled}
	before, now, err := c.both(a.answer.at(), b.answer.at())
	if err != nil {
		return nil, err
	}
	if a.answer != nil {
		was.answer = &before
	}
	if a.listens() {
		found, err := c.subscription(was, a, b, now)
		return c.minted(found), err
	}
	found := c.minted(c.play.compare(was, now, b.answer != nil, nil))
	if len(found) > 0 && b.answer != nil {
		misfit, err := c.misfit(was, now.Result)
		return append(found, misfit...), err
	}
	return found, nil
}

// subscription compares how two subscriptions went, of which the second one was
// answered so. One that was cancelled before anything came says nothing.
func (c *contrast) subscription(was *call, a, b *kept, now wire.Message) ([]findings.Finding, error) {
	for _, k := range []*kept{a, b} {
		if k.cancelled && k.granted == (spot{}) && k.answer == nil {
			return nil, nil
		}
	}
	before, granted, err := c.both(a.granted, b.granted)
	was.notes.granted = before.Params
	got := &heard{Message: now, notes: notes{granted: granted.Params}}
	return c.play.subscription(was, got, b.answer != nil, nil), err
}

// misfit tells where a result of B does not fit its schema.
func (c *contrast) misfit(was *call, result []byte) ([]findings.Finding, error) {
	before, err := c.a.schemas()
	if err != nil {
		return nil, err
	}
	now, err := c.b.schemas()
	return c.play.ruled(was).misfit(was, result, before, now), err
}

// schemas gives the output schemas of all tools.
func (h *half) schemas() (outputs, error) {
	if h.outputs != nil {
		return h.outputs, nil
	}
	h.outputs = outputs{}
	for _, at := range h.lists {
		m, err := h.message(at)
		if err != nil {
			return nil, err
		}
		h.outputs.learn(m.Result)
	}
	return h.outputs, nil
}

// extra tells of a call of B that A does not have.
func (c *contrast) extra(b *kept) (findings.Call, error) {
	m, err := c.b.message(b.request)
	found := findings.Finding{
		Rule: findings.CallExtra, Live: m.Params, Message: fmt.Sprintf("Only the second recording has this call, as event %d.", b.seq),
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
		m, err := c.b.message(c.b.asks[i].request)
		if err != nil {
			return err
		}
		f.Findings = append(f.Findings, c.hold(newlyAsked(m.Method, m.Params))...)
	}
	return nil
}

// ask compares what the server of A asked with what that of B did in its place.
func (c *contrast) ask(a *kept, n int32) ([]findings.Finding, error) {
	if n < 0 {
		m, err := c.a.message(a.request)
		return []findings.Finding{unasked(ask{method: a.method, params: m.Params, seq: a.seq})}, err
	}
	b := &c.b.asks[n]
	if a.key == b.key {
		return nil, nil
	}
	before, now, err := c.both(a.request, b.request)
	if err != nil {
		return nil, err
	}
	return c.minted(c.play.question(ask{method: a.method, params: before.Params, seq: a.seq}, now.Params)), nil
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
