package verify

import (
	"wiretape/internal/findings"
	"wiretape/internal/redact"
)

// secrets gives what takes the secrets that fill puts in out of what is told; nil if
// there are none.
func (s *script) secrets(lookup func(string) (string, bool)) *redact.Redactor {
	if !s.redacted {
		return nil
	}
	var lines [][]byte
	for _, step := range s.steps {
		lines = append(lines, step.line)
	}
	for _, c := range s.calls {
		if c.answer != nil {
			lines = append(lines, c.answer.Result)
		}
	}
	return redact.Unfill(lookup, lines...)
}

// conceal takes the secrets out of what is told: more people see a report than
// are sent secrets.
func (o *Outcome) conceal() {
	if o.secrets == nil {
		return
	}
	o.Problem, o.Stderr = o.text(o.Problem), o.text(o.Stderr)
	o.concealAll(o.Findings)
	for i := range o.Calls {
		o.Calls[i].Name = o.text(o.Calls[i].Name)
		o.concealAll(o.Calls[i].Findings)
	}
}

func (o *Outcome) concealAll(all []findings.Finding) {
	for i := range all {
		f := &all[i]
		veil(f)
		f.About, f.Pointer, f.Message = o.text(f.About), o.text(f.Pointer), o.text(f.Message)
		f.Recorded, f.Live = o.secrets.Text(f.Recorded), o.secrets.Text(f.Live)
	}
}

func (o *Outcome) text(text string) string { return string(o.secrets.Text([]byte(text))) }
