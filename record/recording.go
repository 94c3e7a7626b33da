package record

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// Recording is a recording as a whole.
type Recording struct {
	Header     Header
	Events     []Event
	Calls      []Call     // in the order of their requests
	Statistics Statistics // counted from Events
	End        *End       // nil if there is no end event
}

// Load reads the recording at path. If it is torn or damaged, Load gives what
// could be read and a *DamageError; if nothing could, nil and an error as from
// Open.
func Load(path string) (*Recording, error) {
	r, err := Open(path)
	if err != nil {
		return nil, err
	}
	recording, err := r.rest()
	recording.Calls, recording.Statistics = Calls(recording.Events)
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return recording, errors.Join(err, r.Close())
}

// rest reads what is left of a recording. The error is nil at a clean end.
func (r *Reader) rest() (*Recording, error) {
	recording := &Recording{Header: r.header}
	for e, err := range r.All() {
		if err != nil {
			return recording, err
		}
		recording.Events = append(recording.Events, e)
		if e.End != nil {
			recording.End = e.End
		}
	}
	return recording, nil
}

// Calls pairs the requests among events with their responses, in the order of
// the requests, and sums up.
func Calls(events []Event) ([]Call, Statistics) {
	c := counter{pairs: pairs{keep: true}}
	for i := range events {
		c.see(&events[i])
	}
	return c.pairs.calls, c.statistics()
}

// Count reads what is left of a recording and sums it up, an event at a time.
// It also gives when the last event was. The error is as from [Reader.Next], nil
// at a clean end; what was read before it counts.
func Count(r *Reader) (Statistics, time.Duration, error) {
	var c counter
	var last time.Duration
	for e, err := range r.All() {
		if err != nil {
			return c.statistics(), last, err
		}
		last = e.At
		c.see(&e)
	}
	return c.statistics(), last, nil
}

// WriteTo writes the recording as plain text. A recording that was written by
// this package and read back gives the same bytes, compression apart.
func (r *Recording) WriteTo(w io.Writer) (int64, error) {
	written := int64(0)
	line := append(r.Header.Append(nil), '\n')
	for i := 0; ; i++ {
		n, err := w.Write(line)
		if written += int64(n); err != nil {
			return written, fmt.Errorf("writing a recording: %w", err)
		}
		if i == len(r.Events) {
			return written, nil
		}
		line = append(r.Events[i].Append(line[:0]), '\n')
	}
}

// Wire gives back what was on the wire: the lines that from said to to, one
// after the other, byte for byte. An empty Party stands for any. What was
// written to stderr is left out.
func Wire(events []Event, from, to Party) []byte {
	var bytes []byte
	for _, e := range events {
		if !e.Stderr && (from == "" || e.From == from) && (to == "" || e.To == to) {
			bytes = append(bytes, e.Line...)
		}
	}
	return bytes
}
