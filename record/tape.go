package record

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"wiretape/internal/wire"
)

// tape makes a recording of the entries that it takes from a queue, or of the
// events that it is given. Only one goroutine touches it.
type tape struct {
	queue   *queue // nil if there is none
	trouble *trouble
	out     store // nil if nothing is written, or no more is
	sink    *sink // nil if nothing is written
	counter counter
	added   progress
	saved   progress // what the last flush has put into the file
	last    time.Duration
	looked  time.Time // when the file was last looked at
	joined  scratch   // a line that came in several pieces
	encoded scratch   // a line of the recording
	change  func(Event) Event
}

// store is how lines become a file.
type store interface {
	add(line text, alone bool) error
	flush() error
	finish() error
}

// progress is how far a recording has come.
type progress struct {
	events int64
	text   int64 // bytes before compression
}

const (
	// How much is written before producers are let on.
	releaseBytes = 64 << 10
	// A queue that was once this long is not kept.
	manyEntries = 4096
	// How often a file is looked at while it is written.
	lookEvery = time.Second
)

// begin writes the header of a recording that path is the name of.
func (t *tape) begin(path string, h Header, d disk, pressed func() bool) error {
	t.sink = newSink(d)
	t.out = newPlain(t.sink)
	if strings.HasSuffix(path, ".zst") {
		frames, err := newFrames(t.sink, pressed)
		if err != nil {
			return err
		}
		t.out = frames
	}
	line := text{frame: append(h.Append(nil), '\n')}
	if err := errors.Join(t.out.add(line, true), t.out.flush()); err != nil {
		return err
	}
	t.added.text = int64(line.len())
	t.saved = t.added
	return nil
}

// run writes until the last entry is written.
func (t *tape) run() {
	var batch []entry
	for last := false; !last; {
		batch = t.queue.take(batch)
		last = t.write(batch)
		if cap(batch) > manyEntries {
			batch = nil
		}
	}
}

// write writes a batch, and reports whether it was the last one.
func (t *tape) write(batch []entry) (last bool) {
	if t.trouble.err() != nil {
		t.out = nil
	}
	done := 0
	for i := range batch {
		done += batch[i].cost()
		last = t.entry(&batch[i])
		batch[i] = entry{} // its bytes are needed no more
		if done >= releaseBytes {
			t.queue.release(done)
			done = 0
		}
	}
	t.flush()
	t.queue.release(done)
	t.joined.settle()
	t.encoded.settle()
	return last
}

// entry writes one entry, and reports whether it is the end.
func (t *tape) entry(e *entry) bool {
	if e.ask != nil {
		e.ask <- t.counter.statistics()
		return false
	}
	t.last = max(t.last, e.at)
	event := Event{Seq: t.added.events + 1, At: t.last, From: e.from, To: e.to}
	if e.event == nil {
		t.line(&event, e)
		return false
	}
	event.Name, event.Exit = e.event.Name, e.event.Exit
	if e.event.End != nil {
		event.End = &End{Reason: e.event.End.Reason, Statistics: t.counter.statistics()}
	}
	t.add(&event, false)
	return event.End != nil
}

// line counts and writes what passed on the wire.
func (t *tape) line(event *Event, e *entry) {
	event.Line = e.line
	if e.more != nil {
		event.Line, e.more = t.joined.join(e.more), nil
	}
	event.Stderr = e.to == ""
	if t.change != nil {
		*event = t.change(*event)
	}
	t.said(event)
}

// said counts and writes an event that has a line.
func (t *tape) said(event *Event) {
	if event.Stderr {
		t.counter.add(event, nil)
		t.add(event, false)
		return
	}
	m := wire.Parse(event.Line)
	t.counter.add(event, &m)
	body, _ := wire.Cut(event.Line)
	t.add(event, t.out != nil && exact(body, &m))
}

// add writes an event, and takes note that it cannot be written.
func (t *tape) add(event *Event, exact bool) {
	t.added.events++
	if t.out == nil {
		return
	}
	line := event.encode(t.encoded.bytes[:0], exact)
	t.encoded.used(line.frame)
	t.added.text += int64(line.len())
	if err := t.out.add(line, event.End != nil); err != nil {
		t.fail(err)
	}
}

func (t *tape) fail(err error) {
	t.out = nil
	t.trouble.add(err)
}

// flush sees that what was added is in the file.
func (t *tape) flush() {
	if t.out == nil {
		return
	}
	if err := t.out.flush(); err != nil {
		t.fail(err)
		return
	}
	t.saved = t.added
	if now := time.Now(); now.Sub(t.looked) >= lookEvery {
		t.looked = now
		t.trouble.look()
	}
}

// finish closes the file. What goes wrong is added to the trouble.
func (t *tape) finish() {
	if t.sink == nil {
		return
	}
	t.trouble.look()
	if t.out != nil && t.trouble.err() == nil {
		t.trouble.add(t.out.finish())
	}
	t.trouble.add(errors.Join(t.sink.disk.Sync(), t.sink.disk.Close()))
}

// exact reports whether body is one valid JSON value with nothing around it,
// fit for a line of a recording. That it is JSON is already known if it says
// something: m is what it says.
func exact(body []byte, m *wire.Message) bool {
	if !oneLine(body) {
		return false
	}
	if m.Kind == wire.Junk {
		return wire.Valid(body)
	}
	return bare(body[0]) && bare(body[len(body)-1]) && utf8.Valid(body)
}

// bare reports whether a message begins or ends here, and not with white space.
func bare(c byte) bool { return c == '{' || c == '}' || c == '[' || c == ']' }

// scratch is memory that is used again and again.
type scratch struct {
	bytes []byte
	most  int // of it that was used since the last settle
	calm  int // how often it was much too large
}

const (
	// Memory up to this is always kept, more of it only while it is used.
	alwaysKept = 1 << 20
	longCalm   = 16
)

// join puts pieces together; the result is good until the next join.
func (s *scratch) join(pieces [][]byte) []byte {
	n := 0
	for _, piece := range pieces {
		n += len(piece)
	}
	out := slices.Grow(s.bytes[:0], n)
	for _, piece := range pieces {
		out = append(out, piece...)
	}
	s.used(out)
	return out
}

// used takes back memory that may have grown.
func (s *scratch) used(bytes []byte) {
	s.bytes = bytes
	s.most = max(s.most, len(bytes))
}

// settle gives memory up that was not needed for a while.
func (s *scratch) settle() {
	if s.calm++; s.most > alwaysKept {
		s.calm = 0
	}
	if s.most = 0; s.calm > longCalm && cap(s.bytes) > alwaysKept {
		s.bytes = nil
	}
}
