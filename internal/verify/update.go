package verify

import (
	"bytes"

	"wiretape/internal/findings"
	"wiretape/record"
)

// Outcome is what came of one recording.
type Outcome struct {
	findings.File
	Updated int // answers that were written into the recording
	Left    int // findings, but for notes, that the recording still has
}

// settle counts what is left, and writes new answers into the recording if that
// is wanted.
func (c *Check) settle(o *Outcome, p *play, whole *record.Recording) error {
	fresh := map[int64][]byte{}
	for i := range o.Calls {
		call := &o.Calls[i]
		if call.Same() {
			continue
		}
		line, seq := p.fresh(call.Seq)
		if !c.Update || line == nil {
			o.Left++
			continue
		}
		fresh[seq] = line
	}
	o.Left += len(o.Findings)
	if len(fresh) == 0 {
		return nil
	}
	o.Updated = len(fresh)
	reason := ""
	if whole.End != nil {
		reason = whole.End.Reason
	}
	for i := range whole.Events {
		if line, ok := fresh[whole.Events[i].Seq]; ok {
			whole.Events[i].Line = line
		}
	}
	_, err := record.Rewrite(c.Path, whole.Header, record.Sequence(whole.Events), reason)
	return err
}

// fresh gives the live answer to a recorded call, with what the recorded server
// had minted, and the event that it takes the place of. It gives nil if there is
// no place for it: there was no answer before, or is none now, or it is part of
// a batch.
func (p *play) fresh(seq int64) (line []byte, at int64) {
	p.live.mu.Lock()
	defer p.live.mu.Unlock()
	for n := range p.script.calls {
		c := &p.script.calls[n]
		got := p.live.answers[string(c.id)]
		if c.seq != seq || c.answered == 0 || got.line == nil {
			continue
		}
		line := p.minted.recorded(got.line)
		return append(bytes.TrimRight(bytes.Clone(line), "\r\n"), '\n'), c.answered
	}
	return nil, 0
}
