package record

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"sync/atomic"
)

// File gives the events of a recording in any order, each read from the disk
// when it is asked for. Of a compressed file it holds up to four frames in
// memory, those used last, and 16 MiB unless one frame is larger than that. It
// is safe for concurrent use. Close must be called.
type File struct {
	path   string
	header Header
	first  Place // of the header
	lines  linesAt
	file   io.Closer
	closed atomic.Bool
}

// linesAt gives the lines of a recording in any order. It is safe for concurrent
// use.
type linesAt interface {
	// event reads the line at a place, which is not negative.
	event(p Place) (Event, error)
	// forget gives up the memory that is held.
	forget()
}

// OpenFile opens the recording at path as [Open] does, with the same errors.
func OpenFile(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening a recording: %w", err)
	}
	f, err := newFile(file, longestText)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), file.Close())
	}
	f.path, f.file = path, file
	return f, nil
}

// newFile refuses lines and frames that hold more than limit.
func newFile(src io.ReaderAt, limit int) (*File, error) {
	var r Reader
	defer r.Close()
	if err := r.begin(from(src, 0), limit); err != nil {
		return nil, err
	}
	f := &File{header: r.header, first: r.place}
	if r.unpack != nil {
		f.lines = &shelf{src: src, limit: limit}
	} else {
		f.lines = &plainFile{src: src, limit: limit}
	}
	return f, nil
}

// from reads all that stands behind offset.
func from(src io.ReaderAt, offset int64) io.Reader {
	return io.NewSectionReader(src, offset, math.MaxInt64-offset)
}

// Header is the recording's first line.
func (f *File) Header() Header { return f.header }

var errNoLine = errors.New("no event begins there")

// At reads the event at a place that [Reader.Place] gave; the caller may keep
// it. It is an error if the file was changed such that no event begins there
// any more, or if the frame that holds the event is damaged.
func (f *File) At(p Place) (Event, error) {
	e, err := Event{}, errNoLine
	switch {
	case f.closed.Load():
		err = errClosed
	case p.after(f.first):
		e, err = f.lines.event(p)
	}
	if err != nil {
		return Event{}, fmt.Errorf("%s: reading the event at %s: %w", f.path, p.text(), err)
	}
	return e, nil
}

// Close closes the file. It may be called more than once.
func (f *File) Close() error {
	if f.closed.Swap(true) {
		return nil
	}
	f.lines.forget()
	return f.file.Close()
}

// lineEvent reads a line of which it is not known that it is an event.
func lineEvent(line []byte) (Event, error) {
	e, err := parseEvent(line)
	if err != nil {
		return Event{}, fmt.Errorf("the line is no event: %w", err)
	}
	return e, nil
}
