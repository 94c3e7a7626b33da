package filter

import "wiretape/record"

// judge decides for the units of a recording: first it hears all messages, then
// it knows which of them are wanted.
type judge struct {
	words []word
	fits  []seqs // of each word, the units that it fits
	open  unanswered
}

func newJudge(words []word) *judge {
	return &judge{words: words, fits: make([]seqs, len(words))}
}

func (j *judge) hear(m *message) {
	j.open.hear(m)
	for i, w := range j.words {
		if w.fits(m) && !(w.not && m.about) {
			j.fits[i].add(m.unit)
		}
	}
}

func (j *judge) wants(m *message) bool {
	for i, w := range j.words {
		fits := j.fits[i].has(m.unit)
		switch {
		case w.unanswered:
			fits = j.open.has(m.unit)
		case w.not && m.about:
			fits = fits || w.fits(m)
		}
		if fits == w.not {
			return false
		}
	}
	return true
}

// unanswered holds the requests that no response came to. What wiretape was
// asked, it answers when the recording may be closed.
type unanswered struct {
	seqs
	batches map[int64]int // how many are open of those that stand in one event
}

func (u *unanswered) hear(m *message) {
	switch {
	case m.call.Request == 0 || m.call.To == record.Proxy:
	case m.call.Response == 0:
		u.ask(m.unit)
	default:
		u.answer(m.unit)
	}
}

func (u *unanswered) ask(unit int64) {
	if !u.has(unit) {
		u.add(unit)
		return
	}
	if u.batches == nil {
		u.batches = make(map[int64]int)
	}
	u.batches[unit] = max(u.batches[unit], 1) + 1
}

func (u *unanswered) answer(unit int64) {
	if open := u.batches[unit]; open > 1 {
		u.batches[unit] = open - 1
		return
	}
	delete(u.batches, unit)
	u.remove(unit)
}
