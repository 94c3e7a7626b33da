package imports

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// line is one line of a file.
type line struct {
	number int    // from 1
	offset int64  // of its first byte
	text   []byte // without its end; good until the next line
	ended  bool   // it has an end
}

// lines reads a file line by line.
type lines struct {
	src  *bufio.Reader
	last line
	next int64 // where the next line begins
}

func newLines(src io.Reader) *lines { return &lines{src: bufio.NewReaderSize(src, 64<<10)} }

// read gives the next line that is not blank; io.EOF if there is none.
func (l *lines) read() (line, error) {
	for {
		if err := l.take(); err != nil {
			return line{}, err
		}
		if len(bytes.TrimSpace(l.last.text)) > 0 {
			return l.last, nil
		}
	}
}

// take reads one line.
func (l *lines) take() error {
	now := &l.last
	now.number++
	now.offset, now.text, now.ended = l.next, now.text[:0], false
	for {
		part, err := l.src.ReadSlice('\n')
		l.next += int64(len(part))
		now.text = append(now.text, part...)
		switch {
		case err == nil:
			now.text, now.ended = now.text[:len(now.text)-1], true
			return nil
		case errors.Is(err, io.EOF) && len(now.text) > 0:
			return nil
		case errors.Is(err, io.EOF):
			return io.EOF
		case !errors.Is(err, bufio.ErrBufferFull):
			return fmt.Errorf("reading what is to be imported: %w", err)
		case len(now.text) > longest:
			return fmt.Errorf("line %d has more than %d MiB, which is too long to be read", now.number, longest>>20)
		}
	}
}
