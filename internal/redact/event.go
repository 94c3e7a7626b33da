package redact

import (
	"bytes"
	"maps"
	"slices"

	"wiretape/internal/wire"
	"wiretape/record"
)

// Event takes the secrets out of an event. It does not write to what e holds.
// A line that holds none is given back as it is; of one that does all other bytes
// stay. Names of members may change, kinds of lines do not.
func (r *Redactor) Event(e record.Event) record.Event {
	if e.Line != nil {
		e.Line = r.line(e)
	}
	e.From, e.To = r.party(e.From), r.party(e.To)
	if e.Name != "" && e.Name != record.EventExit && e.Name != record.EventEnd {
		e.Name = r.string(e.Name)
	}
	if e.Exit != nil {
		exit := *e.Exit
		exit.Signal = r.string(exit.Signal)
		e.Exit = &exit
	}
	if e.End != nil {
		e.End = r.end(*e.End)
	}
	e.Extra = r.members(e.Extra)
	return e
}

// Learn looks for the secrets of an event, and replaces nothing. If it has seen
// all events of a recording, none stands before the place where it is found.
func (r *Redactor) Learn(e record.Event) {
	r.learning = true
	r.Event(e)
	r.learning = false
}

// Reserve keeps the placeholders that stand in a text from being given to other
// secrets. Where a recording may have been redacted before, all its lines go
// through it first.
func (r *Redactor) Reserve(text []byte) { r.vault.present(text) }

// line takes the secrets out of a line.
func (r *Redactor) line(e record.Event) []byte {
	body, eol := wire.Cut(e.Line)
	from := stream{e.From, e.Stderr}
	if _, open := r.open[from]; open && !wire.Is(body, '{') {
		return r.keyLine(from, body, eol)
	}
	redacted := r.document(body)
	if bytes.Equal(redacted, body) {
		return e.Line
	}
	if before, ok := begunKey(body); r.rules.preset && ok {
		r.begin(from, before)
	}
	return slices.Concat(redacted, eol)
}

// party leaves alone what is known.
func (r *Redactor) party(p record.Party) record.Party {
	switch p {
	case "", record.Host, record.Target, record.Proxy:
		return p
	}
	return record.Party(r.string(string(p)))
}

// end takes the secrets out of names that were counted.
func (r *Redactor) end(end record.End) *record.End {
	end.Reason = r.string(end.Reason)
	if end.Raw != nil {
		end.Raw = r.document(end.Raw)
	}
	s := &end.Statistics
	s.Methods, s.Tools, s.ServerRequests = r.tallies(s.Methods), r.tallies(s.Tools), r.tallies(s.ServerRequests)
	return &end
}

func (r *Redactor) tallies(m map[string]record.Tally) map[string]record.Tally {
	if len(m) == 0 {
		return m
	}
	out := make(map[string]record.Tally, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		out[r.string(name)] = m[name]
	}
	return out
}

// document takes the secrets out of a text, which may be JSON with white space
// around it. If there are none, it gives text.
func (r *Redactor) document(text []byte) []byte {
	if !r.suspicious(text) {
		return text
	}
	return r.settled(text, func(w *reading) { w.document() })
}

// rounds is how often a text is read at most.
const rounds = 4

// settled reads text until nothing more is learned from it: what was found may
// also stand before the place where it was.
func (r *Redactor) settled(text []byte, read func(*reading)) []byte {
	for round := 1; ; round++ {
		w := &reading{Redactor: r, text: text, known: len(r.vault.learned), last: round == rounds}
		if read(w); w.last || len(r.vault.learned) == w.known {
			return apply(text, w.edits)
		}
	}
}

// suspicious reports whether a rule may apply to text, as far as can be told
// without reading it. Escapes may spell anything.
func (r *Redactor) suspicious(text []byte) bool {
	return r.rules.always || r.vault.always || escaped(text) || r.vault.percented(text) || r.vault.search.any(text)
}

// escaped reports whether there are escapes of what could stand as it is.
func escaped(text []byte) bool {
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 || i+1 == len(text) {
			return false
		}
		if c := text[i+1]; c == 'u' || c == '/' {
			return true
		}
		// What two backslashes spell may be one that escapes in turn.
		text = text[i+1:]
	}
}

// whole takes out a text that is secret as a whole, but for a scheme such as
// "Bearer " before it.
func (r *Redactor) whole(text []byte, name string) []byte {
	return r.settled(text, func(w *reading) { w.edits = w.secret(text, name) })
}
