package verify

import (
	"bytes"

	"wiretape/internal/findings"
	"wiretape/internal/redact"
	"wiretape/record"
)

// Outcome is what came of one recording.
type Outcome struct {
	findings.File
	Updated int // answers that were written into the recording
	Left    int // findings, but for notes, that the recording still has

	secrets *redact.Redactor // nil if there are none
}

// settle counts what is left, and writes new answers into the recording if that
// is wanted. All calls were sent.
func (c *Check) settle(o *Outcome, p *play) error {
	fresh := map[int64][]byte{}
	for n := range o.Calls {
		differs, lasts := weigh(o.Calls[n].Findings)
		var line []byte
		if differs && c.Update {
			line = p.fresh(n)
		}
		if line != nil {
			fresh[p.script.calls[n].said.seq] = line
		}
		if lasts || differs && line == nil {
			o.Left++
		}
	}
	for i := range o.Findings {
		if !o.Findings[i].IsNote() {
			o.Left++
		}
	}
	o.Updated = len(fresh)
	if len(fresh) == 0 {
		return nil
	}
	return p.script.rewrite(c.Path, fresh)
}

// weigh reports whether there is something among the findings of a call that a new
// answer in the recording does away with, and something that it does not. Notes are
// neither.
func weigh(found []findings.Finding) (differs, lasts bool) {
	for i := range found {
		switch f := &found[i]; {
		case f.IsNote():
		case f.Rule == findings.ProgressChanged || f.Rule == findings.OutputInvalid:
			lasts = true
		default:
			differs = true
		}
	}
	return differs, lasts
}

// fresh gives the live answer to a recorded call, with what the recorded server
// had minted. It gives nil if there is no place for it: there was no answer
// before, or is none now, or it is part of a batch or ends a subscription.
func (p *play) fresh(n int) []byte {
	p.live.mu.Lock()
	defer p.live.mu.Unlock()
	got := &p.live.calls[n]
	if p.script.calls[n].listens || p.tries[n].failed != nil || p.script.calls[n].said.line == nil || got.line == nil {
		return nil
	}
	line := p.minted.recorded(p.script.calls[n], got.line)
	return append(bytes.TrimRight(bytes.Clone(line), "\r\n"), '\n')
}

// rewrite puts other lines in the place of some events of the recording.
func (s *script) rewrite(path string, fresh map[int64][]byte) error {
	r, err := record.Open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	events := func(yield func(record.Event, error) bool) {
		defer r.Close() // before the new file takes the place of this one
		for e, err := range r.All() {
			if line, ok := fresh[e.Seq]; ok {
				e.Line = line
			}
			if !yield(e, err) {
				return
			}
		}
	}
	_, err = record.Rewrite(path, r.Header(), events, s.reason)
	return err
}
