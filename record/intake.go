package record

import (
	"errors"
	"fmt"
	"io"
	"slices"
)

// intake reads a file ahead, so that what comes next can be looked at before it
// is taken.
type intake struct {
	src    io.Reader
	buf    []byte // read but not taken
	offset int64  // of buf in the file
	chunk  int    // how much is read at once
	err    error  // why no more can be read; io.EOF at the end
	spare  []byte // the memory that buf is a part of
}

// What is read at once grows, as often only the head of a file is wanted.
const (
	firstRead = 4 << 10
	readSize  = 64 << 10
)

// need reads until n bytes are there, and reports whether they are.
func (in *intake) need(n int) bool {
	for len(in.buf) < n && in.err == nil {
		in.read(n)
	}
	return len(in.buf) >= n
}

// read reads once, with a view to having n bytes.
func (in *intake) read(n int) {
	in.chunk = min(max(2*in.chunk, firstRead), readSize)
	if cap(in.buf)-len(in.buf) < in.chunk {
		in.move(n)
	}
	got, err := in.src.Read(in.buf[len(in.buf):cap(in.buf)])
	in.buf = in.buf[:len(in.buf)+got]
	if in.err = err; err != nil && !errors.Is(err, io.EOF) {
		in.err = fmt.Errorf("reading the recording: %w", err)
	}
}

// move makes room behind buf for more than it takes to have n bytes there. What
// was given out as part of buf is lost.
func (in *intake) move(n int) {
	// Memory for a large frame is not kept for the small ones that follow.
	if wanted := max(n, len(in.buf)) + 2*in.chunk; cap(in.spare) < wanted || cap(in.spare) > 8*(wanted+frameText) {
		in.spare = slices.Grow([]byte(nil), wanted+len(in.buf)/2)
	}
	in.buf = append(in.spare[:0], in.buf...)
}

// drop takes the first n bytes, which are there.
func (in *intake) drop(n int) {
	in.buf = in.buf[n:]
	in.offset += int64(n)
}

// skip takes n bytes, and reports whether they were there.
func (in *intake) skip(n int64) bool {
	for n > 0 && in.need(1) {
		some := int(min(n, int64(len(in.buf))))
		in.drop(some)
		n -= int64(some)
	}
	return n == 0
}

// failed gives the error that ended the file early; nil if it just ended.
func (in *intake) failed() error {
	if in.err == nil || errors.Is(in.err, io.EOF) {
		return nil
	}
	return in.err
}
