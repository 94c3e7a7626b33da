package replay

import (
	"strconv"

	"wiretape/internal/compare"
	"wiretape/internal/wire"
)

// inquire asks the host all that the server asked before a message of the call,
// and reports whether all is answered that was answered before it.
func (s *Session) inquire(l *live, before int32) bool {
	ix := s.index
	for a := ix.calls[l.call].asked; a != 0 && ix.asks[a].message < before; a = ix.asks[a].next {
		q := l.asks[a]
		if q == nil {
			if q = s.ask(a, l, l.base); q == nil {
				return false
			}
			if l.asks == nil {
				l.asks = make(map[int32]*inquiry)
			}
			l.asks[a] = q
		}
		if !q.done && ix.asks[a].answer < before {
			return false
		}
	}
	return true
}

// awaited gives the ask of which a call waits for the answer, 0 if it does not wait.
func (s *Session) awaited(l *live) int32 {
	for a := s.index.calls[l.call].asked; a != 0; a = s.index.asks[a].next {
		if q := l.asks[a]; q != nil && !q.done && s.index.asks[a].answer < l.next {
			return a
		}
	}
	return 0
}

// ask has the host asked what the server asked. It gives nil if that has failed
// the call.
func (s *Session) ask(a int32, owner *live, base moment) *inquiry {
	message := s.index.asks[a].message
	if capability := s.lacks(message); capability != "" {
		return s.unable(message, owner, capability)
	}
	s.cast.asks++
	q := &inquiry{ask: a, owner: owner, id: strconv.AppendInt(nil, int64(s.cast.asks), 10)}
	if prefix := s.options.AskPrefix; prefix != "" {
		q.id = wire.Quote(prefix + string(q.id))
	}
	s.cast.asked[string(q.id)] = q
	s.say(item{number: message, live: owner, inquiry: q, base: base})
	return q
}

// lacks gives the capability that a request of the server takes and that the
// host did not declare, "" if it may be sent.
//
// MCP 2025-11-25, lifecycle: "Both parties MUST … Only use capabilities that
// were successfully negotiated".
func (s *Session) lacks(message int32) string {
	line, err := s.load(message)
	if err != nil || s.host.capabilities == nil {
		return ""
	}
	capability := map[string]string{
		"sampling/createMessage": "sampling",
		"elicitation/create":     "elicitation",
		"roots/list":             "roots",
	}[wire.Parse(line).Method]
	if capability == "" || wire.Get(s.host.capabilities, capability) != nil {
		return ""
	}
	return capability
}

// unable goes on without what the host cannot be asked: it fails the call that
// waits for the answer. Servers ask for roots of their own accord, so no call is
// known to wait for those.
func (s *Session) unable(message int32, owner *live, capability string) *inquiry {
	seq := s.index.messages[message].seq
	if owner == nil || capability == "roots" {
		s.warn("the server asked the host for %s here (event %d), but this host does not have that capability, so it is not asked", capability, seq)
		return &inquiry{owner: owner, done: true}
	}
	r := s.recorded(owner.call)
	s.fail(owner, &r, &failure{
		code: codeReplay, reason: "capability",
		message: "the server asked the host for " + capability + " before it answered " + r.title() + ", but this host does not have that capability",
		seq:     seq,
	})
	return nil
}

// answer takes the host's answer to what the server asked.
func (s *Session) answer(m wire.Message) {
	q := s.cast.asked[string(m.ID)]
	if q == nil {
		return
	}
	delete(s.cast.asked, string(m.ID))
	q.done = true
	recorded := s.index.asks[q.ask].answer
	if recorded == 0 {
		return
	}
	base := s.now(recorded)
	if q.owner != nil {
		q.owner.base = base
	}
	if !s.sameAnswer(q, recorded, m) {
		return
	}
	if q.owner != nil {
		s.advance(q.owner)
	}
	s.pass(recorded, base)
}

// answersIgnore is what does not count in a result of the host.
var answersIgnore = compare.Ignore{Drop: pointer("/_meta")}

// sameAnswer compares the host's answer with the recorded one, and reports
// whether the replay may go on.
func (s *Session) sameAnswer(q *inquiry, recorded int32, m wire.Message) bool {
	line, err := s.load(recorded)
	if err != nil {
		return true // told where it is to be said
	}
	then := wire.Parse(line)
	differences := s.unveiled(compare.Differences(then.Result, m.Result, answersIgnore, 0))
	differences = differences[:min(len(differences), mostDifferences)]
	for i := range differences {
		differences[i].Pointer = "/result" + differences[i].Pointer
	}
	if code, live := wire.Get(then.Error, "code"), wire.Get(m.Error, "code"); !compare.Equal(code, live, compare.Ignore{}) {
		differences = append(differences, compare.Difference{Pointer: "/error/code", A: code, B: live})
	}
	if len(differences) == 0 {
		return true
	}
	message := &s.index.messages[s.index.asks[q.ask].message]
	f := &failure{
		code: codeReplay, reason: "answer", seq: message.seq, differences: differences,
		message: "the host answered what the server asked other than it was recorded",
	}
	s.report.mismatched(f)
	if !s.options.StrictAnswers {
		s.warn("%s", f)
		return true
	}
	if q.owner != nil {
		r := s.recorded(q.owner.call)
		s.fail(q.owner, &r, f)
		return false
	}
	s.report.Failed++
	s.warn("%s", f)
	return true
}

// inquiryOf gives what was asked of the live host for a recorded ask.
func (s *Session) inquiryOf(a int32) *inquiry {
	for _, q := range s.cast.asked {
		if q.ask == a {
			return q
		}
	}
	return nil
}
