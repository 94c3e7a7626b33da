package filter

import "wiretape/record"

// judge decides for the units of a recording: first it hears all messages, then
// it knows which of them are wanted.
type judge struct {
	*Filter
	fits  []seqs // of each word, the units that it fits
	open  unanswered
	bonds *bonds // nil if each call is a unit of its own
}

// settle is for when all was heard: what fits a part fits the whole.
func (j *judge) settle() {
	if j.bonds == nil {
		return
	}
	for part := range j.bonds.of {
		root := j.bonds.root(part)
		for i := range j.fits {
			if j.fits[i].has(part) {
				j.fits[i].add(root)
			}
		}
		if j.open.has(part) {
			j.open.add(root)
		}
	}
}

// root gives the unit that a message is a part of.
func (j *judge) root(m *message) int64 {
	if j.bonds == nil {
		return m.unit
	}
	return j.bonds.root(m.unit)
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
	unit := j.root(m)
	if unit < j.from || j.to > 0 && unit > j.to {
		return false
	}
	for i, w := range j.words {
		fits := j.fits[i].has(unit)
		switch {
		case w.unanswered:
			fits = j.open.has(unit)
		case w.not && m.about && !j.ends(m):
			fits = fits || w.fits(m)
		}
		if fits == w.not {
			return false
		}
	}
	return true
}

// ends reports whether a notification ends a call that is to be played, which
// would go on for ever without it.
func (j *judge) ends(m *message) bool { return j.whole && m.said.Method == "notifications/cancelled" }

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
