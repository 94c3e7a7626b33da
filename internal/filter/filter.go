// Package filter tells which messages of a recording somebody wants to see.
//
// A filter is a list of words, all of which have to fit:
//
//	tool:NAME       a call of a tool; in NAME and METHOD, * stands for anything
//	method:METHOD   a request or a notification of this method
//	from:PARTY      said by host or target, a call being its asker's;
//	                proxy: said by wiretape, or to it
//	is:KIND         request, response, notification, batch, stderr, junk,
//	                error (an answer that is one), unanswered
//	id:ID           the raw id: 7 is a number, "7" a string, as is what is no JSON
//	TEXT            stands somewhere in the line, in upper or lower case;
//	                in quotes if it has a colon or begins with a dash
//	-WORD           WORD does not fit
//
// What belongs together is chosen together: a request, its response, and the
// notifications of its progress, its cancellation or its subscription. A word fits
// all of them if it fits any; a word with a dash hides all of them if it fits the request or the
// response, and just the notification if it fits only that. What the server asked
// the host meanwhile is a call of its own. A batch is chosen as a whole, with what
// belongs to any message in it. How a process or the recording ended fits no word.
//
//	f, err := filter.Parse([]string{"tool:get-*", "is:error"})
//	…
//	choice, err := f.Choose(path)
//	…
//	choice.Has(event.Seq)
//
// [Filter.Whole] is for what is to be played: it leaves nothing out that
// something else needs.
package filter

import (
	"errors"
	"fmt"
	"io"
	"math"

	"wiretape/record"
)

// Filter is what somebody wants to see. The zero value is everything. It is
// safe for concurrent use.
type Filter struct {
	words    []word
	whole    bool
	from, to int64 // 0 is no bound
}

// Parse reads words, one at each place. The error names the first one that is
// none, and the forms that there are.
func Parse(words []string) (*Filter, error) {
	f := &Filter{}
	for _, text := range words {
		w, err := parseWord(text)
		if err != nil {
			return nil, err
		}
		f.words = append(f.words, w)
	}
	return f, nil
}

// Whole gives a filter for recordings that are to be played. A call goes with
// what the server asked the host for its sake, and with the calls that go on
// with a cursor, a task or a request state that it was given; all of them are
// one, of which a word fits all or, with a dash, hides all. What opens a session
// is always chosen: the handshake, and the roots that a server asks for at once.
// Of the rest is chosen what begins with an event between from and to; 0 is no
// bound. What is not played, such as stderr and control tools, is never chosen.
func (f *Filter) Whole(from, to int64) *Filter {
	return &Filter{words: f.words, whole: true, from: from, to: to}
}

// Choice is which events of a recording a filter has chosen. It takes one or two
// bits of memory for each event, as each word does while it is being made.
type Choice struct {
	chosen seqs
	count  int64
}

// Has reports whether the event of this Seq was chosen.
func (c *Choice) Has(seq int64) bool { return c.chosen.has(seq) }

// Len is how many events were chosen. What [Filter.Whole] always chooses does
// not count.
func (c *Choice) Len() int64 { return c.count }

func (c *Choice) add(seq int64) {
	if !c.chosen.has(seq) {
		c.chosen.add(seq)
		c.count++
	}
}

// Choose reads the recording at path twice, as what comes of a call is known
// only later, and holds one event at a time. If the recording is torn or
// damaged, Choose gives the choice among what could be read and a
// *record.DamageError; if no event could be read, nil and the error. What is
// written to the recording meanwhile is not chosen.
func (f *Filter) Choose(path string) (*Choice, error) {
	j := &judge{Filter: f, fits: make([]seqs, len(f.words)), bonds: f.bonds()}
	events, err := read(path, math.MaxInt64, &thread{visit: j.hear, bonds: j.bonds})
	if err != nil && (events == 0 || !damaged(err)) {
		return nil, err
	}
	j.settle()
	c := &Choice{}
	_, again := read(path, events, &thread{bonds: f.bonds(), visit: func(m *message) {
		switch {
		case j.root(m) == opening:
			c.chosen.add(m.event.Seq)
		case j.wants(m):
			c.add(m.event.Seq)
		}
	}})
	if again != nil && !damaged(again) {
		return nil, again
	}
	return c, err
}

// bonds gives nil if each call is to be a unit of its own.
func (f *Filter) bonds() *bonds {
	if !f.whole {
		return nil
	}
	return newBonds()
}

func damaged(err error) bool { return errors.As(err, new(*record.DamageError)) }

// read has t go through a recording, but through no more events than most. It
// gives how many events there were.
func read(path string, most int64, t *thread) (events int64, err error) {
	r, err := record.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	for events < most {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return events, nil
		}
		if err != nil {
			return events, fmt.Errorf("%s: %w", path, err)
		}
		events++
		t.event(&e)
	}
	return events, nil
}
