package record

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"slices"
	"time"
)

// Options set how a Writer works. The zero value is what is usually wanted.
type Options struct {
	// QueueBytes bounds what may wait to be written; 0 stands for 16 MiB.
	QueueBytes int
	// OnError is called once, at once, when the recording ends early: the disk
	// is full, the file was deleted. It must not call Close or Statistics.
	OnError func(error)
	// Change is handed each line before it is counted and written, and gives what
	// is recorded in its place. It is called by one goroutine at a time, behind the
	// queue, and must not keep what the event holds.
	Change func(Event) Event
}

const defaultQueue = 16 << 20

// Summary is what a Writer has made. Its JSON form is the recording member of a
// disconnect report.
type Summary struct {
	Path       string     `json:"path"`       // empty if there is no file
	Complete   bool       `json:"complete"`   // everything is in the file, and the file is on the disk
	Events     int64      `json:"events"`     // in the file
	RawBytes   int64      `json:"raw_bytes"`  // of the file's text, before compression
	FileBytes  int64      `json:"file_bytes"` // of the file
	SHA256     string     `json:"sha256"`     // of the file, in hex
	Statistics Statistics `json:"-"`          // of all that was handed over
}

// Writer makes a recording. What it is given it puts into the file within 5 ms
// unless the disk is slower than that; meanwhile it waits in a queue of bounded
// size. Its methods are safe for concurrent use. Close must be called.
type Writer struct {
	header  Header
	path    string
	queue   *queue
	trouble *trouble
	tape    *tape         // belongs to the goroutine until done
	done    chan struct{} // closed when what follows is set
	summary Summary
	err     error
}

// Create makes the file at path, which must not exist (fs.ErrExist), and the
// folders it needs, and begins a recording in it. The file is compressed if the
// name ends in ".zst". It fills in what h lacks: Version, ID, Started. Started
// should come from time.Now, whose monotonic clock is then what events are
// stamped with.
func Create(path string, h Header, o Options) (*Writer, error) {
	f, err := createFile(path)
	if err != nil {
		return nil, err
	}
	made, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(path))
	}
	w := newWriter(path, h, o)
	w.trouble.made = made
	if err := w.begin(f); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(path))
	}
	return w, nil
}

// CreateNext is like Create, but if there is a file at path takes the next free
// name: x-2.jsonl.zst, x-3.jsonl.zst and so on.
func CreateNext(path string, h Header, o Options) (*Writer, error) {
	for n := 1; ; n++ {
		name := numbered(path, n)
		w, err := Create(name, h, o)
		if !errors.Is(err, fs.ErrExist) {
			return w, err
		}
		// What exists may be in the way of the folder, not of the file.
		if _, gone := os.Lstat(name); gone != nil {
			return nil, err
		}
	}
}

// Discard gives a Writer that has no file. It still counts.
func Discard(h Header, o Options) *Writer {
	w := newWriter("", h, o)
	go w.run() // ends with Close
	return w
}

func newWriter(path string, h Header, o Options) *Writer {
	h.Version = Version
	if h.ID == "" {
		h.ID = NewID()
	}
	if h.Started.IsZero() {
		h.Started = time.Now()
	}
	if o.QueueBytes <= 0 {
		o.QueueBytes = defaultQueue
	}
	w := &Writer{
		header:  h,
		path:    path,
		queue:   newQueue(o.QueueBytes, h.Started),
		trouble: &trouble{path: path, tell: o.OnError},
		done:    make(chan struct{}),
	}
	w.tape = &tape{queue: w.queue, trouble: w.trouble, looked: time.Now(), change: o.Change}
	return w
}

// begin writes the header and starts to record.
func (w *Writer) begin(d disk) error {
	if err := w.tape.begin(w.path, w.header, d, w.queue.pressed); err != nil {
		return err
	}
	go w.run() // ends with Close
	return nil
}

func (w *Writer) run() {
	w.tape.run()
	w.tape.finish()
	if w.trouble.err() == nil && w.path != "" {
		w.trouble.add(syncFolder(w.path))
	}
	w.err = w.trouble.err()
	w.summary = w.tape.summary(w.path)
	close(w.done)
}

// summary says what was made, once it is finished.
func (t *tape) summary(path string) Summary {
	s := Summary{Path: path, Statistics: t.counter.statistics()}
	if t.sink != nil {
		s.Complete = t.trouble.err() == nil
		s.Events, s.RawBytes = t.saved.events, t.saved.text
		s.FileBytes, s.SHA256 = t.sink.size, t.sink.sum()
	}
	return s
}

// Line records a line that one party said to another, in the pieces in which
// it was read; the last one ends with its newline if it had one. The pieces are
// kept, and must not be written to again. Lines stand in the recording in the
// order in which they are handed over. While the queue is full, Line waits.
// After Close it does nothing.
func (w *Writer) Line(from, to Party, pieces ...[]byte) {
	e := entry{from: from, to: to}
	if len(pieces) == 1 {
		e.line = pieces[0]
	} else {
		e.more = slices.Clone(pieces)
	}
	if e.cost() > entrySize {
		w.queue.put(e, false)
	}
}

// Stderr records a line that the target wrote to stderr. It works as Line does,
// but copies the line.
func (w *Writer) Stderr(line []byte) {
	if len(line) > 0 {
		w.queue.put(entry{from: Target, line: bytes.Clone(line)}, false)
	}
}

// Exit records how the target's process ended.
func (w *Writer) Exit(e Exit) {
	w.queue.put(entry{event: &Event{Name: EventExit, Exit: &e}}, false)
}

// Err says why the recording is not complete. It is nil as long as everything
// has worked, and looks whether the file is still there.
func (w *Writer) Err() error {
	select {
	case <-w.done:
		return w.err
	default:
		w.trouble.look()
		return w.trouble.err()
	}
}

// Statistics sums up what was handed over before the call.
func (w *Writer) Statistics() Statistics {
	answer := make(chan Statistics, 1)
	if w.queue.put(entry{ask: answer}, false) {
		return <-answer
	}
	<-w.done
	return w.summary.Statistics
}

// Path is where the recording is; empty if it is discarded.
func (w *Writer) Path() string { return w.path }

// Header is the recording's first line.
func (w *Writer) Header() Header { return w.header }

// Close writes what is left and the end event, syncs the file to the disk and
// closes it. It returns what was made, and every error there was since Create.
// Calling it again gives the same.
func (w *Writer) Close(reason string) (Summary, error) {
	w.queue.put(entry{event: &Event{Name: EventEnd, End: &End{Reason: reason}}}, true)
	<-w.done
	return w.summary, w.err
}
