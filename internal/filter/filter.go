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
// notifications of its progress or its cancellation. A word fits all of them if
// it fits any; a word with a dash hides all of them if it fits the request or the
// response, and just the notification if it fits only that. What the server asked
// the host meanwhile is a call of its own. A batch is chosen as a whole, with what
// belongs to any message in it. How a process or the recording ended fits no word.
//
//	f, err := filter.Parse([]string{"tool:get-*", "is:error"})
//	…
//	choice, err := f.Choose(path)
//	…
//	choice.Has(event.Seq)
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
type Filter struct{ words []word }

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

// Choice is which events of a recording a filter has chosen. It takes one or two
// bits of memory for each event, as each word does while it is being made.
type Choice struct {
	chosen seqs
	count  int64
}

// Has reports whether the event of this Seq was chosen.
func (c *Choice) Has(seq int64) bool { return c.chosen.has(seq) }

// Len is how many events were chosen.
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
	j := newJudge(f.words)
	events, err := read(path, math.MaxInt64, j.hear)
	if err != nil && (events == 0 || !damaged(err)) {
		return nil, err
	}
	c := &Choice{}
	_, again := read(path, events, func(m *message) {
		if j.wants(m) {
			c.add(m.event.Seq)
		}
	})
	if again != nil && !damaged(again) {
		return nil, again
	}
	return c, err
}

func damaged(err error) bool { return errors.As(err, new(*record.DamageError)) }

// read goes through the messages of a recording, but of no more events than
// most. It gives how many events there were.
func read(path string, most int64, visit func(*message)) (events int64, err error) {
	r, err := record.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	t := thread{visit: visit}
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
