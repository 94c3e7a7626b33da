package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
)

// Reader reads a recording event by event. It holds one frame of the file in
// memory, or one line if that is longer. It is not safe for concurrent use.
type Reader struct {
	header Header
	src    lines
	file   io.Closer // nil if the caller has to close
	unpack *unpacker // nil if the file is plain
	seq    int64     // of the last event
	excuse bool      // something was lost since then
	ended  bool      // the end event was read
	damage damage
	place  Place // of the event that was given last
	err    error // what Next returns from now on
}

// Open opens the recording at path, plain or compressed, as its first bytes
// tell. If there is none, the error is ErrEmpty, ErrNotRecording, ErrNoHeader, a
// *VersionError, or a *DamageError if the header cannot be read.
func Open(path string) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening a recording: %w", err)
	}
	r, err := NewReader(f)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	r.file = f
	return r, nil
}

// NewReader reads a recording from src as Open does from a file.
func NewReader(src io.Reader) (*Reader, error) {
	return newReader(src, longestText)
}

// newReader refuses lines and frames that hold more than limit.
func newReader(src io.Reader, limit int) (*Reader, error) {
	r := &Reader{}
	if err := r.begin(src, limit); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// headerStart is how a header begins as it is written.
const headerStart = `{"wiretape":`

// begin finds out what there is to read, and reads the header.
func (r *Reader) begin(src io.Reader, limit int) error {
	in := intake{src: src}
	in.need(len(headerStart))
	if err := in.failed(); err != nil {
		return err
	}
	start := in.buf[:min(len(in.buf), len(headerStart))]
	if len(start) == 0 {
		return ErrEmpty
	}
	if isFrame(start) {
		r.unpack = newUnpacker()
		r.src = &frameLines{in: in, unpack: r.unpack, limit: limit}
	} else {
		r.src = &plainLines{in, limit}
	}
	maybe := r.unpack != nil || headerStart[:len(start)] == string(start)
	line, place, err := r.line()
	r.place = place
	var f *flaw
	switch {
	case errors.As(err, &f) && maybe:
		return &DamageError{Offset: place.Offset, Torn: f.torn, Count: 1, Reason: "the header cannot be read: " + f.reason}
	case errors.As(err, &f) || errors.Is(err, io.EOF):
		return ErrNotRecording
	case err != nil:
		return err
	}
	r.header, err = parseHeader(line)
	return err
}

// line gives the next line that is not blank.
func (r *Reader) line() ([]byte, Place, error) {
	for {
		line, place, err := r.src.next()
		if err != nil || len(bytes.TrimSpace(line)) > 0 {
			return line, place, err
		}
	}
}

// Header is the recording's first line.
func (r *Reader) Header() Header { return r.header }

// Next gives the next event, which the caller may keep. After the last one it
// gives io.EOF, or a *DamageError if the recording is torn or damaged anywhere;
// all events that are whole have been given by then. A recording without an end
// event is torn.
func (r *Reader) Next() (Event, error) {
	for r.err == nil {
		line, place, err := r.line()
		if err != nil {
			r.stop(err, place.Offset)
			continue
		}
		e, err := parseEvent(line)
		if err != nil {
			r.lost(&flaw{place.Offset, false, "a line is no event: " + err.Error()})
			continue
		}
		r.check(&e, place.Offset)
		r.place = place
		return e, nil
	}
	return Event{}, r.err
}

// All gives the events that are left, for a range statement. The error, which
// comes with no event and ends them, is as from Next; it is never io.EOF.
func (r *Reader) All() iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for {
			e, err := r.Next()
			if errors.Is(err, io.EOF) || !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// Place is where the event that Next gave last stands, or where the header does
// if there is none yet.
func (r *Reader) Place() Place { return r.place }

// stop deals with a place where no line can be read.
func (r *Reader) stop(err error, offset int64) {
	var f *flaw
	switch {
	case errors.As(err, &f):
		r.lost(f)
	case errors.Is(err, io.EOF):
		r.err = r.finish(offset)
	default:
		r.err = err
	}
}

func (r *Reader) lost(f *flaw) {
	r.damage.add(f, r.seq)
	r.excuse = true
}

// check compares an event with what stands before it.
func (r *Reader) check(e *Event, offset int64) {
	expected := r.seq + 1
	switch {
	case r.ended:
		r.lost(&flaw{offset, false, fmt.Sprintf("event %d stands behind the end event", e.Seq)})
	case e.Seq < expected || e.Seq > expected && !r.excuse:
		r.lost(&flaw{offset, false, fmt.Sprintf("event %d stands where event %d should", e.Seq, expected)})
	}
	r.seq, r.excuse = e.Seq, false
	r.ended = r.ended || e.End != nil
}

// finish says what Next returns when there are no more events.
func (r *Reader) finish(offset int64) error {
	if !r.ended && (r.damage.first == nil || !r.excuse) {
		r.lost(&flaw{offset, r.damage.first == nil, "there is no end event"})
	}
	if err := r.damage.err(); err != nil {
		return err
	}
	return io.EOF
}

var errClosed = errors.New("the recording is closed")

// Close closes the file if Open opened it. It may be called more than once.
func (r *Reader) Close() error {
	r.err = errClosed
	r.unpack, r.src = nil, nil
	if r.file == nil {
		return nil
	}
	file := r.file
	r.file = nil
	return file.Close()
}
