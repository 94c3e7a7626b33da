package record

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"sync"
)

// plainFile gives the lines of a file that is not compressed.
type plainFile struct {
	src    io.ReaderAt
	limit  int       // of a line
	memory sync.Pool // of *[]byte
}

func (f *plainFile) event(p Place) (Event, error) {
	if p.Skip != 0 || p.Offset == 0 {
		return Event{}, errNoLine
	}
	memory, ok := f.memory.Get().(*[]byte)
	if !ok {
		memory = new([]byte)
	}
	e := Event{}
	line, err := f.line(p.Offset, memory)
	if err == nil {
		e, err = lineEvent(line)
	}
	if cap(*memory) <= longestKept {
		f.memory.Put(memory)
	}
	return e, err
}

// Memory that grew beyond this is not kept for what comes next.
const longestKept = 4 * frameText

// line reads the line that begins at offset, and with it the end of the one
// before, in steps that grow as its length is not known.
func (f *plainFile) line(offset int64, memory *[]byte) ([]byte, error) {
	text := (*memory)[:0]
	for size := glance; ; size *= 2 {
		seen := max(len(text), 1) // what was looked at, or is not of the line
		text = slices.Grow(text, size-len(text))
		n, err := f.src.ReadAt(text[len(text):size], offset-1+int64(len(text)))
		text = text[:len(text)+n]
		*memory = text
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if len(text) < 2 || text[0] != '\n' {
			return nil, errNoLine
		}
		if i := bytes.IndexByte(text[seen:], '\n'); i >= 0 {
			return text[1 : seen+i], nil
		}
		if len(text) < size {
			return nil, errors.New("the line has no end")
		}
		if size > f.limit {
			return nil, errTooLong
		}
	}
}

// forget has nothing to do: what is in the pool is nobody's.
func (f *plainFile) forget() {}
