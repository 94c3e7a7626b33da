package wire

import (
	"bytes"
	"io"
)

// Line is one line in the pieces in which it was read, its end included.
type Line [][]byte

// Len is the line's length in bytes.
func (l Line) Len() int {
	n := 0
	for _, piece := range l {
		n += len(piece)
	}
	return n
}

// Ended reports whether the line has its newline: the last one of a stream may
// not be whole.
func (l Line) Ended() bool {
	last := l[len(l)-1]
	return last[len(last)-1] == '\n'
}

// Bytes gives the line in one piece; a line that is in one piece is not copied.
func (l Line) Bytes() []byte {
	if len(l) == 1 {
		return l[0]
	}
	return bytes.Join(l, nil)
}

// pieceSize is how much is read at once, and what a pipe holds on Linux.
const pieceSize = 64 << 10

// Reader reads a byte stream in pieces that are never written to again, so
// that they can be kept and passed on without a copy.
type Reader struct {
	src  io.Reader
	free []byte
}

// NewReader reads from src.
func NewReader(src io.Reader) *Reader { return &Reader{src: src} }

// Next reads once. Like io.Reader's Read it may give bytes and an error.
func (r *Reader) Next() ([]byte, error) {
	if len(r.free) < pieceSize/8 {
		r.free = make([]byte, pieceSize)
	}
	n, err := r.src.Read(r.free)
	piece := r.free[:n:n]
	r.free = r.free[n:]
	return piece, err
}
