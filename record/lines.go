package record

import (
	"bytes"
	"errors"
	"io"
)

// lines gives the lines of a recording one by one.
type lines interface {
	// next gives a line without its end, and where it stands. The line is good
	// until the next call. The error is io.EOF at the end, or a *flaw where
	// something cannot be read; after a flaw there may be more lines.
	next() (line []byte, place Place, err error)
}

// A line, or a frame, that holds more is not read: a small file may claim to
// hold more than there is memory.
const longestText = 512 << 20

var errTooLong = errors.New("a line or a frame is too long to be read")

// plainLines reads a file that is not compressed.
type plainLines struct {
	in    intake
	limit int // of a line
}

func (p *plainLines) next() ([]byte, Place, error) {
	at := Place{Offset: p.in.offset}
	n := 0 // no line ends before this
	for {
		if i := bytes.IndexByte(p.in.buf[n:], '\n'); i >= 0 {
			line := p.in.buf[:n+i]
			p.in.drop(n + i + 1)
			return line, at, nil
		}
		if n = len(p.in.buf); n > p.limit {
			p.skipLine()
			return nil, at, &flaw{at.Offset, false, errTooLong.Error()}
		}
		if !p.in.need(n + 1) {
			return p.last()
		}
	}
}

// skipLine drops everything up to the next line end.
func (p *plainLines) skipLine() {
	for {
		if i := bytes.IndexByte(p.in.buf, '\n'); i >= 0 {
			p.in.drop(i + 1)
			return
		}
		if p.in.drop(len(p.in.buf)); !p.in.need(1) {
			return
		}
	}
}

// last deals with what stands behind the last line end.
func (p *plainLines) last() ([]byte, Place, error) {
	at := Place{Offset: p.in.offset}
	if err := p.in.failed(); err != nil {
		return nil, at, err
	}
	if len(p.in.buf) == 0 {
		return nil, at, io.EOF
	}
	p.in.drop(len(p.in.buf))
	return nil, at, &flaw{at.Offset, true, "the last line has no end"}
}
